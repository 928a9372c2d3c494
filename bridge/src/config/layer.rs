//! The optional settings of one source: flags and environment, or a file.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::client_address::AddressRange;
use crate::origin::Origin;
use crate::policy::AllowEntry;

/// The format of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line of text for each event.
    #[default]
    Text,
    /// A JSON object for each event.
    Json,
}

/// One source of settings. The docs of its fields are the `--help`.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layer {
    /// Listens on this address and port [default: 127.0.0.1:8110]
    ///
    /// Addresses other than loopback need TLS, here or in a reverse proxy.
    #[arg(long, env = "RESTANTE_LISTEN", value_name = "ADDRESS:PORT")]
    pub(super) listen: Option<SocketAddr>,

    /// Serves HTTPS with this certificate chain (PEM)
    #[arg(long, env = "RESTANTE_TLS_CERT", value_name = "FILE")]
    pub(super) tls_cert: Option<PathBuf>,

    /// The certificate's private key (PEM)
    #[arg(long, env = "RESTANTE_TLS_KEY", value_name = "FILE")]
    pub(super) tls_key: Option<PathBuf>,

    /// Obtains certificates for these names automatically, from Let's Encrypt (ACME)
    ///
    /// The names must resolve to this bridge, and it must be reachable on port 443.
    #[arg(
        long,
        env = "RESTANTE_ACME_DOMAINS",
        value_name = "NAME",
        value_delimiter = ','
    )]
    pub(super) acme_domains: Option<Vec<String>>,

    /// E-mail address at which the certificate authority can reach you
    #[arg(long, env = "RESTANTE_ACME_CONTACT", value_name = "EMAIL")]
    pub(super) acme_contact: Option<String>,

    /// Stores the certificates and the account's key in this folder
    #[arg(long, env = "RESTANTE_ACME_CACHE", value_name = "FOLDER")]
    pub(super) acme_cache: Option<PathBuf>,

    /// Directory of another certificate authority [default: Let's Encrypt]
    #[arg(long, env = "RESTANTE_ACME_DIRECTORY", value_name = "URL")]
    pub(super) acme_directory: Option<String>,

    /// Trusts this CA (PEM) for the connection to that authority
    #[arg(long, env = "RESTANTE_ACME_CA", value_name = "FILE")]
    pub(super) acme_ca: Option<PathBuf>,

    /// Expects a reverse proxy that terminates TLS
    ///
    /// The origin of the page is then https, and clients are counted by the address that the proxy adds
    /// to X-Forwarded-For. Requires trusted_proxies.
    #[arg(
        long,
        env = "RESTANTE_BEHIND_PROXY",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(super) behind_proxy: Option<bool>,

    /// Addresses or ranges of the reverse proxies
    ///
    /// The X-Forwarded-For header is trusted only from them, and with behind_proxy all other peers are
    /// refused. They are exempt from max_connections_per_client.
    #[arg(
        long,
        env = "RESTANTE_TRUSTED_PROXIES",
        value_name = "RANGE",
        value_delimiter = ','
    )]
    pub(super) trusted_proxies: Option<Vec<AddressRange>>,

    /// Expects the PROXY protocol (version 1 or 2) from the trusted proxies
    ///
    /// Each of their connections has to begin with it. X-Forwarded-For is then trusted only if the
    /// address in the PROXY header belongs to a trusted proxy as well.
    #[arg(
        long,
        env = "RESTANTE_PROXY_PROTOCOL",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(super) proxy_protocol: Option<bool>,

    /// Allows pages of these origins to use the relay, besides the bridge's own
    #[arg(
        long,
        env = "RESTANTE_ALLOWED_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    pub(super) allowed_origins: Option<Vec<Origin>>,

    /// Admits clients with one of the tokens in this file, one on each line
    #[arg(long, env = "RESTANTE_ACCESS_TOKENS", value_name = "FILE")]
    pub(super) access_tokens: Option<PathBuf>,

    /// Admits users of this file after signing in: name:hash lines with argon2 hashes
    ///
    /// `restante-bridge hash-password` prints such a line.
    #[arg(long, env = "RESTANTE_ACCESS_USERS", value_name = "FILE")]
    pub(super) access_users: Option<PathBuf>,

    /// Admits users that a trusted proxy names in this header, after its single sign-on
    ///
    /// The proxy has to remove the header from the requests of clients.
    #[arg(long, env = "RESTANTE_ACCESS_HEADER", value_name = "NAME")]
    pub(super) access_header: Option<String>,

    /// Allows targets; a target that no rule allows is refused
    ///
    /// A rule is one of
    ///   public-pop3          any host, ports 110 and 995, public addresses
    ///   lan-host=HOST        this host, ports 110 and 995, addresses of private networks
    ///   HOST[:PORT]          this host at its public addresses; *.example.org matches every host below
    ///                        example.org, * matches every host, and an address matches itself
    ///   HOST[:PORT]=RANGE    the same, at addresses in a range such as 192.168.1.0/24
    ///   HOST[:PORT]=ADDRESS  at this address, without resolving the name
    ///
    /// Without a rule, a bridge that only this machine can reach uses public-pop3, and any other refuses
    /// to start. Given rules replace that default.
    #[arg(
        long,
        env = "RESTANTE_ALLOW",
        value_name = "RULE",
        value_delimiter = ',',
        verbatim_doc_comment
    )]
    pub(super) allow: Option<Vec<AllowEntry>>,

    /// Starts a demo mailbox on this machine, and offers it on the page
    #[arg(
        long,
        hide = !cfg!(feature = "demo"),
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

    /// Relays at a time for one client address or one /64 of IPv6, and four times as many for a /48 [default: 16]
    #[arg(long, env = "RESTANTE_MAX_RELAYS_PER_CLIENT", value_name = "COUNT")]
    pub(super) max_relays_per_client: Option<usize>,

    /// Connections at a time for one client address or one /64 of IPv6, and four times as many for a /48 [default: 64]
    #[arg(
        long,
        env = "RESTANTE_MAX_CONNECTIONS_PER_CLIENT",
        value_name = "COUNT"
    )]
    pub(super) max_connections_per_client: Option<usize>,

    /// New relays a minute for one client address or one /64 of IPv6, and four times as many for a /48 [default: 120]
    #[arg(long, env = "RESTANTE_MAX_RELAYS_PER_MINUTE", value_name = "COUNT")]
    pub(super) max_relays_per_minute: Option<u32>,

    /// Bytes that one relay may carry, both directions together [default: 17179869184]
    #[arg(long, env = "RESTANTE_MAX_RELAY_OCTETS", value_name = "BYTES")]
    pub(super) max_relay_octets: Option<u64>,

    /// Longest frame of a client in bytes [default: 1048576]
    #[arg(long, env = "RESTANTE_MAX_FRAME_OCTETS", value_name = "BYTES")]
    pub(super) max_frame_octets: Option<usize>,

    /// Bytes that may be buffered for slow readers, all relays together [default: 67108864]
    #[arg(long, env = "RESTANTE_MAX_QUEUED_OCTETS", value_name = "BYTES")]
    pub(super) max_queued_octets: Option<usize>,

    /// Time limit for a TLS handshake, and for the header of a request [default: 10]
    #[arg(long, env = "RESTANTE_HANDSHAKE_SECONDS", value_name = "SECONDS")]
    pub(super) handshake_seconds: Option<u64>,

    /// Time limit for resolving and dialling a target [default: 10]
    #[arg(long, env = "RESTANTE_DIAL_SECONDS", value_name = "SECONDS")]
    pub(super) dial_seconds: Option<u64>,

    /// Ends a relay after this time without data [default: 720]
    #[arg(long, env = "RESTANTE_IDLE_SECONDS", value_name = "SECONDS")]
    pub(super) idle_seconds: Option<u64>,

    /// Ends a relay after this lifetime [default: 43200]
    #[arg(long, env = "RESTANTE_RELAY_SECONDS", value_name = "SECONDS")]
    pub(super) relay_seconds: Option<u64>,

    /// Time for relays to finish when the bridge stops [default: 30]
    #[arg(long, env = "RESTANTE_DRAIN_SECONDS", value_name = "SECONDS")]
    pub(super) drain_seconds: Option<u64>,

    /// Answers /healthz, /readyz and /metrics on this address and port, over plain HTTP
    #[arg(long, env = "RESTANTE_STATUS_LISTEN", value_name = "ADDRESS:PORT")]
    pub(super) status_listen: Option<SocketAddr>,

    /// Allows a status_listen that other networks may reach, which shows them how much the bridge is used
    #[arg(
        long,
        env = "RESTANTE_PUBLIC_STATUS",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(super) public_status: Option<bool>,

    /// Allows the demo mailbox on a bridge that other networks may reach
    #[arg(
        long,
        hide = !cfg!(feature = "demo"),
        env = "RESTANTE_PUBLIC_DEMO",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(super) public_demo: Option<bool>,

    /// Log level or filter: error, warn, info, debug, or a filter of tracing [default: info]
    #[arg(long, env = "RESTANTE_LOG", value_name = "FILTER")]
    pub(super) log: Option<String>,

    /// Format of the log, which goes to standard error [default: text]
    #[arg(long, env = "RESTANTE_LOG_FORMAT", value_name = "FORMAT")]
    pub(super) log_format: Option<LogFormat>,
}

