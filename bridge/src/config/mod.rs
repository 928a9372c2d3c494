//! What an operator can set, from where, and what it becomes.
//!
//! Every setting has one name in three spellings: `dial_seconds` in the file, `RESTANTE_DIAL_SECONDS`
//! in the environment, `--dial-seconds` on the command line. A flag beats the environment, that
//! beats the file, and that beats the default; lists are replaced and not joined.

mod access;
mod flags;
mod layer;
mod limits;
mod policy;
mod proxy;
mod tls;

use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use thiserror::Error;
use tracing_subscriber::EnvFilter;

use crate::access::{Access, AccessError};
use crate::client_address::Proxies;
use crate::files;
use crate::limits::Limits;
use crate::origin::{Front, Origin};
use crate::policy::{Policy, Rule};
use crate::settings::Settings;
pub use flags::{Task, command, unknown_variables};
use layer::Layer;
pub use layer::LogFormat;
pub use tls::{TlsError, TlsSource};

/// The address that is listened on by default: this machine only.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8110";

/// A complete configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where the bridge's own certificate comes from, if it ends TLS.
    pub tls: Option<TlsSource>,
    /// Whether a reverse proxy in front ends TLS.
    pub behind_proxy: bool,
    /// The proxies in front, which are believed what they say of clients.
    pub proxies: Proxies,
    /// Where /healthz, /readyz and /metrics are answered.
    pub status_listen: Option<SocketAddr>,
    /// Origins besides the bridge's own.
    pub allowed_origins: Vec<Origin>,
    /// Who may use the relay.
    pub access: Access,
    /// What may be dialled.
    pub allow: Vec<Rule>,
    /// Whether to start the demo maildrop.
    pub demo: bool,
    /// How much of the bridge may be used.
    pub limits: Limits,
    /// What is logged, as a filter of `tracing`.
    pub log: String,
    /// How the log is written.
    pub log_format: LogFormat,
}

