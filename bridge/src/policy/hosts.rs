//! The hosts of a rule.

use std::fmt;
use std::str::FromStr;

use restante_shared::relay::{Host, TargetError};

/// A host, every host below a name, or every host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hosts {
    /// `*`
    Any,
    /// `*.example.org`: at any depth, and not `example.org` itself.
    Below(Host),
    /// `pop.example.org`, or an address.
    One(Host),
}

impl Hosts {
    /// Returns true if `host`, as a client requests it, is one of these.
    pub(super) fn hold(&self, host: &Host) -> bool {
        match self {
            Self::Any => true,
            Self::Below(name) => host
                .as_str()
                .strip_suffix(name.as_str())
                .is_some_and(|rest| rest.ends_with('.')),
            Self::One(one) => one == host,
        }
    }
}

impl FromStr for Hosts {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let Some(name) = text.strip_prefix("*.") else {
            return Ok(Self::One(text.parse()?));
        };
        let name: Host = name.parse()?;
        match name.address() {
            Some(_) => Err(TargetError::HostCharacters),
            None => Ok(Self::Below(name)),
        }
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Below(name) => write!(f, "*.{name}"),
            Self::One(host) if host.as_str().contains(':') => write!(f, "[{host}]"),
            Self::One(host) => write!(f, "{host}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_its_hosts_only() {
        for (pattern, held, left_out) in [
            ("pop.example.org", "POP.example.org.", "a.pop.example.org"),
            ("*.example.org", "pop.example.org", "example.org"),
            ("*.example.org", "a.b.example.org", "popexample.org"),
            ("*.example.org", "a.example.org", "example.org.evil.example"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.10"),
            ("[2001:db8::1]", "2001:DB8:0::1", "2001:db8::10"),
        ] {
            let hosts: Hosts = pattern.parse().unwrap();
            assert!(hosts.hold(&held.parse().unwrap()), "{pattern} {held}");
            assert!(
                !hosts.hold(&left_out.parse().unwrap()),
                "{pattern} {left_out}"
            );
        }
        assert!(Hosts::Any.hold(&"192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn invalid_patterns_are_refused() {
        for text in [
            "",
            "*.",
            "**",
            "*.*.org",
            "pop.*.org",
            "*example.org",
            "*.192.0.2.1",
            "*.org*",
        ] {
            assert!(text.parse::<Hosts>().is_err(), "{text:?}");
        }
    }
}
