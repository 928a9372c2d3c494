//! What a broken protocol means to a reader.

use restante_shared::pop3::session::{MisuseError, PeerError, UpgradeError};

use crate::api::event::{Problem, ProblemKind};

impl From<ProblemKind> for Problem {
    fn from(kind: ProblemKind) -> Self {
        Self::new(kind)
    }
}

impl From<PeerError> for Problem {
    fn from(error: PeerError) -> Self {
        let kind = match &error {
            PeerError::NotPop3 => ProblemKind::NotPop3,
            PeerError::Unsolicited(_)
            | PeerError::ClosedEarly(_)
            | PeerError::ClosedMidReply(_) => ProblemKind::ConnectionLost,
            PeerError::NoStatus(_) | PeerError::LineTooLong(_) | PeerError::Injected => {
                ProblemKind::ProtocolBroken
            }
            // Of a later version: whatever it is, the server did it.
            _ => ProblemKind::ProtocolBroken,
        };
        Self::with_detail(kind, error.to_string())
    }
}

impl From<MisuseError> for Problem {
    /// Reports a fault of this client.
    fn from(error: MisuseError) -> Self {
        Self::with_detail(ProblemKind::ProtocolBroken, error.to_string())
    }
}

impl From<UpgradeError> for Problem {
    fn from(error: UpgradeError) -> Self {
        match error {
            UpgradeError::Misuse(error) => error.into(),
            UpgradeError::Peer(error) => error.into(),
        }
    }
}
