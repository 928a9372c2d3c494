//! The contract between the client and the bridge: one WebSocket relays one TCP connection.
//!
//! The client opens `GET /relay?host=pop.example.org&port=995` as a WebSocket that offers
//! [`SUBPROTOCOL`]; the bridge selects it, resolves and dials the target, and from then on each
//! binary message is a run of the TCP stream's octets, in both directions, with boundaries that
//! mean nothing. Octets that the client sends before the target has answered wait in the bridge.
//! Text messages are an error. When the target closes, the bridge closes with 1000; when it cannot
//! serve, it closes with one of [`CloseCode`], since a browser shows a page nothing of a refused
//! upgrade.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The WebSocket subprotocol, with the version of this contract.
pub const SUBPROTOCOL: &str = "restante.relay.v1";

/// The path of the relay, below the address that the client was served from.
pub const PATH: &str = "/relay";

/// The longest host name in octets: [RFC 1035 §2.3.4] without the root's dot.
pub const MAX_HOST_OCTETS: usize = 253;

/// The host and port that the bridge dials.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    host: Host,
    port: u16,
}

/// A host name or an address literal, checked and in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Host(String);

/// Why a string names no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TargetError {
    /// The host is empty or longer than [`MAX_HOST_OCTETS`].
    #[error("a host name has 1 to {MAX_HOST_OCTETS} octets")]
    HostLength,
    /// The host is neither an address nor made of labels of letters, digits, `-` and `_`.
    #[error("a host name has only letters, digits, hyphens and dots")]
    HostCharacters,
    /// The port is not a number from 1 to 65535.
    #[error("a port is a number from 1 to 65535")]
    Port,
    /// The query has no `host`, no `port`, or one of them twice.
    #[error("the relay's address needs one host and one port")]
    Query,
}

impl Target {
    /// Builds a target from a host and a port that is not 0.
    ///
    /// # Errors
    /// [`TargetError`] says which of the two cannot be dialled.
    pub fn new(host: &str, port: u16) -> Result<Self, TargetError> {
        if port == 0 {
            return Err(TargetError::Port);
        }
        Ok(Self {
            host: host.parse()?,
            port,
        })
    }

    /// The host to resolve, or the address to dial.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The TCP port, never 0.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Writes the query by which the client names this target, without the `?`.
    ///
    /// The characters that a [`Host`] may have need no percent-encoding in a query, the colons of
    /// IPv6 included ([RFC 3986 §3.4]).
    #[must_use]
    pub fn to_query(&self) -> String {
        format!("host={}&port={}", self.host, self.port)
    }

    /// Reads the query of the relay's address; other parameters are ignored.
    ///
    /// # Errors
    /// [`TargetError`] where host or port are missing, repeated or cannot be dialled.
    pub fn from_query(query: &str) -> Result<Self, TargetError> {
        let only = |name: &str| {
            let mut values = query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .filter(|(n, _)| *n == name);
            match (values.next(), values.next()) {
                (Some((_, value)), None) => Ok(value),
                (None, _) | (Some(_), Some(_)) => Err(TargetError::Query),
            }
        };
        let host = only("host")?.replace("%3A", ":").replace("%3a", ":");
        let port = only("port")?;
        if !port.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(TargetError::Port);
        }
        Self::new(&host, port.parse().map_err(|_| TargetError::Port)?)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.address() {
            Some(IpAddr::V6(address)) => write!(f, "[{address}]:{}", self.port),
            Some(IpAddr::V4(_)) | None => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl Host {
    /// The host as text: a lower-case name without a final dot, or an address without brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name that is never given to a machine ([RFC 6761 §6.4]).
    #[must_use]
    pub fn nowhere() -> Self {
        Self("nowhere.invalid".to_owned())
    }

    /// The address, where the host is a literal.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.0.parse().ok()
    }
}

impl FromStr for Host {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(address.into());
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.is_empty() || name.len() > MAX_HOST_OCTETS {
            return Err(TargetError::HostLength);
        }
        let label_is_sound = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|o| o.is_ascii_alphanumeric() || o == b'-' || o == b'_')
        };
        // A last label of digits alone is how odd spellings of IPv4 ("127.1", "0x7f000001") begin.
        let last = name.rsplit('.').next().unwrap_or(name);
        let looks_like_a_number = last.starts_with(|c: char| c.is_ascii_digit())
            && (last.bytes().all(|o| o.is_ascii_digit())
                || last.starts_with("0x")
                || last.starts_with("0X"));
        if looks_like_a_number || !name.split('.').all(label_is_sound) {
            return Err(TargetError::HostCharacters);
        }
        Ok(Self(name.to_ascii_lowercase()))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Self {
        Self(address.to_string())
    }
}

