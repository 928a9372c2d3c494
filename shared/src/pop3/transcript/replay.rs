//! Replays a transcript against a session, and compares the new trace with the recorded one.

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

/// The placeholder for a secret in a record.
const REDACTED: &str = "***";

/// The result of a transcript that was replayed to its end.
#[derive(Debug)]
pub struct ReplaySummary {
    /// The number of steps without comments.
    pub steps: usize,
    /// The number of events that the session reported.
    pub events: usize,
    /// The violation of the protocol by which the server ended the session, if it did.
    pub violation: Option<PeerError>,
    /// The quirks of the server.
    pub quirks: BTreeSet<Quirk>,
}

/// The point at which a replay diverged from its transcript.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {reason}")]
pub struct Divergence {
    /// The line of the transcript, counted from 1.
    pub line: usize,
    /// The difference.
    pub reason: String,
}

/// Replays a transcript.
///
/// The replay ends at the first line that a client could not have sent there, the first reply that
/// the session rejects, or the first step that the session records differently.
///
/// A record has `***` in place of secrets and `[N octets]` in place of messages. Both match anything.
///
/// # Errors
/// [`Divergence`].
pub fn replay(transcript: &Transcript) -> Result<ReplaySummary, Divergence> {
    let mut replay = Replay {
        session: Session::new(),
        challenged: false,
        events: 0,
        violation: None,
        recorded: Vec::new(),
    };
    for (at, step) in transcript.steps.iter().enumerate() {
        let rest = transcript.steps.get(at + 1..).unwrap_or_default();
        replay.step(step, rest).map_err(|reason| Divergence {
            line: at + 1,
            reason,
        })?;
    }
    replay.compare(transcript)?;
    Ok(ReplaySummary {
        steps: transcript
            .steps
            .iter()
            .filter(|step| is_exchanged(step))
            .count(),
        events: replay.events,
        violation: replay.violation,
        quirks: replay.session.take_quirks(),
    })
}

struct Replay {
    session: Session,
    /// True while a challenge waits for its response.
    challenged: bool,
    events: usize,
    violation: Option<PeerError>,
    /// The steps that the session recorded.
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
            Step::Client(line) => self.send(line, rest)?,
            Step::Server(line) => self.receive(&[line, b"\r\n".as_slice()].concat()),
            Step::Raw(bytes) => self.receive(bytes),
            Step::Octets(size) => {
                for line in filler_lines(*size) {
                    self.receive(&line);
                }
            }
            Step::Tls => self.begin_tls()?,
            Step::Close => {
                self.violation = self.session.end_of_input().err();
                self.recorded.extend(self.session.take_trace());
            }
        }
        Ok(())
    }

    fn send(&mut self, line: &[u8], rest: &[Step]) -> Result<(), String> {
        if let Some(error) = &self.violation {
            return Err(format!("the session is over: {error}"));
        }
        let line =
            str::from_utf8(line).map_err(|_| "the line of the client is not UTF-8".to_owned())?;
        if std::mem::take(&mut self.challenged) {
            let sent = if line == "*" {
                self.session.cancel_auth()
            } else {
                let response = response(line).map_err(|error| error.to_string())?;
                self.session.respond(&response)
            };
            sent.map_err(|error| error.to_string())?;
        } else if line == REDACTED {
            return Err("there is no challenge to respond to".to_owned());
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

    fn receive(&mut self, bytes: &[u8]) {
        self.session.receive(bytes.to_vec().into());
        self.collect();
    }

    fn begin_tls(&mut self) -> Result<(), String> {
        self.recorded.extend(self.session.take_trace());
        // With implicit TLS, the session does not take part in the handshake.
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
                    self.violation = Some(error);
                    break;
                }
            }
        }
        self.recorded.extend(self.session.take_trace());
    }

    /// Compares the steps that the session recorded with those of the transcript.
    fn compare(&self, transcript: &Transcript) -> Result<(), Divergence> {
        let mut recorded = self
            .recorded
            .iter()
            .filter(|step| is_exchanged(step))
            .peekable();
        for (at, step) in transcript.steps.iter().enumerate() {
            if !is_exchanged(step) {
                continue;
            }
            // The session records the lines of a message as their total size.
            if let Some(Step::Octets(_)) = recorded.peek()
                && !matches!(step, Step::Octets(_))
            {
                let mut after = recorded.clone();
                after.next();
                let ends = after.peek().is_some_and(|end| are_alike(step, end));
                if is_server(step) && !ends {
                    continue;
                }
                recorded.next();
                // The end of the message may be in the same step as its last bytes.
                if !is_server(step) {
                    recorded.next_if(|end| **end == Step::Server(b".".to_vec()));
                }
            }
            if recorded.next_if(|now| are_alike(step, now)).is_some() {
                continue;
            }
            // After a violation of the protocol, the session ignores the server.
            if self.violation.is_some() && is_server(step) {
                continue;
            }
            let now = recorded.next();
            let now = now.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            // Bytes that were cut anywhere cannot be compared step by step.
            if let Step::Raw(_) = step {
                return Ok(());
            }
            return Err(Divergence {
                line: at + 1,
                reason: format!("`{step}` would be recorded as `{now}`"),
            });
        }
        Ok(())
    }
}

