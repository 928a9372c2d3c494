//! Progress: counts and a rate, in at most ten reports per second. The last report is never omitted.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures::future::{Either, select};

use crate::api::check::{Progress, Stage};
use crate::api::ids::MailboxId;
use crate::clock::Clock;
use crate::engine::server::stream::StepTimer;

/// The least time between two reports of one stage.
const REPORT_INTERVAL: Duration = Duration::from_millis(100);

/// The time over which the rate is measured.
const RATE_SPAN: Duration = Duration::from_secs(3);

/// Counts and reports the bytes and messages that arrive.
pub(in crate::engine) struct Meter<'a, C> {
    clock: C,
    report: &'a mut dyn FnMut(Progress),
    progress: Progress,
    reported: Duration,
    /// True if something has arrived since the last report.
    has_news: bool,
    /// Expires when a report is due.
    timer: StepTimer,
    /// Times and the bytes that had arrived by then, over the last [`RATE_SPAN`], oldest first.
    samples: VecDeque<(Duration, u64)>,
}

impl<'a, C: Clock> Meter<'a, C> {
    /// Begins a check.
    pub(in crate::engine) fn new(
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
            has_news: false,
            timer: StepTimer::default(),
            samples: VecDeque::new(),
        }
    }

    /// Returns the time since 1970.
    pub(in crate::engine) fn now(&self) -> Duration {
        self.clock.now()
    }

    /// Enters a stage, and reports it at once.
    pub(in crate::engine) fn stage(&mut self, stage: Stage) {
        self.progress.stage = stage;
        self.send(self.now());
    }

    /// Sets the messages and bytes that are still to fetch.
    pub(in crate::engine) fn expect(&mut self, messages: usize, octets: u64) {
        let messages = u32::try_from(messages).unwrap_or(u32::MAX);
        self.progress.messages_total = self.progress.messages_done.saturating_add(messages);
        self.progress.octets_total = self.progress.octets_done.saturating_add(octets);
    }

    /// Counts bytes of a message.
    pub(in crate::engine) fn octets(&mut self, octets: usize) {
        self.progress.octets_done += octets as u64;
        self.send_if_due();
    }

    /// Counts a message.
    pub(in crate::engine) fn message(&mut self) {
        self.progress.messages_done += 1;
        self.send_if_due();
    }

    /// Waits for a step. Reports meanwhile, if a report is outstanding.
    pub(in crate::engine) async fn watch<T>(&mut self, step: impl Future<Output = T>) -> T {
        let mut step = pin!(step);
        if let Poll::Ready(done) = poll_fn(|cx| Poll::Ready(step.as_mut().poll(cx))).await {
            return done;
        }
        if self.has_news {
            let since = self.now().saturating_sub(self.reported);
            let pause = REPORT_INTERVAL.saturating_sub(since);
            let Self { timer, clock, .. } = self;
            let due = async {
                let due = pin!(timer.after(clock, pause));
                match select(&mut step, due).await {
                    Either::Left((done, _)) => Some(done),
                    Either::Right(_) => None,
                }
            };
            if let Some(done) = due.await {
                return done;
            }
            self.send(self.now());
        }
        step.await
    }

    /// Sends an outstanding report, before a step that may take a while.
    pub(in crate::engine) fn catch_up(&mut self) {
        if self.has_news {
            self.send(self.now());
        }
    }

    fn send_if_due(&mut self) {
        self.has_news = true;
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
        self.has_news = false;
        (self.report)(self.progress.clone());
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn there_are_at_most_ten_reports_per_second_and_the_rate_is_recent() {
        let clock = ManualClock::default();
        clock.0.set(Duration::from_secs(1));
        let mut reports = Vec::new();
        let mut report = |progress: Progress| reports.push(progress);
        let mut meter = Meter::new(None, clock.clone(), &mut report);
        meter.stage(Stage::Fetching);
        for _ in 0..10_000 {
            clock.0.set(clock.0.get() + Duration::from_millis(1));
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

    #[test]
    fn the_last_message_of_a_burst_is_reported_while_nothing_arrives() {
        let clock = ManualClock::default();
        clock.0.set(Duration::from_secs(1));
        let done = Rc::new(Cell::new(0));
        let seen = Rc::clone(&done);
        let mut report = move |progress: Progress| seen.set(progress.messages_done);
        let mut meter = Meter::new(None, clock, &mut report);
        meter.stage(Stage::Fetching);
        for _ in 0..60 {
            meter.message();
        }
        assert_eq!(done.get(), 0);
        let mut waiting = Box::pin(meter.watch(futures::future::pending::<()>()));
        assert!(futures::FutureExt::now_or_never(&mut waiting).is_none());
        assert_eq!(done.get(), 60);
    }
}
