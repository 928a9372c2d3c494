//! The contract between the client and the bridge: one WebSocket relays one TCP connection.
//!
//! The client opens `GET /relay?host=pop.example.org&port=995` as a WebSocket that offers
//! [`SUBPROTOCOL`]. The bridge selects it, resolves and dials the target. From then on, binary
//! messages carry the bytes of the TCP stream in both directions; their boundaries have no meaning.
//! The bridge buffers bytes that the client sends before the target has accepted the connection.
//! Text messages are an error. When the target closes the connection, the bridge closes the
//! WebSocket with code 1000. If it cannot serve the client, it closes with a [`CloseCode`] instead
//! of refusing the upgrade, because a browser hides the details of a refused upgrade from the page.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The WebSocket subprotocol, with the version of this contract.
pub const SUBPROTOCOL: &str = "restante.relay.v1";

/// The path of the relay, relative to the address that serves the client.
pub const PATH: &str = "/relay";

/// The longest host name in bytes: [RFC 1035 §2.3.4] without the final dot.
pub const MAX_HOST_BYTES: usize = 253;

/// The host and port that the bridge dials.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    host: Host,
    port: u16,
}

/// A valid host name or address literal, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Host(String);

/// The reason why a string is not a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TargetError {
    /// The host is empty or longer than [`MAX_HOST_BYTES`].
    #[error("a host name has 1 to {MAX_HOST_BYTES} bytes")]
    HostLength,
    /// The host is neither an address nor a sequence of labels of letters, digits, `-` and `_`.
    #[error("a host name has only letters, digits, hyphens and dots")]
    HostCharacters,
    /// The port is not a number from 1 to 65535.
    #[error("a port is a number from 1 to 65535")]
    Port,
    /// The query lacks `host` or `port`, or has one of them twice.
    #[error("the query needs one host and one port")]
    Query,
}

impl Target {
    /// Checks a host and a port.
    ///
    /// # Errors
    /// [`TargetError`] if the host is invalid or the port is 0.
    pub fn new(host: &str, port: u16) -> Result<Self, TargetError> {
        if port == 0 {
            return Err(TargetError::Port);
        }
        Ok(Self {
            host: host.parse()?,
            port,
        })
    }

    /// Returns the host name to resolve, or the address to dial.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Returns the TCP port, which is never 0.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the query that names this target, without the `?`.
    ///
    /// The characters of a [`Host`], including the colons of IPv6, need no percent-encoding in a query
    /// ([RFC 3986 §3.4]).
    #[must_use]
    pub fn to_query(&self) -> String {
        format!("host={}&port={}", self.host, self.port)
    }

    /// Parses the query of a request to the relay, and ignores other parameters.
    ///
    /// # Errors
    /// [`TargetError`] if host or port is missing, repeated or invalid.
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
    /// Returns the host as text: a lower-case name without a final dot, or an address without brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns a name that never resolves ([RFC 6761 §6.4]).
    #[must_use]
    pub fn nowhere() -> Self {
        Self("nowhere.invalid".to_owned())
    }

    /// Returns the address if the host is a literal.
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
        if name.is_empty() || name.len() > MAX_HOST_BYTES {
            return Err(TargetError::HostLength);
        }
        let label_is_valid = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|o| o.is_ascii_alphanumeric() || o == b'-' || o == b'_')
        };
        // Unusual notations of IPv4 addresses ("127.1", "0x7f000001") end in a numeric label.
        let last = name.rsplit('.').next().unwrap_or(name);
        let looks_like_a_number = last.starts_with(|c: char| c.is_ascii_digit())
            && (last.bytes().all(|o| o.is_ascii_digit())
                || last.starts_with("0x")
                || last.starts_with("0X"));
        if looks_like_a_number || !name.split('.').all(label_is_valid) {
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

/// The reason why the bridge closed a relay, as a close code for private use ([RFC 6455 §7.4.2]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// The policy of the bridge forbids the target, or the request names no target.
    Policy,
    /// The host name does not resolve to an address.
    NameNotFound,
    /// The target refused the connection.
    Refused,
    /// The target did not answer in time.
    TimedOut,
    /// The bridge has reached its limit of relays, in total or for this client.
    TooMany,
    /// The bridge is shutting down; another may be running at the same address.
    ShuttingDown,
    /// The connection to the target failed for another reason.
    Broken,
    /// The bridge requires users to sign in, and the request had no valid credentials.
    AccessDenied,
    /// The bridge does not serve pages of the origin of the request.
    ForeignPage,
    /// The relay was idle for too long, or reached its limit of time or bytes. The client may open
    /// another.
    Expired,
}

impl CloseCode {
    /// All codes.
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

    /// Returns the number on the wire, from 4001 to 4010.
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

    /// Returns the code of a number on the wire.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_parsed_from_its_query() {
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
    fn host_names_are_compared_in_lower_case_and_without_the_final_dot() {
        assert_eq!(
            Target::new("POP.Example.ORG.", 995),
            Target::new("pop.example.org", 995)
        );
    }

    #[test]
    fn ambiguous_and_invalid_hosts_are_refused() {
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
    fn close_codes_are_found_by_their_number() {
        for code in CloseCode::ALL {
            assert_eq!(CloseCode::from_number(code.number()), Some(code));
        }
        assert_eq!(CloseCode::from_number(1000), None);
    }
}
