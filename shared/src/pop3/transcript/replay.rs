//! Replays a transcript against a session: the client's lines go out, the server's come in, and what
//! the session makes of them is compared with what was recorded.

use std::collections::BTreeSet;

use thiserror::Error;

use super::player::{filler_lines, matches};
use super::text::{Step, Transcript};
use crate::pop3::argument::{ApopDigest, ArgumentError, UserName};
use crate::pop3::command::{Apop, Auth, Command, CommandError};
use crate::pop3::quirk::Quirk;
use crate::pop3::raw::{RawCommand, RawReplyForm};
use crate::pop3::session::{Event, PeerError, Session, SessionState};
use crate::sasl::{MechanismName, SaslResponse, SaslSyntaxError};

/// What stands for a secret in a record.
const REDACTED: &str = "***";

/// A transcript that was replayed to its end.
#[derive(Debug)]
pub struct ReplaySummary {
    /// How many steps there were, comments left out.
    pub steps: usize,
    /// How many events the session reported.
    pub events: usize,
    /// How the server broke the protocol in the end, if it did.
    pub broken: Option<PeerError>,
    /// What was odd about the server.
    pub quirks: BTreeSet<Quirk>,
}

/// Where a replay parted from its transcript.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {why}")]
pub struct Divergence {
    /// The line of the transcript, counted from 1.
    pub line: usize,
    /// What happened instead.
    pub why: String,
}

/// Replays a transcript. Every line that a client could not have said here, every reply that the
/// session no longer understands, and every step that it would record otherwise ends the replay.
///
/// Records have `***` for secrets and `[N octets]` for messages: both stand for anything.
///
/// # Errors
/// [`Divergence`].
pub fn replay(transcript: &Transcript) -> Result<ReplaySummary, Divergence> {
    let mut replay = Replay {
        session: Session::new(),
        challenged: false,
        events: 0,
        broken: None,
        recorded: Vec::new(),
    };
    for (at, step) in transcript.steps.iter().enumerate() {
        let rest = transcript.steps.get(at + 1..).unwrap_or_default();
        replay
            .step(step, rest)
            .map_err(|why| Divergence { line: at + 1, why })?;
    }
    replay.compare(transcript)?;
    Ok(ReplaySummary {
        steps: transcript.steps.iter().filter(|step| is_said(step)).count(),
        events: replay.events,
        broken: replay.broken,
        quirks: replay.session.take_quirks(),
    })
}

struct Replay {
    session: Session,
    /// Whether a challenge waits for its response.
    challenged: bool,
    events: usize,
    broken: Option<PeerError>,
    /// What the session recorded.
    recorded: Vec<Step>,
}

impl Replay {
    fn step(&mut self, step: &Step, rest: &[Step]) -> Result<(), String> {
        match step {
            Step::Comment(text) if text.contains("left out") => {
                return Err("a part of this record was left out, so it ends here".to_owned());
            }
            Step::Comment(_) | Step::Split => {}
            Step::Wait(_) => {
                self.session.end_body_at_bare_terminator();
                self.collect();
            }
            Step::Client(line) => self.say(line, rest)?,
            Step::Server(line) => self.hear(&[line, b"\r\n".as_slice()].concat()),
            Step::Raw(octets) => self.hear(octets),
            Step::Octets(octets) => {
                for line in filler_lines(*octets) {
                    self.hear(&line);
                }
            }
            Step::Tls => self.secure()?,
            Step::Close => {
                self.broken = self.session.end_of_input().err();
                self.recorded.extend(self.session.take_trace());
            }
        }
        Ok(())
    }