/// Why there is no configuration.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A flag or a variable is wrong, or help was asked for; prints itself.
    #[error(transparent)]
    Flags(#[from] clap::Error),
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// The file is no TOML, or has a key that there is not.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// Where, and what.
        error: Box<toml::de::Error>,
    },
    /// Two settings, or a setting and nothing, contradict each other.
    #[error("{0}")]
    Conflict(String),
    /// Certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A file of tokens or users cannot be used.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl Config {
    /// Reads the settings as [`Task::load`] does, whatever there is to do with them.
    ///
    /// # Errors
    /// [`ConfigError`] names the flag, key or file to mend.
    pub fn load(
        arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, ConfigError> {
        Ok(match Task::load(arguments)? {
            Task::Serve(config) => *config,
            Task::Check(check) => check.config,
            Task::HashPassword(_) => return conflict("hash-password has no settings"),
        })
    }

    fn of_layer(layer: Layer) -> Result<Self, ConfigError> {
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
                "refusing to serve plain HTTP on {listen}: everybody on the way could change the \
                 page and read passwords. Give it a certificate (tls_cert and tls_key, or \
                 acme_domains), put a reverse proxy with TLS in front and set behind_proxy and \
                 trusted_proxies, or listen on 127.0.0.1"
            )));
        }
        if let Some(status) = layer.status_listen
            && is_taken_by(status, listen)
        {
            return Err(ConfigError::Conflict(format!(
                "status_listen: clients come to {listen} already: choose another port than {}",
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

    /// What is logged.
    ///
    /// Not what `h2` warns of, unless it is asked for by name: a line for every connection that it ends
    /// for misbehaving, as often as a stranger likes. The bridge says the same itself, in bounds.
    ///
    /// # Errors
    /// [`ConfigError::Conflict`] where it is no filter.
    pub fn log_filter(&self) -> Result<EnvFilter, ConfigError> {
        EnvFilter::try_new(format!("error,h2=error,{}", self.log))
            .map_err(|_| ConfigError::Conflict(format!("log: {:?} is no filter", self.log)))
    }

    /// What the bridge is told, with the certificate read.
    ///
    /// # Errors
    /// [`ConfigError::Tls`] where certificate or key cannot be used.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let front = match &self.tls {
            Some(source) => Front::Tls(Arc::new(source.open()?)),
            None if self.behind_proxy => Front::Proxy,
            None => Front::Plain,
        };
        Ok(Settings {
            policy: self
                .allow
                .iter()
                .cloned()
                .fold(Policy::default(), Policy::allow),
            limits: self.limits.clone(),
            front,
            proxies: self.proxies.clone(),
            allowed_origins: self.allowed_origins.clone(),
            access: self.access.clone(),
            ..Settings::default()
        })
    }
}

/// Whether nobody can listen on one address because somebody does on the other.
fn is_taken_by(one: SocketAddr, other: SocketAddr) -> bool {
    let overlap =
        one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    overlap && one.port() == other.port() && one.port() != 0
}

fn conflict<T>(text: &str) -> Result<T, ConfigError> {
    Err(ConfigError::Conflict(text.to_owned()))
}

fn read_file(path: &Path) -> Result<Layer, ConfigError> {
    let name = || path.display().to_string();
    let text = files::read_text(path).map_err(|error| ConfigError::Read {
        path: name(),
        error,
    })?;
    toml::from_str(&text).map_err(|error| ConfigError::File {
        path: name(),
        error: Box::new(error),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    fn load(arguments: &[&str]) -> Result<Config, ConfigError> {
        Config::load(std::iter::once(&"restante-bridge").chain(arguments))
    }

    fn refusal(arguments: &[&str]) -> String {
        load(arguments).unwrap_err().to_string()
    }

    fn with_file(text: &str, arguments: &[&str]) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bridge.toml");
        fs::write(&path, text).unwrap();
        let path = path.display().to_string();
        load(&[&["--config", &path], arguments].concat())
    }

    #[test]
    fn the_default_serves_this_machine_only() {
        let config = load(&[]).unwrap();
        assert_eq!(config.listen, DEFAULT_LISTEN.parse().unwrap());
        assert_eq!(config.allow, [Rule::public_pop3()]);
        assert!(config.allowed_origins.is_empty());
        assert!(!config.demo && !config.behind_proxy && config.tls.is_none());
    }

    #[cfg(feature = "demo")]
    #[test]
    fn every_setting_can_stand_in_the_file() {
        let config = with_file(
            "listen = '[::1]:1'\nbehind_proxy = true\ntrusted_proxies = ['::1']\nproxy_protocol = true\n\
             allowed_origins = ['https://a.example']\n\
             demo = true\nmax_connections = 2\nmax_relays = 3\nmax_relays_per_client = 4\n\
             handshake_seconds = 5\ndial_seconds = 6\nidle_seconds = 7\nlog = 'debug'\n\
             log_format = 'json'\n[[allow]]\nhost = 'mail.lan'\nport = 995\n\
             address = '192.168.1.10'\n[[allow]]\npreset = 'hosts'\n\
             hosts = ['a.example', 'b.example']",
            &[],
        )
        .unwrap();
        assert_eq!(config.listen, "[::1]:1".parse().unwrap());
        assert!(config.behind_proxy && config.demo);
        assert!(config.proxies.proxy_protocol && config.proxies.trusts(config.listen.ip()));
        let rules: Vec<String> = config.allow.iter().map(ToString::to_string).collect();
        assert_eq!(
            rules,
            ["mail.lan:995=192.168.1.10", "a.example", "b.example"]
        );
        assert_eq!(config.limits.relays_per_client, 4);
        assert_eq!(config.limits.idle_time, Duration::from_secs(7));
        assert_eq!(config.log_format, LogFormat::Json);
    }

    #[test]
    fn a_flag_beats_the_file() {
        let file = "max_relays = 3\ndial_seconds = 6\n[[allow]]\nhost = 'a.lan'\nport = 995\n";
        let flags = ["--max-relays", "9", "--allow", "b.lan:110,c.lan:110"];
        let config = with_file(file, &flags).unwrap();
        assert_eq!(config.limits.relays, 9);
        assert_eq!(config.limits.dial_time, Duration::from_secs(6));
        let rules: Vec<String> = config.allow.iter().map(ToString::to_string).collect();
        assert_eq!(rules, ["b.lan:110", "c.lan:110"]);
    }

    #[cfg(feature = "demo")]
    #[test]
    fn a_switch_of_the_file_can_be_switched_off() {
        assert!(!with_file("demo = true", &["--demo=false"]).unwrap().demo);
        assert!(load(&["--demo", "--listen", "127.0.0.1:0"]).unwrap().demo);
    }

    #[cfg(not(feature = "demo"))]
    #[test]
    fn a_build_without_the_demo_refuses_to_start_it() {
        for error in [
            refusal(&["--demo"]),
            with_file("demo = true", &[]).unwrap_err().to_string(),
        ] {
            assert!(error.contains("cargo xtask demo"), "{error}");
        }
        assert!(load(&["--demo=false"]).is_ok());
    }

    #[test]
    fn an_unknown_key_is_named() {
        for (file, key) in [
            ("lissten = '127.0.0.1:1'", "lissten"),
            (
                "[[allow]]\nhost = 'a.lan'\nport = 995\nadress = '::1'",
                "adress",
            ),
            ("demo = true\n[limits]\nrelays = 1", "limits"),
        ] {
            let error = with_file(file, &[]).unwrap_err().to_string();
            assert!(
                error.contains(key) && error.contains("bridge.toml"),
                "{error}"
            );
        }
        assert!(refusal(&["--lissten", "127.0.0.1:1"]).contains("--lissten"));
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for listen in ["0.0.0.0:8110", "[::]:8110", "192.168.1.2:8110"] {
            let error = refusal(&["--listen", listen]);
            assert!(error.contains("tls_cert") && error.contains("behind_proxy"));
            let proxied = ["--behind-proxy", "--trusted-proxies", "10.0.0.1"];
            let allow = ["--allow", "public-pop3"];
            assert!(load(&[&["--listen", listen], &proxied[..], &allow].concat()).is_ok());
        }
        assert!(load(&["--listen", "[::1]:8110"]).is_ok());
    }

    #[test]
    fn a_bridge_that_others_can_reach_is_told_what_it_may_dial() {
        for arguments in [
            &["--behind-proxy", "--trusted-proxies", "127.0.0.1"][..],
            &["--trusted-proxies", "127.0.0.1"],
            &[
                "--listen",
                "0.0.0.0:443",
                "--tls-cert",
                "a",
                "--tls-key",
                "b",
            ],
        ] {
            let error = refusal(arguments);
            assert!(error.contains("--allow public-pop3"), "{error}");
            let allowed = [arguments, &["--allow", "pop.example.org"]].concat();
            assert!(load(&allowed).is_ok(), "{arguments:?}");
        }
    }

    #[cfg(feature = "demo")]
    #[test]
    fn a_bridge_that_others_can_reach_may_serve_the_demo_only() {
        let proxied = ["--behind-proxy", "--trusted-proxies", "127.0.0.1"];
        let demo_only = with_file("allow = []\ndemo = true", &proxied).unwrap();
        assert!(demo_only.allow.is_empty());
    }

    #[test]
    fn half_a_certificate_and_contradictions_are_refused() {
        assert!(refusal(&["--tls-cert", "a"]).contains("tls_key"));
        assert!(refusal(&["--tls-key", "a"]).contains("tls_cert"));
        let proxied = ["--behind-proxy", "--trusted-proxies", "10.0.0.1"];
        let both = [&["--tls-cert", "a", "--tls-key", "b"], &proxied[..]].concat();
        assert!(refusal(&both).contains("choose one"));
        for nobody in ["--behind-proxy", "--proxy-protocol"] {
            assert!(refusal(&[nobody]).contains("trusted_proxies = [\"127.0.0.1\"]"));
        }
        assert!(refusal(&["--max-relays", "0"]).contains("max_relays"));
        assert!(refusal(&["--idle-seconds", "0"]).contains("idle_seconds"));
    }

    #[test]
    fn a_file_that_is_no_settings_is_named_with_what_it_should_be() {
        let refusal = |text: &str| with_file(text, &[]).unwrap_err().to_string();
        let as_for_flags = refusal("allow = [\"public-pop3\"]");
        assert!(as_for_flags.contains("[[allow]]"), "{as_for_flags}");
        let endless = refusal(&"#".repeat(1024 * 1024 + 1));
        assert!(endless.contains("mebibyte"), "{endless}");
    }

    #[test]
    fn the_status_needs_a_port_of_its_own() {
        let both = |listen, status| {
            let listeners = ["--listen", listen, "--status-listen", status];
            let proxy = ["--behind-proxy", "--trusted-proxies", "127.0.0.1"];
            let allow = ["--allow", "public-pop3"];
            load(&[&listeners[..], &proxy, &allow].concat())
        };
        for (listen, status) in [
            ("127.0.0.1:8110", "127.0.0.1:8110"),
            ("[::]:8110", "127.0.0.1:8110"),
            ("10.0.0.1:8110", "0.0.0.0:8110"),
        ] {
            let error = both(listen, status).unwrap_err().to_string();
            assert!(error.contains("status_listen"), "{error}");
        }
        for (listen, status) in [
            ("127.0.0.1:8110", "127.0.0.1:8111"),
            ("10.0.0.1:8110", "127.0.0.1:8110"),
            ("127.0.0.1:0", "127.0.0.1:0"),
        ] {
            assert!(both(listen, status).is_ok(), "{listen} {status}");
        }
    }

    #[test]
    fn wrong_values_are_refused_with_their_flag() {
        for (flag, value) in [
            ("--listen", "localhost"),
            ("--allow", "mail.lan:"),
            ("--allowed-origins", "mail.example.org"),
            ("--max-relays", "many"),
            ("--log-format", "xml"),
        ] {
            assert!(refusal(&[flag, value]).contains(flag), "{flag} {value}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        assert!(refusal(&["--config", "/nowhere/bridge.toml"]).contains("/nowhere/bridge.toml"));
    }
}
