//! The pipelining window: bounds the messages in flight.
//!
//! A server that is asked for one message after the other is idle for a round trip between two of
//! them. So several are asked for ahead (`PIPELINING`, [RFC 2449 §6.6]), but only as many as keep the
//! connection busy: a WebSocket in a tab has no back-pressure, so the bytes in flight may pile up in
//! memory. The window is bounded in bytes and in commands. It begins at a half of the byte bound. Then
//! it grows to four times the data that arrived within a round trip, so the connection is full after
//! one or two round trips. It never shrinks: a window that is too large costs only memory, within its
//! bound.
//!
//! The next session begins with the [learned](Pipelining) window. A server that gets out of step is
//! asked for one message at a time from then on.

use std::time::Duration;

use crate::engine::mailboxes::lesson::Lesson;
use crate::engine::mailboxes::server_profile::Pipelining;

/// The first window of a mailbox, in bytes: it fills 1 Gbit/s at a round trip of 60 ms. Less would cost
/// every first check a round trip or two. On a slow connection, a large window costs only memory.
const FIRST_BYTES: u64 = 8 * 1024 * 1024;
/// The first window of a mailbox, in commands.
const FIRST_COMMANDS: u32 = 200;

/// The largest window in bytes, which one message may exceed: it fills 1 Gbit/s at a round trip of
/// 100 ms, and bounds the data that may pile up in a tab.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// The largest window in commands. They fit into the smallest receive buffer of known servers, 8 KB, so
/// that the client never waits to send while the server waits for the client to read ([RFC 2449 §6.6]:
/// "the client must not exceed the window").
const MAX_COMMANDS: u32 = 500;

/// The window in multiples of the data that arrives within a round trip. Two would fill the connection,
/// but would take twice as long to reach the right size.
const GROWTH: u128 = 4;

/// The shortest time over which arrivals are counted. Clocks and timers in a tab are not finer, and on
/// a fast connection the server's own pauses are longer than the round trip.
const LEAST_ROUND: Duration = Duration::from_millis(10);

/// The bounds on messages in flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct PipelineWindow {
    commands: u32,
    octets: u64,
    /// True if messages are pipelined, so that the window may grow.
    pipelining: bool,
    round_trip: Duration,
    /// The time since which arrivals are counted.
    since: Option<Duration>,
    arrived_octets: u64,
    arrived_messages: u32,
}

impl PipelineWindow {
    /// Begins a session whose fastest reply took `round_trip`.
    pub(in crate::engine) fn new(
        pipelining: bool,
        learned: Pipelining,
        round_trip: Option<Duration>,
    ) -> Self {
        let pipelining = pipelining && !learned.broken;
        Self {
            commands: match pipelining {
                true => learned.commands.clamp(FIRST_COMMANDS, MAX_COMMANDS),
                false => 1,
            },
            octets: learned.octets.clamp(FIRST_BYTES, MAX_BYTES),
            pipelining,
            round_trip: round_trip.unwrap_or_default().max(LEAST_ROUND),
            since: None,
            arrived_octets: 0,
            arrived_messages: 0,
        }
    }

    /// Returns true if another message may be asked for, given the commands and bytes in flight. One
    /// message is always allowed, and the last one may exceed the window.
    pub(in crate::engine) fn has_room(&self, commands: usize, octets: u64) -> bool {
        let room = |commands: u32| commands < self.commands && octets < self.octets;
        u32::try_from(commands).is_ok_and(|commands| commands == 0 || room(commands))
    }

    /// Returns true if it is time to ask for more messages. That is not after each message, so that
    /// commands share a packet.
    pub(in crate::engine) fn is_low(&self, commands: usize, octets: u64) -> bool {
        let low = |part: u64, whole: u64| part.saturating_mul(4) <= whole.saturating_mul(3);
        low(commands as u64, u64::from(self.commands)) && low(octets, self.octets)
    }

    /// Counts bytes of messages that have arrived.
    pub(in crate::engine) fn arrived(&mut self, now: Duration, octets: usize) {
        self.arrived_octets = self.arrived_octets.saturating_add(octets as u64);
        self.grow(now);
    }

    /// Counts a message that has arrived whole, or was refused.
    pub(in crate::engine) fn answered(&mut self, now: Duration) {
        self.arrived_messages = self.arrived_messages.saturating_add(1);
        self.grow(now);
    }

