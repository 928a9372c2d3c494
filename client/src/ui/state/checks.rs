//! Mail checks: the running ones, and the outcomes of the last ones.

use crate::api::check::{CheckOutcome, Progress, Stage};
use crate::api::ids::MailboxId;
use crate::ui::words;

/// The running checks and the outcomes of the last ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckStatus {
    /// The running checks, by mailbox.
    running: Vec<(MailboxId, Progress)>,
    /// The test of a new mailbox's settings.
    proving: Option<Progress>,
    ended: Vec<CheckOutcome>,
}

impl CheckStatus {
    /// True if a check of any mailbox is running.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.running.is_empty()
    }

    /// Returns the progress of testing a new mailbox's settings.
    #[must_use]
    pub fn proving(&self) -> Option<&Progress> {
        self.proving.as_ref()
    }

    /// Returns the combined progress of all running checks; `None` if there are none.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        let mut all = self.running.iter().map(|(_, progress)| progress);
        let mut sum = all.next()?.clone();
        for one in all {
            sum.mailbox = None;
            // Show the stage of the check that has come farthest.
            sum.stage = latest(sum.stage, one.stage);
            sum.messages_done += one.messages_done;
            sum.messages_total += one.messages_total;
            sum.octets_done += one.octets_done;
            sum.octets_total += one.octets_total;
            sum.octets_per_second += one.octets_per_second;
        }
        Some(sum)
    }

    /// Returns a summary of the last checks; `None` while a check is running.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        if self.is_running() {
            return None;
        }
        let mut new = 0;
        let mut left = 0;
        let mut whole = true;
        for outcome in &self.ended {
            match outcome {
                CheckOutcome::Done {
                    new_messages,
                    skipped,
                } => {
                    new += new_messages;
                    left += skipped;
                }
                CheckOutcome::Cancelled { new_messages }
                | CheckOutcome::Failed { new_messages, .. } => {
                    new += new_messages;
                    whole = false;
                }
                CheckOutcome::PasswordNeeded | CheckOutcome::Postponed { .. } => whole = false,
            }
        }
        match self.ended.as_slice() {
            [] => None,
            [only] => Some(words::outcome(only)),
            [.., last] if !whole && new == 0 => Some(words::outcome(last)),
            [..] => Some(words::outcome(&CheckOutcome::Done {
                new_messages: new,
                skipped: left,
            })),
        }
    }

    /// Returns the time of the earliest postponed check, in seconds since 1970.
    #[must_use]
    pub fn postponed(&self) -> Option<i64> {
        let times = self.ended.iter().filter_map(|outcome| match outcome {
            CheckOutcome::Postponed { until } => Some(*until),
            CheckOutcome::Done { .. }
            | CheckOutcome::Cancelled { .. }
            | CheckOutcome::Failed { .. }
            | CheckOutcome::PasswordNeeded => None,
        });
        times.min()
    }

    /// True if all of the last checks were completed.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.ended
            .iter()
            .all(|outcome| matches!(outcome, CheckOutcome::Done { .. }))
    }

    /// Shows a check as running before the engine has reported it.
    pub(super) fn begin(&mut self, mailbox: MailboxId) {
        if self.running.is_empty() {
            self.ended.clear();
        }
        if self.running.iter().all(|(other, _)| *other != mailbox) {
            self.running.push((mailbox, at_start(Some(mailbox))));
        }
    }

    /// Shows the test of settings as running.
    pub(super) fn begin_proof(&mut self) {
        self.proving = Some(at_start(None));
    }

    /// Ends the test of settings.
    pub(super) fn end_proof(&mut self) {
        self.proving = None;
    }

    pub(super) fn advance(&mut self, progress: Progress) {
        match progress.mailbox {
            Some(mailbox) => {
                self.begin(mailbox);
                let mut all = self.running.iter_mut();
                if let Some((_, known)) = all.find(|(other, _)| *other == mailbox) {
                    *known = progress;
                }
            }
            // A cancelled test may still report progress; ignore it.
            None if self.proving.is_none() => {}
            None => self.proving = Some(progress),
        }
    }

    pub(super) fn finish(&mut self, mailbox: MailboxId, outcome: CheckOutcome) {
        if self.running.is_empty() {
            self.ended.clear();
        }
        self.running.retain(|(other, _)| *other != mailbox);
        self.ended.push(outcome);
    }

    pub(super) fn forget(&mut self, mailbox: MailboxId) {
        self.running.retain(|(other, _)| *other != mailbox);
    }
}

fn at_start(mailbox: Option<MailboxId>) -> Progress {
    Progress {
        mailbox,
        stage: Stage::Connecting,
        messages_done: 0,
        messages_total: 0,
        octets_done: 0,
        octets_total: 0,
        octets_per_second: 0,
    }
}

fn latest(a: Stage, b: Stage) -> Stage {
    let order = |stage| match stage {
        Stage::Connecting => 0,
        Stage::LoggingIn => 1,
        Stage::Listing => 2,
        Stage::Finishing => 3,
        Stage::Fetching => 4,
    };
    if order(a) >= order(b) { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_checks_are_summed_up() {
        let mut checks = CheckStatus::default();
        checks.begin(MailboxId(1));
        checks.begin(MailboxId(2));
        for (mailbox, done) in [(1, 5), (2, 7)] {
            checks.advance(Progress {
                messages_done: done,
                messages_total: 10,
                stage: Stage::Fetching,
                ..at_start(Some(MailboxId(mailbox)))
            });
        }
        let sum = checks.progress().unwrap();
        assert_eq!((sum.messages_done, sum.messages_total), (12, 20));

        let done = |new_messages| CheckOutcome::Done {
            new_messages,
            skipped: 0,
        };
        checks.finish(MailboxId(1), done(2));
        assert_eq!(checks.summary(), None);
        checks.finish(MailboxId(2), done(1));
        assert_eq!(checks.summary().as_deref(), Some("3 new messages"));
        assert_eq!(checks.progress(), None);

        checks.begin(MailboxId(1));
        checks.finish(MailboxId(1), done(0));
        assert_eq!(checks.summary().as_deref(), Some("No new mail"));
    }

    #[test]
    fn late_progress_does_not_revive_a_cancelled_proof() {
        let mut checks = CheckStatus::default();
        checks.begin_proof();
        checks.end_proof();
        checks.advance(at_start(None));
        assert_eq!(checks.proving(), None);
    }
}
