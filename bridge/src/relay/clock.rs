//! When a relay has lasted, been silent or been stuck for too long. One timer serves it all.

use std::time::Duration;

use tokio::time::Instant;

use super::ending::Ending;
use crate::limits::Limits;

/// What one relay has carried, and when who last did what.
#[derive(Debug)]
pub(super) struct Clock {
    began: Instant,
    /// Octets went through, either way.
    moved: Instant,
    /// The client sent something, if only a pong.
    heard: Instant,
    /// The client was sent something, if only a ping.
    spoke: Instant,
    /// Since when the client takes nothing of what it is to be sent.
    client_stuck: Option<Instant>,
    /// Since when the target takes nothing of what it is to be sent.
    target_stuck: Option<Instant>,
    /// Since when the client keeps a buffer, however much it takes.
    client_slow: Option<Instant>,
    /// Since when the target keeps one.
    target_slow: Option<Instant>,
    to_target: u64,
    to_client: u64,
    /// All that the client has sent, frames that are not for the target included.
    received: u64,
}

/// What the time says.
#[derive(Debug)]
pub(super) enum Due {
    /// Nothing; to be asked again at this time, or when a side gets stuck.
    Later(Instant),
    /// The client was told nothing for so long that it has to be asked for a sign of life.
    Ping,
    /// The relay is over.
    End(Ending),
}

impl Clock {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            began: now,
            moved: now,
            heard: now,
            spoke: now,
            client_stuck: None,
            target_stuck: None,
            client_slow: None,
            target_slow: None,
            to_target: 0,
            to_client: 0,
            received: 0,
        }
    }

    /// Octets that the target has taken from the client.
    pub(super) fn to_target(&self) -> u64 {
        self.to_target
    }

    /// Octets that the client has taken from the target.
    pub(super) fn to_client(&self) -> u64 {
        self.to_client
    }

    /// How long the relay has lasted, in milliseconds.
    pub(super) fn milliseconds(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// All octets that count against [`Limits::relay_octets`].
    pub(super) fn octets(&self) -> u64 {
        self.received + self.to_client
    }

    /// The client has sent so many octets.
    pub(super) fn hear(&mut self, octets: usize, now: Instant) {
        self.received += octets as u64;
        self.heard = now;
    }

    /// The client has taken something.
    pub(super) fn speak(&mut self, now: Instant) {
        self.spoke = now;
        self.client_stuck = None;
    }

    /// The target has taken so many octets.
    pub(super) fn count_to_target(&mut self, octets: usize, now: Instant) {
        self.to_target += octets as u64;
        self.moved = now;
        self.target_stuck = None;
    }

    /// The client has been sent a message of so many octets.
    pub(super) fn count_to_client(&mut self, octets: usize, now: Instant) {
        self.to_client += octets as u64;
        self.moved = now;
    }

    /// The client takes nothing at the moment.
    pub(super) fn client_is_stuck(&mut self, now: Instant) {
        self.client_stuck.get_or_insert(now);
        self.client_slow.get_or_insert(now);
    }

    /// The client has taken all there was.
    pub(super) fn client_is_not_stuck(&mut self) {
        self.client_stuck = None;
        self.client_slow = None;
    }

    /// The target takes nothing at the moment.
    pub(super) fn target_is_stuck(&mut self, now: Instant) {
        self.target_stuck.get_or_insert(now);
        self.target_slow.get_or_insert(now);
    }

    /// The target has taken all there was.
    pub(super) fn target_is_not_stuck(&mut self) {
        self.target_slow = None;
    }

    /// When to ask again, because a side is stuck.
    pub(super) fn stuck_until(&self, limits: &Limits) -> Option<Instant> {
        let since = match (self.client_stuck, self.target_stuck) {
            (Some(client), Some(target)) => client.min(target),
            (client, target) => client.or(target)?,
        };
        Some(since + least_patience(limits))
    }

    /// Says what is due at `now`; `short` of buffers, less patience is had with who is stuck.
    pub(super) fn due(&self, now: Instant, limits: &Limits, short: bool) -> Due {
        let patience = patience(limits, short);
        // Who takes a little now and then is only in the way where somebody waits for that buffer.
        let slowness = if short {
            limits.send_time
        } else {
            limits.relay_time
        };
        let mut next = now + limits.ping_interval;
        for (since, limit, ending) in [
            (Some(self.moved), limits.idle_time, Ending::Idle),
            (Some(self.began), limits.relay_time, Ending::TooOld),
            (self.client_stuck, patience, Ending::ClientStuck),
            (self.target_stuck, patience, Ending::TargetStuck),
            (self.client_slow, slowness, Ending::ClientStuck),
            (self.target_slow, slowness, Ending::TargetStuck),
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
            // It may become short of buffers at any time.
            return Due::Later(next.min(now + least_patience(limits)));
        }
        let ask = self.spoke + limits.ping_interval;
        if ask > now {
            return Due::Later(next.min(ask));
        }
        // By now it was asked for a sign of life, and had the time to give one.
        if now.duration_since(self.heard) >= 2 * limits.ping_interval {
            return Due::End(Ending::ClientSilent);
        }
        Due::Ping
    }
}

