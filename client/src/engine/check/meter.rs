//! Progress: counts, a rate, and at most ten reports a second.

use std::collections::VecDeque;
use std::time::Duration;

use super::listing::Wanted;
use crate::clock::Clock;
use crate::engine::event::{MailboxId, Progress, Stage};

/// The least time between two reports of one stage.
const REPORT_INTERVAL: Duration = Duration::from_millis(100);

/// The time over which the rate is taken.
const RATE_SPAN: Duration = Duration::from_secs(3);

/// Counts what arrives and reports it.
pub(super) struct Meter<'a, C> {
    clock: C,
    report: &'a mut dyn FnMut(Progress),
    progress: Progress,
    reported: Duration,
    /// When how many octets had arrived, over the last [`RATE_SPAN`], oldest first.
    samples: VecDeque<(Duration, u64)>,
}

impl<'a, C: Clock> Meter<'a, C> {
    pub(super) fn new(
        mailbox: Option<MailboxId>,
        clock: C,
        report: &'a mut dyn FnMut(Progress),
    ) -> Self {
        Self {
            clock,
            report,
            progress: Progress {
                mailbox,
                stage: Stage::Connecting,
                messages_done: 0,
                messages_total: 0,
                octets_done: 0,
                octets_total: 0,
                octets_per_second: 0,
            },
            reported: Duration::ZERO,
            samples: VecDeque::new(),
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.now()
    }

    /// Enters a stage, which is always reported.
    pub(super) fn stage(&mut self, stage: Stage) {
        self.progress.stage = stage;
        self.send(self.now());
    }

    /// Learns what there is to fetch.
    pub(super) fn expect(&mut self, wanted: &VecDeque<Wanted>) {
        self.progress.messages_total = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
        self.progress.octets_total = wanted
            .iter()
            .fold(0, |sum, wanted| sum.saturating_add(wanted.octets));
    }

    /// Counts octets of a message.
    pub(super) fn octets(&mut self, octets: usize) {
        self.progress.octets_done += octets as u64;
        self.send_if_due();
    }

    /// Counts a message.
    pub(super) fn message(&mut self) {
        self.progress.messages_done += 1;
        self.send_if_due();
    }

    fn send_if_due(&mut self) {
        let now = self.now();
        if now.saturating_sub(self.reported) >= REPORT_INTERVAL {
            self.send(now);
        }
    }

    fn send(&mut self, now: Duration) {
        let done = self.progress.octets_done;
        self.samples.push_back((now, done));
        while self.samples.len() > 2
            && self
                .samples
                .front()
                .is_some_and(|(at, _)| now.saturating_sub(*at) > RATE_SPAN)
        {
            self.samples.pop_front();
        }
        if let Some((at, before)) = self.samples.front() {
            let milliseconds = now.saturating_sub(*at).as_millis().max(1);
            let rate = u128::from(done - before) * 1000 / milliseconds;
            self.progress.octets_per_second = u64::try_from(rate).unwrap_or(u64::MAX);
        }
        self.reported = now;
        (self.report)(self.progress.clone());
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use futures::future::LocalBoxFuture;

    use super::*;

    #[derive(Clone, Default)]
    struct Hand(Rc<Cell<Duration>>);

    impl Clock for Hand {
        fn now(&self) -> Duration {
            self.0.get()
        }

        fn sleep(&self, _duration: Duration) -> LocalBoxFuture<'static, ()> {
            Box::pin(futures::future::pending())
        }
    }

    #[test]
    fn reports_are_at_most_ten_a_second_and_the_rate_is_of_the_last_seconds() {
        let hand = Hand::default();
        hand.0.set(Duration::from_secs(1));
        let mut reports = Vec::new();
        let mut report = |progress: Progress| reports.push(progress);
        let mut meter = Meter::new(None, hand.clone(), &mut report);
        meter.stage(Stage::Fetching);
        for _ in 0..10_000 {
            hand.0.set(hand.0.get() + Duration::from_millis(1));
            meter.octets(100);
        }
        meter.stage(Stage::Finishing);
        assert!((100..=102).contains(&reports.len()), "{}", reports.len());
        let last = reports.last().unwrap();
        assert_eq!(
            (last.stage, last.octets_done),
            (Stage::Finishing, 1_000_000)
        );
        assert!((99_000..=101_000).contains(&last.octets_per_second));
    }
}
