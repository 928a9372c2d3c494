//! Permits for relays.

use std::net::IpAddr;
use std::sync::Arc;

use thiserror::Error;
use tokio::time::Instant;

use super::limit_log::{Limit, LimitLog};
use super::rate_limiter::RateLimiter;
use super::shares::{Bound, Share, Shares};
use super::values::Limits;

/// The limit of relays that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RelayLimitReached {
    /// The limit of the whole bridge.
    #[error("the bridge has reached its limit of relays")]
    All,
    /// The limit of one client.
    #[error("too many relays for one client")]
    Client,
    /// The rate at which one client may open relays.
    #[error("too many new relays for one client within a minute")]
    Rate,
}

/// Counts open relays, in total and per client, and limits the rate at which a client opens them.
#[derive(Debug)]
pub(crate) struct RelayLimiter {
    open: Arc<Shares>,
    rate: RateLimiter,
    limit_log: Arc<LimitLog>,
}

/// The permit for one relay, until it is dropped.
#[derive(Debug)]
pub(crate) struct RelayPermit {
    _share: Share,
}

impl RelayLimiter {
    pub(crate) fn new(limits: &Limits, limit_log: &Arc<LimitLog>) -> Arc<Self> {
        Arc::new(Self {
            open: Shares::new(limits.relays, limits.relays_per_client),
            rate: RateLimiter::new(limits.relays_per_minute),
            limit_log: Arc::clone(limit_log),
        })
    }

    /// Takes a permit for `client`, or returns and logs the limit that prevents it.
    pub(crate) fn permit(&self, client: IpAddr) -> Result<RelayPermit, RelayLimitReached> {
        let (reached, limit) = match self.take(client) {
            Ok(permit) => return Ok(permit),
            Err(reached @ RelayLimitReached::All) => (reached, Limit::Relays),
            Err(reached @ RelayLimitReached::Client) => (reached, Limit::RelaysPerClient),
            Err(reached @ RelayLimitReached::Rate) => (reached, Limit::RelaysPerMinute),
        };
        self.limit_log.record(limit, client);
        Err(reached)
    }

    fn take(&self, client: IpAddr) -> Result<RelayPermit, RelayLimitReached> {
        // The rate is checked first, because refused attempts count as well.
        if !self.rate.take(client, Instant::now()) {
            return Err(RelayLimitReached::Rate);
        }
        match self.open.take(client) {
            Ok(share) => Ok(RelayPermit { _share: share }),
            Err(Bound::All) => Err(RelayLimitReached::All),
            Err(Bound::Client) => Err(RelayLimitReached::Client),
        }
    }
}
