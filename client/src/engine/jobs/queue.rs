//! The queue of checks. They run one at a time, in order of request, and can be cancelled. Also
//! holds the checks that a server has postponed.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use futures::channel::{mpsc, oneshot};
use futures::future::{self, Either};
use futures::{Future, FutureExt as _, StreamExt as _};

use crate::api::ids::{MailboxId, RequestId};
use crate::api::settings::{MailboxSettings, Secret};
use crate::clock::Clock;

/// The longest sleep until a postponed check. Timers stop while a device sleeps, but its clock
/// does not.
const NAP: Duration = Duration::from_secs(60);

/// A task that involves a server.
#[derive(Debug)]
pub(in crate::engine) enum Job {
    /// Check a mailbox.
    Check(MailboxId),
    /// Verify the settings of a new mailbox.
    Add(NewMailbox),
}

/// A mailbox that is added once its settings are verified.
#[derive(Debug)]
pub(in crate::engine) struct NewMailbox {
    /// Repeated in the answer.
    pub(in crate::engine) request: RequestId,
    /// The settings.
    pub(in crate::engine) settings: MailboxSettings,
    /// The password.
    pub(in crate::engine) password: Secret,
    /// True if the password may be stored.
    pub(in crate::engine) remember: bool,
}

/// The waiting jobs, and the running one.
#[derive(Debug)]
pub(in crate::engine) struct Checks {
    waiting: RefCell<VecDeque<Job>>,
    /// Checks that start automatically, at a time since 1970.
    postponed: RefCell<BTreeMap<MailboxId, Duration>>,
    under_way: RefCell<Option<UnderWay>>,
    wake: mpsc::UnboundedSender<()>,
}

/// The running job; dropping it cancels the job.
#[derive(Debug)]
struct UnderWay {
    mailbox: Option<MailboxId>,
    _cancel: oneshot::Sender<()>,
}

/// Wakes the task that runs the queue.
pub(in crate::engine) type Wake = mpsc::UnboundedReceiver<()>;

impl Checks {
    /// Creates an empty queue.
    pub(in crate::engine) fn new() -> (Self, Wake) {
        let (wake, woken) = mpsc::unbounded();
        (
            Self {
                waiting: RefCell::default(),
                postponed: RefCell::default(),
                under_way: RefCell::default(),
                wake,
            },
            woken,
        )
    }

    /// Adds a job, unless it is a check that already waits or runs: its result answers both.
    pub(in crate::engine) fn push(&self, job: Job) {
        if let Job::Check(mailbox) = job
            && self.has_check(mailbox)
        {
            return;
        }
        self.waiting.borrow_mut().push_back(job);
        // The receiver lives as long as the engine.
        let _ = self.wake.unbounded_send(());
    }

    /// Schedules a check to start automatically at a time since 1970.
    pub(in crate::engine) fn postpone(&self, mailbox: MailboxId, until: Duration) {
        self.postponed.borrow_mut().insert(mailbox, until);
        let _ = self.wake.unbounded_send(());
    }

    /// Stops the running job and returns the waiting ones, so that they can be answered. Postponed
    /// checks were already answered, and are dropped.
    pub(in crate::engine) fn cancel(&self) -> Vec<Job> {
        self.under_way.take();
        self.postponed.take();
        self.waiting.take().into()
    }

    /// Stops or drops the checks of one mailbox. Returns true if one was waiting and needs an
    /// answer.
    #[must_use]
    pub(in crate::engine) fn forget(&self, mailbox: MailboxId) -> bool {
        self.postponed.borrow_mut().remove(&mailbox);
        let waited = self.waits(mailbox);
        self.waiting
            .borrow_mut()
            .retain(|job| !matches!(job, Job::Check(other) if *other == mailbox));
        self.stop(mailbox);
        waited
    }

    /// Stops the running check of a mailbox.
    pub(in crate::engine) fn stop(&self, mailbox: MailboxId) {
        if self.checks_now(mailbox) {
            self.under_way.take();
        }
    }

    /// Waits for the next job.
    pub(in crate::engine) async fn next(
        &self,
        woken: &mut Wake,
        clock: &impl Clock,
    ) -> Option<Job> {
        loop {
            self.queue_due(clock.now());
            if let Some(job) = self.waiting.borrow_mut().pop_front() {
                return Some(job);
            }
            let due = self.postponed.borrow().values().min().copied();
            let Some(due) = due else {
                woken.next().await?;
                continue;
            };
            let nap = clock.sleep(due.saturating_sub(clock.now()).min(NAP));
            match future::select(woken.next(), nap).await {
                Either::Left((woken, _)) => woken?,
                Either::Right(((), _)) => {}
            }
        }
    }

    /// Queues the postponed checks whose time has come.
    fn queue_due(&self, now: Duration) {
        let due: Vec<_> = self
            .postponed
            .borrow_mut()
            .extract_if(.., |_, until| *until <= now)
            .collect();
        for (mailbox, _) in due {
            self.push(Job::Check(mailbox));
        }
    }

