//! Plays the server of a transcript, without I/O.

use std::collections::VecDeque;

use thiserror::Error;

use super::text::{Step, Transcript};

/// The maximum number of bytes to send at once, so that `[60000000 octets]` needs no such buffer.
const MAX_SEND_BYTES: usize = 65_536;

/// The next action of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerAction {
    /// Send these bytes, about 64 KB at most and never empty.
    Send(Vec<u8>),
    /// Make the following bytes arrive in another read.
    Split,
    /// Wait for this time in milliseconds.
    Wait(u64),
    /// Wait for a line of the client, and pass it to [`Player::receive_line`].
    AwaitLine,
    /// Begin TLS.
    Tls,
    /// Close the connection.
    Close,
    /// Do nothing. The transcript is at its end, and the client must not send anything else.
    End,
}

/// A player of the server side of a transcript.
#[derive(Debug, Clone)]
pub struct Player {
    steps: VecDeque<Step>,
    /// The line number of the first of `steps`, counted from 1.
    line: usize,
    /// The rest of `[N octets]`.
    filler_lines: FillerLines,
}

/// The client sent another line than the transcript has.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line} of the transcript is `{expected}`, but the client sent `{sent}`")]
pub struct TranscriptMismatch {
    /// The line of the transcript, counted from 1.
    pub line: usize,
    /// The expected step, as a line of a transcript; `the end` after the last step.
    pub expected: String,
    /// The line that the client sent, as a line of a transcript.
    pub sent: String,
}

impl Player {
    /// Begins at the start of a transcript.
    #[must_use]
    pub fn new(transcript: Transcript) -> Self {
        Self {
            steps: transcript.steps.into(),
            line: 1,
            filler_lines: filler_lines(0),
        }
    }

    /// Returns the next action and advances past it. [`ServerAction::AwaitLine`] repeats until a
    /// line was received, and [`ServerAction::End`] repeats for ever.
    pub fn next_action(&mut self) -> ServerAction {
        let mut bytes = Vec::new();
        loop {
            while bytes.len() < MAX_SEND_BYTES {
                match self.filler_lines.next() {
                    Some(line) => bytes.extend_from_slice(&line),
                    None => break,
                }
            }
            if bytes.len() >= MAX_SEND_BYTES {
                return ServerAction::Send(bytes);
            }
            let action = match self.steps.front() {
                Some(Step::Comment(_)) => {
                    self.advance();
                    continue;
                }
                Some(Step::Server(line)) => {
                    bytes.extend_from_slice(line);
                    bytes.extend_from_slice(b"\r\n");
                    self.advance();
                    continue;
                }
                Some(Step::Raw(raw)) => {
                    bytes.extend_from_slice(raw);
                    self.advance();
                    continue;
                }
                Some(Step::Octets(count)) => {
                    self.filler_lines = filler_lines(*count);
                    self.advance();
                    continue;
                }
                _ if !bytes.is_empty() => return ServerAction::Send(bytes),
                Some(Step::Client(_)) => return ServerAction::AwaitLine,
                None => return ServerAction::End,
                Some(Step::Split) => ServerAction::Split,
                Some(Step::Wait(millis)) => ServerAction::Wait(*millis),
                Some(Step::Tls) => ServerAction::Tls,
                Some(Step::Close) => ServerAction::Close,
            };
            self.advance();
            return action;
        }
    }

    /// Compares a line of the client, without its line end, with the transcript and advances past it.
    ///
    /// # Errors
    /// [`TranscriptMismatch`] if the transcript has another line or none here. The player does not
    /// advance.
    pub fn receive_line(&mut self, sent: &[u8]) -> Result<(), TranscriptMismatch> {
        match self.steps.front() {
            Some(Step::Client(expected)) if matches(expected, sent) => {
                self.advance();
                Ok(())
            }
            _ => Err(TranscriptMismatch {
                line: self.line,
                expected: self.next_line().unwrap_or_else(|| "the end".to_owned()),
                sent: Step::Client(sent.to_vec()).to_string(),
            }),
        }
    }

    /// Returns the next step as a line of a transcript; `None` at the end.
    #[must_use]
    pub fn next_line(&self) -> Option<String> {
        let is_comment = |step: &&Step| matches!(step, Step::Comment(_));
        let step = self.steps.iter().find(|step| !is_comment(step));
        step.map(ToString::to_string)
    }

    fn advance(&mut self) {
        self.steps.pop_front();
        self.line += 1;
    }
}

/// Returns true if a line matches a pattern, in which `***` matches any bytes.
pub(super) fn matches(pattern: &[u8], line: &[u8]) -> bool {
    let Some(at) = pattern.windows(3).position(|window| window == b"***") else {
        return pattern == line;
    };
    let (before, rest) = pattern.split_at(at);
    let (Some(line), Some(after)) = (line.strip_prefix(before), rest.get(3..)) else {
        return false;
    };
    (0..=line.len()).any(|skipped| line.get(skipped..).is_some_and(|rest| matches(after, rest)))
}

