//! A rule: hosts, ports and addresses that may be dialled.

use std::fmt;
use std::net::IpAddr;

use restante_shared::relay::{Host, Target};

use super::address::{self, Class};
use super::hosts::Hosts;
use super::parse::RuleError;
use crate::client_address::AddressRange;

/// The ports of POP3 and of POP3 over TLS.
pub const POP3_PORTS: [u16; 2] = [110, 995];

/// Allows some targets; a target that no rule allows is refused.
///
/// A bare name stands for its public addresses, because the owner of the name chooses the addresses. For
/// others, a rule has to name them: a range, a pinned address, a host on the LAN, or an address instead
/// of the name. `localhost` stands for this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub(super) hosts: Hosts,
    /// At least one, without duplicates.
    pub(super) ports: Vec<u16>,
    pub(super) reach: Reach,
}

/// The addresses at which a rule's hosts may be dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// Public addresses.
    Public,
    /// Addresses of private networks.
    Lan,
    /// Loopback addresses.
    Loopback,
    /// This address, without resolving the name.
    Only(IpAddr),
    /// Addresses that one of the ranges names.
    Ranges(Vec<AddressRange>),
}

impl Rule {
    /// Allows `target`: an address at itself, `localhost` at loopback, any other name at its public
    /// addresses.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self::of_hosts(Hosts::One(target.host().clone()), vec![target.port()])
    }

    /// Allows `target` at `address`, without resolving the name.
    #[must_use]
    pub fn pinned_to(target: Target, address: IpAddr) -> Self {
        Self {
            reach: Reach::Only(address),
            ..Self::new(target)
        }
    }

    /// Allows every host on the [`POP3_PORTS`], at its public addresses.
    #[must_use]
    pub fn public_pop3() -> Self {
        Self::of_hosts(Hosts::Any, POP3_PORTS.to_vec())
    }

    /// Allows `host` on the [`POP3_PORTS`], at its addresses of private networks.
    ///
    /// # Errors
    /// [`RuleError::NotPrivate`] if the host is an address of another class.
    pub fn lan_host(host: Host) -> Result<Self, RuleError> {
        if let Some(address) = host.address()
            && Class::of(address) != Class::Private
        {
            return Err(RuleError::NotPrivate(address));
        }
        Ok(Self {
            hosts: Hosts::One(host),
            ports: POP3_PORTS.to_vec(),
            reach: Reach::Lan,
        })
    }

    /// Allows `hosts` at their default addresses.
    pub(super) fn of_hosts(hosts: Hosts, ports: Vec<u16>) -> Self {
        let reach = match &hosts {
            Hosts::One(host) => match host.address() {
                Some(address) => Reach::Only(address),
                None if host.as_str() == "localhost" => Reach::Loopback,
                None => Reach::Public,
            },
            Hosts::Any | Hosts::Below(_) => Reach::Public,
        };
        Self {
            hosts,
            ports,
            reach,
        }
    }

    /// Returns the pinned address, which needs no resolving.
    pub(super) fn pinned(&self) -> Option<IpAddr> {
        match self.reach {
            Reach::Only(address) => Some(address),
            Reach::Public | Reach::Lan | Reach::Loopback | Reach::Ranges(_) => None,
        }
    }

    /// Returns true if this rule allows `address`.
    pub(crate) fn covers(&self, address: IpAddr) -> bool {
        match &self.reach {
            Reach::Public => Class::of(address) == Class::Public,
            Reach::Lan => Class::of(address) == Class::Private,
            Reach::Loopback => Class::of(address) == Class::Loopback,
            Reach::Only(only) => *only == address,
            Reach::Ranges(ranges) => ranges.iter().any(|range| address::names(range, address)),
        }
    }
}

/// Formats the rule in the syntax of `--allow`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::public_pop3() {
            return f.write_str("public-pop3");
        }
        if self.reach == Reach::Lan {
            f.write_str("lan-host=")?;
        }
        write!(f, "{}", self.hosts)?;
        if self.ports != POP3_PORTS {
            write!(f, ":{}", joined(&self.ports, "+"))?;
        }
        match &self.reach {
            Reach::Only(address) if Hosts::One((*address).into()) != self.hosts => {
                write!(f, "={address}")
            }
            Reach::Ranges(ranges) => write!(f, "={}", joined(ranges, "+")),
            Reach::Public | Reach::Lan | Reach::Loopback | Reach::Only(_) => Ok(()),
        }
    }
}

/// Joins the texts of `things`, with `between` between them.
pub(super) fn joined(things: &[impl ToString], between: &str) -> String {
    let texts: Vec<String> = things.iter().map(ToString::to_string).collect();
    texts.join(between)
}