    /// Starts a job. The future completes when [`cancel`](Self::cancel) stops it.
    pub(in crate::engine) fn begin(
        &self,
        mailbox: Option<MailboxId>,
    ) -> impl Future<Output = ()> + use<> {
        let (cancel, cancelled) = oneshot::channel::<()>();
        if let Some(mailbox) = mailbox {
            self.postponed.borrow_mut().remove(&mailbox);
        }
        *self.under_way.borrow_mut() = Some(UnderWay {
            mailbox,
            _cancel: cancel,
        });
        cancelled.map(|_| ())
    }

    /// Ends the running job.
    pub(in crate::engine) fn end(&self) {
        self.under_way.take();
    }

    /// Returns true if a job is running.
    pub(in crate::engine) fn is_under_way(&self) -> bool {
        self.under_way.borrow().is_some()
    }

    /// Returns true if a check of this mailbox is running.
    pub(in crate::engine) fn checks_now(&self, mailbox: MailboxId) -> bool {
        self.under_way
            .borrow()
            .as_ref()
            .is_some_and(|job| job.mailbox == Some(mailbox))
    }

    fn waits(&self, mailbox: MailboxId) -> bool {
        let waits = |job: &Job| matches!(job, Job::Check(other) if *other == mailbox);
        self.waiting.borrow().iter().any(waits)
    }

    fn has_check(&self, mailbox: MailboxId) -> bool {
        self.checks_now(mailbox) || self.waits(mailbox)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use futures::executor::block_on;
    use futures::future::LocalBoxFuture;

    use super::*;

    /// A clock that advances at once by each sleep, and counts the sleeps.
    #[derive(Clone, Default)]
    struct Hands {
        now: Rc<Cell<Duration>>,
        naps: Rc<Cell<u32>>,
    }

    impl Clock for Hands {
        fn now(&self) -> Duration {
            self.now.get()
        }

        fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
            let hands = self.clone();
            Box::pin(async move {
                hands.now.set(hands.now.get() + duration);
                hands.naps.set(hands.naps.get() + 1);
            })
        }
    }

    fn mailboxes(jobs: &[Job]) -> Vec<u32> {
        jobs.iter()
            .filter_map(|job| match job {
                Job::Check(mailbox) => Some(mailbox.0),
                Job::Add(_) => None,
            })
            .collect()
    }

    #[test]
    fn a_waiting_check_is_not_queued_twice() {
        let (checks, _woken) = Checks::new();
        for mailbox in [1, 2, 1] {
            checks.push(Job::Check(MailboxId(mailbox)));
        }
        assert_eq!(mailboxes(&checks.cancel()), [1, 2]);
    }

    #[test]
    fn cancelling_stops_the_running_job() {
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
    fn the_runner_waits_for_the_next_job() {
        let (checks, mut woken) = Checks::new();
        let hands = Hands::default();
        let mut next = Box::pin(checks.next(&mut woken, &hands));
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
        assert!(checks.forget(MailboxId(1)), "it waited for an answer");
        assert!(!checks.forget(MailboxId(3)), "the check itself answers");
        assert_eq!(cancelled.now_or_never(), Some(()));
        assert_eq!(mailboxes(&checks.cancel()), [2]);
    }

    #[test]
    fn a_postponed_check_starts_by_itself_at_its_time() {
        let (checks, mut woken) = Checks::new();
        let hands = Hands::default();
        checks.postpone(MailboxId(2), Duration::from_secs(300));
        checks.postpone(MailboxId(1), Duration::from_secs(150));
        for (mailbox, at, naps) in [(1, 150, 3), (2, 300, 6)] {
            let job = block_on(checks.next(&mut woken, &hands)).unwrap();
            assert!(matches!(job, Job::Check(MailboxId(found)) if found == mailbox));
            assert_eq!(hands.now(), Duration::from_secs(at));
            assert_eq!(hands.naps.get(), naps);
        }
    }

    #[test]
    fn a_postponed_check_is_dropped_with_its_mailbox_or_by_a_cancel() {
        let (checks, mut woken) = Checks::new();
        let later = Duration::from_secs(1);
        for mailbox in [1, 2] {
            checks.postpone(MailboxId(mailbox), later);
        }
        assert!(!checks.forget(MailboxId(1)), "it was answered");
        assert!(checks.cancel().is_empty());
        // After a manual start, it does not start automatically as well.
        checks.postpone(MailboxId(3), later);
        drop(checks.begin(Some(MailboxId(3))));
        checks.end();
        let hands = Hands::default();
        let mut next = Box::pin(checks.next(&mut woken, &hands));
        assert!(next.as_mut().now_or_never().is_none());
        assert_eq!(hands.naps.get(), 0);
    }
}
