//! Transcripts of sessions, on the page and as files.

use std::rc::Rc;

use restante_shared::pop3::transcript::{EscapedBytes, Step};

use super::figures::count;
use super::words::{session_outcome, session_security, transcript_line};
use crate::api::report::SessionRecord;
use crate::api::transcript::TranscriptLine;

/// Number of lines to draw. A browser lays them out at once; earlier lines are rarely read.
pub const DRAWN: usize = 5_000;
/// Maximum number of lines of a block. Excess lines are dropped one block at a time.
const BLOCK: usize = 250;

/// The side that sent a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TranscriptSide {
    /// Restante.
    Client,
    /// The server.
    Server,
    /// Neither side: an event or a comment.
    Neither,
}

/// Consecutive lines of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptBlock {
    /// The side that sent the lines.
    pub side: TranscriptSide,
    /// The lines, without the prefix that names the side.
    pub text: Rc<str>,
    /// The time from the command to the first line of its answer, in milliseconds.
    pub millis: Option<u32>,
    lines: usize,
}

/// The end of a transcript, as far as it is drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TranscriptLog {
    /// The lines, in order.
    pub blocks: Vec<TranscriptBlock>,
    /// Number of earlier lines, which are not drawn.
    pub dropped: usize,
    lines: usize,
}

impl TranscriptLog {
    /// Creates the log of a complete transcript.
    #[must_use]
    pub fn of(lines: &[TranscriptLine]) -> Self {
        let mut log = Self::default();
        log.push(lines);
        log
    }

    /// Appends lines, and drops the oldest blocks above [`DRAWN`].
    pub fn push(&mut self, lines: &[TranscriptLine]) {
        let mut rest = lines;
        while let Some((first, others)) = rest.split_first() {
            let side = side_of(first);
            let same = |line: &&TranscriptLine| millis_of(line).is_none() && side_of(line) == side;
            let more = others.iter().take(BLOCK - 1).take_while(same).count();
            let mut text = content_of(first);
            for line in others.iter().take(more) {
                text.push('\n');
                text.push_str(&content_of(line));
            }
            self.lines += more + 1;
            self.blocks.push(TranscriptBlock {
                side,
                text: text.into(),
                millis: millis_of(first),
                lines: more + 1,
            });
            rest = others.get(more..).unwrap_or_default();
        }
        let mut spare = self.lines.saturating_sub(DRAWN);
        let over = |block: &&TranscriptBlock| {
            let fits = block.lines <= spare;
            spare = spare.saturating_sub(block.lines);
            fits
        };
        let drop = self.blocks.iter().take_while(over).count();
        let dropped: usize = self.blocks.drain(..drop).map(|block| block.lines).sum();
        self.lines -= dropped;
        self.dropped += dropped;
    }
}

/// Returns the side that sent a line.
fn side_of(line: &TranscriptLine) -> TranscriptSide {
    match line {
        TranscriptLine::Step { step, .. } => match step {
            Step::Client(_) => TranscriptSide::Client,
            Step::Server(_) | Step::Raw(_) => TranscriptSide::Server,
            Step::Comment(_)
            | Step::Octets(_)
            | Step::Split
            | Step::Wait(_)
            | Step::Tls
            | Step::Close => TranscriptSide::Neither,
        },
        TranscriptLine::LinesOmitted { .. }
        | TranscriptLine::LineCut { .. }
        | TranscriptLine::MessageCut { .. } => TranscriptSide::Neither,
    }
}

/// Returns a line in its printed form, without the prefix that names the side.
fn content_of(line: &TranscriptLine) -> String {
    match line {
        TranscriptLine::Step {
            step: Step::Client(bytes) | Step::Server(bytes) | Step::Raw(bytes),
            ..
        } => EscapedBytes(bytes).to_string(),
        line => transcript_line(line),
    }
}

fn millis_of(line: &TranscriptLine) -> Option<u32> {
    match line {
        TranscriptLine::Step { millis, .. } => *millis,
        _ => None,
    }
}