/// How long a side may take nothing of what is sent to it. It keeps a buffer for as long.
fn patience(limits: &Limits, short: bool) -> Duration {
    if short {
        limits.ping_interval / 5
    } else {
        limits.stuck_time()
    }
}

/// When to look again after a side who takes nothing, or little, for the case that somebody waits then.
fn least_patience(limits: &Limits) -> Duration {
    patience(limits, true).min(limits.send_time)
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
    fn a_quiet_client_is_asked_and_then_given_up() {
        let (limits, mut clock) = (limits(), Clock::new());
        let start = clock.began;
        let Due::Later(next) = clock.due(start, &limits, false) else {
            panic!();
        };
        assert_eq!(next, start + 25 * SECOND);
        assert!(matches!(clock.due(next, &limits, false), Due::Ping));
        clock.speak(next);
        ends(
            &clock.due(next + 25 * SECOND, &limits, false),
            "client_silent",
        );
        clock.hear(1, next + SECOND);
        assert!(matches!(
            clock.due(next + 25 * SECOND, &limits, false),
            Due::Ping
        ));
    }

    #[test]
    fn who_takes_a_little_now_and_then_is_given_up_where_somebody_waits() {
        let (limits, mut clock) = (limits(), Clock::new());
        let start = clock.began;
        for seconds in 0..=30 {
            let now = start + seconds * SECOND;
            clock.speak(now);
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
        let (limits, mut clock) = (limits(), Clock::new());
        let start = clock.began;
        clock.hear(1, start + 719 * SECOND);
        clock.speak(start + 719 * SECOND);
        ends(&clock.due(start + 720 * SECOND, &limits, false), "idle");
        clock.count_to_client(1, start + 719 * SECOND);
        let Due::Later(_) = clock.due(start + 720 * SECOND, &limits, false) else {
            panic!();
        };
    }

    #[test]
    fn a_busy_relay_ends_when_it_is_too_old() {
        let (limits, mut clock) = (limits(), Clock::new());
        let end = clock.began + 1000 * SECOND;
        clock.count_to_client(1, end - SECOND);
        clock.speak(end - SECOND);
        clock.hear(1, end - SECOND);
        let Due::Later(next) = clock.due(end - SECOND, &limits, false) else {
            panic!();
        };
        assert_eq!(next, end);
        ends(&clock.due(end, &limits, false), "too_old");
    }

    #[test]
    fn who_takes_nothing_keeps_its_buffer_for_a_while_and_less_when_others_wait() {
        let (limits, mut clock) = (limits(), Clock::new());
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
        clock.speak(start + 49 * SECOND);
        assert_eq!(clock.stuck_until(&limits), None);
    }
}
