//! Rules as operators write them: a text of `--allow`, or an `[[allow]]` table of the file.

use std::net::IpAddr;
use std::str::FromStr;

use restante_shared::relay::{Host, Target, TargetError};
use serde::Deserialize;
use thiserror::Error;

use super::hosts::Hosts;
use super::rule::{Reach, Rule};
use super::{Class, POP3_PORTS};
use crate::client_address::{AddressRange, AddressRangeError};

/// What one `--allow` or one `[[allow]]` says: a rule, or several by one preset.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Table")]
pub struct Entry(Vec<Rule>);

/// Why a text or a table is no rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RuleError {
    /// The text has another form than a rule.
    #[error(
        "a rule is public-pop3, lan-host=HOST, or HOST, HOST:PORT or HOST:PORT=ADDRESS, with IPv6 \
         in brackets before the port"
    )]
    Form,
    /// Host or port cannot be dialled.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// What follows `=` is neither an address nor a range of them.
    #[error(transparent)]
    Range(#[from] AddressRangeError),
    /// A pattern is pinned to one address.
    #[error("{0} stands for many hosts, which cannot all be at one address: write a range")]
    Pinned(String),
    /// A host of one's LAN that is none.
    #[error("{0} is no address of a private network")]
    NotPrivate(IpAddr),
    /// A table without a key that it needs, or with one that has no place in it.
    #[error("{0}")]
    Table(&'static str),
}

impl IntoIterator for Entry {
    type Item = Rule;
    type IntoIter = std::vec::IntoIter<Rule>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromStr for Entry {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(vec![text.parse()?]))
    }
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
    fn pinned_at(self, address: IpAddr) -> Result<Self, RuleError> {
        match &self.hosts {
            Hosts::Any | Hosts::Below(_) => Err(RuleError::Pinned(self.hosts.to_string())),
            Hosts::One(_) => Ok(Self {
                reach: Reach::Only(address),
                ..self
            }),
        }
    }

    fn within(self, ranges: Vec<AddressRange>) -> Self {
        Self {
            reach: Reach::Ranges(ranges),
            ..self
        }
    }
}

/// Reads `host:port`, IPv6 in brackets.
///
/// # Errors
/// [`RuleError`] says what is wrong with it.
pub(crate) fn parse_target(text: &str) -> Result<Target, RuleError> {
    let (host, ports) = split(text)?;
    let port = ports.ok_or(TargetError::Port)?;
    Ok(Target::new(host, parse_port(port)?)?)
}

/// Splits `host`, `host:port` or `host:port+port`; without a port, both of POP3.
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
    let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|port| digits && *port != 0)
        .ok_or(TargetError::Port)
}

/// The ports, each once.
fn sound_ports(ports: Vec<u16>) -> Result<Vec<u16>, RuleError> {
    let mut sound = Vec::new();
    for port in ports {
        match port {
            0 => return Err(TargetError::Port.into()),
            port if sound.contains(&port) => {}
            port => sound.push(port),
        }
    }
    match sound.is_empty() {
        true => Err(RuleError::Table(
            "ports is empty: leave it out for 110 and 995",
        )),
        false => Ok(sound),
    }
}

/// An `[[allow]]` table of the configuration file.
#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a table: a line with [[allow]], and below it preset = \"public-pop3\" or host = \"pop.example.org\""
)]
struct Table {
    preset: Option<Preset>,
    host: Option<String>,
    hosts: Option<Vec<String>>,
    port: Option<u16>,
    ports: Option<Vec<u16>>,
    address: Option<IpAddr>,
    addresses: Option<Vec<AddressRange>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Preset {
    /// Any public POP3 server.
    PublicPop3,
    /// Only these hosts, at public addresses.
    Hosts,
    /// This host of one's own network.
    LanHost,
}

impl TryFrom<Table> for Entry {
    type Error = RuleError;

    fn try_from(table: Table) -> Result<Self, Self::Error> {
        let no_addresses = table.address.is_none() && table.addresses.is_none();
        let no_ports = table.port.is_none() && table.ports.is_none();
        let rules = match (&table.preset, &table.host, &table.hosts) {
            (None, Some(_), None) => vec![table.rule()?],
            (None, _, _) => return refuse("an [[allow]] needs a host or a preset"),
            (Some(Preset::PublicPop3), None, None) if no_addresses && no_ports => {
                vec![Rule::public_pop3()]
            }
            (Some(Preset::PublicPop3), _, _) => {
                return refuse("the preset \"public-pop3\" stands alone, without other keys");
            }
            (Some(Preset::Hosts), None, Some(hosts))
                if no_addresses && no_ports && !hosts.is_empty() =>
            {
                hosts
                    .iter()
                    .map(|host| public_host(host))
                    .collect::<Result<_, _>>()?
            }
            (Some(Preset::Hosts), _, _) => {
                return refuse(
                    "the preset \"hosts\" needs hosts = [\"pop.example.org\"] and no other key; \
                     for ports or addresses, write a table without a preset for each host",
                );
            }
            (Some(Preset::LanHost), Some(host), None) if no_addresses => {
                let host: Host = host.parse()?;
                vec![Rule {
                    ports: table.ports()?,
                    ..Rule::lan_host(host)?
                }]
            }
            (Some(Preset::LanHost), _, _) => {
                return refuse(
                    "the preset \"lan-host\" needs host = \"mail.lan\", may have ports, and no \
                     other key",
                );
            }
        };
        Ok(Self(rules))
    }
}

impl Table {
    fn rule(&self) -> Result<Rule, RuleError> {
        let hosts = self.host.as_deref().unwrap_or_default().parse()?;
        let rule = Rule::of_hosts(hosts, self.ports()?);
        match (self.address, &self.addresses) {
            (None, None) => Ok(rule),
            (Some(address), None) => rule.pinned_at(address),
            (None, Some(ranges)) if ranges.is_empty() => {
                refuse("addresses is empty: leave it out for public addresses")
            }
            (None, Some(ranges)) => Ok(rule.within(ranges.clone())),
            (Some(_), Some(_)) => refuse("write address or addresses, and not both"),
        }
    }

