//! Throttling of guesses: after a few failures a client has to wait before its next attempt, longer
//! each time.
//!
//! An attempt is counted as a failure before it is verified, and the count is reverted if it succeeds.
//! So a client gains nothing by disconnecting early or by many attempts at once. The failures of one
//! client delay no other, except those that share its address (or its /64 of IPv6; a /48 has to fail four
//! times as often). A page that is signed in already needs no further attempt, and a right access token
//! never comes here: it is accepted during a pause as well.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::denial::Denial;
use crate::limits::{ClientNetwork, networks_of};

/// The number of failures without a pause, for typing errors.
const FREE: u32 = 5;

/// The first pause; each further failure doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// The longest pause: about a hundred attempts a day.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// The time for which a failure is remembered.
const MEMORY: Duration = Duration::from_secs(60 * 60);

/// The most clients that are remembered. Beyond it, the client whose pause ends first is forgotten.
const MAX_CLIENTS: usize = 8192;

/// The most attempts of one client that may wait for verification.
const MAX_WAITING: u32 = 16;

/// The failures of all clients.
#[derive(Debug, Default)]
pub(super) struct AttemptThrottle(Mutex<Records>);

type Records = HashMap<ClientNetwork, FailureRecord>;

#[derive(Debug, Default)]
struct FailureRecord {
    failures: u32,
    last: Option<Instant>,
    waiting: u32,
}

impl FailureRecord {
    /// Returns the end of the pause of a network with this record.
    fn free_at(&self, network: ClientNetwork) -> Option<Instant> {
        let paid = self.failures.checked_sub(FREE * network.shares())?;
        let factor = 1_u32.checked_shl(paid).unwrap_or(u32::MAX);
        Some(self.last? + FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE))
    }

    fn is_forgotten(&self, now: Instant) -> bool {
        self.waiting == 0 && self.last.is_none_or(|last| now >= last + MEMORY)
    }
}

/// One client's attempt, until it is dropped.
pub(super) struct SignInAttempt<'a> {
    throttle: &'a AttemptThrottle,
    client: IpAddr,
}

/// An attempt that is counted as a failure.
pub(super) struct CountedAttempt<'a> {
    of: &'a SignInAttempt<'a>,
    /// The last failures before this one.
    before: Vec<(ClientNetwork, Option<Instant>)>,
    at: Instant,
}

impl AttemptThrottle {
    /// Begins an attempt of `client`.
    ///
    /// # Errors
    /// [`Denial`] if the client has to wait, or has too many attempts under way.
    pub(super) fn begin(&self, client: IpAddr) -> Result<SignInAttempt<'_>, Denial> {
        let now = Instant::now();
        let mut clients = self.clients();
        for network in networks_of(client) {
            let Some(known) = clients.get(&network) else {
                continue;
            };
            if known.is_forgotten(now) {
                clients.remove(&network);
                continue;
            }
            may_try(network, known, now)?;
            if known.waiting >= MAX_WAITING * network.shares() {
                return Err(Denial::Busy);
            }
        }
        for network in networks_of(client) {
            if !clients.contains_key(&network) && clients.len() >= MAX_CLIENTS {
                make_room(&mut clients, now)?;
            }
        }
        for network in networks_of(client) {
            clients.entry(network).or_default().waiting += 1;
        }
        Ok(SignInAttempt {
            throttle: self,
            client,
        })
    }

    fn clients(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn may_try(network: ClientNetwork, known: &FailureRecord, now: Instant) -> Result<(), Denial> {
    match known.free_at(network) {
        Some(at) if at > now => Err(Denial::TooEarly(at - now)),
        Some(_) | None => Ok(()),
    }
}

fn make_room(clients: &mut Records, now: Instant) -> Result<(), Denial> {
    clients.retain(|_, client| !client.is_forgotten(now));
    if clients.len() < MAX_CLIENTS {
        return Ok(());
    }
    let idle = clients.iter().filter(|(_, client)| client.waiting == 0);
    let first = idle.min_by_key(|(network, client)| client.free_at(**network).or(client.last));
    let first = first.map(|(address, _)| *address).ok_or(Denial::Busy)?;
    clients.remove(&first);
    Ok(())
}

impl SignInAttempt<'_> {
    /// Counts a failure, to be reverted on success. Other attempts of the client may have failed since this
    /// one began.
    ///
    /// # Errors
    /// [`Denial`] if the client has to wait.
    pub(super) fn count(&self) -> Result<CountedAttempt<'_>, Denial> {
        let now = Instant::now();
        let mut clients = self.throttle.clients();
        for network in networks_of(self.client) {
            if let Some(known) = clients.get(&network) {
                may_try(network, known, now)?;
            }
        }
        let count = |network| {
            let known = clients.entry(network).or_default();
            known.failures = known.failures.saturating_add(1);
            (network, known.last.replace(now))
        };
        let before = networks_of(self.client).map(count).collect();
        Ok(CountedAttempt {
            of: self,
            before,
            at: now,
        })
    }
}