    fn say(&mut self, line: &[u8], rest: &[Step]) -> Result<(), String> {
        if let Some(error) = &self.broken {
            return Err(format!("the session is over: {error}"));
        }
        let line = str::from_utf8(line).map_err(|_| "the client says no UTF-8".to_owned())?;
        if std::mem::take(&mut self.challenged) {
            let said = if line == "*" {
                self.session.cancel_auth()
            } else {
                let response = response(line).map_err(|error| error.to_string())?;
                self.session.respond(&response)
            };
            said.map_err(|error| error.to_string())?;
        } else if line == REDACTED {
            return Err("there is no challenge that this could answer".to_owned());
        } else {
            let command = command(line, rest).map_err(|error| error.to_string())?;
            self.session
                .send(command)
                .map_err(|error| error.to_string())?;
        }
        let _ = self.session.take_output();
        self.recorded.extend(self.session.take_trace());
        Ok(())
    }

    fn hear(&mut self, octets: &[u8]) {
        self.session.receive(octets.to_vec().into());
        self.collect();
    }

    fn secure(&mut self) -> Result<(), String> {
        self.recorded.extend(self.session.take_trace());
        // From the first octet: the session knows nothing of it.
        if self.session.state() == SessionState::Greeting {
            self.recorded.push(Step::Tls);
            return Ok(());
        }
        let session = std::mem::take(&mut self.session);
        let upgrade = session.into_upgrade().map_err(|error| error.to_string())?;
        self.session = upgrade.secured();
        Ok(())
    }

    fn collect(&mut self) {
        loop {
            match self.session.next_event() {
                Ok(Some(event)) => {
                    self.challenged |= matches!(event, Event::Challenge(_));
                    self.events += 1;
                }
                Ok(None) => break,
                Err(error) => {
                    self.broken = Some(error);
                    break;
                }
            }
        }
        self.recorded.extend(self.session.take_trace());
    }

    /// Compares what the session recorded with what the transcript has.
    fn compare(&self, transcript: &Transcript) -> Result<(), Divergence> {
        let mut recorded = self.recorded.iter().filter(|step| is_said(step)).peekable();
        for (at, step) in transcript.steps.iter().enumerate() {
            if !is_said(step) {
                continue;
            }
            // The lines of a message are recorded as their number of octets.
            if let Some(Step::Octets(_)) = recorded.peek()
                && !matches!(step, Step::Octets(_))
            {
                let mut behind = recorded.clone();
                behind.next();
                let ends = behind.peek().is_some_and(|end| are_alike(step, end));
                if is_server(step) && !ends {
                    continue;
                }
                recorded.next();
                // Its end may have come in one piece with its last octets.
                if !is_server(step) {
                    recorded.next_if(|end| **end == Step::Server(b".".to_vec()));
                }
            }
            if recorded.next_if(|now| are_alike(step, now)).is_some() {
                continue;
            }
            // What a server says after it broke the protocol is heard by nobody.
            if self.broken.is_some() && is_server(step) {
                continue;
            }
            let now = recorded.next();
            let now = now.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            // Octets that were cut anywhere cannot be compared by the step.
            if let Step::Raw(_) = step {
                return Ok(());
            }
            return Err(Divergence {
                line: at + 1,
                why: format!("`{step}` would be recorded as `{now}`"),
            });
        }
        Ok(())
    }
}

fn is_said(step: &Step) -> bool {
    !matches!(step, Step::Comment(_) | Step::Split | Step::Wait(_))
}

fn is_server(step: &Step) -> bool {
    matches!(step, Step::Server(_) | Step::Raw(_) | Step::Octets(_))
}

/// Whether two steps say the same, secrets aside.
fn are_alike(recorded: &Step, now: &Step) -> bool {
    match (recorded, now) {
        (Step::Client(recorded), Step::Client(now)) => {
            matches(recorded, now) || matches(now, recorded)
        }
        (Step::Server(recorded), Step::Server(now)) => {
            matches(recorded, now) || matches(now, recorded)
        }
        // A line that makes no sense is recorded with its end.
        (Step::Server(line), Step::Raw(octets)) => octets.trim_ascii_end() == line.trim_ascii_end(),
        _ => recorded == now,
    }
}