    fn ports(&self) -> Result<Vec<u16>, RuleError> {
        match (self.port, &self.ports) {
            (None, None) => Ok(POP3_PORTS.to_vec()),
            (Some(port), None) => sound_ports(vec![port]),
            (None, Some(ports)) => sound_ports(ports.clone()),
            (Some(_), Some(_)) => refuse("write port or ports, and not both"),
        }
    }
}

/// A rule of the preset "hosts", which public addresses are all of.
fn public_host(host: &str) -> Result<Rule, RuleError> {
    let hosts: Hosts = host.parse()?;
    if let Hosts::One(host) = &hosts
        && let Some(address) = host.address()
        && Class::of(address) != Class::Public
    {
        return refuse("the preset \"hosts\" is for public addresses");
    }
    Ok(Rule {
        hosts,
        ports: POP3_PORTS.to_vec(),
        reach: Reach::Public,
    })
}

fn refuse<T>(text: &'static str) -> Result<T, RuleError> {
    Err(RuleError::Table(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_survives_its_text() {
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
    fn spellings_of_one_rule_are_one_rule() {
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
    fn what_is_no_rule_is_refused() {
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

    fn entry(table: &str) -> Result<Vec<String>, toml::de::Error> {
        let entry: Entry = toml::from_str(table)?;
        Ok(entry.into_iter().map(|rule| rule.to_string()).collect())
    }

    #[test]
    fn a_table_is_the_rule_that_its_text_is() {
        for (table, rules) in [
            ("preset = 'public-pop3'", &["public-pop3"][..]),
            (
                "preset = 'hosts'\nhosts = ['pop.example.org', '*.example.net', '1.1.1.1']",
                &["pop.example.org", "*.example.net", "1.1.1.1"],
            ),
            (
                "preset = 'lan-host'\nhost = 'mail.lan'",
                &["lan-host=mail.lan"],
            ),
            (
                "preset = 'lan-host'\nhost = 'mail.lan'\nport = 1110",
                &["lan-host=mail.lan:1110"],
            ),
            ("host = '*'", &["public-pop3"]),
            (
                "host = '*.example.org'\nports = [995, 2995]",
                &["*.example.org:995+2995"],
            ),
            (
                "host = 'mail.lan'\nport = 995\naddress = '192.168.1.10'",
                &["mail.lan:995=192.168.1.10"],
            ),
            (
                "host = 'mail.lan'\naddresses = ['192.168.1.0/24']",
                &["mail.lan=192.168.1.0/24"],
            ),
        ] {
            assert_eq!(entry(table).unwrap(), rules, "{table}");
        }
    }

    #[test]
    fn a_table_that_means_nothing_or_two_things_is_refused_with_its_reason() {
        for (table, reason) in [
            ("", "host or a preset"),
            ("port = 995", "host or a preset"),
            ("hosts = ['a.example']", "host or a preset"),
            ("preset = 'public'", "public-pop3"),
            ("preset = 'public-pop3'\nport = 995", "alone"),
            ("preset = 'public-pop3'\nhost = 'a.example'", "alone"),
            ("preset = 'hosts'", "needs hosts"),
            ("preset = 'hosts'\nhosts = []", "needs hosts"),
            (
                "preset = 'hosts'\nhosts = ['a.example']\nport = 1",
                "no other key",
            ),
            ("preset = 'hosts'\nhosts = ['10.0.0.1']", "public addresses"),
            ("preset = 'lan-host'", "needs host"),
            ("preset = 'lan-host'\nhost = '8.8.8.8'", "private network"),
            (
                "preset = 'lan-host'\nhost = 'a.lan'\naddress = '::1'",
                "no other key",
            ),
            ("host = 'a.lan'\nport = 1\nports = [1]", "not both"),
            ("host = 'a.lan'\nports = []", "empty"),
            ("host = 'a.lan'\naddresses = []", "empty"),
            (
                "host = 'a.lan'\naddress = '::1'\naddresses = ['::1']",
                "not both",
            ),
            ("host = 'a.lan'\naddresses = ['10.0.0.0/40']", "10.0.0.0/40"),
            ("host = '*.lan'\naddress = '10.0.0.1'", "write a range"),
            ("host = 'a.lan'\nport = 0", "port"),
            ("host = 'a.lan'\nadress = '::1'", "adress"),
        ] {
            let error = entry(table).unwrap_err().to_string();
            assert!(error.contains(reason), "{table}: {error}");
        }
    }
}
