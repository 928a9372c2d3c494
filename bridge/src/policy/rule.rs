//! One target more than the policy allows by itself, as an operator writes it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use restante_shared::relay::{Target, TargetError};
use serde::Deserialize;
use thiserror::Error;

use super::Class;

/// Allows exactly one host and port.
///
/// A rule for an address literal, or one that pins the name to an address, covers that address
/// whatever it is. A rule for a name covers the public and private addresses that the name has,
/// yet not the bridge's own machine, link or cloud, since the name's owner chooses the answer;
/// the name `localhost` covers loopback.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RuleTable")]
pub struct Rule {
    target: Target,
    pinned: Option<IpAddr>,
}

/// Why a text is not a rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RuleError {
    /// The text is not `host:port` or `host:port=address`.
    #[error("a rule is host:port or host:port=address, IPv6 in brackets")]
    Form,
    /// Host or port cannot be dialled.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// What follows `=` is not an address.
    #[error("{0:?} is not an IP address")]
    Address(String),
}

impl Rule {
    /// Allows `target`, at the addresses that its name turns out to have.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self {
            target,
            pinned: None,
        }
    }

    /// Allows `target` at `address`, without ever looking the name up.
    #[must_use]
    pub fn pinned_to(target: Target, address: IpAddr) -> Self {
        Self {
            target,
            pinned: Some(address),
        }
    }

    /// The host and port that the client asks for.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    pub(super) fn pinned(&self) -> Option<IpAddr> {
        self.pinned
    }

    /// Whether this rule allows `address`, which is of `class`.
    pub(super) fn covers(&self, address: IpAddr, class: Class) -> bool {
        let host = self.target.host();
        if let Some(named) = self.pinned.or_else(|| host.address()) {
            return named == address;
        }
        if host.as_str() == "localhost" {
            return class == Class::Loopback;
        }
        match class {
            Class::Public | Class::Private | Class::Shared => true,
            Class::Loopback
            | Class::LinkLocal
            | Class::Metadata
            | Class::Multicast
            | Class::Unspecified
            | Class::Documentation
            | Class::Embedded
            | Class::Reserved => false,
        }
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (target, pinned) = match text.split_once('=') {
            Some((target, address)) => (target, Some(parse_address(address)?)),
            None => (text, None),
        };
        Ok(Self {
            target: parse_target(target)?,
            pinned,
        })
    }
}

/// Reads `host:port`, IPv6 in brackets.
///
/// # Errors
/// [`RuleError`] says what is wrong with it.
pub(crate) fn parse_target(text: &str) -> Result<Target, RuleError> {
    let (host, port) = text.rsplit_once(':').ok_or(RuleError::Form)?;
    let bracketed = host.starts_with('[') && host.ends_with(']');
    if host.contains(':') != bracketed {
        return Err(RuleError::Form);
    }
    let port = port.parse().map_err(|_| TargetError::Port)?;
    Ok(Target::new(host, port)?)
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pinned {
            Some(address) => write!(f, "{}={address}", self.target),
            None => write!(f, "{}", self.target),
        }
    }
}

/// A rule as a table of the configuration file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleTable {
    host: String,
    port: u16,
    address: Option<String>,
}

impl TryFrom<RuleTable> for Rule {
    type Error = RuleError;

    fn try_from(table: RuleTable) -> Result<Self, Self::Error> {
        Ok(Self {
            target: Target::new(&table.host, table.port)?,
            pinned: table.address.as_deref().map(parse_address).transpose()?,
        })
    }
}

fn parse_address(text: &str) -> Result<IpAddr, RuleError> {
    text.trim_matches(['[', ']'])
        .parse()
        .map_err(|_| RuleError::Address(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_survives_its_text() {
        for text in [
            "mail.lan:995",
            "192.168.1.10:110",
            "[fd12::1]:995",
            "mail.lan:995=192.168.1.10",
            "mail.lan:995=fd12::1",
        ] {
            let rule: Rule = text.parse().unwrap();
            assert_eq!(rule.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for text in [
            "",
            "mail.lan",
            "mail.lan:",
            "mail.lan:0",
            "mail.lan:pop3",
            "*.lan:995",
            "fd12::1:995",
            "mail.lan:995=",
            "mail.lan:995=mail.lan",
        ] {
            assert!(text.parse::<Rule>().is_err(), "{text:?}");
        }
    }
}