impl TryFrom<String> for Host {
    type Error = TargetError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Host> for String {
    fn from(host: Host) -> Self {
        host.0
    }
}

/// Why the bridge closed a relay, in the range that [RFC 6455 §7.4.2] leaves to private use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// The bridge's policy does not allow this target, or the request named none.
    Policy,
    /// The host name has no address.
    NameNotFound,
    /// The target's machine refused the connection.
    Refused,
    /// The target did not answer in time.
    TimedOut,
    /// The bridge has as many relays as it allows, in all or for this client.
    TooMany,
    /// The bridge is being stopped; another may be reached at the same address.
    ShuttingDown,
    /// The connection to the target could not be made, or broke, in another way.
    Broken,
    /// The bridge serves only who signs in, and the request had no credentials or wrong ones.
    AccessDenied,
    /// The bridge does not serve pages of this origin.
    ForeignPage,
    /// The relay carried nothing for too long, lasted too long or carried as much as one may; the
    /// client may open another.
    Expired,
}

impl CloseCode {
    /// Every code, for tables and tests.
    pub const ALL: [Self; 10] = [
        Self::Policy,
        Self::NameNotFound,
        Self::Refused,
        Self::TimedOut,
        Self::TooMany,
        Self::ShuttingDown,
        Self::Broken,
        Self::AccessDenied,
        Self::ForeignPage,
        Self::Expired,
    ];

    /// The number on the wire, 4001 to 4010.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::Policy => 4001,
            Self::NameNotFound => 4002,
            Self::Refused => 4003,
            Self::TimedOut => 4004,
            Self::TooMany => 4005,
            Self::ShuttingDown => 4006,
            Self::Broken => 4007,
            Self::AccessDenied => 4008,
            Self::ForeignPage => 4009,
            Self::Expired => 4010,
        }
    }

    /// Finds the code of a number from the wire.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_survives_its_query() {
        for (host, port) in [
            ("pop.example.org", 995),
            ("192.0.2.7", 110),
            ("2001:db8::1", 995),
        ] {
            let target = Target::new(host, port).unwrap();
            assert_eq!(Target::from_query(&target.to_query()), Ok(target));
        }
    }

    #[test]
    fn names_are_compared_in_lower_case_and_without_the_roots_dot() {
        assert_eq!(
            Target::new("POP.Example.ORG.", 995),
            Target::new("pop.example.org", 995)
        );
    }

    #[test]
    fn hosts_that_could_mean_something_else_are_refused() {
        for host in [
            "",
            ".",
            "a..b",
            "-a.example",
            "a b",
            "a/b",
            "a@b",
            "a%00b",
            "a\r\nb",
            "127.1",
            "2130706433",
            "0x7f000001",
            "exa\u{fc}mple.org",
            "127.0.0.1:25",
        ] {
            assert!(host.parse::<Host>().is_err(), "{host:?}");
        }
        assert_eq!(
            "a".repeat(254).parse::<Host>(),
            Err(TargetError::HostLength)
        );
    }

    #[test]
    fn a_query_names_one_host_and_one_port() {
        for query in [
            "",
            "host=a.example",
            "port=995",
            "host=a.example&port=0",
            "host=a.example&port=65536",
            "host=a.example&port=+995",
            "host=a.example&host=b.example&port=995",
        ] {
            assert!(Target::from_query(query).is_err(), "{query:?}");
        }
    }

    #[test]
    fn close_codes_survive_the_wire() {
        for code in CloseCode::ALL {
            assert_eq!(CloseCode::from_number(code.number()), Some(code));
        }
        assert_eq!(CloseCode::from_number(1000), None);
    }
}
