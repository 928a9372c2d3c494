//! Counts of open resources, in total and per client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::household::household_of;

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
    clients: HashMap<IpAddr, usize>,
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
        let client = household_of(client);
        let mut open = self.open();
        if open.all >= self.most {
            return Err(Bound::All);
        }
        let of_client = open.clients.entry(client).or_default();
        if *of_client >= self.most_per_client {
            return Err(Bound::Client);
        }
        *of_client += 1;
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
        if let Some(count) = open.clients.get_mut(&self.client) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.clients.remove(&self.client);
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
}
