//! How much may be asked for ahead of its arrival.
//!
//! A server that is asked for one message after the other rests for a round trip between two of them.
//! So more are asked for ahead (`PIPELINING`, [RFC 2449 §6.6]), but no more than keeps the line busy:
//! a WebSocket in a tab has no back-pressure, so what is in flight may pile up in memory. The window
//! is bounded in octets and in commands. It begins at a half of the one bound, and becomes four times
//! what arrived within a round trip, as soon as it has arrived, so the line is full after one or two.
//! It never shrinks by itself: a window that is larger than the line costs memory within its bound,
//! and nothing else.
//!
//! What is [remembered](Pipelining) is where the next session begins. A server that gets out of step
//! is asked for one message at a time from then on.

use std::time::Duration;

use crate::engine::mailboxes::server_profile::Pipelining;

/// Where a mailbox begins: it fills 1 Gbit/s over a round trip of 60 ms. Less would cost every first
/// check a round trip or two; what a slow line has in flight too early costs memory, within its bound.
const FIRST_OCTETS: u64 = 8 * 1024 * 1024;
/// Where a mailbox begins, in commands.
const FIRST_COMMANDS: u32 = 200;

/// The most octets in flight, but for the rest of one message: it fills 1 Gbit/s over a round trip of
/// 100 ms, and is the most that may pile up in a tab.
const MOST_OCTETS: u64 = 16 * 1024 * 1024;
/// The most commands in flight. They fit into the smallest receive buffer that servers have had,
/// 8 KB, so that sending them never waits for a server which itself waits to be read
/// ([RFC 2449 §6.6]: "the client must not exceed the window").
const MOST_COMMANDS: u32 = 500;

/// How many times what arrives within a round trip is in flight. Twice would fill the line, but takes
/// twice as long to find out how much that is.
const GROWTH: u128 = 4;

/// The shortest time over which arrivals are counted: clocks and timers in a tab are no finer, and
/// on a fast line the server's own pauses are longer than the round trip.
const LEAST_ROUND: Duration = Duration::from_millis(10);

/// Bounds what is in flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Window {
    commands: u32,
    octets: u64,
    /// Whether it may grow.
    ahead: bool,
    round_trip: Duration,
    /// What has arrived since when.
    since: Option<Duration>,
    arrived_octets: u64,
    arrived_messages: u32,
}

impl Window {
    /// Begins a session, in which the shortest answer took `round_trip`.
    pub(in crate::engine) fn new(
        ahead: bool,
        remembered: Pipelining,
        round_trip: Option<Duration>,
    ) -> Self {
        let ahead = ahead && !remembered.broken;
        Self {
            commands: match ahead {
                true => remembered.commands.clamp(FIRST_COMMANDS, MOST_COMMANDS),
                false => 1,
            },
            octets: remembered.octets.clamp(FIRST_OCTETS, MOST_OCTETS),
            ahead,
            round_trip: round_trip.unwrap_or_default().max(LEAST_ROUND),
            since: None,
            arrived_octets: 0,
            arrived_messages: 0,
        }
    }

    /// Whether another message may be asked for while so much is in flight. One always may while
    /// nothing is, and the last one may exceed the window: it would be as large alone.
    pub(in crate::engine) fn has_room(&self, commands: usize, octets: u64) -> bool {
        let room = |commands: u32| commands < self.commands && octets < self.octets;
        u32::try_from(commands).is_ok_and(|commands| commands == 0 || room(commands))
    }

    /// Whether so little is in flight that it is time to ask for more: not after each message, so
    /// that commands share a packet.
    pub(in crate::engine) fn is_low(&self, commands: usize, octets: u64) -> bool {
        let low = |part: u64, whole: u64| part.saturating_mul(4) <= whole.saturating_mul(3);
        low(commands as u64, u64::from(self.commands)) && low(octets, self.octets)
    }

    /// Octets of messages have arrived.
    pub(in crate::engine) fn arrived(&mut self, now: Duration, octets: usize) {
        self.arrived_octets = self.arrived_octets.saturating_add(octets as u64);
        self.look(now);
    }

