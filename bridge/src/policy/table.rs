//! `[[allow]]` tables of the configuration file.

use std::net::IpAddr;
use std::str::FromStr;

use restante_shared::relay::Host;
use serde::Deserialize;

use super::address::Class;
use super::hosts::Hosts;
use super::parse::{RuleError, sound_ports};
use super::rule::{POP3_PORTS, Reach, Rule};
use crate::client_address::AddressRange;

/// The rules of one `--allow` or one `[[allow]]`: a single rule, or several from a preset.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "AllowTable")]
pub struct AllowEntry(Vec<Rule>);

impl IntoIterator for AllowEntry {
    type Item = Rule;
    type IntoIter = std::vec::IntoIter<Rule>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromStr for AllowEntry {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(vec![text.parse()?]))
    }
}

/// An `[[allow]]` table of the configuration file.
#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a table: a line with [[allow]], followed by preset = \"public-pop3\" or host = \"pop.example.org\""
)]
struct AllowTable {
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
    /// This host on the operator's own network.
    LanHost,
}

impl TryFrom<AllowTable> for AllowEntry {
    type Error = RuleError;

    fn try_from(table: AllowTable) -> Result<Self, Self::Error> {
        let no_addresses = table.address.is_none() && table.addresses.is_none();
        let no_ports = table.port.is_none() && table.ports.is_none();
        let rules = match (&table.preset, &table.host, &table.hosts) {
            (None, Some(_), None) => vec![table.rule()?],
            (None, _, _) => return refuse("an [[allow]] needs a host or a preset"),
            (Some(Preset::PublicPop3), None, None) if no_addresses && no_ports => {
                vec![Rule::public_pop3()]
            }
            (Some(Preset::PublicPop3), _, _) => {
                return refuse("the preset \"public-pop3\" must stand alone, without other keys");
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
                    "the preset \"hosts\" needs hosts = [\"pop.example.org\"] and permits no other key; \
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
                    "the preset \"lan-host\" needs host = \"mail.lan\", permits ports, and no other \
                     key",
                );
            }
        };
        Ok(Self(rules))
    }
}

impl AllowTable {
    fn rule(&self) -> Result<Rule, RuleError> {
        let hosts = self.host.as_deref().unwrap_or_default().parse()?;
        let rule = Rule::of_hosts(hosts, self.ports()?);
        match (self.address, &self.addresses) {
            (None, None) => Ok(rule),
            (Some(address), None) => rule.pinned_at(address),
            (None, Some(ranges)) if ranges.is_empty() => {
                refuse("addresses is empty: omit it for public addresses")
            }
            (None, Some(ranges)) => Ok(rule.within(ranges.clone())),
            (Some(_), Some(_)) => refuse("use address or addresses, not both"),
        }
    }

    fn ports(&self) -> Result<Vec<u16>, RuleError> {
        match (self.port, &self.ports) {
            (None, None) => Ok(POP3_PORTS.to_vec()),
            (Some(port), None) => sound_ports(vec![port]),
            (None, Some(ports)) => sound_ports(ports.clone()),
            (Some(_), Some(_)) => refuse("use port or ports, not both"),
        }
    }
}

/// Returns a rule of the preset "hosts", which permits public addresses only.
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
    Err(RuleError::AllowTable(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(table: &str) -> Result<Vec<String>, toml::de::Error> {
        let entry: AllowEntry = toml::from_str(table)?;
        Ok(entry.into_iter().map(|rule| rule.to_string()).collect())
    }

    #[test]
    fn a_table_is_equal_to_its_text() {
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
    fn an_incomplete_or_ambiguous_table_is_refused_with_a_reason() {
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
