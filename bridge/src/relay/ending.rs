//! Every way in which a relay ends, and what the client is told.

use std::io;

use restante_shared::relay::{CloseCode, TargetError};
use thiserror::Error;

use crate::policy::Refusal;
use crate::websocket::{FrameError, close_payload};

/// Close codes of the protocol itself: [RFC 6455 §7.4.1].
mod code {
    pub(super) const NORMAL: u16 = 1000;
    pub(super) const PROTOCOL: u16 = 1002;
    pub(super) const UNSUPPORTED: u16 = 1003;
    pub(super) const NOT_UTF_8: u16 = 1007;
    pub(super) const TOO_LARGE: u16 = 1009;
}

/// Why a relay ended; as text, what the log says.
#[derive(Debug, Error)]
pub(crate) enum Ending {
    #[error("target closed")]
    TargetClosed,
    #[error("client closed")]
    ClientClosed(Option<u16>),
    #[error("client lost: {0}")]
    ClientLost(String),
    #[error("client gives no sign of life")]
    ClientSilent,
    #[error("client took nothing of what it was sent")]
    ClientStuck,
    #[error("target took nothing of what it was sent")]
    TargetStuck,
    #[error("client sent text")]
    Text,
    #[error("client sent a frame that is too large")]
    TooLarge,
    #[error("client broke the WebSocket protocol: {0}")]
    Protocol(FrameError),
    #[error("client closed for a reason that is not UTF-8")]
    NotUtf8,
    #[error("refused: {0}")]
    NoTarget(#[from] TargetError),
    #[error("refused: {0} ({rules})", rules = .0.rules().unwrap_or("no rule names it"))]
    Refused(#[from] Refusal),
    #[error("name not found: {0}")]
    NameNotFound(String),
    #[error("target refused the connection")]
    ConnectionRefused,
    #[error("target did not answer in time")]
    DialTimedOut,
    #[error("nothing was relayed for too long")]
    Idle,
    #[error("it has lasted as long as one may")]
    TooOld,
    #[error("it has carried as much as one may")]
    TooMuch,
    #[error("bridge is shutting down")]
    ShuttingDown,
    #[error("target broke: {0}")]
    Broken(io::Error),
}

impl Ending {
    /// What the close frame for the client carries, unless there is nobody to read it.
    pub(crate) fn close_payload(&self) -> Option<Vec<u8>> {
        let ours = |code: CloseCode, reason: &str| close_payload(code.number(), reason);
        Some(match self {
            Self::ClientLost(_) | Self::ClientSilent | Self::ClientStuck => return None,
            // [RFC 6455 §5.5.1]: a close frame is answered with the code that it has.
            Self::ClientClosed(None) => Vec::new(),
            Self::ClientClosed(Some(code)) => close_payload(*code, ""),
            Self::TargetClosed => close_payload(code::NORMAL, ""),
            Self::Text => close_payload(code::UNSUPPORTED, "only binary messages"),
            Self::TooLarge => close_payload(code::TOO_LARGE, ""),
            Self::Protocol(error) => close_payload(code::PROTOCOL, &error.to_string()),
            Self::NotUtf8 => close_payload(code::NOT_UTF_8, ""),
            Self::NoTarget(error) => ours(CloseCode::Policy, &error.to_string()),
            Self::Refused(refusal) => ours(CloseCode::Policy, &refusal.to_string()),
            Self::NameNotFound(_) => ours(CloseCode::NameNotFound, "name not found"),
            Self::ConnectionRefused => ours(CloseCode::Refused, "connection refused"),
            Self::DialTimedOut => ours(CloseCode::TimedOut, "no answer in time"),
            Self::Idle => ours(CloseCode::Expired, "idle for too long"),
            Self::TooOld => ours(CloseCode::Expired, "open for too long"),
            Self::TooMuch => ours(CloseCode::Expired, "too many octets"),
            Self::TargetStuck => ours(CloseCode::Broken, "the server takes nothing"),
            Self::ShuttingDown => ours(CloseCode::ShuttingDown, "shutting down"),
            Self::Broken(_) => ours(CloseCode::Broken, "connection broken"),
        })
    }

    /// Whether nothing that the client sends after this is to be understood: it has closed, or has
    /// broken the protocol.
    pub(crate) fn ends_reading(&self) -> bool {
        match self {
            Self::ClientClosed(_)
            | Self::ClientLost(_)
            | Self::Text
            | Self::TooLarge
            | Self::Protocol(_)
            | Self::NotUtf8 => true,
            Self::TargetClosed
            | Self::ClientSilent
            | Self::ClientStuck
            | Self::TargetStuck
            | Self::NoTarget(_)
            | Self::Refused(_)
            | Self::NameNotFound(_)
            | Self::ConnectionRefused
            | Self::DialTimedOut
            | Self::Idle
            | Self::TooOld
            | Self::TooMuch
            | Self::ShuttingDown
            | Self::Broken(_) => false,
        }
    }

    /// The reason as one constant word, by which relays are counted.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::TargetClosed => "target_closed",
            Self::ClientClosed(_) => "client_closed",
            Self::ClientLost(_) => "client_lost",
            Self::ClientSilent => "client_silent",
            Self::ClientStuck => "client_stuck",
            Self::TargetStuck => "target_stuck",
            Self::Text | Self::Protocol(_) | Self::NotUtf8 => "protocol",
            Self::TooLarge => "frame_too_large",
            Self::NoTarget(_) => "no_target",
            Self::Refused(refusal) => refusal.word(),
            Self::NameNotFound(_) => "name_not_found",
            Self::ConnectionRefused => "connection_refused",
            Self::DialTimedOut => "dial_timed_out",
            Self::Idle => "idle",
            Self::TooOld => "too_old",
            Self::TooMuch => "too_much",
            Self::ShuttingDown => "shutting_down",
            Self::Broken(_) => "target_broken",
        }
    }

    /// Whether an operator should see this at the default log level as a refusal.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Self::NoTarget(_) | Self::Refused(_))
    }
}

#[cfg(test)]
mod tests {
    use restante_shared::relay::Target;

    use super::*;
    use crate::policy::{Policy, Rule};
    use crate::websocket::LONGEST_CONTROL;

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
            Ending::Protocol(FrameError::Length),
            Ending::Idle,
        ] {
            let payload = ending.close_payload().unwrap();
            assert!(payload.len() <= LONGEST_CONTROL, "{ending}");
        }
    }
}
