//! Every way in which a relay ends, and what the client is told.

use std::io;

use restante_shared::relay::{CloseCode, TargetError};
use thiserror::Error;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode as FrameCode;

use crate::limits::Full;
use crate::policy::Refusal;

/// Why a relay ended; as text, what the log says.
#[derive(Debug, Error)]
pub(crate) enum Ending {
    #[error("target closed")]
    TargetClosed,
    #[error("client closed")]
    ClientClosed,
    #[error("client lost: {0}")]
    ClientLost(String),
    #[error("client gives no sign of life")]
    ClientSilent,
    #[error("client sent text")]
    Text,
    #[error("client sent a message that is too large")]
    TooLarge,
    #[error("client broke the WebSocket protocol: {0}")]
    Protocol(String),
    #[error("refused: {0}")]
    NoTarget(#[from] TargetError),
    #[error("refused: {0} ({rules})", rules = .0.rules().unwrap_or("no rule names it"))]
    Refused(#[from] Refusal),
    #[error("refused: {0}")]
    Full(#[from] Full),
    #[error("name not found: {0}")]
    NameNotFound(String),
    #[error("target refused the connection")]
    ConnectionRefused,
    #[error("target did not answer in time")]
    DialTimedOut,
    #[error("nothing was relayed for too long")]
    Idle,
    #[error("bridge is shutting down")]
    ShuttingDown,
    #[error("target broke: {0}")]
    Broken(io::Error),
}

impl Ending {
    /// The close frame for the client, unless it is the client that has ended the relay.
    pub(crate) fn close_frame(&self) -> Option<CloseFrame> {
        let ours = |code: CloseCode, reason: &str| (code.number().into(), reason.to_owned());
        let (code, reason) = match self {
            Self::ClientClosed | Self::ClientLost(_) | Self::ClientSilent => return None,
            Self::TargetClosed => (FrameCode::Normal, String::new()),
            Self::Text => (FrameCode::Unsupported, "only binary messages".to_owned()),
            Self::TooLarge => (FrameCode::Size, String::new()),
            Self::Protocol(_) => (FrameCode::Protocol, String::new()),
            Self::NoTarget(error) => ours(CloseCode::Policy, &error.to_string()),
            Self::Refused(refusal) => ours(CloseCode::Policy, &refusal.to_string()),
            Self::Full(full) => ours(CloseCode::TooMany, &full.to_string()),
            Self::NameNotFound(_) => ours(CloseCode::NameNotFound, "name not found"),
            Self::ConnectionRefused => ours(CloseCode::Refused, "connection refused"),
            Self::DialTimedOut => ours(CloseCode::TimedOut, "no answer in time"),
            Self::Idle => ours(CloseCode::TimedOut, "idle for too long"),
            Self::ShuttingDown => ours(CloseCode::ShuttingDown, "shutting down"),
            Self::Broken(_) => ours(CloseCode::Broken, "connection broken"),
        };
        Some(CloseFrame {
            code,
            reason: reason.into(),
        })
    }

    /// Whether an operator should see this at the default log level as a refusal.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::NoTarget(_) | Self::Refused(_) | Self::Full(_) => true,
            Self::TargetClosed
            | Self::ClientClosed
            | Self::ClientLost(_)
            | Self::ClientSilent
            | Self::Text
            | Self::TooLarge
            | Self::Protocol(_)
            | Self::NameNotFound(_)
            | Self::ConnectionRefused
            | Self::DialTimedOut
            | Self::Idle
            | Self::ShuttingDown
            | Self::Broken(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use restante_shared::relay::Target;

    use super::*;
    use crate::policy::{Policy, Rule};

    fn policy_refusal(host: &str) -> Refusal {
        let policy = Policy::default().allow(Rule::public_pop3());
        let target = Target::new(host, 995).unwrap();
        let admission = policy.admit(&target).unwrap();
        let address = admission.known_address().unwrap();
        admission.judge(&[address]).unwrap_err()
    }

    #[test]
    fn a_reason_fits_into_a_control_frame() {
        for ending in [
            Ending::NoTarget(TargetError::HostCharacters),
            Ending::NoTarget(TargetError::HostLength),
            Ending::Refused(policy_refusal("100.64.0.1")),
            Ending::Refused(policy_refusal("::ffff:127.0.0.1")),
            Ending::Full(Full::Client),
            Ending::Idle,
        ] {
            let frame = ending.close_frame().unwrap();
            assert!(frame.reason.len() <= 123, "{}", frame.reason);
        }
    }
}