    /// A message has arrived whole, or was refused.
    pub(in crate::engine) fn answered(&mut self, now: Duration) {
        self.arrived_messages = self.arrived_messages.saturating_add(1);
        self.look(now);
    }

    fn look(&mut self, now: Duration) {
        let since = *self.since.get_or_insert(now);
        if !self.ahead {
            return;
        }
        let round = now.saturating_sub(since).max(self.round_trip);
        // A round may take longer than a round trip: only that share of it counts. What has arrived
        // of one that has just begun is the least that will.
        let times = |arrived: u64| {
            let share = u128::from(arrived) * GROWTH * self.round_trip.as_micros();
            u64::try_from(share / round.as_micros().max(1)).unwrap_or(u64::MAX)
        };
        let commands = u32::try_from(times(self.arrived_messages.into())).unwrap_or(u32::MAX);
        self.octets = self.octets.max(times(self.arrived_octets)).min(MOST_OCTETS);
        self.commands = self.commands.max(commands).min(MOST_COMMANDS);
        if now.saturating_sub(since) >= self.round_trip {
            self.since = Some(now);
            self.arrived_octets = 0;
            self.arrived_messages = 0;
        }
    }

    /// Notes where the next session may begin.
    pub(in crate::engine) fn remember(&self, remembered: &mut Pipelining) {
        if self.ahead {
            remembered.commands = self.commands;
            remembered.octets = self.octets;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: u64 = 20_000;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// Fetches messages over a line, and returns the milliseconds that took and the most octets that
    /// were in flight. The line moves `rate` octets a millisecond and is `round_trip` long.
    fn fetch(window: &mut Window, messages: u64, rate: u64, round_trip: u64) -> (u64, u64) {
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

    fn new(round_trip: u64) -> Window {
        Window::new(true, Pipelining::default(), Some(millis(round_trip)))
    }

    #[test]
    fn a_line_is_full_after_a_few_round_trips() {
        // 115 MB at 60 MB/s over 40 ms: the line itself takes 1.9 s.
        let (taken, most) = fetch(&mut new(40), 5_750, 60_000, 40);
        assert!(taken < 2_100, "{taken} ms");
        assert!(most <= MOST_OCTETS + MESSAGE, "{most}");
    }

    #[test]
    fn what_was_learned_saves_the_beginning() {
        let mut remembered = Pipelining::default();
        let mut first = new(40);
        // 400 MB/s.
        let (slow, _) = fetch(&mut first, 1_000, 400_000, 40);
        first.remember(&mut remembered);
        let mut second = Window::new(true, remembered, Some(millis(40)));
        let (fast, _) = fetch(&mut second, 1_000, 400_000, 40);
        assert!(fast + 20 < slow, "{fast} ms after {slow} ms");
    }

    #[test]
    fn a_slow_line_has_little_in_flight() {
        // 1 MB/s over 100 ms.
        let (_, most) = fetch(&mut new(100), 500, 1_000, 100);
        assert!(most <= FIRST_OCTETS + MESSAGE, "{most}");
    }

    #[test]
    fn a_window_is_bounded_however_fast_the_line() {
        let mut window = new(500);
        fetch(&mut window, 20_000, 10_000_000, 500);
        assert_eq!(
            (window.commands, window.octets),
            (MOST_COMMANDS, MOST_OCTETS)
        );
        assert!(!window.has_room(500, 0) && !window.has_room(1, MOST_OCTETS));
    }

    #[test]
    fn one_by_one_stays_so() {
        let broken = Pipelining {
            broken: true,
            commands: 500,
            octets: 8_000_000,
        };
        for (ahead, remembered) in [(false, Pipelining::default()), (true, broken)] {
            let mut window = Window::new(ahead, remembered, Some(millis(1)));
            fetch(&mut window, 100, 1_000_000, 1);
            assert!(window.has_room(0, 0) && !window.has_room(1, 0));
            let mut kept = remembered;
            window.remember(&mut kept);
            assert_eq!(kept, remembered);
        }
    }

    #[test]
    fn any_message_may_be_asked_for_alone() {
        assert!(new(1).has_room(0, u64::MAX));
    }
}
