//! The configuration of one bridge, validated and complete.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tracing_subscriber::EnvFilter;

use super::error::{ConfigError, conflict};
use super::layer::{Layer, LogFormat};
use super::tls::TlsSource;
use super::{access, limits, policy, proxy, tls};
use crate::access::AccessMethods;
use crate::client_address::Proxies;
use crate::limits::Limits;
use crate::origin::{Origin, TlsMode};
use crate::policy::{Class, Policy, Rule};
use crate::settings::Settings;

/// The default address, which only this machine can reach.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8110";

/// A complete configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The source of the bridge's own certificate, if it terminates TLS.
    pub tls: Option<TlsSource>,
    /// True if a reverse proxy terminates TLS.
    pub behind_proxy: bool,
    /// The trusted reverse proxies.
    pub proxies: Proxies,
    /// The address that serves /healthz, /readyz and /metrics.
    pub status_listen: Option<SocketAddr>,
    /// Allowed origins besides the bridge's own.
    pub allowed_origins: Vec<Origin>,
    /// The ways to authenticate.
    pub access: AccessMethods,
    /// The rules for targets.
    pub allow: Vec<Rule>,
    /// True to start the demo mailbox.
    pub demo: bool,
    /// The limits on the use of the bridge.
    pub limits: Limits,
    /// The log level or filter, in the syntax of `tracing`.
    pub log: String,
    /// The format of the log.
    pub log_format: LogFormat,
}

impl Config {
    /// Validates a layer, and fills in the defaults.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting or file to correct.
    pub(super) fn of_layer(layer: Layer) -> Result<Self, ConfigError> {
        let limits = limits::limits(&layer)?;
        let tls = tls::source(&layer)?;
        let (behind_proxy, proxies) = proxy::proxies(&layer)?;
        let access = access::access(&layer)?;
        let listen = match layer.listen {
            Some(listen) => listen,
            None => SocketAddr::from(([127, 0, 0, 1], 8110)),
        };
        if tls.is_none() && !behind_proxy && !listen.ip().is_loopback() {
            return Err(ConfigError::Conflict(format!(
                "refusing to serve plain HTTP on {listen}: anyone on the network path could change the \
                 page and read passwords. Configure a certificate (tls_cert and tls_key, or \
                 acme_domains), put a reverse proxy with TLS in front and set behind_proxy and \
                 trusted_proxies, or listen on 127.0.0.1"
            )));
        }
        if let Some(status) = layer.status_listen
            && is_taken_by(status, listen)
        {
            return Err(ConfigError::Conflict(format!(
                "status_listen: clients connect to {listen}: choose another port than {}",
                status.port()
            )));
        }
        let behind_any = behind_proxy || layer.trusted_proxies.is_some();
        let only_this_machine = listen.ip().is_loopback() && !behind_any;
        let demo = layer.demo.unwrap_or(false);
        if demo && !cfg!(feature = "demo") {
            return conflict(
                "demo: this build of the bridge has no demo mailbox. In a checkout of Restante, \
                 `cargo xtask demo` builds and starts one that has",
            );
        }
        if demo && !layer.public_demo.unwrap_or(false) && is_public(listen.ip()) {
            return Err(ConfigError::Conflict(format!(
                "demo: other networks may reach {listen}. Listen on 127.0.0.1, or set public_demo = true \
                 (or --public-demo) if everyone may use the demo mailbox"
            )));
        }
        if let Some(status) = layer.status_listen
            && !layer.public_status.unwrap_or(false)
            && is_public(status.ip())
        {
            return Err(ConfigError::Conflict(format!(
                "status_listen: other networks may reach {status}, which has no authentication. Choose an \
                 address that only your monitoring reaches, or set public_status = true (or \
                 --public-status) if a firewall restricts it"
            )));
        }
        let allow = policy::rules(layer.allow, only_this_machine, demo)?;
        Ok(Self {
            listen,
            tls,
            behind_proxy,
            proxies,
            status_listen: layer.status_listen,
            allowed_origins: layer.allowed_origins.unwrap_or_default(),
            access,
            allow,
            demo,
            limits,
            log: layer.log.unwrap_or_else(|| "info".to_owned()),
            log_format: layer.log_format.unwrap_or_default(),
        })
    }

    /// Returns the filter of the log.
    ///
    /// Warnings of `h2` are excluded unless requested by name: it logs a line for every connection that
    /// it ends for misbehaviour, without a limit. The bridge logs the same at a limited rate.
    ///
    /// # Errors
    /// [`ConfigError::Conflict`] if the filter is invalid.
    pub fn log_filter(&self) -> Result<EnvFilter, ConfigError> {
        EnvFilter::try_new(format!("error,h2=error,{}", self.log)).map_err(|_| {
            ConfigError::Conflict(format!("log: {:?} is not a valid filter", self.log))
        })
    }

    /// Returns the settings of the bridge, with the certificate read.
    ///
    /// # Errors
    /// [`ConfigError::Tls`] if the certificate or its key cannot be used.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let tls_mode = match &self.tls {
            Some(source) => TlsMode::Tls(Arc::new(source.open()?)),
            None if self.behind_proxy => TlsMode::Proxy,
            None => TlsMode::Plain,
        };
        Ok(Settings {
            policy: self
                .allow
                .iter()
                .cloned()
                .fold(Policy::default(), Policy::allow),
            limits: self.limits.clone(),
            tls_mode,
            proxies: self.proxies.clone(),
            allowed_origins: self.allowed_origins.clone(),
            access: self.access.clone(),
            ..Settings::default()
        })
    }
}

/// Returns true if a socket on this address may be reached from other networks.
fn is_public(address: IpAddr) -> bool {
    matches!(
        Class::of(address.to_canonical()),
        Class::Public | Class::Unspecified
    )
}

/// Returns true if a socket on one address prevents listening on the other.
fn is_taken_by(one: SocketAddr, other: SocketAddr) -> bool {
    let overlap =
        one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    overlap && one.port() == other.port() && one.port() != 0
}

#[cfg(test)]
mod tests;
