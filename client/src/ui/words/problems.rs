//! The words for problems: for a list of sessions, and as advice to the user.

use super::login::names;
use crate::api::problem::{CredentialPart, Detail, Problem, ProblemKind};

/// The words for a kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Advice {
    /// A sentence about the problem.
    pub what: &'static str,
    /// A sentence about the next step.
    pub next: &'static str,
}

/// Returns the words for a kind of problem.
#[must_use]
pub fn advice(kind: ProblemKind) -> Advice {
    let (what, next) = match kind {
        ProblemKind::WrongCredentials => (
            "The mail server refused the user name or the password.",
            "Check both. Some providers want an app password here, and POP3 switched on in their settings.",
        ),
        ProblemKind::MaildropInUse => (
            "Another mail program is using this mailbox right now.",
            "Your password may well be right. Close the other program, or check again in a few minutes.",
        ),
        ProblemKind::TryLater => (
            "The mail server asks you to wait before the next check.",
            "Nothing is wrong with your settings: a later check will work.",
        ),
        ProblemKind::AdministratorNeeded => (
            "The mail server reports a fault in this mailbox that only its administrator can fix.",
            "Checking again will not help. Show the server\u{2019}s words to your mail provider.",
        ),
        ProblemKind::NoLoginOffered => (
            "The mail server offers no login method that these settings allow.",
            "Set the login to Automatic, or ask your provider which login methods it supports.",
        ),
        ProblemKind::LoginWeakened => (
            "The mail server offers only login methods that are weaker than the one that worked before, so your password was not sent.",
            "Someone may be intercepting the connection. If your provider confirms the change, choose the login method in the settings.",
        ),
        ProblemKind::ConsoleOpen => (
            "The console is using this mailbox, and a mail server allows one session at a time.",
            "Close the console on the mailbox\u{2019}s Connection page, then check again.",
        ),
        ProblemKind::ServerRefused => (
            "The mail server refused a request that every mail server must answer.",
            "Check again later. If this continues, show the server\u{2019}s words to your mail provider.",
        ),
        ProblemKind::EncryptionRequired => (
            "The mail server accepts passwords over an encrypted connection only.",
            "Set the encryption to TLS (port 995) or STLS (port 110).",
        ),
        ProblemKind::StlsNotOffered => (
            "The mail server does not offer STLS, so your password was not sent.",
            "Set the encryption to TLS with port 995.",
        ),
        ProblemKind::UnknownHost => (
            "There is no mail server with this name.",
            "Check the spelling of the mail server: your provider\u{2019}s help pages name it.",
        ),
        ProblemKind::ConnectionRefused => (
            "The computer responds, but no mail server is listening on this port.",
            "Check the port: usually 995 for TLS, and 110 for STLS.",
        ),
        ProblemKind::TimedOut => (
            "The mail server did not answer in time.",
            "Check the mail server and the port, or try again in a minute.",
        ),
        ProblemKind::ConnectionLost => (
            "The connection to the mail server was lost.",
            "Messages that have arrived are kept. Check mail again to continue.",
        ),
        ProblemKind::CertificateNotTrusted => (
            "The mail server could not prove its identity, so your password was not sent.",
            "Check the mail server\u{2019}s name. If its certificate is your organisation\u{2019}s own, add it as a trusted CA.",
        ),
        ProblemKind::TlsFailed => (
            "An encrypted connection to the mail server could not be set up.",
            "Check that the port matches the encryption: 995 for TLS, 110 for STLS.",
        ),
        ProblemKind::BridgeUnreachable => (
            "The bridge to the mail servers cannot be reached.",
            "Check this device\u{2019}s connection. The mail that is already here stays readable.",
        ),
        ProblemKind::BridgeRefusedTarget => (
            "This bridge is not allowed to connect to that mail server.",
            "Check the mail server and the port, or ask the operator of this site to allow them.",
        ),
        ProblemKind::BridgeBusy => (
            "The bridge has reached its connection limit.",
            "Check again in a minute.",
        ),
        ProblemKind::BridgeShuttingDown => (
            "The bridge is being restarted.",
            "Check again in a moment: nothing is lost.",
        ),
        ProblemKind::BridgeWantsSignIn => (
            "Sign in to use this server.",
            "Sign in to the bridge, then check again.",
        ),
        ProblemKind::BridgeRefusedPage => (
            "The bridge does not serve this page.",
            "Ask the operator of the bridge to add this page\u{2019}s address to its allowed origins.",
        ),
        ProblemKind::NotPop3 => (
            "Something answered, but it does not speak POP3.",
            "Check mail server and port. IMAP and web servers do not work here.",
        ),
        ProblemKind::ProtocolBroken => (
            "The mail server sent a reply that is not valid POP3.",
            "Check again. If it happens every time, show the details to your mail provider.",
        ),
        ProblemKind::CaNotReadable => (
            "The trusted CA is not a certificate that can be read.",
            "Paste the whole PEM text, from BEGIN CERTIFICATE to END CERTIFICATE.",
        ),
        ProblemKind::CredentialsNotSendable => (
            "The user name or the password has characters that POP3 cannot carry.",
            "Change the password at your provider to one without control characters, or ask for an app password.",
        ),
        ProblemKind::StorageFull => (
            "The storage that the browser gives this site is full.",
            "Free some space on this device, then check again: messages that have arrived are kept.",
        ),
        ProblemKind::StorageFailed => (
            "The browser\u{2019}s storage for this site failed.",
            "Reload the page. If it happens again, restart the browser.",
        ),
        ProblemKind::NotFound => (
            "This message is no longer on this device.",
            "Go back to the list to see the messages on this device.",
        ),
        ProblemKind::AlreadyAdded => (
            "This mailbox has already been added.",
            "Go back to your mail, or enter another user name or mail server.",
        ),
        ProblemKind::Cancelled => (
            "Cancelled before it finished.",
            "Nothing was changed. Try again at any time.",
        ),
    };
    Advice { what, next }
}

