//! The journal: what was said in the last sessions of each mailbox, for those who look for a fault.
//!
//! | file | holds |
//! |---|---|
//! | `recording` | one session as it is being recorded |
//! | `transcript_buffer` | its transcript, without the middle if it is too long |
//! | `measure` | round trip and throughput |
//! | `outcome` | how a session ended, in one sentence |
//! | `security` | what protected it, in words |
//! | `journals` | the journals of all mailboxes |
//!
//! It is in memory only: nothing of it touches the disk, and it is gone with the tab. What comes in
//! has no secrets any more, since the POP3 session leaves them out before anybody can see them.

mod journals;
mod measure;
mod outcome;
mod recording;
mod security;
mod transcript_buffer;

use std::collections::VecDeque;
use std::time::Duration;

use crate::api::check::CheckOutcome;
use crate::api::problem::{Problem, ProblemKind};
use crate::api::report::SessionRecord;
use crate::api::settings::MailboxSettings;
use crate::engine::mailboxes::server_profile::Remembered;

pub(in crate::engine) use journals::Journals;
pub(in crate::engine) use measure::Measured;
pub(in crate::engine) use outcome::sentence;
pub(in crate::engine) use recording::{Moment, Tap};
pub(in crate::engine) use security::utc;

/// How many sessions are kept of a mailbox.
const MAX_SESSIONS: usize = 10;

/// How many octets of lines all sessions of a mailbox have, but for the newest alone.
const MAX_OCTETS: usize = 1024 * 1024;

/// How many lines a reader is shown where a server broke the protocol.
const TAIL_LINES: usize = 6;

/// The last sessions of one mailbox.
#[derive(Debug, Default)]
pub struct Journal {
    /// Oldest first.
    sessions: VecDeque<Tap>,
}

impl Journal {
    /// Begins to record a session. One that is not ended yet went on over this connection.
    pub(in crate::engine) fn begin(&mut self, now: Duration, settings: &MailboxSettings) -> Tap {
        self.end("Continued on another connection.");
        let tap = Tap::new(now, settings);
        self.sessions.push_back(tap.clone());
        let octets = |sessions: &VecDeque<Tap>| sessions.iter().map(Tap::octets).sum::<usize>();
        while self.sessions.len() > MAX_SESSIONS
            || (self.sessions.len() > 1 && octets(&self.sessions) > MAX_OCTETS)
        {
            self.sessions.pop_front();
        }
        tap
    }

    /// Says of the newest session how it ended, unless that was said.
    pub(in crate::engine) fn end(&mut self, outcome: &str) {
        if let Some(newest) = self.sessions.back() {
            newest.end(outcome);
        }
    }

    /// Ends the newest session as a check ended, and adds to its problem what was said last.
    pub(in crate::engine) fn end_check(&mut self, outcome: &mut CheckOutcome) {
        if let CheckOutcome::Failed { problem, .. } = outcome {
            self.show(problem);
        }
        self.end(&outcome::of_check(outcome));
    }

    /// Ends the newest session with a problem, as with a check.
    pub(in crate::engine) fn end_failed(&mut self, problem: &mut Problem) {
        self.show(problem);
        self.end(&sentence(problem));
    }

    /// Adds the last lines to a problem that the peer is to blame for.
    pub(in crate::engine) fn show(&self, problem: &mut Problem) {
        let broken = matches!(
            problem.kind,
            ProblemKind::ProtocolBroken | ProblemKind::NotPop3
        );
        if let Some(newest) = self.sessions.back().filter(|_| broken) {
            problem.transcript = newest.last_steps(TAIL_LINES);
        }
    }

    /// Adds to what is remembered of the server what the newest session has shown.
    pub(in crate::engine) fn teach(&self, remembered: &mut Remembered) {
        if let Some(newest) = self.sessions.back() {
            newest.teach(remembered);
        }
    }

    /// What was measured last, of each the newest figure that there is.
    pub(in crate::engine) fn measured(&self) -> Measured {
        let newest_first = self.sessions.iter().rev();
        newest_first.fold(Measured::default(), |known, tap| known.or(tap.measured()))
    }

    /// The sessions, newest first.
    #[must_use]
    pub fn records(&self) -> Vec<SessionRecord> {
        self.sessions.iter().rev().map(Tap::record).collect()
    }

    /// Takes the sessions of another journal for older ones.
    pub(in crate::engine) fn adopt(&mut self, older: Self) {
        for session in older.sessions.into_iter().rev() {
            if self.sessions.len() == MAX_SESSIONS {
                break;
            }
            self.sessions.push_front(session);
        }
    }
}
