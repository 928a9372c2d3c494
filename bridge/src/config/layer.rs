//! The settings as they are given, each of them or none: from flags and variables, or from a file.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::origin::Origin;
use crate::policy::Rule;

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line of text an event.
    #[default]
    Text,
    /// A JSON object an event.
    Json,
}

/// One source of settings. The documentation of its fields is the `--help`.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layer {
    /// Listens on this address and port [default: 127.0.0.1:8110]
    ///
    /// Other addresses than this machine's own need TLS: here or in a proxy in front.
    #[arg(long, env = "RESTANTE_LISTEN", value_name = "ADDRESS:PORT")]
    pub(super) listen: Option<SocketAddr>,

    /// Serves HTTPS with this certificate chain (PEM)
    #[arg(long, env = "RESTANTE_TLS_CERT", value_name = "FILE")]
    pub(super) tls_cert: Option<PathBuf>,

    /// The certificate's private key (PEM)
    #[arg(long, env = "RESTANTE_TLS_KEY", value_name = "FILE")]
    pub(super) tls_key: Option<PathBuf>,

    /// Says that a reverse proxy in front ends TLS
    ///
    /// Pages are then expected to be https ones, and clients are counted by the address that the
    /// proxy adds to X-Forwarded-For. Nobody but the proxy should be able to reach the bridge.
    #[arg(
        long,
        env = "RESTANTE_BEHIND_PROXY",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(super) behind_proxy: Option<bool>,

    /// Lets pages of these origins use the relay, besides the bridge's own
    #[arg(
        long,
        env = "RESTANTE_ALLOWED_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    pub(super) allowed_origins: Option<Vec<Origin>>,

    /// Allows this target, besides ports 110 and 995 of public addresses
    ///
    /// Written as host:port, or as host:port=address for a name that is never to be looked up. A
    /// name may lead to private addresses then, but to this machine only if the address is written
    /// out or the name is localhost.
    #[arg(
        long,
        env = "RESTANTE_ALLOW",
        value_name = "RULE",
        value_delimiter = ','
    )]
    pub(super) allow: Option<Vec<Rule>>,

    /// Starts a demo maildrop on this machine, which the page offers to try
    #[arg(
        long,
        env = "RESTANTE_DEMO",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(super) demo: Option<bool>,

    /// HTTP connections at a time [default: 400]
    #[arg(long, env = "RESTANTE_MAX_CONNECTIONS", value_name = "COUNT")]
    pub(super) max_connections: Option<usize>,

    /// Relays at a time; each takes two descriptors [default: 256]
    #[arg(long, env = "RESTANTE_MAX_RELAYS", value_name = "COUNT")]
    pub(super) max_relays: Option<usize>,

    /// Relays at a time for one client address, or one /64 of IPv6 [default: 16]
    #[arg(long, env = "RESTANTE_MAX_RELAYS_PER_CLIENT", value_name = "COUNT")]
    pub(super) max_relays_per_client: Option<usize>,

    /// Time for a TLS handshake, and for the header of a request [default: 10]
    #[arg(long, env = "RESTANTE_HANDSHAKE_SECONDS", value_name = "SECONDS")]
    pub(super) handshake_seconds: Option<u64>,

    /// Time for looking up and dialling a target [default: 10]
    #[arg(long, env = "RESTANTE_DIAL_SECONDS", value_name = "SECONDS")]
    pub(super) dial_seconds: Option<u64>,

    /// Ends a relay that carried nothing for so long [default: 720]
    #[arg(long, env = "RESTANTE_IDLE_SECONDS", value_name = "SECONDS")]
    pub(super) idle_seconds: Option<u64>,

    /// What to log: error, warn, info, debug, or a filter of tracing [default: info]
    #[arg(long, env = "RESTANTE_LOG", value_name = "FILTER")]
    pub(super) log: Option<String>,

    /// How to write the log, which goes to standard error [default: text]
    #[arg(long, env = "RESTANTE_LOG_FORMAT", value_name = "FORMAT")]
    pub(super) log_format: Option<LogFormat>,
}

impl Layer {
    /// Takes from `below` what this layer does not say.
    pub(super) fn or(self, below: Self) -> Self {
        Self {
            listen: self.listen.or(below.listen),
            tls_cert: self.tls_cert.or(below.tls_cert),
            tls_key: self.tls_key.or(below.tls_key),
            behind_proxy: self.behind_proxy.or(below.behind_proxy),
            allowed_origins: self.allowed_origins.or(below.allowed_origins),
            allow: self.allow.or(below.allow),
            demo: self.demo.or(below.demo),
            max_connections: self.max_connections.or(below.max_connections),
            max_relays: self.max_relays.or(below.max_relays),
            max_relays_per_client: self.max_relays_per_client.or(below.max_relays_per_client),
            handshake_seconds: self.handshake_seconds.or(below.handshake_seconds),
            dial_seconds: self.dial_seconds.or(below.dial_seconds),
            idle_seconds: self.idle_seconds.or(below.idle_seconds),
            log: self.log.or(below.log),
            log_format: self.log_format.or(below.log_format),
        }
    }
}
