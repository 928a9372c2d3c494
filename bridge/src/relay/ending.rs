//! The reasons for the end of a relay, and the close codes for the client.

use std::io;

use restante_shared::relay::{CloseCode, TargetError};
use thiserror::Error;

use crate::policy::PolicyRefusal;
use crate::websocket::{FrameError, close_payload};

/// Close codes of the protocol itself: [RFC 6455 §7.4.1].
mod code {
    pub(super) const NORMAL: u16 = 1000;
    pub(super) const PROTOCOL: u16 = 1002;
    pub(super) const UNSUPPORTED: u16 = 1003;
    pub(super) const NOT_UTF_8: u16 = 1007;
    pub(super) const TOO_LARGE: u16 = 1009;
}

/// The only reason that a client gets for a target that it may not use. It is the same for a private
/// address and for a name that does not exist, so that strangers cannot explore its network.
/// The log and `restante-bridge check` have the reason.
const REFUSAL: &str = "the target is unknown or not allowed";

/// Why a relay ended. The text is for the log.
#[derive(Debug, Error)]
pub(crate) enum RelayEnding {
    #[error("target closed")]
    TargetClosed,
    #[error("client closed")]
    ClientClosed(Option<u16>),
    #[error("client lost: {0}")]
    ClientLost(String),
    #[error("client does not respond")]
    ClientSilent,
    #[error("client accepts no data")]
    ClientStuck,
    #[error("target accepts no data")]
    TargetStuck,
    #[error("client sent a text message")]
    Text,
    #[error("client sent a frame that is too large")]
    TooLarge,
    #[error("client violated the WebSocket protocol: {0}")]
    Protocol(FrameError),
    #[error("client sent a close reason that is not UTF-8")]
    NotUtf8,
    #[error("refused: {0}")]
    NoTarget(#[from] TargetError),
    #[error("refused: {0} ({rules})", rules = .0.rules().unwrap_or("no rule names the host"))]
    Refused(#[from] PolicyRefusal),
    /// A name that a rule only matches by a pattern has no address, or none that it allows.
    #[error("refused: name not found: {0}")]
    NameUnknown(String),
    /// A host that a rule names has no address.
    #[error("name not found: {0}")]
    NameNotFound(String),
    #[error("target refused the connection")]
    ConnectionRefused,
    #[error("target did not answer in time")]
    DialTimedOut,
    #[error("idle for too long")]
    Idle,
    #[error("maximum lifetime reached")]
    TooOld,
    #[error("maximum amount of data reached")]
    TooMuch,
    #[error("bridge is shutting down")]
    ShuttingDown,
    #[error("connection to the target failed: {0}")]
    Broken(io::Error),
}

impl RelayEnding {
    /// Returns the payload of the close frame, or `None` if the client would not read it.
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
            Self::Refused(_) | Self::NameUnknown(_) => ours(CloseCode::Policy, REFUSAL),
            Self::NameNotFound(_) => ours(CloseCode::NameNotFound, "name not found"),
            Self::ConnectionRefused => ours(CloseCode::Refused, "connection refused"),
            Self::DialTimedOut => ours(CloseCode::TimedOut, "no answer in time"),
            Self::Idle => ours(CloseCode::Expired, "idle for too long"),
            Self::TooOld => ours(CloseCode::Expired, "open for too long"),
            Self::TooMuch => ours(CloseCode::Expired, "too much data"),
            Self::TargetStuck => ours(CloseCode::Broken, "the server accepts no data"),
            Self::ShuttingDown => ours(CloseCode::ShuttingDown, "shutting down"),
            Self::Broken(_) => ours(CloseCode::Broken, "connection broken"),
        })
    }

    /// Returns true if the client's later data must be ignored, because it has closed or has violated the
    /// protocol.
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
            | Self::NameUnknown(_)
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

    /// Returns the reason as a constant word, for the metrics.
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
            Self::NameUnknown(_) | Self::NameNotFound(_) => "name_not_found",
            Self::ConnectionRefused => "connection_refused",
            Self::DialTimedOut => "dial_timed_out",
            Self::Idle => "idle",
            Self::TooOld => "too_old",
            Self::TooMuch => "too_much",
            Self::ShuttingDown => "shutting_down",
            Self::Broken(_) => "target_broken",
        }
    }

    /// Returns true if the log reports this as a refusal.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NoTarget(_) | Self::Refused(_) | Self::NameUnknown(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use restante_shared::relay::Target;

    use super::*;
    use crate::policy::{Policy, Rule};
    use crate::websocket::LONGEST_CONTROL;

    fn policy_refusal(host: &str) -> PolicyRefusal {
        let policy = Policy::default().allow(Rule::public_pop3());
        let target = Target::new(host, 995).unwrap();
        let admission = policy.admit(&target).unwrap();
        let address = admission.known_address().unwrap();
        admission.judge(&[address]).unwrap_err()
    }

    #[test]
    fn all_refusals_look_the_same_to_a_client() {
        let refusal = |host| RelayEnding::Refused(policy_refusal(host)).close_payload();
        let unknown = RelayEnding::NameUnknown("no such name".to_owned()).close_payload();
        for host in ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1"] {
            assert_eq!(refusal(host), unknown, "{host}");
        }
    }

    #[test]
    fn a_reason_fits_into_a_control_frame() {
        for ending in [
            RelayEnding::NoTarget(TargetError::HostCharacters),
            RelayEnding::NoTarget(TargetError::HostLength),
            RelayEnding::Refused(policy_refusal("100.64.0.1")),
            RelayEnding::Refused(policy_refusal("::ffff:127.0.0.1")),
            RelayEnding::Protocol(FrameError::Length),
            RelayEnding::Idle,
        ] {
            let payload = ending.close_payload().unwrap();
            assert!(payload.len() <= LONGEST_CONTROL, "{ending}");
        }
    }
}
