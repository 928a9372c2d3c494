//! What one bridge is told before it runs.

use std::fmt;
use std::sync::Arc;

use restante_shared::page::PageConfig;
use restante_shared::relay::Target;

use crate::access::Access;
use crate::client_address::Proxies;
use crate::life::Life;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::origin::{Front, Origin};
use crate::policy::{Policy, Rule};
use crate::reload::Reloading;
use crate::resolve::{Resolve, SystemResolver};
use crate::site::Site;

/// Everything that [`run`](crate::run) needs besides a socket and a stop signal.
#[derive(Clone)]
pub struct Settings {
    /// What may be dialled; by default nothing.
    pub policy: Policy,
    /// How much of the bridge may be used.
    pub limits: Limits,
    /// What stands between the bridge and its clients.
    pub front: Front,
    /// The proxies in front; behind [`Front::Proxy`], nobody else is served.
    pub proxies: Proxies,
    /// Origins that may use the relay besides the bridge's own.
    pub allowed_origins: Vec<Origin>,
    /// Who may use the relay.
    pub access: Access,
    /// The client that is served.
    pub site: Site,
    /// What the page is told; how to sign in is filled in.
    pub page: PageConfig,
    /// Where names are looked up.
    pub resolver: Arc<dyn Resolve>,
    /// What the bridge counts of itself.
    pub metrics: Arc<Metrics>,
    /// How the bridge is told to stop, and asked whether it serves.
    pub life: Life,
    /// Who is told that files are being read again because of SIGHUP.
    pub reloading: fn(Reloading),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            limits: Limits::default(),
            front: Front::Plain,
            proxies: Proxies::default(),
            allowed_origins: Vec::new(),
            access: Access::default(),
            site: Site::embedded(),
            page: PageConfig::default(),
            resolver: Arc::new(SystemResolver),
            metrics: Arc::default(),
            life: Life::default(),
            reloading: |_| {},
        }
    }
}

impl Settings {
    /// Allows these ports of this machine, by its name `localhost` and its address 127.0.0.1.
    #[must_use]
    pub fn allow_loopback(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        let loopback = std::net::Ipv4Addr::LOCALHOST.into();
        for port in ports {
            for host in ["localhost", "127.0.0.1"] {
                if let Ok(target) = Target::new(host, port) {
                    self.policy = self.policy.allow(Rule::pinned_to(target, loopback));
                }
            }
        }
        self
    }
}

impl fmt::Debug for Settings {
    /// Leaves out the page, which may carry a password, and the resolver, which has no form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("policy", &self.policy)
            .field("limits", &self.limits)
            .field("front", &self.front)
            .field("proxies", &self.proxies)
            .field("allowed_origins", &self.allowed_origins)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}
