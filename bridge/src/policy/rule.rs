//! A rule: which hosts may be dialled, on which ports, at which addresses.

use std::fmt;
use std::net::IpAddr;

use restante_shared::relay::{Host, Target};

use super::address::{self, Class};
use super::hosts::Hosts;
use super::{POP3_PORTS, RuleError};
use crate::client_address::AddressRange;

/// Allows some targets; what no rule allows is refused.
///
/// A name alone stands for its public addresses, since whoever owns the name chooses the others. To
/// reach anything else, a rule has to say where: a range, a pinned address, "a host on my LAN", or
/// an address in place of the name. `localhost` stands for this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub(super) hosts: Hosts,
    /// At least one, none twice.
    pub(super) ports: Vec<u16>,
    pub(super) reach: Reach,
}

/// At which addresses a rule lets its hosts be dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// Public ones.
    Public,
    /// Those of private networks.
    Lan,
    /// Those of this machine.
    Loopback,
    /// This one, which needs no look-up.
    Only(IpAddr),
    /// Those that one of the ranges names.
    Ranges(Vec<AddressRange>),
}

impl Rule {
    /// Allows `target`: an address at itself, `localhost` at loopback, any other name at its public
    /// addresses.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self::of_hosts(Hosts::One(target.host().clone()), vec![target.port()])
    }

    /// Allows `target` at `address`, without ever looking the name up.
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
    /// [`RuleError::NotPrivate`] where the host is an address of another kind.
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

    /// Allows `hosts` where they are when nothing else is said.
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

    /// The one address that needs no look-up.
    pub(super) fn pinned(&self) -> Option<IpAddr> {
        match self.reach {
            Reach::Only(address) => Some(address),
            Reach::Public | Reach::Lan | Reach::Loopback | Reach::Ranges(_) => None,
        }
    }

    /// Whether this rule lets `address` be dialled.
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

/// Writes the rule as `--allow` reads it.
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

/// The things as texts, with `between` between them.
pub(super) fn joined(things: &[impl ToString], between: &str) -> String {
    let texts: Vec<String> = things.iter().map(ToString::to_string).collect();
    texts.join(between)
}
