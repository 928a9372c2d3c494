//! Counts of open resources, in total and per client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::household::{ClientNetwork, networks_of};

/// The bound that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// The bound of all clients together.
    All,
    /// The bound of one client.
    Client,
}

/// The counts and their bounds. Only clients with open resources are remembered.
#[derive(Debug)]
pub(crate) struct Shares {
    most: usize,
    most_per_client: usize,
    open: Mutex<OpenCounts>,
}

#[derive(Debug, Default)]
struct OpenCounts {
    all: usize,
    clients: HashMap<ClientNetwork, usize>,
}

/// The permit for one resource, until it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    shares: Arc<Shares>,
    client: IpAddr,
}

impl Shares {
    pub(crate) fn new(most: usize, most_per_client: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_per_client,
            open: Mutex::default(),
        })
    }

    /// Takes a share for `client`, or returns the bound that prevents it.
    pub(crate) fn take(self: &Arc<Self>, client: IpAddr) -> Result<Share, Bound> {
        let mut open = self.open();
        if open.all >= self.most {
            return Err(Bound::All);
        }
        let is_full = |network: ClientNetwork| {
            let most = self
                .most_per_client
                .saturating_mul(network.shares() as usize);
            open.clients
                .get(&network)
                .is_some_and(|count| *count >= most)
        };
        if self.most_per_client == 0 || networks_of(client).any(is_full) {
            return Err(Bound::Client);
        }
        for network in networks_of(client) {
            *open.clients.entry(network).or_default() += 1;
        }
        open.all += 1;
        Ok(Share {
            shares: Arc::clone(self),
            client,
        })
    }

    fn open(&self) -> MutexGuard<'_, OpenCounts> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut open = self.shares.open();
        open.all = open.all.saturating_sub(1);
        for network in networks_of(self.client) {
            if let Some(count) = open.clients.get_mut(&network) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    open.clients.remove(&network);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_client_gets_its_share_and_no_more() {
        let shares = Shares::new(10, 2);
        let kept = [(); 2].map(|()| shares.take(address("192.0.2.1")).unwrap());
        assert_eq!(
            shares.take(address("192.0.2.1")).unwrap_err(),
            Bound::Client
        );
        assert!(shares.take(address("192.0.2.2")).is_ok());
        drop(kept);
        assert!(shares.take(address("192.0.2.1")).is_ok());
        let open = shares.open();
        assert!(open.clients.is_empty() && open.all == 0);
    }

    #[test]
    fn all_clients_share_one_bound() {
        let shares = Shares::new(2, 2);
        let _kept = ["192.0.2.1", "192.0.2.2"].map(|a| shares.take(address(a)).unwrap());
        assert_eq!(shares.take(address("192.0.2.3")).unwrap_err(), Bound::All);
    }

    #[test]
    fn a_household_is_one_client() {
        let shares = Shares::new(10, 1);
        let _kept = shares.take(address("2001:db8::1")).unwrap();
        let _mapped = shares.take(address("::ffff:192.0.2.1")).unwrap();
        assert!(shares.take(address("2001:db8::2")).is_err());
        assert!(shares.take(address("192.0.2.1")).is_err());
        assert!(shares.take(address("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn a_site_has_four_shares_however_many_networks_it_uses() {
        let shares = Shares::new(100, 2);
        let of_site = (0..100).map(|net| shares.take(address(&format!("2001:db8:5:{net:x}::1"))));
        let taken: Vec<_> = of_site.filter_map(Result::ok).collect();
        assert_eq!(taken.len(), 8);
        assert!(shares.take(address("2001:db8:6::1")).is_ok());
        drop(taken);
        assert!(shares.open().clients.is_empty());
    }
}
