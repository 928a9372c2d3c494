//! Rules in the text form of `--allow`.

use std::net::IpAddr;
use std::str::FromStr;

use restante_shared::relay::{Target, TargetError};
use thiserror::Error;

use super::hosts::Hosts;
use super::rule::{POP3_PORTS, Reach, Rule};

use crate::client_address::{AddressRange, AddressRangeError};

/// Why a text or a table is not a rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RuleError {
    /// The text does not have the form of a rule.
    #[error(
        "expected public-pop3, lan-host=HOST, HOST, HOST:PORT or HOST:PORT=ADDRESS, with IPv6 in \
         brackets before the port"
    )]
    Form,
    /// The host or the port is invalid.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The text after `=` is neither an address nor a range.
    #[error(transparent)]
    Range(#[from] AddressRangeError),
    /// A pattern is pinned to one address.
    #[error("{0} matches many hosts, so it cannot be pinned to one address: write a range")]
    Pinned(String),
    /// A LAN host with an address that is not private.
    #[error("{0} is not an address of a private network")]
    NotPrivate(IpAddr),
    /// A table without a required key, or with a key that does not fit the others.
    #[error("{0}")]
    AllowTable(&'static str),
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "public-pop3" {
            return Ok(Self::public_pop3());
        }
        if let Some(host) = text.strip_prefix("lan-host=") {
            let (host, ports) = host_and_ports(host)?;
            return Ok(Self {
                ports,
                ..Self::lan_host(host.parse()?)?
            });
        }
        let (hosts, at) = match text.split_once('=') {
            Some((hosts, at)) => (hosts, Some(at)),
            None => (text, None),
        };
        let (hosts, ports) = host_and_ports(hosts)?;
        let rule = Self::of_hosts(hosts.parse()?, ports);
        match at {
            None => Ok(rule),
            Some(at) => match at.trim_matches(['[', ']']).parse() {
                Ok(address) => rule.pinned_at(address),
                Err(_) => {
                    let ranges: Result<_, AddressRangeError> =
                        at.split('+').map(str::parse).collect();
                    Ok(rule.within(ranges?))
                }
            },
        }
    }
}

impl Rule {
    pub(super) fn pinned_at(self, address: IpAddr) -> Result<Self, RuleError> {
        match &self.hosts {
            Hosts::Any | Hosts::Below(_) => Err(RuleError::Pinned(self.hosts.to_string())),
            Hosts::One(_) => Ok(Self {
                reach: Reach::Only(address),
                ..self
            }),
        }
    }

    pub(super) fn within(self, ranges: Vec<AddressRange>) -> Self {
        Self {
            reach: Reach::Ranges(ranges),
            ..self
        }
    }
}

/// Parses `host:port`, with IPv6 in brackets.
///
/// # Errors
/// [`RuleError`] if the text has another form.
pub(crate) fn parse_target(text: &str) -> Result<Target, RuleError> {
    let (host, ports) = split(text)?;
    let port = ports.ok_or(TargetError::Port)?;
    Ok(Target::new(host, parse_port(port)?)?)
}

/// Parses `host`, `host:port` or `host:port+port`. Without a port, returns both ports of POP3.
fn host_and_ports(text: &str) -> Result<(&str, Vec<u16>), RuleError> {
    let (host, ports) = split(text)?;
    let ports = match ports {
        None => POP3_PORTS.to_vec(),
        Some(ports) => sound_ports(ports.split('+').map(parse_port).collect::<Result<_, _>>()?)?,
    };
    Ok((host, ports))
}

/// Splits at the colon before the port; brackets stay around IPv6.
fn split(text: &str) -> Result<(&str, Option<&str>), RuleError> {
    let host_end = match text.starts_with('[') {
        true => text.find(']').ok_or(RuleError::Form)? + 1,
        false => text.find(':').unwrap_or(text.len()),
    };
    match text.split_at_checked(host_end) {
        Some((host, "")) => Ok((host, None)),
        Some((host, rest)) => match rest.strip_prefix(':') {
            Some(ports) if !ports.contains(':') => Ok((host, Some(ports))),
            Some(_) | None => Err(RuleError::Form),
        },
        None => Err(RuleError::Form),
    }
}

fn parse_port(text: &str) -> Result<u16, TargetError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|port| digits && *port != 0)
        .ok_or(TargetError::Port)
}

/// Removes duplicate ports, and refuses invalid ones.
pub(super) fn sound_ports(ports: Vec<u16>) -> Result<Vec<u16>, RuleError> {
    let mut sound = Vec::new();
    for port in ports {
        match port {
            0 => return Err(TargetError::Port.into()),
            port if sound.contains(&port) => {}
            port => sound.push(port),
        }
    }
    match sound.is_empty() {
        true => Err(RuleError::AllowTable(
            "ports is empty: omit it for 110 and 995",
        )),
        false => Ok(sound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_and_parsing_are_inverse() {
        for text in [
            "public-pop3",
            "lan-host=mail.lan",
            "lan-host=mail.lan:1110",
            "lan-host=[fd12::1]",
            "pop.example.org",
            "*.example.org",
            "*.example.org:995+2995",
            "*:2995",
            "*=192.168.1.0/24+fd12::/16",
            "mail.lan:995",
            "192.168.1.10",
            "192.168.1.10:110",
            "[fd12::1]:995",
            "mail.lan:995=192.168.1.10",
            "mail.lan:995=fd12::1",
            "mail.lan=192.168.1.10/32",
            "localhost:1110",
            "10.0.0.1:995=10.0.0.2",
        ] {
            let rule: Rule = text.parse().unwrap();
            assert_eq!(rule.to_string(), text);
        }
    }

    #[test]
    fn spellings_of_one_rule_are_equal() {
        for (text, same) in [
            ("*", "public-pop3"),
            ("*:110+995", "public-pop3"),
            ("Pop.Example.ORG.:110+995+110", "pop.example.org"),
            ("mail.lan:995=[fd12::1]", "mail.lan:995=fd12::1"),
            ("10.0.0.1=10.0.0.1", "10.0.0.1"),
        ] {
            assert_eq!(text.parse::<Rule>().unwrap().to_string(), same, "{text}");
        }
    }

    #[test]
    fn invalid_rules_are_refused() {
        for text in [
            "",
            ":995",
            "mail.lan:",
            "mail.lan:0",
            "mail.lan:+995",
            "mail.lan:995+",
            "mail.lan:pop3",
            "mail.lan:65536",
            "fd12::1:995",
            "[fd12::1",
            "[fd12::1]995",
            "mail.lan:995=",
            "mail.lan:995=mail.lan",
            "mail.lan:995=10.0.0.0/33",
            "*.lan:995=10.0.0.1",
            "*=127.0.0.1",
            "lan-host=",
            "lan-host=*.lan",
            "lan-host=1.1.1.1",
            "lan-host=127.0.0.1",
            "Public-Pop3:",
        ] {
            assert!(text.parse::<Rule>().is_err(), "{text:?}");
        }
    }
}
