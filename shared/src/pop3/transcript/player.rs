//! Plays the server of a transcript, without I/O: what it sends next, and what it has to hear.

use std::collections::VecDeque;

use thiserror::Error;

use super::text::{Step, Transcript};

/// How many octets are sent in one go at the most, so that `[60000000 octets]` need no such buffer.
const MOST_OCTETS: usize = 65_536;

/// What a server does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerAction {
    /// Sends these octets, at most 64 KB and never none.
    Send(Vec<u8>),
    /// Sees to it that what follows arrives in another read.
    Split,
    /// Lets so many milliseconds pass.
    Wait(u64),
    /// Waits for a line of the client, and tells it by [`Player::receive_line`].
    AwaitLine,
    /// Begins TLS.
    Tls,
    /// Closes the connection.
    Close,
    /// Nothing: the transcript is over, and the client has no more to say.
    End,
}

/// The server's part in a transcript.
#[derive(Debug, Clone)]
pub struct Player {
    steps: VecDeque<Step>,
    /// The line of the first of `steps`, counted from 1.
    line: usize,
    /// What is left of `[N octets]`.
    filler_lines: FillerLines,
}

/// The client did not say what the transcript has.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line} of the transcript is `{expected}`, but the client said `{said}`")]
pub struct TranscriptMismatch {
    /// Counted from 1.
    pub line: usize,
    /// The step that was next, as its line has it; `the end` after the last.
    pub expected: String,
    /// What the client said, as a line of a transcript.
    pub said: String,
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

    /// What is next. It is gone once it was told, but for [`ServerAction::AwaitLine`], which lasts until a line
    /// was heard, and for [`ServerAction::End`].
    pub fn next_action(&mut self) -> ServerAction {
        let mut octets = Vec::new();
        loop {
            while octets.len() < MOST_OCTETS {
                match self.filler_lines.next() {
                    Some(line) => octets.extend_from_slice(&line),
                    None => break,
                }
            }
            if octets.len() >= MOST_OCTETS {
                return ServerAction::Send(octets);
            }
            let cue = match self.steps.front() {
                Some(Step::Comment(_)) => {
                    self.advance();
                    continue;
                }
                Some(Step::Server(line)) => {
                    octets.extend_from_slice(line);
                    octets.extend_from_slice(b"\r\n");
                    self.advance();
                    continue;
                }
                Some(Step::Raw(raw)) => {
                    octets.extend_from_slice(raw);
                    self.advance();
                    continue;
                }
                Some(Step::Octets(count)) => {
                    self.filler_lines = filler_lines(*count);
                    self.advance();
                    continue;
                }
                _ if !octets.is_empty() => return ServerAction::Send(octets),
                Some(Step::Client(_)) => return ServerAction::AwaitLine,
                None => return ServerAction::End,
                Some(Step::Split) => ServerAction::Split,
                Some(Step::Wait(millis)) => ServerAction::Wait(*millis),
                Some(Step::Tls) => ServerAction::Tls,
                Some(Step::Close) => ServerAction::Close,
            };
            self.advance();
            return cue;
        }
    }

    /// Takes a line of the client, without its line end.
    ///
    /// # Errors
    /// Where the transcript has another line, or none, at this place. The place stays.
    pub fn receive_line(&mut self, said: &[u8]) -> Result<(), TranscriptMismatch> {
        match self.steps.front() {
            Some(Step::Client(expected)) if matches(expected, said) => {
                self.advance();
                Ok(())
            }
            _ => Err(TranscriptMismatch {
                line: self.line,
                expected: self.next_line().unwrap_or_else(|| "the end".to_owned()),
                said: Step::Client(said.to_vec()).to_string(),
            }),
        }
    }

    /// The line that was not played yet, as the transcript has it; none at the end.
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

/// Whether a line is as a pattern has it, where `***` stands for any octets.
pub(super) fn matches(pattern: &[u8], line: &[u8]) -> bool {
    let Some(at) = pattern.windows(3).position(|octets| octets == b"***") else {
        return pattern == line;
    };
    let (before, rest) = pattern.split_at(at);
    let (Some(line), Some(after)) = (line.strip_prefix(before), rest.get(3..)) else {
        return false;
    };
    (0..=line.len()).any(|skipped| line.get(skipped..).is_some_and(|rest| matches(after, rest)))
}

/// The lines that `[N octets]` stands for: so many octets in all, line ends included.
#[must_use]
pub fn filler_lines(octets: u64) -> FillerLines {
    FillerLines { left: octets }
}

/// Lines of text, of which none needs byte-stuffing.
#[derive(Debug, Clone)]
pub struct FillerLines {
    left: u64,
}

impl Iterator for FillerLines {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        const LINE: u8 = 78;
        // A line of one octet would have no room for its CRLF: the last one takes it along.
        let octets = match self.left {
            0 => return None,
            left @ 1..=80 => u8::try_from(left).unwrap_or(LINE),
            _ => LINE,
        };
        self.left -= u64::from(octets);
        let mut line = vec![b'x'; usize::from(octets.saturating_sub(2))];
        line.extend_from_slice(if octets == 1 { b"\n" } else { b"\r\n" });
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
    fn a_line_that_is_not_in_the_transcript_is_shown_beside_the_one_that_is() {
        let mut player = player("# first\nC: USER a\n");
        assert_eq!(player.next_action(), ServerAction::AwaitLine);
        let mismatch = player.receive_line(b"CAPA\x07").unwrap_err();
        assert_eq!(
            mismatch.to_string(),
            "line 2 of the transcript is `C: USER a`, but the client said `C: CAPA\\x07`"
        );
        player.receive_line(b"USER a").unwrap();
        let mismatch = player.receive_line(b"QUIT").unwrap_err();
        assert_eq!((mismatch.line, mismatch.expected.as_str()), (3, "the end"));
    }

    #[test]
    fn three_stars_stand_for_anything() {
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
    fn fillers_have_the_octets_that_were_asked_for_in_lines() {
        for octets in (0..400).chain([65_535, 65_536, 200_000]) {
            let mut player = Player::new(Transcript {
                steps: vec![Step::Octets(octets), Step::Server(b".".to_vec())],
            });
            let mut sent = Vec::new();
            while let ServerAction::Send(part) = player.next_action() {
                assert!(!part.is_empty() && part.len() < MOST_OCTETS + 100);
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