/// Returns the sentence for a problem in a list of sessions, with its detail.
pub(super) fn problem_summary(problem: &Problem) -> String {
    let what = advice(problem.kind).what;
    match &problem.detail {
        Some(known) => format!("{}: {}", what.trim_end_matches('.'), detail(known)),
        None => what.to_owned(),
    }
}

/// Returns the words for the detail of a problem.
#[must_use]
pub fn detail(detail: &Detail) -> String {
    match detail {
        Detail::Text(text) => text.clone(),
        Detail::CheckRunning => "a check of this mailbox is under way".to_owned(),
        Detail::PasswordNotStored => {
            "the password of this mailbox is not known here: check mail to enter it".to_owned()
        }
        Detail::NoInput { minutes } => {
            format!("nothing was typed for {minutes} minutes; nothing was deleted")
        }
        Detail::DeletionUnconfirmed => {
            "the server did not say whether it deleted the marked messages".to_owned()
        }
        Detail::TooManyLines { limit } => format!("a reply has more than {limit} lines"),
        Detail::TooManyMessages { limit } => {
            format!("the server lists more than {limit} messages")
        }
        Detail::ListingMismatch => "the answer to LIST is that to another command".to_owned(),
        Detail::NoUniqueIds { message } => match message.as_str() {
            "" => "the server has no unique-ids (UIDL)".to_owned(),
            message => format!("the server has no unique-ids (UIDL): {message}"),
        },
        Detail::Credential { part, error } => {
            let part = match part {
                CredentialPart::UserName => "the user name",
                CredentialPart::Password => "the password",
            };
            format!("{part}: {error}")
        }
        Detail::TokenCharacter => "the access token: it has a character that none has".to_owned(),
        Detail::NoRandomness => "this device gives no random numbers to log in with".to_owned(),
        Detail::HungUpAtLogin { error } => {
            let reason = "some servers hang up where the name or the password is wrong";
            match error {
                Some(error) => format!("{error}; {reason}"),
                None => reason.to_owned(),
            }
        }
        Detail::WeakerLogin { before, now } => format!(
            "{} worked before, but only {} can be used on this connection",
            before.name(),
            names(now)
        ),
        Detail::NewerAccounts => {
            "the accounts on this device were written by a newer version".to_owned()
        }
        Detail::NotDurable => "messages could not be made durable".to_owned(),
    }
}