impl Drop for SignInAttempt<'_> {
    fn drop(&mut self) {
        let mut clients = self.throttle.clients();
        for network in networks_of(self.client) {
            if let Some(known) = clients.get_mut(&network) {
                known.waiting = known.waiting.saturating_sub(1);
                if known.waiting == 0 && known.failures == 0 {
                    clients.remove(&network);
                }
            }
        }
    }
}

impl CountedAttempt<'_> {
    /// Reverts the failure.
    pub(super) fn succeeded(self) {
        let mut clients = self.of.throttle.clients();
        for (network, before) in self.before {
            if let Some(known) = clients.get_mut(&network) {
                known.failures = known.failures.saturating_sub(1);
                if known.last == Some(self.at) {
                    known.last = before;
                }
            }
        }
    }

    /// Confirms the failure, and returns the pause that follows it.
    pub(super) fn failed(self) -> Option<Duration> {
        let clients = self.of.throttle.clients();
        let pauses = networks_of(self.of.client)
            .filter_map(|network| clients.get(&network)?.free_at(network));
        Some(pauses.max()?.saturating_duration_since(Instant::now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn fail(throttle: &AttemptThrottle, client: IpAddr) -> Result<Option<Duration>, Denial> {
        let one = throttle.begin(client)?;
        Ok(one.count()?.failed())
    }

    fn succeed(throttle: &AttemptThrottle, client: IpAddr) -> Result<(), Denial> {
        throttle.begin(client)?.count()?.succeeded();
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_begins_late_and_doubles_to_its_bound() {
        let throttle = AttemptThrottle::default();
        let mut pauses = Vec::new();
        for _ in 0..16 {
            let pause = fail(&throttle, address(1)).unwrap().unwrap_or_default();
            pauses.push(pause.as_secs());
            tokio::time::advance(pause).await;
        }
        assert_eq!(pauses[..8], [0, 0, 0, 0, 5, 10, 20, 40]);
        assert_eq!(pauses[12..], [900; 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_waits_for_its_own_failures_only_and_not_for_ever() {
        let throttle = AttemptThrottle::default();
        for _ in 0..FREE {
            fail(&throttle, address(1)).unwrap();
        }
        let early = throttle.begin(address(1)).err();
        assert_eq!(early, Some(Denial::TooEarly(FIRST_PAUSE)));
        succeed(&throttle, address(2)).unwrap();
        tokio::time::advance(FIRST_PAUSE).await;
        succeed(&throttle, address(1)).unwrap();
        // A success does not clear the failures before it.
        assert_eq!(fail(&throttle, address(1)), Ok(Some(2 * FIRST_PAUSE)));
        tokio::time::advance(MEMORY).await;
        assert_eq!(fail(&throttle, address(1)), Ok(None));
    }

    #[tokio::test(start_paused = true)]
    async fn parallel_attempts_do_not_evade_the_pause_and_successes_cost_nothing() {
        let throttle = AttemptThrottle::default();
        let begun: Vec<_> = (0..MAX_WAITING)
            .map(|_| throttle.begin(address(1)).unwrap())
            .collect();
        assert_eq!(throttle.begin(address(1)).err(), Some(Denial::Busy));
        let counted = begun.iter().filter(|one| one.count().is_ok()).count();
        assert_eq!(counted, FREE as usize);
        drop(begun);

        for _ in 0..100 {
            succeed(&throttle, address(2)).unwrap();
        }
        assert!(networks_of(address(2)).all(|network| !throttle.clients().contains_key(&network)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_site_waits_for_the_failures_of_all_its_networks() {
        let throttle = AttemptThrottle::default();
        let of_site = |net| IpAddr::from([0x2001, 0xdb8, 5, net, 0, 0, 0, 1]);
        let mut failures = 0;
        while let Ok(pause) = fail(&throttle, of_site(failures)) {
            failures += 1;
            assert_eq!(pause.is_some(), u32::from(failures) == 4 * FREE);
        }
        assert_eq!(u32::from(failures), 4 * FREE);
        succeed(&throttle, IpAddr::from([0x2001, 0xdb8, 6, 0, 0, 0, 0, 1])).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_and_keeps_the_longest_pauses() {
        let throttle = AttemptThrottle::default();
        for _ in 0..FREE {
            fail(&throttle, address(1)).unwrap();
        }
        for number in (0_u32..).take(2 * MAX_CLIENTS) {
            fail(&throttle, IpAddr::from(number.to_be_bytes())).unwrap();
        }
        assert_eq!(throttle.clients().len(), MAX_CLIENTS);
        assert!(throttle.begin(address(1)).is_err());
    }
}