/// Returns the lines of `[N octets]`, whose total size in bytes includes the line ends.
#[must_use]
pub fn filler_lines(bytes: u64) -> FillerLines {
    FillerLines { left: bytes }
}

/// An iterator over lines of text that need no byte-stuffing.
#[derive(Debug, Clone)]
pub struct FillerLines {
    left: u64,
}

impl Iterator for FillerLines {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        const LINE: u8 = 78;
        // A line of one byte has no room for its CRLF, so the last line may be longer than the others.
        let length = match self.left {
            0 => return None,
            left @ 1..=80 => u8::try_from(left).unwrap_or(LINE),
            _ => LINE,
        };
        self.left -= u64::from(length);
        let mut line = vec![b'x'; usize::from(length.saturating_sub(2))];
        line.extend_from_slice(if length == 1 { b"\n" } else { b"\r\n" });
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn player(text: &str) -> Player {
        Player::new(text.parse().unwrap())
    }

    #[test]
    fn a_transcript_is_played_step_by_step() {
        let mut player = player(
            "# secure\n[tls]\nS: +OK\nC: USER a\nS: +OK\nR: +O\n[split]\nR: K\\r\\n\n\nC: PASS ***\n\
             [wait 250 ms]\nS: -ERR\n[close]\n",
        );
        assert_eq!(player.next_action(), ServerAction::Tls);
        assert_eq!(
            player.next_action(),
            ServerAction::Send(b"+OK\r\n".to_vec())
        );
        assert_eq!(player.next_action(), ServerAction::AwaitLine);
        assert_eq!(player.next_action(), ServerAction::AwaitLine);
        player.receive_line(b"USER a").unwrap();
        assert_eq!(
            player.next_action(),
            ServerAction::Send(b"+OK\r\n+O".to_vec())
        );
        assert_eq!(player.next_action(), ServerAction::Split);
        assert_eq!(player.next_action(), ServerAction::Send(b"K\r\n".to_vec()));
        assert_eq!(player.next_action(), ServerAction::AwaitLine);
        assert_eq!(player.next_line().unwrap(), "C: PASS ***");
        player.receive_line(b"PASS hunter2").unwrap();
        assert_eq!(player.next_action(), ServerAction::Wait(250));
        assert_eq!(
            player.next_action(),
            ServerAction::Send(b"-ERR\r\n".to_vec())
        );
        assert_eq!(player.next_action(), ServerAction::Close);
        assert_eq!(player.next_line(), None);
        assert_eq!(player.next_action(), ServerAction::End);
        assert_eq!(player.next_action(), ServerAction::End);
    }

    #[test]
    fn a_mismatch_shows_the_expected_and_the_sent_line() {
        let mut player = player("# first\nC: USER a\n");
        assert_eq!(player.next_action(), ServerAction::AwaitLine);
        let mismatch = player.receive_line(b"CAPA\x07").unwrap_err();
        assert_eq!(
            mismatch.to_string(),
            "line 2 of the transcript is `C: USER a`, but the client sent `C: CAPA\\x07`"
        );
        player.receive_line(b"USER a").unwrap();
        let mismatch = player.receive_line(b"QUIT").unwrap_err();
        assert_eq!((mismatch.line, mismatch.expected.as_str()), (3, "the end"));
    }

    #[test]
    fn three_stars_match_anything() {
        for (pattern, line, same) in [
            ("***", "", true),
            ("***", "anything", true),
            ("PASS ***", "PASS correct horse", true),
            ("PASS ***", "PASS", false),
            ("APOP a ***", "USER a", false),
            ("C ***, *** d", "C b, c d", true),
            ("C ***, *** d", "C b, c d e", false),
            ("STAT", "STAT ", false),
        ] {
            let is = matches(pattern.as_bytes(), line.as_bytes());
            assert_eq!(is, same, "{pattern} for {line}");
        }
    }

    #[test]
    fn filler_lines_have_the_requested_total_size() {
        for octets in (0..400).chain([65_535, 65_536, 200_000]) {
            let mut player = Player::new(Transcript {
                steps: vec![Step::Octets(octets), Step::Server(b".".to_vec())],
            });
            let mut sent = Vec::new();
            while let ServerAction::Send(part) = player.next_action() {
                assert!(!part.is_empty() && part.len() < MAX_SEND_BYTES + 100);
                sent.extend(part);
            }
            assert_eq!(sent.len() as u64, octets + 3);
            assert!(octets == 0 || sent.ends_with(b"\n.\r\n"), "{octets}");
            assert_eq!(
                filler_lines(octets)
                    .map(|line| line.len() as u64)
                    .sum::<u64>(),
                octets
            );
        }
    }
}
