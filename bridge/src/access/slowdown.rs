//! Slowing down who guesses: after a few failures, one client's next try has to wait, longer each time.
//!
//! A try is counted before it is judged and taken back if it was right, so that who hangs up early, or
//! tries many at once, gains nothing. Nobody waits for somebody else's failures, apart from who shares
//! an address (or a /64 of IPv6) with them; who is signed in already has no need to try.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::denial::Denial;

/// How many failures cost nothing: slips of the finger.
const FREE: u32 = 5;

/// The pause after the first failure that costs something; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// The longest pause: some hundred tries a day.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// How long a failure is remembered.
const MEMORY: Duration = Duration::from_secs(60 * 60);

/// How many clients are remembered; when there are more, those forgotten first whose pause ends first.
const MOST_CLIENTS: usize = 8192;

/// How many tries of one client may wait for their answer at a time.
const MOST_WAITING: u32 = 16;

/// The failures of every client.
#[derive(Debug, Default)]
pub(super) struct Slowdown(Mutex<HashMap<IpAddr, Client>>);

#[derive(Debug, Default)]
struct Client {
    failures: u32,
    last: Option<Instant>,
    waiting: u32,
}

impl Client {
    fn free_at(&self) -> Option<Instant> {
        let paid = self.failures.checked_sub(FREE)?;
        let factor = 1_u32.checked_shl(paid).unwrap_or(u32::MAX);
        Some(self.last? + FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE))
    }

    fn is_forgotten(&self, now: Instant) -> bool {
        self.waiting == 0 && self.last.is_none_or(|last| now >= last + MEMORY)
    }
}

/// One client's try, until it is dropped.
pub(super) struct Try<'a> {
    slowdown: &'a Slowdown,
    client: IpAddr,
}

/// A try that was counted as a failure.
pub(super) struct Counted<'a> {
    of: &'a Try<'a>,
    before: Option<Instant>,
    at: Instant,
}

impl Slowdown {
    /// Lets `client` (an address, or the first of a household's) line up for a try.
    ///
    /// # Errors
    /// Where it has to wait, or has too many tries in line.
    pub(super) fn line_up(&self, client: IpAddr) -> Result<Try<'_>, Denial> {
        let now = Instant::now();
        let mut clients = self.clients();
        if clients
            .get(&client)
            .is_some_and(|known| known.is_forgotten(now))
        {
            clients.remove(&client);
        }
        if !clients.contains_key(&client) && clients.len() >= MOST_CLIENTS {
            make_room(&mut clients, now)?;
        }
        let known = clients.entry(client).or_default();
        may_try(known, now)?;
        if known.waiting >= MOST_WAITING {
            return Err(Denial::Busy);
        }
        known.waiting += 1;
        Ok(Try {
            slowdown: self,
            client,
        })
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<IpAddr, Client>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn may_try(client: &Client, now: Instant) -> Result<(), Denial> {
    match client.free_at() {
        Some(at) if at > now => Err(Denial::TooEarly(at - now)),
        Some(_) | None => Ok(()),
    }
}

fn make_room(clients: &mut HashMap<IpAddr, Client>, now: Instant) -> Result<(), Denial> {
    clients.retain(|_, client| !client.is_forgotten(now));
    if clients.len() < MOST_CLIENTS {
        return Ok(());
    }
    let idle = clients.iter().filter(|(_, client)| client.waiting == 0);
    let first = idle.min_by_key(|(_, client)| client.free_at().or(client.last));
    let first = first.map(|(address, _)| *address).ok_or(Denial::Busy)?;
    clients.remove(&first);
    Ok(())
}

impl Try<'_> {
    /// Counts a failure, to be taken back if it is none; others of the same client may have failed
    /// since this one lined up.
    ///
    /// # Errors
    /// Where the client has to wait.
    pub(super) fn count(&self) -> Result<Counted<'_>, Denial> {
        let now = Instant::now();
        let mut clients = self.slowdown.clients();
        let client = clients.entry(self.client).or_default();
        may_try(client, now)?;
        client.failures = client.failures.saturating_add(1);
        let before = client.last.replace(now);
        Ok(Counted {
            of: self,
            before,
            at: now,
        })
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        let mut clients = self.slowdown.clients();
        if let Some(client) = clients.get_mut(&self.client) {
            client.waiting = client.waiting.saturating_sub(1);
            if client.waiting == 0 && client.failures == 0 {
                clients.remove(&self.client);
            }
        }
    }
}

