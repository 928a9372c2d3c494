//! What ties a login to one TLS connection.

use std::fmt;

/// What only the two ends of this very TLS connection have ([RFC 5056]): whoever sits in between
/// has another, so a login that is bound to it cannot be passed on.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelBinding {
    /// Which of the two it is.
    pub kind: BindingKind,
    /// The data itself.
    pub data: Vec<u8>,
}

/// The kinds of channel bindings that are used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingKind {
    /// `tls-exporter` ([RFC 9266]), of TLS 1.3.
    Exporter,
    /// `tls-server-end-point` ([RFC 5929 §4]), for TLS 1.2.
    ServerEndPoint,
}

impl BindingKind {
    /// Its name in the registry of channel bindings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exporter => "tls-exporter",
            Self::ServerEndPoint => "tls-server-end-point",
        }
    }
}

impl fmt::Debug for ChannelBinding {
    /// Leaves the data out: they may be keying material.
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
