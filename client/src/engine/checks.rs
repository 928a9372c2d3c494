//! The queue of checks: one at a time, in the order asked, each of which can be cancelled.

use std::cell::RefCell;
use std::collections::VecDeque;

use futures::channel::{mpsc, oneshot};
use futures::{Future, FutureExt as _, StreamExt as _};

use super::command::{MailboxSettings, RequestId, Secret};
use super::event::MailboxId;

/// Something to do with a server.
#[derive(Debug)]
pub(super) enum Job {
    /// Check a mailbox.
    Check(MailboxId),
    /// Prove the settings of a new mailbox.
    Add(NewMailbox),
}

/// A mailbox that is to be added once its settings are proven.
#[derive(Debug)]
pub(super) struct NewMailbox {
    /// Repeated in the answer.
    pub(super) request: RequestId,
    /// How to reach it.
    pub(super) settings: MailboxSettings,
    /// Its password.
    pub(super) password: Secret,
    /// Whether the password may be kept.
    pub(super) remember: bool,
}

/// The jobs that wait, and the one under way.
#[derive(Debug)]
pub(super) struct Checks {
    waiting: RefCell<VecDeque<Job>>,
    under_way: RefCell<Option<UnderWay>>,
    wake: mpsc::UnboundedSender<()>,
}

/// The job under way; dropping it cancels the job.
#[derive(Debug)]
struct UnderWay {
    mailbox: Option<MailboxId>,
    _cancel: oneshot::Sender<()>,
}

/// Wakes the one who works the queue.
pub(super) type Wake = mpsc::UnboundedReceiver<()>;

impl Checks {
    /// Makes an empty queue.
    pub(super) fn new() -> (Self, Wake) {
        let (wake, woken) = mpsc::unbounded();
        (
            Self {
                waiting: RefCell::default(),
                under_way: RefCell::default(),
                wake,
            },
            woken,
        )
    }

    /// Adds a job, unless it is a check that waits or runs already: its end answers both.
    pub(super) fn push(&self, job: Job) {
        if let Job::Check(mailbox) = job
            && self.has_check(mailbox)
        {
            return;
        }
        self.waiting.borrow_mut().push_back(job);
        // The receiver lives as long as the engine.
        let _ = self.wake.unbounded_send(());
    }

    /// Stops the job under way and returns those that waited, for their answers.
    pub(super) fn cancel(&self) -> Vec<Job> {
        self.under_way.take();
        self.waiting.take().into()
    }

    /// Stops or forgets the checks of one mailbox.
    pub(super) fn forget(&self, mailbox: MailboxId) {
        self.waiting
            .borrow_mut()
            .retain(|job| !matches!(job, Job::Check(other) if *other == mailbox));
        if self.checks_now(mailbox) {
            self.under_way.take();
        }
    }

    /// Waits for the next job.
    pub(super) async fn next(&self, woken: &mut Wake) -> Option<Job> {
        loop {
            if let Some(job) = self.waiting.borrow_mut().pop_front() {
                return Some(job);
            }
            woken.next().await?;
        }
    }

    /// Begins a job; the future completes when [`cancel`](Self::cancel) stops it.
    pub(super) fn begin(&self, mailbox: Option<MailboxId>) -> impl Future<Output = ()> + use<> {
        let (cancel, cancelled) = oneshot::channel::<()>();
        *self.under_way.borrow_mut() = Some(UnderWay {
            mailbox,
            _cancel: cancel,
        });
        cancelled.map(|_| ())
    }

    /// Ends the job that was begun.
    pub(super) fn end(&self) {
        self.under_way.take();
    }

    fn checks_now(&self, mailbox: MailboxId) -> bool {
        self.under_way
            .borrow()
            .as_ref()
            .is_some_and(|job| job.mailbox == Some(mailbox))
    }

    fn has_check(&self, mailbox: MailboxId) -> bool {
        let waits = |job: &Job| matches!(job, Job::Check(other) if *other == mailbox);
        self.checks_now(mailbox) || self.waiting.borrow().iter().any(waits)
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    fn mailboxes(jobs: &[Job]) -> Vec<u32> {
        jobs.iter()
            .filter_map(|job| match job {
                Job::Check(mailbox) => Some(mailbox.0),
                Job::Add(_) => None,
            })
            .collect()
    }

    #[test]
    fn a_check_that_waits_is_not_queued_twice() {
        let (checks, _woken) = Checks::new();
        for mailbox in [1, 2, 1] {
            checks.push(Job::Check(MailboxId(mailbox)));
        }
        assert_eq!(mailboxes(&checks.cancel()), [1, 2]);
    }

    #[test]
    fn cancelling_stops_the_job_under_way() {
        let (checks, _woken) = Checks::new();
        let mut cancelled = checks.begin(Some(MailboxId(1)));
        assert_eq!((&mut cancelled).now_or_never(), None);
        checks.push(Job::Check(MailboxId(1)));
        assert!(
            checks.cancel().is_empty(),
            "a running check is not queued again"
        );
        assert_eq!(cancelled.now_or_never(), Some(()));
    }

    #[test]
    fn the_next_job_is_waited_for() {
        let (checks, mut woken) = Checks::new();
        let mut next = Box::pin(checks.next(&mut woken));
        assert!(next.as_mut().now_or_never().is_none());
        checks.push(Job::Check(MailboxId(7)));
        assert!(matches!(block_on(next), Some(Job::Check(MailboxId(7)))));
    }

    #[test]
    fn a_removed_mailbox_is_not_checked() {
        let (checks, _woken) = Checks::new();
        checks.push(Job::Check(MailboxId(1)));
        checks.push(Job::Check(MailboxId(2)));
        let cancelled = checks.begin(Some(MailboxId(3)));
        for mailbox in [1, 3] {
            checks.forget(MailboxId(mailbox));
        }
        assert_eq!(cancelled.now_or_never(), Some(()));
        assert_eq!(mailboxes(&checks.cancel()), [2]);
    }
}