    fn grow(&mut self, now: Duration) {
        let since = *self.since.get_or_insert(now);
        if !self.pipelining {
            return;
        }
        let round = now.saturating_sub(since).max(self.round_trip);
        // A round may take longer than a round trip, and only that share of it counts. The arrivals of
        // a round that has just begun are a lower bound.
        let times = |arrived: u64| {
            let share = u128::from(arrived) * GROWTH * self.round_trip.as_micros();
            u64::try_from(share / round.as_micros().max(1)).unwrap_or(u64::MAX)
        };
        let commands = u32::try_from(times(self.arrived_messages.into())).unwrap_or(u32::MAX);
        self.octets = self.octets.max(times(self.arrived_octets)).min(MAX_BYTES);
        self.commands = self.commands.max(commands).min(MAX_COMMANDS);
        if now.saturating_sub(since) >= self.round_trip {
            self.since = Some(now);
            self.arrived_octets = 0;
            self.arrived_messages = 0;
        }
    }

    /// Returns the window with which the next session may begin.
    pub(in crate::engine) fn lesson(&self) -> Option<Lesson> {
        self.pipelining.then_some(Lesson::Window {
            commands: self.commands,
            octets: self.octets,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: u64 = 20_000;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// Fetches messages over a connection with a `rate` in bytes per millisecond, and a `round_trip` in
    /// milliseconds. Returns the time in milliseconds and the largest number of bytes in flight.
    fn fetch(window: &mut PipelineWindow, messages: u64, rate: u64, round_trip: u64) -> (u64, u64) {
        let mut asked: std::collections::VecDeque<u64> = std::collections::VecDeque::new();
        let (mut sent, mut left, mut most) = (0, messages, 0);
        let mut credit = 0;
        for now in 0.. {
            while sent < messages && window.has_room(asked.len(), asked.len() as u64 * MESSAGE) {
                asked.push_back(now + round_trip);
                sent += 1;
            }
            most = most.max(asked.len() as u64 * MESSAGE);
            credit = match asked.front() {
                Some(due) if *due <= now => credit + rate,
                _ => 0,
            };
            while credit >= MESSAGE && asked.front().is_some_and(|due| *due <= now) {
                asked.pop_front();
                credit -= MESSAGE;
                window.arrived(millis(now), usize::try_from(MESSAGE).unwrap());
                window.answered(millis(now));
                left -= 1;
            }
            if left == 0 {
                return (now, most);
            }
        }
        unreachable!()
    }

    fn new(round_trip: u64) -> PipelineWindow {
        PipelineWindow::new(true, Pipelining::default(), Some(millis(round_trip)))
    }

    #[test]
    fn a_connection_is_full_after_a_few_round_trips() {
        // 115 MB at 60 MB/s: the connection itself takes 1.9 s.
        let (taken, most) = fetch(&mut new(40), 5_750, 60_000, 40);
        assert!(taken < 2_100, "{taken} ms");
        assert!(most <= MAX_BYTES + MESSAGE, "{most}");
    }

    #[test]
    fn a_learned_window_saves_round_trips() {
        let mut learned = Pipelining::default();
        let mut first = new(40);
        // 400 MB/s.
        let (slow, _) = fetch(&mut first, 1_000, 400_000, 40);
        if let Some(Lesson::Window { commands, octets }) = first.lesson() {
            (learned.commands, learned.octets) = (commands, octets);
        }
        let mut second = PipelineWindow::new(true, learned, Some(millis(40)));
        let (fast, _) = fetch(&mut second, 1_000, 400_000, 40);
        assert!(fast + 20 < slow, "{fast} ms after {slow} ms");
    }

    #[test]
    fn a_slow_connection_has_little_in_flight() {
        // 1 MB/s over 100 ms.
        let (_, most) = fetch(&mut new(100), 500, 1_000, 100);
        assert!(most <= FIRST_BYTES + MESSAGE, "{most}");
    }

    #[test]
    fn a_window_is_bounded_on_the_fastest_connection() {
        let mut window = new(500);
        fetch(&mut window, 20_000, 10_000_000, 500);
        assert_eq!((window.commands, window.octets), (MAX_COMMANDS, MAX_BYTES));
        assert!(!window.has_room(500, 0) && !window.has_room(1, MAX_BYTES));
    }

    #[test]
    fn a_window_of_one_message_does_not_grow() {
        let broken = Pipelining {
            broken: true,
            commands: 500,
            octets: 8_000_000,
        };
        for (pipelining, learned) in [(false, Pipelining::default()), (true, broken)] {
            let mut window = PipelineWindow::new(pipelining, learned, Some(millis(1)));
            fetch(&mut window, 100, 1_000_000, 1);
            assert!(window.has_room(0, 0) && !window.has_room(1, 0));
            assert_eq!(window.lesson(), None);
        }
    }

    #[test]
    fn a_message_of_any_size_may_be_requested_alone() {
        assert!(new(1).has_room(0, u64::MAX));
    }
}
