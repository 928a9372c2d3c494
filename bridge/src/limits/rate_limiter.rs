//! The rate at which a client may act, with a burst of one minute's worth.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::household::{ClientNetwork, networks_of};

const MINUTE: Duration = Duration::from_secs(60);

/// The most clients that are remembered, at some 64 bytes each and for at most a minute.
const MAX_CLIENTS: usize = 8192;

/// A token bucket for each client, which holds a minute's worth.
///
/// Instead of tokens it stores the instant at which the bucket will be full again. A full bucket needs
/// no entry.
#[derive(Debug)]
pub(super) struct RateLimiter {
    interval: Duration,
    full_at: Mutex<HashMap<ClientNetwork, Instant>>,
}

impl RateLimiter {
    /// Creates a limiter of `per_minute` actions a minute, at least one.
    pub(super) fn new(per_minute: u32) -> Self {
        Self {
            interval: MINUTE / per_minute.max(1),
            full_at: Mutex::default(),
        }
    }

    /// Takes a token of `client`. Returns false if there is none.
    ///
    /// When more clients act within a minute than can be remembered, the others are not limited here. This
    /// limit bounds single clients; other limits bound all of them together.
    pub(super) fn take(&self, client: IpAddr, now: Instant) -> bool {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= MAX_CLIENTS {
            full_at.retain(|_, full_at| *full_at > now);
        }
        let next = |known: &HashMap<ClientNetwork, Instant>, network: ClientNetwork| {
            let current = known.get(&network).map_or(now, |full_at| now.max(*full_at));
            current + self.interval / network.shares()
        };
        if networks_of(client).any(|network| next(&full_at, network) > now + MINUTE) {
            return false;
        }
        for network in networks_of(client) {
            if full_at.len() < MAX_CLIENTS || full_at.contains_key(&network) {
                let next = next(&full_at, network);
                full_at.insert(network, next);
            }
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
    fn a_client_may_use_a_minutes_worth_at_once_and_then_its_rate() {
        let (rate, now) = (RateLimiter::new(6), Instant::now());
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
    fn a_site_has_four_times_the_rate_however_many_networks_it_uses() {
        let (rate, now) = (RateLimiter::new(6), Instant::now());
        let clients = (0..100).map(|net| IpAddr::from([0x2001, 0xdb8, 5, net, 0, 0, 0, 1]));
        let admitted = clients.filter(|client| rate.take(*client, now)).count();
        assert_eq!(admitted, 24);
        assert!(rate.take(IpAddr::from([0x2001, 0xdb8, 6, 0, 0, 0, 0, 1]), now));
    }

    #[test]
    fn memory_is_bounded_and_expires() {
        let (rate, now) = (RateLimiter::new(1), Instant::now());
        let clients =
            |first: u32| (first..).map(|number| IpAddr::from(Ipv4Addr::from_bits(number)));
        for client in clients(0).take(3 * MAX_CLIENTS) {
            assert!(rate.take(client, now));
        }
        assert_eq!(rate.full_at.lock().unwrap().len(), MAX_CLIENTS);
        // A remembered client stays limited when many others come.
        assert!(!rate.take(Ipv4Addr::from_bits(7).into(), now));
        let later = now + MINUTE;
        assert!(rate.take(CLIENT, later));
        assert_eq!(rate.full_at.lock().unwrap().len(), 1);
    }
}
