//! The timeouts of a relay: its age, its silence and its stalls. One timer serves all of them.

use std::time::Duration;

use tokio::time::Instant;

use super::ending::RelayEnding;
use crate::limits::Limits;

/// The traffic of one relay, and the times of its latest events.
#[derive(Debug)]
pub(super) struct RelayClock {
    began: Instant,
    /// The last data in either direction.
    last_data: Instant,
    /// The last bytes from the client, of any frame.
    last_received: Instant,
    /// The last bytes to the client, of any frame.
    last_accepted: Instant,
    /// The time since which the client has accepted no data, if it is stalled.
    client_stuck: Option<Instant>,
    /// The time since which the target has accepted no data, if it is stalled.
    target_stuck: Option<Instant>,
    /// The time since which the client occupies a buffer, even if it accepts some data.
    client_slow: Option<Instant>,
    /// The time since which the target occupies a buffer.
    target_slow: Option<Instant>,
    to_target: u64,
    to_client: u64,
    /// All bytes from the client, including frames that are not for the target.
    received: u64,
}

/// The action that is due.
#[derive(Debug)]
pub(super) enum Due {
    /// None. To be checked again at this time, or when a side stalls.
    Later(Instant),
    /// A ping, because the client was sent nothing for too long.
    Ping,
    /// The end of the relay.
    End(RelayEnding),
}

impl RelayClock {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            began: now,
            last_data: now,
            last_received: now,
            last_accepted: now,
            client_stuck: None,
            target_stuck: None,
            client_slow: None,
            target_slow: None,
            to_target: 0,
            to_client: 0,
            received: 0,
        }
    }

    /// Returns the bytes that the target has accepted.
    pub(super) fn to_target(&self) -> u64 {
        self.to_target
    }

    /// Returns the bytes that the client was sent.
    pub(super) fn to_client(&self) -> u64 {
        self.to_client
    }

    /// Returns the age of the relay in milliseconds.
    pub(super) fn milliseconds(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Returns the bytes that count against [`Limits::relay_octets`].
    pub(super) fn bytes(&self) -> u64 {
        self.received + self.to_client
    }

    /// Records bytes from the client.
    pub(super) fn record_received(&mut self, bytes: usize, now: Instant) {
        self.received += bytes as u64;
        self.last_received = now;
    }

    /// Records that the client has accepted bytes.
    pub(super) fn record_accepted(&mut self, now: Instant) {
        self.last_accepted = now;
        self.client_stuck = None;
    }

    /// Records bytes that the target has accepted.
    pub(super) fn count_to_target(&mut self, bytes: usize, now: Instant) {
        self.to_target += bytes as u64;
        self.last_data = now;
        self.target_stuck = None;
    }

    /// Records a message to the client with a payload of this many bytes.
    pub(super) fn count_to_client(&mut self, bytes: usize, now: Instant) {
        self.to_client += bytes as u64;
        self.last_data = now;
    }

    /// Records that the client accepts no data at the moment.
    pub(super) fn client_is_stuck(&mut self, now: Instant) {
        self.client_stuck.get_or_insert(now);
        self.client_slow.get_or_insert(now);
    }

    /// Records that the client has accepted all data.
    pub(super) fn client_is_not_stuck(&mut self) {
        self.client_stuck = None;
        self.client_slow = None;
    }

    /// Records that the target accepts no data at the moment.
    pub(super) fn target_is_stuck(&mut self, now: Instant) {
        self.target_stuck.get_or_insert(now);
        self.target_slow.get_or_insert(now);
    }

    /// Records that the target has accepted all data.
    pub(super) fn target_is_not_stuck(&mut self) {
        self.target_slow = None;
    }

    /// Returns the time of the next check because of a stalled side.
    pub(super) fn stuck_until(&self, limits: &Limits) -> Option<Instant> {
        let since = match (self.client_stuck, self.target_stuck) {
            (Some(client), Some(target)) => client.min(target),
            (client, target) => client.or(target)?,
        };
        Some(since + shortest_stall_timeout(limits))
    }

    /// Returns the action that is due at `now`. If buffers are `short`, stalled sides are given up earlier.
    pub(super) fn due(&self, now: Instant, limits: &Limits, short: bool) -> Due {
        let stall_timeout = stall_timeout(limits, short);
        // A slow side is only a problem if another relay waits for its buffer.
        let slowness = if short {
            limits.send_time
        } else {
            limits.relay_time
        };
        let mut next = now + limits.ping_interval;
        for (since, limit, ending) in [
            (Some(self.last_data), limits.idle_time, RelayEnding::Idle),
            (Some(self.began), limits.relay_time, RelayEnding::TooOld),
            (self.client_stuck, stall_timeout, RelayEnding::ClientStuck),
            (self.target_stuck, stall_timeout, RelayEnding::TargetStuck),
            (self.client_slow, slowness, RelayEnding::ClientStuck),
            (self.target_slow, slowness, RelayEnding::TargetStuck),
        ] {
            let Some(over) = since.and_then(|since| since.checked_add(limit)) else {
                continue;
            };
            if over <= now {
                return Due::End(ending);
            }
            next = next.min(over);
        }
        if self.client_stuck.is_some() || self.target_stuck.is_some() {
            // Buffers may become short at any time.
            return Due::Later(next.min(now + shortest_stall_timeout(limits)));
        }
        let ask = self.last_accepted + limits.ping_interval;
        if ask > now {
            return Due::Later(next.min(ask));
        }
        // The client was pinged by now, and had the time to answer.
        if now.duration_since(self.last_received) >= 2 * limits.ping_interval {
            return Due::End(RelayEnding::ClientSilent);
        }
        Due::Ping
    }
}

