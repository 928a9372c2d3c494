//! How much of the bridge its clients may use, all together and each.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;

/// The bounds of a bridge, each with a default that a small server survives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// HTTP connections at a time. With [`relays`](Self::relays), two descriptors each, the default
    /// stays below the 1024 descriptors that a process usually gets.
    pub connections: usize,
    /// Relays at a time, those that are still being dialled included.
    pub relays: usize,
    /// Relays at a time for one client address, or one /64 of IPv6: a household with a few accounts
    /// each.
    pub relays_per_client: usize,
    /// HTTP connections at a time for one client address, or one /64 of IPv6. A browser opens six to
    /// a host, and a household has several.
    pub connections_per_client: usize,
    /// New relays a minute for one client address, or one /64 of IPv6.
    pub relays_per_minute: u32,
    /// Octets that one relay may carry, both ways together: no maildrop is larger.
    pub relay_octets: u64,
    /// The longest frame of a client in octets: far above the 16 KiB of a TLS record.
    pub frame_octets: usize,
    /// Octets that may wait in the bridge for slow readers, all relays together.
    pub queued_octets: usize,
    /// How long a relay may last.
    pub relay_time: Duration,
    /// How long relays may go on when the bridge is being stopped, before they are ended.
    pub drain_time: Duration,
    /// How long a client may take for its TLS handshake, and for the header of a request.
    pub handshake_time: Duration,
    /// How many octets the header of a request may have; at least 8192. A browser sends under 1000.
    pub header_octets: usize,
    /// How long looking up and dialling a target may take.
    pub dial_time: Duration,
    /// How long a relay may carry nothing: [RFC 1939 §3] lets a server log out after 10 minutes, so
    /// beyond that nobody waits.
    pub idle_time: Duration,
    /// How long a client may be silent before it is asked for a sign of life, and how long it may
    /// then take to give one. Proxies in between commonly cut at 60 seconds of silence.
    pub ping_interval: Duration,
    /// How long a side may take to close after it was told to.
    pub close_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 400,
            relays: 256,
            relays_per_client: 16,
            connections_per_client: 64,
            relays_per_minute: 120,
            relay_octets: 16 * 1024 * 1024 * 1024,
            frame_octets: 1024 * 1024,
            queued_octets: 64 * 1024 * 1024,
            relay_time: Duration::from_secs(12 * 60 * 60),
            drain_time: Duration::from_secs(30),
            handshake_time: Duration::from_secs(10),
            header_octets: 16 * 1024,
            dial_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(12 * 60),
            ping_interval: Duration::from_secs(25),
            close_time: Duration::from_secs(3),
        }
    }
}

/// Which limit of relays is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Full {
    /// The bridge has all the relays it may have.
    #[error("the bridge has no relay left")]
    All,
    /// This client has all the relays it may have.
    #[error("too many relays for one client")]
    Client,
}

/// Counts relays, in all and per client.
#[derive(Debug)]
pub(crate) struct Relays {
    most: usize,
    most_per_client: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// The right to one relay, until it is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    relays: Arc<Relays>,
    client: IpAddr,
}

impl Relays {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            most: limits.relays,
            most_per_client: limits.relays_per_client,
            open: Mutex::default(),
        })
    }

    /// Takes a permit for `client`, or says which limit it would break.
    pub(crate) fn permit(self: &Arc<Self>, client: IpAddr) -> Result<Permit, Full> {
        let client = one_household(client);
        let mut open = self.open();
        if open.values().sum::<usize>() >= self.most {
            return Err(Full::All);
        }
        let of_client = open.entry(client).or_default();
        if *of_client >= self.most_per_client {
            return Err(Full::Client);
        }
        *of_client += 1;
        Ok(Permit {
            relays: Arc::clone(self),
            client,
        })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.relays.open();
        if let Some(count) = open.get_mut(&self.client) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.client);
            }
        }
    }
}

/// The address by which a client is counted: an IPv6 household has a whole /64.
fn one_household(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relays(most: usize, most_per_client: usize) -> Arc<Relays> {
        Relays::new(&Limits {
            relays: most,
            relays_per_client: most_per_client,
            ..Limits::default()
        })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_client_gets_its_share_and_no_more() {
        let relays = relays(10, 2);
        let kept = [(); 2].map(|()| relays.permit(address("192.0.2.1")).unwrap());
        assert_eq!(
            relays.permit(address("192.0.2.1")).unwrap_err(),
            Full::Client
        );
        assert!(relays.permit(address("192.0.2.2")).is_ok());
        drop(kept);
        assert!(relays.permit(address("192.0.2.1")).is_ok());
        assert!(relays.open().is_empty());
    }

    #[test]
    fn all_clients_share_the_bridges_limit() {
        let relays = relays(2, 2);
        let _kept = ["192.0.2.1", "192.0.2.2"].map(|a| relays.permit(address(a)).unwrap());
        assert_eq!(relays.permit(address("192.0.2.3")).unwrap_err(), Full::All);
    }

    #[test]
    fn a_household_is_one_client() {
        let relays = relays(10, 1);
        let _kept = relays.permit(address("2001:db8::1")).unwrap();
        let _mapped = relays.permit(address("::ffff:192.0.2.1")).unwrap();
        assert!(relays.permit(address("2001:db8::2")).is_err());
        assert!(relays.permit(address("192.0.2.1")).is_err());
        assert!(relays.permit(address("2001:db8:0:1::1")).is_ok());
    }
}
