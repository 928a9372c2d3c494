//! What a failure of a check means to a reader: one table for refusals, one for broken protocol.

use restante_shared::pop3::reply::{ResponseCode, StatusText};
use restante_shared::pop3::session::{MisuseError, PeerError, UpgradeError};

use crate::engine::event::{Problem, ProblemKind};

impl From<ProblemKind> for Problem {
    fn from(kind: ProblemKind) -> Self {
        Self::new(kind)
    }
}

impl From<PeerError> for Problem {
    fn from(error: PeerError) -> Self {
        let kind = match &error {
            PeerError::NotPop3 => ProblemKind::NotPop3,
            PeerError::Unasked(_) | PeerError::ClosedEarly(_) | PeerError::ClosedMidReply(_) => {
                ProblemKind::ConnectionLost
            }
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

/// What a refused `USER`, `PASS` or `AUTH` means.
///
/// Response codes count wherever they appear: servers without `RESP-CODES` do not begin their texts
/// with these words in brackets, and a locked maildrop must not look like a wrong password.
pub(super) fn login_refused(text: &StatusText) -> Problem {
    match coded(text) {
        Some(kind) => problem(kind, text),
        None if text.code == Some(ResponseCode::Auth) => {
            problem(ProblemKind::WrongCredentials, text)
        }
        None if tells_of_a_lock(&text.text) => problem(ProblemKind::MaildropInUse, text),
        None => problem(ProblemKind::WrongCredentials, text),
    }
}

/// What any other refusal means.
pub(super) fn refused(text: &StatusText) -> Problem {
    problem(coded(text).unwrap_or(ProblemKind::ServerRefused), text)
}

fn coded(text: &StatusText) -> Option<ProblemKind> {
    match text.code.as_ref()? {
        ResponseCode::InUse => Some(ProblemKind::MaildropInUse),
        ResponseCode::LoginDelay | ResponseCode::SysTemp => Some(ProblemKind::TryLater),
        ResponseCode::SysPerm => Some(ProblemKind::ServerRefused),
        ResponseCode::Auth | ResponseCode::Other(_) => None,
    }
}

/// Finds a locked maildrop that is told in words only, such as [RFC 1939 §7]'s own example
/// "maildrop already locked". An account that is locked is another matter.
fn tells_of_a_lock(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let what = ["maildrop", "mailbox", "mail drop", "spool"];
    let how = ["lock", "in use", "busy"];
    what.iter().any(|word| text.contains(word)) && how.iter().any(|word| text.contains(word))
}

fn problem(kind: ProblemKind, text: &StatusText) -> Problem {
    Problem {
        kind,
        detail: (!text.text.is_empty()).then(|| text.text.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(line: &str) -> ProblemKind {
        login_refused(&StatusText::read(line.as_bytes())).kind
    }

    #[test]
    fn a_locked_maildrop_is_no_wrong_password() {
        for line in [
            "[IN-USE] Do you have another POP session running?",
            "maildrop already locked",
            "Mailbox is in use",
            "can't lock your mailbox",
        ] {
            assert_eq!(login(line), ProblemKind::MaildropInUse, "{line}");
        }
    }

    #[test]
    fn a_refused_login_is_a_wrong_password_unless_the_server_knows_better() {
        for (line, kind) in [
            (
                "[AUTH] Authentication failed.",
                ProblemKind::WrongCredentials,
            ),
            ("invalid password", ProblemKind::WrongCredentials),
            ("account locked out", ProblemKind::WrongCredentials),
            ("", ProblemKind::WrongCredentials),
            ("[SYS/TEMP] Try again", ProblemKind::TryLater),
            ("[LOGIN-DELAY] wait", ProblemKind::TryLater),
            ("[SYS/PERM] Mailbox gone", ProblemKind::ServerRefused),
        ] {
            assert_eq!(login(line), kind, "{line}");
        }
    }

    #[test]
    fn what_the_server_says_is_passed_on() {
        let problem = refused(&StatusText::read(b"[SYS/PERM] no such drop"));
        assert_eq!(problem.detail.as_deref(), Some("no such drop"));
        assert_eq!(refused(&StatusText::default()).detail, None);
    }
}
