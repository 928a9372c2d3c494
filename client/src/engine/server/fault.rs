//! The errors that end a session before `QUIT`.

use restante_shared::pop3::session::{MisuseError, PeerError};
use restante_shared::relay::CloseCode;
use thiserror::Error;

use crate::api::problem::{Problem, ProblemKind};
use crate::engine::limits::MAX_MESSAGE_BYTES;
use crate::transport::TransportError;

/// An error that has ended a session.
#[derive(Debug, Error)]
pub(in crate::engine) enum Fault {
    /// The server broke the protocol, or closed the connection.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The connection broke.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The server took too long.
    #[error("the server did not answer in time")]
    TimedOut,
    /// A message exceeds the limit.
    #[error("a message has more than {MAX_MESSAGE_BYTES} bytes")]
    Endless,
    /// This client broke the protocol.
    #[error(transparent)]
    Misuse(#[from] MisuseError),
}

impl Fault {
    /// Returns true if the bridge has ended the relay and expects the client to open another. Neither
    /// the server nor a message is to blame then.
    pub(in crate::engine) fn is_end_of_relay(&self) -> bool {
        matches!(
            self,
            Self::Transport(TransportError::Relay(
                CloseCode::ShuttingDown | CloseCode::Expired
            ))
        )
    }

    /// Returns true if replies got out of step with commands.
    pub(in crate::engine) fn is_loss_of_step(&self) -> bool {
        match self {
            Self::Peer(error) => matches!(
                error,
                PeerError::NoStatus(_) | PeerError::LineTooLong(_) | PeerError::Unsolicited(_)
            ),
            Self::Transport(_) | Self::TimedOut | Self::Endless | Self::Misuse(_) => false,
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Peer(error) => error.into(),
            Fault::Transport(error) => error.into(),
            Fault::TimedOut => ProblemKind::TimedOut.into(),
            Fault::Endless => Self::with_detail(ProblemKind::ProtocolBroken, fault.to_string()),
            Fault::Misuse(error) => error.into(),
        }
    }
}
