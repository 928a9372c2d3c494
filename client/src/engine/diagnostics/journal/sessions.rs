//! The last sessions of one mailbox.

use std::collections::VecDeque;
use std::time::Duration;

use super::measurements::or_older;
use super::recorder::SessionRecorder;
use crate::api::check::CheckOutcome;
use crate::api::problem::{Problem, ProblemKind};
use crate::api::report::{Measurements, SessionOutcome, SessionRecord};
use crate::api::settings::MailboxSettings;
use crate::engine::mailboxes::lesson::Lesson;

/// The most sessions that are kept.
const MAX_SESSIONS: usize = 10;

/// The most bytes of transcripts that are kept, unless the newest session alone has more.
const MAX_BYTES: usize = 1024 * 1024;

/// The number of transcript lines that a problem shows if the server violated the protocol.
const LAST_STEPS: usize = 6;

/// The last sessions of one mailbox.
#[derive(Debug, Default)]
pub struct Journal {
    /// Oldest first.
    sessions: VecDeque<SessionRecorder>,
}

impl Journal {
    /// Begins to record a session. It continues the one before, if that has not ended yet.
    pub(in crate::engine) fn begin(
        &mut self,
        now: Duration,
        settings: &MailboxSettings,
    ) -> SessionRecorder {
        self.end(SessionOutcome::Continued);
        let recorder = SessionRecorder::new(now, settings);
        self.sessions.push_back(recorder.clone());
        let bytes = |sessions: &VecDeque<SessionRecorder>| {
            sessions.iter().map(SessionRecorder::bytes).sum::<usize>()
        };
        while self.sessions.len() > MAX_SESSIONS
            || (self.sessions.len() > 1 && bytes(&self.sessions) > MAX_BYTES)
        {
            self.sessions.pop_front();
        }
        recorder
    }

    /// Records the outcome of the newest session, unless it has one.
    pub(in crate::engine) fn end(&mut self, outcome: SessionOutcome) {
        if let Some(newest) = self.sessions.back() {
            newest.end(outcome);
        }
    }

    /// Records the outcome of a check, and adds the last transcript lines to its problem.
    pub(in crate::engine) fn end_check(&mut self, outcome: &mut CheckOutcome) {
        if let CheckOutcome::Failed { problem, .. } = outcome {
            self.attach_transcript(problem);
        }
        self.end(SessionOutcome::Check(outcome.clone()));
    }

    /// Records that a problem ended the newest session, and adds the last transcript lines to it.
    pub(in crate::engine) fn end_failed(&mut self, problem: &mut Problem) {
        self.attach_transcript(problem);
        self.end(SessionOutcome::Failed(problem.clone()));
    }

    /// Adds the last transcript lines to a problem if the server violated the protocol.
    fn attach_transcript(&self, problem: &mut Problem) {
        let is_violation = matches!(
            problem.kind,
            ProblemKind::ProtocolBroken | ProblemKind::NotPop3
        );
        if let Some(newest) = self.sessions.back().filter(|_| is_violation) {
            problem.transcript = newest.last_steps(LAST_STEPS);
        }
    }

    /// Takes the lessons of the newest session that were not taken yet.
    pub(in crate::engine) fn take_lessons(&self) -> Vec<Lesson> {
        self.sessions
            .back()
            .map_or_else(Vec::new, SessionRecorder::take_lessons)
    }

    /// Returns the newest figure of each measurement.
    pub(in crate::engine) fn measurements(&self) -> Measurements {
        let newest_first = self.sessions.iter().rev();
        newest_first.fold(Measurements::default(), |known, session| {
            or_older(known, session.measurements())
        })
    }

    /// Returns the sessions, newest first.
    #[must_use]
    pub fn records(&self) -> Vec<SessionRecord> {
        self.sessions
            .iter()
            .rev()
            .map(SessionRecorder::record)
            .collect()
    }

    /// Adds the sessions of another journal as older ones.
    pub(in crate::engine) fn prepend(&mut self, older: Self) {
        for session in older.sessions.into_iter().rev() {
            if self.sessions.len() == MAX_SESSIONS {
                break;
            }
            self.sessions.push_front(session);
        }
    }
}
