//! How often a client may do something: so many times at once, and then as often as a minute goes on.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::one_household;

const MINUTE: Duration = Duration::from_secs(60);

/// How many clients are remembered, at some 64 octets each. Nobody is for more than a minute.
const MOST_CLIENTS: usize = 8192;

/// A token bucket for each client, which holds a minute's worth.
///
/// Instead of tokens it keeps the instant at which the bucket will be full again: a bucket that is
/// full is one that nothing needs to be known of.
#[derive(Debug)]
pub(super) struct Rate {
    interval: Duration,
    full_at: Mutex<HashMap<IpAddr, Instant>>,
}

impl Rate {
    /// At most `per_minute` times a minute, at least once.
    pub(super) fn new(per_minute: u32) -> Self {
        Self {
            interval: MINUTE / per_minute.max(1),
            full_at: Mutex::default(),
        }
    }

    /// Takes a token of `client`'s, and says whether there was one.
    ///
    /// Where more clients than can be remembered come within a minute, the others are not held to
    /// the rate: it bounds what one client does, and what all do is bounded elsewhere.
    pub(super) fn take(&self, client: IpAddr, now: Instant) -> bool {
        let client = one_household(client);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= MOST_CLIENTS {
            full_at.retain(|_, full_at| *full_at > now);
        }
        let current = full_at
            .get(&client)
            .map_or(now, |full_at| now.max(*full_at));
        let next = current + self.interval;
        if next > now + MINUTE {
            return false;
        }
        if full_at.len() < MOST_CLIENTS || full_at.contains_key(&client) {
            full_at.insert(client, next);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn a_minutes_worth_at_once_and_then_as_time_goes_on() {
        let (rate, now) = (Rate::new(6), Instant::now());
        for _ in 0..6 {
            assert!(rate.take(CLIENT, now));
        }
        assert!(!rate.take(CLIENT, now));
        assert!(rate.take(OTHER, now));
        let almost = now + Duration::from_millis(9_999);
        assert!(!rate.take(CLIENT, almost));
        let then = now + Duration::from_secs(10);
        assert!(rate.take(CLIENT, then) && !rate.take(CLIENT, then));
        let later = now + Duration::from_secs(600);
        for _ in 0..6 {
            assert!(rate.take(CLIENT, later));
        }
        assert!(!rate.take(CLIENT, later));
    }

    #[test]
    fn it_remembers_only_so_many_and_forgets() {
        let (rate, now) = (Rate::new(1), Instant::now());
        let clients =
            |first: u32| (first..).map(|number| IpAddr::from(Ipv4Addr::from_bits(number)));
        for client in clients(0).take(3 * MOST_CLIENTS) {
            assert!(rate.take(client, now));
        }
        assert_eq!(rate.full_at.lock().unwrap().len(), MOST_CLIENTS);
        // Who is remembered is held to the rate, whoever else comes.
        assert!(!rate.take(Ipv4Addr::from_bits(7).into(), now));
        let later = now + MINUTE;
        assert!(rate.take(CLIENT, later));
        assert_eq!(rate.full_at.lock().unwrap().len(), 1);
    }
}
