//! Why a target is not dialled.

use std::fmt;

use super::address::Class;
use super::rule::{Rule, joined};

/// Why a target is not dialled. The text is short enough for a close frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRefusal {
    reason: Reason,
    rules: String,
}

/// The property of the target that is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// No rule names the host.
    Host,
    /// Some rule names the host, but none allows this port.
    Port(u16),
    /// No rule that names host and port covers an address of the target.
    Address(Class),
    /// Each address is covered by some rule, but no rule covers all of them.
    Mixed,
    /// The name has more than [`MAX_ADDRESSES`](super::MAX_ADDRESSES) addresses.
    TooManyAddresses,
}

impl PolicyRefusal {
    /// `rules` are the closest ones.
    pub(super) fn new(reason: Reason, rules: &[&Rule]) -> Self {
        Self {
            reason,
            rules: joined(rules, ", "),
        }
    }

    /// Returns the property of the target that is not allowed.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// Returns the closest rules in the syntax of `--allow`, or `None` if no rule names the host.
    #[must_use]
    pub fn rules(&self) -> Option<&str> {
        Some(self.rules.as_str()).filter(|rules| !rules.is_empty())
    }

    /// Returns a word for [`Metrics::refused`](crate::metrics::Metrics::refused).
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.reason {
            Reason::Host => "policy_host",
            Reason::Port(_) => "policy_port",
            Reason::Address(_) | Reason::Mixed | Reason::TooManyAddresses => "policy_address",
        }
    }
}

impl fmt::Display for PolicyRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            Reason::Host => f.write_str("the host is not allowed"),
            Reason::Port(port) => write!(f, "port {port} is not allowed"),
            Reason::Address(Class::Public) => {
                f.write_str("the target has an address other than the allowed ones")
            }
            Reason::Address(class) => {
                write!(f, "the target has an address that is not allowed: {class}")
            }
            Reason::Mixed => f.write_str("no single rule covers all addresses of the target"),
            Reason::TooManyAddresses => f.write_str("the target has too many addresses"),
        }
    }
}

impl std::error::Error for PolicyRefusal {}