impl Layer {
    /// Fills the missing settings of this layer from `below`.
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
            acme_domains: self.acme_domains.or(below.acme_domains),
            acme_contact: self.acme_contact.or(below.acme_contact),
            acme_cache: self.acme_cache.or(below.acme_cache),
            acme_directory: self.acme_directory.or(below.acme_directory),
            acme_ca: self.acme_ca.or(below.acme_ca),
            trusted_proxies: self.trusted_proxies.or(below.trusted_proxies),
            proxy_protocol: self.proxy_protocol.or(below.proxy_protocol),
            access_tokens: self.access_tokens.or(below.access_tokens),
            access_users: self.access_users.or(below.access_users),
            access_header: self.access_header.or(below.access_header),
            max_connections_per_client: self
                .max_connections_per_client
                .or(below.max_connections_per_client),
            max_relays_per_minute: self.max_relays_per_minute.or(below.max_relays_per_minute),
            max_relay_octets: self.max_relay_octets.or(below.max_relay_octets),
            max_frame_octets: self.max_frame_octets.or(below.max_frame_octets),
            max_queued_octets: self.max_queued_octets.or(below.max_queued_octets),
            relay_seconds: self.relay_seconds.or(below.relay_seconds),
            drain_seconds: self.drain_seconds.or(below.drain_seconds),
            status_listen: self.status_listen.or(below.status_listen),
            public_status: self.public_status.or(below.public_status),
            public_demo: self.public_demo.or(below.public_demo),
            log: self.log.or(below.log),
            log_format: self.log_format.or(below.log_format),
        }
    }
}
