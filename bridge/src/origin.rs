//! The pages that may use the relay. A browser reports the origin of a page truthfully.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use hyper::http::Uri;
use hyper::http::uri::Authority;
use serde::Deserialize;
use thiserror::Error;

use crate::tls::Tls;

/// The way in which clients reach the bridge, which also sets the scheme of its pages.
#[derive(Debug, Clone)]
pub enum TlsMode {
    /// Plain HTTP, on this machine only.
    Plain,
    /// TLS that ends in the bridge.
    Tls(Arc<Tls>),
    /// TLS that ends in a reverse proxy, which passes `Host` and `X-Forwarded-For` on.
    Proxy,
}

/// A web origin: [RFC 6454 §4], with `http` and `https` only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

/// The error for a text that is not an origin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not an origin such as https://mail.example.org")]
pub struct OriginError(String);

/// Why a page may not use the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OriginRefusal {
    /// The header is missing. Browsers always send it.
    #[error("the request has no Origin")]
    Missing,
    /// The origin is neither the bridge's own nor allowed.
    #[error("the page's origin is not allowed")]
    Foreign,
    /// The bridge was reached by a name that anyone could have pointed to this machine.
    #[error("without TLS, the bridge is available under the names of this machine only")]
    Rebound,
}

impl Origin {
    /// Returns the origin of a page that was served for `host`, a `Host` header.
    fn of_host(host: &str, secure: bool) -> Option<Self> {
        let authority: Authority = host.parse().ok()?;
        if authority.as_str().contains('@') {
            return None;
        }
        let default = if secure { 443 } else { 80 };
        let port = match authority.port() {
            Some(port) => port.as_str().parse().ok()?,
            // "example.org:" and "example.org:65536" have a colon but no valid port.
            None if authority.as_str().ends_with(']') || !authority.as_str().contains(':') => {
                default
            }
            None => return None,
        };
        Some(Self {
            secure,
            host: authority.host().to_ascii_lowercase(),
            port,
        })
    }

    fn is_loopback(&self) -> bool {
        let address = self.host.trim_matches(['[', ']']).parse::<IpAddr>();
        match address {
            Ok(address) => address.is_loopback(),
            Err(_) => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }
}

/// Checks the origin of a page that requests a relay.
///
/// Without TLS the bridge listens on loopback, and any name can resolve to that address (DNS
/// rebinding). So it accepts only the names of this machine there.
///
/// # Errors
/// [`OriginRefusal`] if the page may not use the relay.
pub(crate) fn judge(
    origin: Option<&str>,
    host: Option<&str>,
    tls_mode: &TlsMode,
    allowed: &[Origin],
) -> Result<(), OriginRefusal> {
    let origin: Origin = origin
        .ok_or(OriginRefusal::Missing)?
        .parse()
        .map_err(|_| OriginRefusal::Foreign)?;
    if allowed.contains(&origin) {
        return Ok(());
    }
    let (secure, loopback_only) = match tls_mode {
        TlsMode::Plain => (false, true),
        TlsMode::Tls(_) | TlsMode::Proxy => (true, false),
    };
    let own = host.and_then(|host| Origin::of_host(host, secure));
    if own.as_ref() != Some(&origin) {
        return Err(OriginRefusal::Foreign);
    }
    if loopback_only && !origin.is_loopback() {
        return Err(OriginRefusal::Rebound);
    }
    Ok(())
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || OriginError(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| error())?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            Some(_) | None => return Err(error()),
        };
        if uri.path() != "/" || uri.query().is_some() || text.ends_with('/') {
            return Err(error());
        }
        let authority = uri.authority().ok_or_else(error)?;
        Self::of_host(authority.as_str(), secure).ok_or_else(error)
    }
}

impl TryFrom<String> for Origin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(origin: &str, host: &str) -> Result<(), OriginRefusal> {
        judge(Some(origin), Some(host), &TlsMode::Plain, &[])
    }

    fn proxied(origin: &str, host: &str) -> Result<(), OriginRefusal> {
        judge(Some(origin), Some(host), &TlsMode::Proxy, &[])
    }

    #[test]
    fn the_bridges_own_page_is_accepted() {
        for host in [
            "127.0.0.1:8110",
            "localhost:8110",
            "[::1]:8110",
            "a.localhost",
        ] {
            assert_eq!(plain(&format!("http://{host}"), host), Ok(()), "{host}");
        }
        for (origin, host) in [
            ("https://mail.example.org", "mail.example.org"),
            ("https://mail.example.org", "Mail.Example.org:443"),
            ("https://mail.example.org:8443", "mail.example.org:8443"),
        ] {
            assert_eq!(proxied(origin, host), Ok(()), "{origin}");
        }
    }

    #[test]
    fn foreign_pages_are_refused() {
        for (origin, host) in [
            ("https://evil.example", "mail.example.org"),
            ("https://mail.example.org.evil.example", "mail.example.org"),
            ("https://mail.example.org@evil.example", "mail.example.org"),
            ("http://mail.example.org", "mail.example.org"),
            ("https://mail.example.org:8443", "mail.example.org"),
            ("https://mail.example.org/", "mail.example.org"),
            ("https://mail.example.org/x", "mail.example.org"),
            ("wss://mail.example.org", "mail.example.org"),
            ("file://", "mail.example.org"),
            ("null", "mail.example.org"),
            ("", "mail.example.org"),
            ("https://mail.example.org", ""),
            ("https://mail.example.org", "mail.example.org:"),
            ("https://mail.example.org", "user@mail.example.org"),
        ] {
            assert_eq!(
                proxied(origin, host),
                Err(OriginRefusal::Foreign),
                "{origin:?} {host:?}"
            );
        }
    }

    #[test]
    fn a_request_without_an_origin_is_refused() {
        let refused = judge(None, Some("127.0.0.1:8110"), &TlsMode::Plain, &[]);
        assert_eq!(refused, Err(OriginRefusal::Missing));
    }

    #[test]
    fn a_foreign_name_that_resolves_to_this_machine_is_refused() {
        assert_eq!(
            plain("http://evil.example:8110", "evil.example:8110"),
            Err(OriginRefusal::Rebound)
        );
    }

    #[test]
    fn an_allowed_origin_is_accepted_for_any_host() {
        let allowed = ["https://embedder.example".parse().unwrap()];
        let judged = |origin| {
            judge(
                Some(origin),
                Some("mail.example.org"),
                &TlsMode::Proxy,
                &allowed,
            )
        };
        assert_eq!(judged("https://embedder.example"), Ok(()));
        assert_eq!(
            judged("http://embedder.example"),
            Err(OriginRefusal::Foreign)
        );
    }
}