/// Returns true if the user can solve a problem in the settings of the mailbox.
#[must_use]
pub fn is_for_settings(kind: ProblemKind) -> bool {
    matches!(
        kind,
        ProblemKind::WrongCredentials
            | ProblemKind::NoLoginOffered
            | ProblemKind::LoginWeakened
            | ProblemKind::EncryptionRequired
            | ProblemKind::StlsNotOffered
            | ProblemKind::UnknownHost
            | ProblemKind::ConnectionRefused
            | ProblemKind::CertificateNotTrusted
            | ProblemKind::TlsFailed
            | ProblemKind::BridgeRefusedTarget
            | ProblemKind::NotPop3
            | ProblemKind::CaNotReadable
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use restante_shared::pop3::login::Method;

    use super::*;

    const KINDS: [ProblemKind; 31] = [
        ProblemKind::WrongCredentials,
        ProblemKind::MaildropInUse,
        ProblemKind::TryLater,
        ProblemKind::AdministratorNeeded,
        ProblemKind::NoLoginOffered,
        ProblemKind::LoginWeakened,
        ProblemKind::ConsoleOpen,
        ProblemKind::ServerRefused,
        ProblemKind::EncryptionRequired,
        ProblemKind::StlsNotOffered,
        ProblemKind::UnknownHost,
        ProblemKind::ConnectionRefused,
        ProblemKind::TimedOut,
        ProblemKind::ConnectionLost,
        ProblemKind::CertificateNotTrusted,
        ProblemKind::TlsFailed,
        ProblemKind::BridgeUnreachable,
        ProblemKind::BridgeRefusedTarget,
        ProblemKind::BridgeBusy,
        ProblemKind::BridgeShuttingDown,
        ProblemKind::BridgeWantsSignIn,
        ProblemKind::BridgeRefusedPage,
        ProblemKind::NotPop3,
        ProblemKind::ProtocolBroken,
        ProblemKind::CaNotReadable,
        ProblemKind::CredentialsNotSendable,
        ProblemKind::StorageFull,
        ProblemKind::StorageFailed,
        ProblemKind::NotFound,
        ProblemKind::AlreadyAdded,
        ProblemKind::Cancelled,
    ];

    #[test]
    fn each_problem_has_its_own_sentence_and_next_step() {
        let whats: HashSet<_> = KINDS.map(|kind| advice(kind).what).into();
        let nexts: HashSet<_> = KINDS.map(|kind| advice(kind).next).into();
        assert_eq!(whats.len(), KINDS.len());
        assert_eq!(nexts.len(), KINDS.len());
    }

    #[test]
    fn details_are_phrases_that_follow_a_sentence() {
        let weaker = Detail::WeakerLogin {
            before: Method::ScramSha1Plus,
            now: vec![Method::CramMd5, Method::Plain],
        };
        assert_eq!(
            detail(&weaker),
            "SCRAM-SHA-1-PLUS worked before, but only CRAM-MD5, PLAIN can be used on this connection"
        );
        let refused = |message: &str| {
            let message = message.to_owned();
            detail(&Detail::NoUniqueIds { message })
        };
        assert_eq!(refused(""), "the server has no unique-ids (UIDL)");
        assert_eq!(refused("no"), "the server has no unique-ids (UIDL): no");
        let hung_up = Detail::HungUpAtLogin {
            error: Some("it closed".to_owned()),
        };
        assert_eq!(
            detail(&hung_up),
            "it closed; some servers hang up where the name or the password is wrong"
        );
        let problem = Problem::with_detail(ProblemKind::Cancelled, Detail::NoInput { minutes: 10 });
        assert_eq!(
            problem_summary(&problem),
            "Cancelled before it finished: nothing was typed for 10 minutes; nothing was deleted"
        );
    }

    #[test]
    fn advice_is_made_of_whole_sentences() {
        for kind in KINDS {
            for text in [advice(kind).what, advice(kind).next] {
                assert!(text.ends_with('.'), "{text}");
                assert!(text.starts_with(char::is_uppercase), "{text}");
            }
        }
    }
}