fn is_exchanged(step: &Step) -> bool {
    !matches!(step, Step::Comment(_) | Step::Split | Step::Wait(_))
}

fn is_server(step: &Step) -> bool {
    matches!(step, Step::Server(_) | Step::Raw(_) | Step::Octets(_))
}

/// Returns true if two steps are equal except for their secrets.
fn are_alike(recorded: &Step, now: &Step) -> bool {
    match (recorded, now) {
        (Step::Client(recorded), Step::Client(now)) => {
            matches(recorded, now) || matches(now, recorded)
        }
        (Step::Server(recorded), Step::Server(now)) => {
            matches(recorded, now) || matches(now, recorded)
        }
        // A line that is not a reply is recorded with its line end.
        (Step::Server(line), Step::Raw(bytes)) => bytes.trim_ascii_end() == line.trim_ascii_end(),
        _ => recorded == now,
    }
}

/// Parses a response of the client, which may be the placeholder.
fn response(line: &str) -> Result<SaslResponse, SaslSyntaxError> {
    if line == REDACTED {
        SaslResponse::new(*b"redacted")
    } else {
        SaslResponse::from_base64(line.as_bytes())
    }
}

/// Parses a line of the client, which may have the placeholder for its secret. The steps in `rest`
/// begin with the reply, from which the form of the reply to an unknown command is derived.
///
/// # Errors
/// [`CommandError`] if a client cannot send the line.
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

/// Returns the form of a reply, as far as a transcript shows it.
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
        let summary = replayed(RECORD).unwrap();
        assert_eq!((summary.steps, summary.violation), (17, None));
    }

    #[test]
    fn a_divergence_names_its_line() {
        for (from, to, line) in [
            ("C: QUIT", "C: PASS ***", 17),
            ("C: QUIT", "C: RETR 0", 17),
            ("S: +OK bye", "S: +OK b\\x01ye\n[tls]", 19),
            ("S: -ERR gone", "S: what?", 13),
            ("C: RETR 2", "C: ***", 8),
            ("C: XFOO", "# 3 lines are left out here", 13),
        ] {
            assert!(RECORD.contains(from));
            let divergence = replayed(&RECORD.replace(from, to)).unwrap_err();
            assert_eq!(divergence.line, line, "{divergence}");
        }
    }

    #[test]
    fn a_violation_of_the_protocol_is_replayed() {
        let summary = replayed("S: +OK\nC: CAPA\nS: what?\nS: more\n[close]\n").unwrap();
        assert!(summary.violation.is_some());
        let divergence = replayed("S: +OK\nC: CAPA\nS: what?\nC: QUIT\n").unwrap_err();
        assert_eq!(divergence.line, 4);
    }

    #[test]
    fn a_challenge_is_answered_in_place_of_any_secret() {
        let summary = replayed(
            "S: +OK\nC: AUTH SCRAM-SHA-256 ***\nS: + ***\nC: ***\nS: + ***\nC: ***\nS: +OK\n",
        );
        assert_eq!(summary.unwrap().steps, 7);
    }
}
