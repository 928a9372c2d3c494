//! The settings of one bridge.

use std::fmt;
use std::sync::Arc;

use restante_shared::page::PageConfig;
use restante_shared::relay::Target;

use crate::access::AccessMethods;
use crate::client_address::Proxies;
use crate::lifecycle::Lifecycle;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::origin::{Origin, TlsMode};
use crate::policy::{Policy, Rule};
use crate::reload::Reloading;
use crate::resolve::{Resolve, SystemResolver};
use crate::site::Site;

/// Everything that [`run`](crate::run) needs besides a socket and a stop signal.
#[derive(Clone)]
pub struct Settings {
    /// The targets that may be dialled; none by default.
    pub policy: Policy,
    /// The limits on the use of the bridge.
    pub limits: Limits,
    /// The way in which clients reach the bridge: with or without TLS.
    pub tls_mode: TlsMode,
    /// The reverse proxies. With [`TlsMode::Proxy`], all other peers are refused.
    pub proxies: Proxies,
    /// Origins that may use the relay besides the bridge's own.
    pub allowed_origins: Vec<Origin>,
    /// The ways to authenticate for the relay.
    pub access: AccessMethods,
    /// The client to serve.
    pub site: Site,
    /// The configuration for the page. [`run`](crate::run) fills in the ways to sign in.
    pub page: PageConfig,
    /// The source of the addresses of names.
    pub resolver: Arc<dyn Resolve>,
    /// The counters of the bridge.
    pub metrics: Arc<Metrics>,
    /// The stage of the bridge, and the handle to stop it.
    pub lifecycle: Lifecycle,
    /// Called at the beginning and at the end of a reload that SIGHUP asked for.
    pub reloading: fn(Reloading),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            limits: Limits::default(),
            tls_mode: TlsMode::Plain,
            proxies: Proxies::default(),
            allowed_origins: Vec::new(),
            access: AccessMethods::default(),
            site: Site::embedded(),
            page: PageConfig::default(),
            resolver: Arc::new(SystemResolver),
            metrics: Arc::default(),
            lifecycle: Lifecycle::default(),
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
    /// Leaves out the page's configuration, which may hold a password, and the resolver.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("policy", &self.policy)
            .field("limits", &self.limits)
            .field("tls_mode", &self.tls_mode)
            .field("proxies", &self.proxies)
            .field("allowed_origins", &self.allowed_origins)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}
