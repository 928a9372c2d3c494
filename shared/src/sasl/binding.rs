//! Channel bindings, which tie a login to one TLS connection.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Data that only the two ends of one TLS connection share ([RFC 5056]).
///
/// An attacker between them has two connections with different bindings, so a login that is bound to one
/// of them cannot be forwarded to the other.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelBinding {
    /// The type of the binding.
    pub kind: BindingKind,
    /// The binding data.
    pub data: Vec<u8>,
}

/// The supported channel binding types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BindingKind {
    /// `tls-exporter` ([RFC 9266]), for TLS 1.3.
    Exporter,
    /// `tls-server-end-point` ([RFC 5929 §4]), for TLS 1.2.
    ServerEndPoint,
}

impl BindingKind {
    /// Returns the name in the registry of channel binding types.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exporter => "tls-exporter",
            Self::ServerEndPoint => "tls-server-end-point",
        }
    }
}

impl fmt::Debug for ChannelBinding {
    /// Omits the data, which may be keying material.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChannelBinding({}, …)", self.kind.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keying_material_is_never_printed() {
        let binding = ChannelBinding {
            kind: BindingKind::Exporter,
            data: vec![42; 32],
        };
        let printed = format!("{binding:?}");
        assert_eq!(printed, "ChannelBinding(tls-exporter, …)");
    }
}