/// Formats a session as a file that people can read and tests can replay: the lines, with the other
/// facts about the session as comments.
#[must_use]
pub fn file(record: &SessionRecord, server: &str, began: &str) -> String {
    let mut text = String::new();
    let mut comment = |name: &str, words: &str| {
        text.push_str("# ");
        text.push_str(name);
        text.push_str(": ");
        // A line break would end the comment.
        text.extend(words.chars().map(|c| if c.is_control() { ' ' } else { c }));
        text.push('\n');
    };
    comment("server", server);
    comment("began", began);
    comment("outcome", &session_outcome(record.outcome.as_ref()));
    for fact in session_security(&record.security) {
        comment(&fact.name, &fact.value);
        if !fact.note.is_empty() {
            comment(&fact.name, &fact.note);
        }
    }
    text.push('\n');
    for line in &record.lines {
        text.push_str(&transcript_line(line));
        text.push('\n');
        if let Some(millis) = millis_of(line) {
            text.push_str("# ");
            text.push_str(&time(millis));
            text.push('\n');
        }
    }
    text
}

/// Formats the time between two lines.
#[must_use]
pub fn time(millis: u32) -> String {
    let mut text = count(millis.into());
    text.push_str(" ms");
    text
}

/// Returns the name of that file.
#[must_use]
pub fn file_name(host: &str, began: &str) -> String {
    let mut name = format!("restante-{host}-");
    // Down to the second.
    name.extend(began.chars().take(19));
    // IPv6 addresses contain colons, which some systems do not allow in file names.
    name = name.replace(':', "-");
    name.push_str(".txt");
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::problem::{Problem, ProblemKind};
    use crate::api::report::{SessionOutcome, SessionSecurity};
    use crate::api::settings::Encryption;
    use restante_shared::pop3::transcript::Transcript;

    fn line(text: &str, millis: Option<u32>) -> TranscriptLine {
        let transcript: Transcript = text.parse().unwrap();
        let step = transcript.steps.into_iter().next().unwrap();
        TranscriptLine::Step { step, millis }
    }

    fn session() -> SessionRecord {
        SessionRecord {
            began: 0,
            outcome: Some(SessionOutcome::Failed(Problem::with_detail(
                ProblemKind::ServerRefused,
                "no\r\nC: DELE 1",
            ))),
            security: SessionSecurity {
                encryption: Encryption::None,
                connect_millis: Some(12),
                handshake_millis: None,
                tls: None,
            },
            lines: vec![
                line("S: +OK ready", Some(31)),
                line("C: UIDL", None),
                line("S: +OK", Some(1_204)),
                line("S: 1 a", None),
                line("S:", None),
                line("S: .", None),
                line("[close]", None),
            ],
        }
    }

    #[test]
    fn consecutive_lines_of_one_side_form_one_block() {
        let log = TranscriptLog::of(&session().lines);
        let told: Vec<_> = log
            .blocks
            .iter()
            .map(|block| (block.side, block.text.as_ref(), block.millis))
            .collect();
        assert_eq!(
            told,
            [
                (TranscriptSide::Server, "+OK ready", Some(31)),
                (TranscriptSide::Client, "UIDL", None),
                (TranscriptSide::Server, "+OK\n1 a\n\n.", Some(1_204)),
                (TranscriptSide::Neither, "[close]", None),
            ]
        );
    }

    #[test]
    fn only_the_last_lines_are_drawn() {
        let mut log = TranscriptLog::default();
        let lines: Vec<_> = (0..DRAWN + 700)
            .map(|n| line(&format!("S: {n}"), None))
            .collect();
        log.push(&lines);
        log.push(&[line("C: NOOP", None)]);
        let drawn: usize = log
            .blocks
            .iter()
            .map(|block| block.text.lines().count())
            .sum();
        assert_eq!(drawn + log.dropped, DRAWN + 701);
        assert!((DRAWN..DRAWN + BLOCK).contains(&drawn), "{drawn}");
        assert_eq!(log.blocks.last().unwrap().text.as_ref(), "NOOP");
    }

    #[test]
    fn a_file_can_be_replayed() {
        let text = file(
            &session(),
            "pop.example.org:995",
            "1970-01-01T00:00:00.000Z",
        );
        let transcript: Transcript = text.parse().unwrap();
        let said = |step: &&Step| !matches!(step, Step::Comment(_));
        assert_eq!(transcript.steps.iter().filter(said).count(), 7);
        assert!(text.contains("\n# 1,204 ms\n"), "{text}");
        assert!(
            text.contains("# began: 1970-01-01T00:00:00.000Z\n"),
            "{text}"
        );
    }

    #[test]
    fn file_names_are_valid_on_every_system() {
        let name = file_name("pop.example.org", "2026-11-22T14:05:00.000Z");
        assert_eq!(name, "restante-pop.example.org-2026-11-22T14-05-00.txt");
        assert_eq!(
            file_name("::1", "2026-11-22T14:05:00.000Z"),
            "restante---1-2026-11-22T14-05-00.txt"
        );
    }
}
