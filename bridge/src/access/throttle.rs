//! Throttling of guesses: after a few failures a client has to wait before its next attempt, longer
//! each time.
//!
//! An attempt is counted as a failure before it is verified, and the count is reverted if it succeeds.
//! So a client gains nothing by disconnecting early or by many attempts at once. The failures of one
//! client delay no other, except those that share its address (or its /64 of IPv6). A page that is
//! signed in already needs no further attempt.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::denial::Denial;

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
pub(super) struct AttemptThrottle(Mutex<HashMap<IpAddr, FailureRecord>>);

#[derive(Debug, Default)]
struct FailureRecord {
    failures: u32,
    last: Option<Instant>,
    waiting: u32,
}

impl FailureRecord {
    fn free_at(&self) -> Option<Instant> {
        let paid = self.failures.checked_sub(FREE)?;
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
    before: Option<Instant>,
    at: Instant,
}

impl AttemptThrottle {
    /// Begins an attempt of `client` (an address, or the first one of a household).
    ///
    /// # Errors
    /// [`Denial`] if the client has to wait, or has too many attempts under way.
    pub(super) fn begin(&self, client: IpAddr) -> Result<SignInAttempt<'_>, Denial> {
        let now = Instant::now();
        let mut clients = self.clients();
        if clients
            .get(&client)
            .is_some_and(|known| known.is_forgotten(now))
        {
            clients.remove(&client);
        }
        if !clients.contains_key(&client) && clients.len() >= MAX_CLIENTS {
            make_room(&mut clients, now)?;
        }
        let known = clients.entry(client).or_default();
        may_try(known, now)?;
        if known.waiting >= MAX_WAITING {
            return Err(Denial::Busy);
        }
        known.waiting += 1;
        Ok(SignInAttempt {
            throttle: self,
            client,
        })
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<IpAddr, FailureRecord>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn may_try(client: &FailureRecord, now: Instant) -> Result<(), Denial> {
    match client.free_at() {
        Some(at) if at > now => Err(Denial::TooEarly(at - now)),
        Some(_) | None => Ok(()),
    }
}

fn make_room(clients: &mut HashMap<IpAddr, FailureRecord>, now: Instant) -> Result<(), Denial> {
    clients.retain(|_, client| !client.is_forgotten(now));
    if clients.len() < MAX_CLIENTS {
        return Ok(());
    }
    let idle = clients.iter().filter(|(_, client)| client.waiting == 0);
    let first = idle.min_by_key(|(_, client)| client.free_at().or(client.last));
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
        let client = clients.entry(self.client).or_default();
        may_try(client, now)?;
        client.failures = client.failures.saturating_add(1);
        let before = client.last.replace(now);
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
        if let Some(client) = clients.get_mut(&self.client) {
            client.waiting = client.waiting.saturating_sub(1);
            if client.waiting == 0 && client.failures == 0 {
                clients.remove(&self.client);
            }
        }
    }
}

impl CountedAttempt<'_> {
    /// Reverts the failure.
    pub(super) fn succeeded(self) {
        let mut clients = self.of.throttle.clients();
        if let Some(client) = clients.get_mut(&self.of.client) {
            client.failures = client.failures.saturating_sub(1);
            if client.last == Some(self.at) {
                client.last = self.before;
            }
        }
    }

    /// Confirms the failure, and returns the pause that follows it.
    pub(super) fn failed(self) -> Option<Duration> {
        let clients = self.of.throttle.clients();
        let free_at = clients.get(&self.of.client)?.free_at()?;
        Some(free_at.saturating_duration_since(Instant::now()))
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
        assert!(!throttle.clients().contains_key(&address(2)));
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
