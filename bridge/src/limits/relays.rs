//! Who may have one more relay.

use std::net::IpAddr;
use std::sync::Arc;

use thiserror::Error;
use tokio::time::Instant;

use super::rate::Rate;
use super::shares::{Bound, Share, Shares};
use super::{Bites, Limit, Limits};

/// Which limit of relays is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Full {
    /// The bridge has all the relays it may have.
    #[error("the bridge has no relay left")]
    All,
    /// This client has all the relays it may have.
    #[error("too many relays for one client")]
    Client,
    /// This client opens relays faster than it may.
    #[error("too many relays within a minute for one client")]
    Rate,
}

/// Counts relays, in all and per client, and how often a client opens one.
#[derive(Debug)]
pub(crate) struct Relays {
    open: Arc<Shares>,
    rate: Rate,
    bites: Arc<Bites>,
}

/// The right to one relay, until it is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    _share: Share,
}

impl Relays {
    pub(crate) fn new(limits: &Limits, bites: &Arc<Bites>) -> Arc<Self> {
        Arc::new(Self {
            open: Shares::new(limits.relays, limits.relays_per_client),
            rate: Rate::new(limits.relays_per_minute),
            bites: Arc::clone(bites),
        })
    }

    /// Takes a permit for `client`, or says which limit it would break. The log says so too.
    pub(crate) fn permit(&self, client: IpAddr) -> Result<Permit, Full> {
        let (full, limit) = match self.take(client) {
            Ok(permit) => return Ok(permit),
            Err(full @ Full::All) => (full, Limit::Relays),
            Err(full @ Full::Client) => (full, Limit::RelaysPerClient),
            Err(full @ Full::Rate) => (full, Limit::RelaysPerMinute),
        };
        self.bites.bite(limit, client);
        Err(full)
    }

    fn take(&self, client: IpAddr) -> Result<Permit, Full> {
        // The rate comes first: who is refused for another reason has tried all the same.
        if !self.rate.take(client, Instant::now()) {
            return Err(Full::Rate);
        }
        match self.open.take(client) {
            Ok(share) => Ok(Permit { _share: share }),
            Err(Bound::All) => Err(Full::All),
            Err(Bound::Client) => Err(Full::Client),
        }
    }
}