/// Reads a response of the client, which may be a secret.
fn response(line: &str) -> Result<SaslResponse, SaslSyntaxError> {
    if line == REDACTED {
        SaslResponse::new(*b"redacted")
    } else {
        SaslResponse::from_base64(line.as_bytes())
    }
}

/// Reads a line of the client, whose secret may be left out. A command that is not known is taken in
/// the form that its answer has, which is at the front of `rest`.
///
/// # Errors
/// Where no client can say it.
pub fn command(line: &str, rest: &[Step]) -> Result<Command, CommandError> {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["APOP", user, REDACTED] => {
            let user = UserName::new(*user)?;
            Ok(Command::Apop(Apop::new(user, ApopDigest::new([0; 16]))?))
        }
        ["AUTH", mechanism, REDACTED] => {
            let mechanism = MechanismName::new(mechanism).map_err(ArgumentError::from)?;
            let redacted = response(REDACTED).map_err(ArgumentError::from)?;
            let auth = Auth::with_initial_response(mechanism, redacted)?;
            Ok(Command::Auth(auth))
        }
        _ => match Command::parse(line.as_bytes()) {
            Err(CommandError::Unknown) => Ok(Command::Raw(RawCommand::new(line, form_of(rest))?)),
            command => command,
        },
    }
}

/// The form of an answer, as far as a transcript tells it.
fn form_of(rest: &[Step]) -> RawReplyForm {
    let answer = rest.split(|step| matches!(step, Step::Client(_))).next();
    let answer = answer.unwrap_or_default();
    if !answer.contains(&Step::Server(b".".to_vec())) {
        RawReplyForm::OneLine
    } else if answer.iter().any(|step| matches!(step, Step::Octets(_))) {
        RawReplyForm::Body
    } else {
        RawReplyForm::Listing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replayed(text: &str) -> Result<ReplaySummary, Divergence> {
        replay(&text.parse().unwrap())
    }

    const RECORD: &str = "# server: pop.example.org:995\n[tls]\nS: +OK ready\nC: AUTH PLAIN ***\n\
        S: +OK in\n# 31 ms\nC: RETR 1\nC: RETR 2\nS: +OK\n[60000 octets]\nS: .\nS: -ERR gone\n\
        C: XFOO\nS: +OK\nS: a\nS: .\nC: QUIT\nS: +OK bye\n[close]\n";

    #[test]
    fn a_record_without_its_secrets_and_messages_is_replayed() {
        let replayed = replayed(RECORD).unwrap();
        assert_eq!((replayed.steps, replayed.broken), (17, None));
    }

    #[test]
    fn the_line_at_which_a_replay_parts_is_named() {
        for (from, to, line) in [
            ("C: QUIT", "C: PASS ***", 17),
            ("C: QUIT", "C: RETR 0", 17),
            ("S: +OK bye", "S: +OK b\\x01ye\n[tls]", 19),
            ("S: -ERR gone", "S: what?", 13),
            ("C: RETR 2", "C: ***", 8),
            ("C: XFOO", "# 3 lines are left out here", 13),
        ] {
            assert!(RECORD.contains(from));
            let parted = replayed(&RECORD.replace(from, to)).unwrap_err();
            assert_eq!(parted.line, line, "{parted}");
        }
    }

    #[test]
    fn a_server_that_broke_the_protocol_in_the_end_does_so_again() {
        let replayed = replayed("S: +OK\nC: CAPA\nS: what?\nS: more\n[close]\n").unwrap();
        assert!(replayed.broken.is_some());
        let parted = self::replayed("S: +OK\nC: CAPA\nS: what?\nC: QUIT\n").unwrap_err();
        assert_eq!(parted.line, 4);
    }

    #[test]
    fn a_challenge_is_answered_whatever_the_secret_was() {
        let replayed = replayed(
            "S: +OK\nC: AUTH SCRAM-SHA-256 ***\nS: + ***\nC: ***\nS: + ***\nC: ***\nS: +OK\n",
        );
        assert_eq!(replayed.unwrap().steps, 7);
    }
}
