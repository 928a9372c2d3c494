//! Why a target is not dialled.

use std::fmt;

use super::rule::joined;
use super::{Class, Rule};

/// Why a target is not dialled; as text, short enough for a close frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    reason: Reason,
    rules: String,
}

/// What about the target is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// No rule names the host.
    Host,
    /// Some rule names the host, but none of them this port.
    Port(u16),
    /// An address of the target is covered by no rule that names host and port.
    Address(Class),
    /// Each address is covered by some rule, and no rule covers them all.
    Mixed,
    /// The name has more than [`MAX_ADDRESSES`](super::MAX_ADDRESSES) addresses.
    TooManyAddresses,
}

impl Refusal {
    /// `rules` are those that came closest.
    pub(super) fn new(reason: Reason, rules: &[&Rule]) -> Self {
        Self {
            reason,
            rules: joined(rules, ", "),
        }
    }

    /// What about the target is not allowed.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The rules that came closest, as `--allow` writes them; none where no rule names the host.
    #[must_use]
    pub fn rules(&self) -> Option<&str> {
        Some(self.rules.as_str()).filter(|rules| !rules.is_empty())
    }

    /// A word for [`Metrics::refused`](crate::metrics::Metrics::refused).
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.reason {
            Reason::Host => "policy_host",
            Reason::Port(_) => "policy_port",
            Reason::Address(_) | Reason::Mixed | Reason::TooManyAddresses => "policy_address",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            Reason::Host => f.write_str("the host is not allowed"),
            Reason::Port(port) => write!(f, "port {port} is not allowed"),
            Reason::Address(Class::Public) => {
                f.write_str("the target has another address than the allowed ones")
            }
            Reason::Address(class) => {
                write!(f, "the target has an address that is not allowed: {class}")
            }
            Reason::Mixed => f.write_str("the target has addresses of different rules"),
            Reason::TooManyAddresses => f.write_str("the target has too many addresses"),
        }
    }
}

impl std::error::Error for Refusal {}