/// Returns the time for which a side may accept no data, and so occupy a buffer.
fn stall_timeout(limits: &Limits, short: bool) -> Duration {
    if short {
        limits.ping_interval / 5
    } else {
        limits.stuck_time()
    }
}

/// Returns the time after which a stalled or slow side is checked again, in case another relay waits.
fn shortest_stall_timeout(limits: &Limits) -> Duration {
    stall_timeout(limits, true).min(limits.send_time)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn limits() -> Limits {
        Limits {
            ping_interval: 25 * SECOND,
            idle_time: 720 * SECOND,
            relay_time: 1000 * SECOND,
            ..Limits::default()
        }
    }

    fn ends(due: &Due, word: &str) {
        match due {
            Due::End(ending) => assert_eq!(ending.word(), word),
            Due::Later(_) | Due::Ping => panic!("{due:?}"),
        }
    }

    #[test]
    fn a_silent_client_is_pinged_and_then_given_up() {
        let (limits, mut clock) = (limits(), RelayClock::new());
        let start = clock.began;
        let Due::Later(next) = clock.due(start, &limits, false) else {
            panic!();
        };
        assert_eq!(next, start + 25 * SECOND);
        assert!(matches!(clock.due(next, &limits, false), Due::Ping));
        clock.record_accepted(next);
        ends(
            &clock.due(next + 25 * SECOND, &limits, false),
            "client_silent",
        );
        clock.record_received(1, next + SECOND);
        assert!(matches!(
            clock.due(next + 25 * SECOND, &limits, false),
            Due::Ping
        ));
    }

    #[test]
    fn a_slow_side_is_given_up_only_when_another_relay_waits() {
        let (limits, mut clock) = (limits(), RelayClock::new());
        let start = clock.began;
        for seconds in 0..=30 {
            let now = start + seconds * SECOND;
            clock.record_accepted(now);
            clock.client_is_stuck(now);
            clock.count_to_target(1, now);
            clock.target_is_stuck(now);
        }
        let then = start + 30 * SECOND;
        assert!(matches!(clock.due(then, &limits, false), Due::Later(_)));
        ends(&clock.due(then, &limits, true), "client_stuck");
        clock.client_is_not_stuck();
        ends(&clock.due(then, &limits, true), "target_stuck");
        clock.target_is_not_stuck();
        assert!(matches!(clock.due(then, &limits, true), Due::Later(_)));
    }

    #[test]
    fn a_relay_that_carries_nothing_expires() {
        let (limits, mut clock) = (limits(), RelayClock::new());
        let start = clock.began;
        clock.record_received(1, start + 719 * SECOND);
        clock.record_accepted(start + 719 * SECOND);
        ends(&clock.due(start + 720 * SECOND, &limits, false), "idle");
        clock.count_to_client(1, start + 719 * SECOND);
        let Due::Later(_) = clock.due(start + 720 * SECOND, &limits, false) else {
            panic!();
        };
    }

    #[test]
    fn a_busy_relay_ends_when_it_is_too_old() {
        let (limits, mut clock) = (limits(), RelayClock::new());
        let end = clock.began + 1000 * SECOND;
        clock.count_to_client(1, end - SECOND);
        clock.record_accepted(end - SECOND);
        clock.record_received(1, end - SECOND);
        let Due::Later(next) = clock.due(end - SECOND, &limits, false) else {
            panic!();
        };
        assert_eq!(next, end);
        ends(&clock.due(end, &limits, false), "too_old");
    }

    #[test]
    fn a_stalled_side_keeps_its_buffer_for_a_while_and_for_less_when_others_wait() {
        let (limits, mut clock) = (limits(), RelayClock::new());
        let start = clock.began;
        clock.client_is_stuck(start);
        assert_eq!(clock.stuck_until(&limits), Some(start + 5 * SECOND));
        let Due::Later(next) = clock.due(start + 5 * SECOND, &limits, false) else {
            panic!();
        };
        assert_eq!(next, start + 10 * SECOND);
        ends(
            &clock.due(start + 5 * SECOND, &limits, true),
            "client_stuck",
        );
        ends(
            &clock.due(start + 50 * SECOND, &limits, false),
            "client_stuck",
        );
        clock.record_accepted(start + 49 * SECOND);
        assert_eq!(clock.stuck_until(&limits), None);
    }
}
