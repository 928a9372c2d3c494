//! How a session ended, in one sentence.

use crate::api::check::CheckOutcome;
use crate::api::problem::{Problem, ProblemKind};

/// The sentence for the end of a check.
pub(in crate::engine) fn of_check(outcome: &CheckOutcome) -> String {
    match outcome {
        CheckOutcome::Done {
            new_messages,
            skipped: 0,
        } => format!("Checked: {}.", new(*new_messages)),
        CheckOutcome::Done {
            new_messages,
            skipped,
        } => format!("Checked: {}, {skipped} left out.", new(*new_messages)),
        CheckOutcome::Cancelled { new_messages } => {
            format!("Cancelled after {}.", new(*new_messages))
        }
        CheckOutcome::Failed { problem, .. } => sentence(problem),
        CheckOutcome::PasswordNeeded => "The password was missing.".to_owned(),
        CheckOutcome::Postponed { .. } => "The server requires a pause between logins.".to_owned(),
    }
}

fn new(messages: u32) -> String {
    match messages {
        0 => "no new message".to_owned(),
        1 => "1 new message".to_owned(),
        more => format!("{more} new messages"),
    }
}

/// The sentence for a problem.
pub(in crate::engine) fn sentence(problem: &Problem) -> String {
    let what = match problem.kind {
        ProblemKind::WrongCredentials => "The server refused the user name or the password",
        ProblemKind::MaildropInUse => "Another session is using the mailbox",
        ProblemKind::TryLater => "The server asks to try again later",
        ProblemKind::AdministratorNeeded => {
            "The server reports a fault that its administrator must fix"
        }
        ProblemKind::NoLoginOffered => "The server offers no login method that the settings allow",
        ProblemKind::LoginWeakened => "The server offers only a weaker login than before",
        ProblemKind::ConsoleOpen => "The console is using the mailbox",
        ProblemKind::ServerRefused => "The server refused",
        ProblemKind::EncryptionRequired => "The server wants encryption before a login",
        ProblemKind::StlsNotOffered => "The server does not offer STLS",
        ProblemKind::UnknownHost => "The host name has no address",
        ProblemKind::ConnectionRefused => "Nothing listens on the port",
        ProblemKind::TimedOut => "The server did not answer in time",
        ProblemKind::ConnectionLost => "The connection was lost",
        ProblemKind::CertificateNotTrusted => "The server\u{2019}s certificate is not trusted",
        ProblemKind::TlsFailed => "The two sides could not agree on TLS",
        ProblemKind::BridgeUnreachable => "The bridge cannot be reached",
        ProblemKind::BridgeRefusedTarget => "The bridge may not connect to this server",
        ProblemKind::BridgeBusy => "The bridge has reached its connection limit",
        ProblemKind::BridgeShuttingDown => "The bridge is being stopped",
        ProblemKind::BridgeWantsSignIn => "The bridge requires sign-in",
        ProblemKind::BridgeRefusedPage => "The bridge does not serve this page",
        ProblemKind::NotPop3 => "The server does not speak POP3",
        ProblemKind::ProtocolBroken => "The server broke the protocol",
        ProblemKind::CaNotReadable => "The trusted CA cannot be read",
        ProblemKind::CredentialsNotSendable => "POP3 cannot carry the user name or the password",
        ProblemKind::StorageFull => "The browser\u{2019}s storage is full",
        ProblemKind::StorageFailed => "The browser\u{2019}s storage failed",
        ProblemKind::NotFound => "It is no longer on this device",
        ProblemKind::AlreadyAdded => "This mailbox has already been added",
        ProblemKind::Cancelled => "Cancelled",
    };
    match &problem.detail {
        Some(detail) => format!("{what}: {detail}"),
        None => format!("{what}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_in_one_sentence() {
        let failed = |problem| CheckOutcome::Failed {
            new_messages: 0,
            problem,
        };
        for (outcome, sentence) in [
            (
                CheckOutcome::Done {
                    new_messages: 1,
                    skipped: 2,
                },
                "Checked: 1 new message, 2 left out.",
            ),
            (
                CheckOutcome::Cancelled { new_messages: 0 },
                "Cancelled after no new message.",
            ),
            (
                failed(Problem::new(ProblemKind::TimedOut)),
                "The server did not answer in time.",
            ),
            (
                failed(Problem::with_detail(ProblemKind::MaildropInUse, "locked")),
                "Another session is using the mailbox: locked",
            ),
        ] {
            assert_eq!(of_check(&outcome), sentence);
        }
    }
}