impl Counted<'_> {
    /// Takes the failure back: it was none.
    pub(super) fn was_right(self) {
        let mut clients = self.of.slowdown.clients();
        if let Some(client) = clients.get_mut(&self.of.client) {
            client.failures = client.failures.saturating_sub(1);
            if client.last == Some(self.at) {
                client.last = self.before;
            }
        }
    }

    /// Lets the failure stand, and returns the pause that it costs.
    pub(super) fn was_wrong(self) -> Option<Duration> {
        let clients = self.of.slowdown.clients();
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

    fn fail(slowdown: &Slowdown, client: IpAddr) -> Result<Option<Duration>, Denial> {
        let one = slowdown.line_up(client)?;
        Ok(one.count()?.was_wrong())
    }

    fn succeed(slowdown: &Slowdown, client: IpAddr) -> Result<(), Denial> {
        slowdown.line_up(client)?.count()?.was_right();
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_begins_late_and_doubles_to_its_bound() {
        let slowdown = Slowdown::default();
        let mut pauses = Vec::new();
        for _ in 0..16 {
            let pause = fail(&slowdown, address(1)).unwrap().unwrap_or_default();
            pauses.push(pause.as_secs());
            tokio::time::advance(pause).await;
        }
        assert_eq!(pauses[..8], [0, 0, 0, 0, 5, 10, 20, 40]);
        assert_eq!(pauses[12..], [900; 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_fails_waits_alone_and_is_forgiven_in_time() {
        let slowdown = Slowdown::default();
        for _ in 0..FREE {
            fail(&slowdown, address(1)).unwrap();
        }
        let early = slowdown.line_up(address(1)).err();
        assert_eq!(early, Some(Denial::TooEarly(FIRST_PAUSE)));
        succeed(&slowdown, address(2)).unwrap();
        tokio::time::advance(FIRST_PAUSE).await;
        succeed(&slowdown, address(1)).unwrap();
        // One success does not wipe out what was guessed before.
        assert_eq!(fail(&slowdown, address(1)), Ok(Some(2 * FIRST_PAUSE)));
        tokio::time::advance(MEMORY).await;
        assert_eq!(fail(&slowdown, address(1)), Ok(None));
    }

    #[tokio::test(start_paused = true)]
    async fn tries_at_once_are_no_way_around_and_right_ones_cost_nothing() {
        let slowdown = Slowdown::default();
        let lined_up: Vec<_> = (0..MOST_WAITING)
            .map(|_| slowdown.line_up(address(1)).unwrap())
            .collect();
        assert_eq!(slowdown.line_up(address(1)).err(), Some(Denial::Busy));
        let counted = lined_up.iter().filter(|one| one.count().is_ok()).count();
        assert_eq!(counted, FREE as usize);
        drop(lined_up);

        for _ in 0..100 {
            succeed(&slowdown, address(2)).unwrap();
        }
        assert!(!slowdown.clients().contains_key(&address(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_and_keeps_the_worst() {
        let slowdown = Slowdown::default();
        for _ in 0..FREE {
            fail(&slowdown, address(1)).unwrap();
        }
        for number in (0_u32..).take(2 * MOST_CLIENTS) {
            fail(&slowdown, IpAddr::from(number.to_be_bytes())).unwrap();
        }
        assert_eq!(slowdown.clients().len(), MOST_CLIENTS);
        assert!(slowdown.line_up(address(1)).is_err());
    }
}
