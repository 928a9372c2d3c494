//! What the page says: a sentence and a next step for everything that can happen.

use super::figures::{count, octets, things};
use crate::engine::event::{CheckOutcome, Healing, ProblemKind, Progress, Stage};

/// What happened and what to do about it, in a mail user's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Advice {
    /// What happened, as a sentence.
    pub what: &'static str,
    /// What to do about it, as a sentence.
    pub next: &'static str,
}

/// The words for a problem.
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
            "Nothing is wrong with your settings. Check again in a few minutes.",
        ),
        ProblemKind::ServerRefused => (
            "The mail server refused a request that it has to answer.",
            "Check again later. If it stays so, show the server\u{2019}s words to your mail provider.",
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
            "There is no mail server of this name.",
            "Check the spelling of the mail server: your provider\u{2019}s help pages name it.",
        ),
        ProblemKind::ConnectionRefused => (
            "The machine is there, but no mail server answers on this port.",
            "Check the port: usually 995 for TLS, and 110 for STLS.",
        ),
        ProblemKind::TimedOut => (
            "The mail server did not answer in time.",
            "Check the mail server and the port, or try again in a minute.",
        ),
        ProblemKind::ConnectionLost => (
            "The connection to the mail server broke off.",
            "What has arrived is kept. Check mail again, and it goes on from there.",
        ),
        ProblemKind::CertificateNotTrusted => (
            "The mail server could not prove who it is, so your password was not sent.",
            "Check the mail server\u{2019}s name. If its certificate is your organisation\u{2019}s own, add that authority as trusted CA.",
        ),
        ProblemKind::TlsFailed => (
            "No encrypted connection could be agreed on with the mail server.",
            "Check that encryption and port belong together: TLS with 995, STLS with 110.",
        ),
        ProblemKind::BridgeUnreachable => (
            "The bridge to the mail servers cannot be reached.",
            "Check this device\u{2019}s connection. The mail that is already here stays readable.",
        ),
        ProblemKind::BridgeRefusedTarget => (
            "This bridge is not allowed to connect to that mail server.",
            "Check the mail server and the port, or ask whoever runs this site to allow them.",
        ),
        ProblemKind::BridgeBusy => (
            "The bridge has as many connections as it can serve.",
            "Check again in a minute.",
        ),
        ProblemKind::BridgeShuttingDown => (
            "The bridge is being restarted.",
            "Check again in a moment: nothing is lost.",
        ),
        ProblemKind::NotPop3 => (
            "Something answered, but it does not speak POP3.",
            "Check mail server and port. IMAP and web servers do not work here.",
        ),
        ProblemKind::ProtocolBroken => (
            "The mail server sent something that makes no sense in POP3.",
            "Check again. If it happens each time, show the detail to your mail provider.",
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
            "This message is not on this device any more.",
            "Go back to the list: it shows what is here.",
        ),
        ProblemKind::AlreadyAdded => (
            "This mailbox is here already.",
            "Go back to your mail, or enter another user name or mail server.",
        ),
        ProblemKind::Cancelled => (
            "Cancelled before it was done.",
            "Nothing was changed. Try again whenever you like.",
        ),
    };
    Advice { what, next }
}

/// The words for a stage of a check.
#[must_use]
pub fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Connecting => "Connecting",
        Stage::LoggingIn => "Logging in",
        Stage::Listing => "Asking what is new",
        Stage::Fetching => "Fetching",
        Stage::Finishing => "Finishing",
    }
}

/// How far a check has come: messages, octets and rate.
#[must_use]
pub fn progress(progress: &Progress) -> String {
    let mut text = stage(progress.stage).to_owned();
    if progress.messages_total > 0 {
        text.push_str(&format!(
            " {} of {}",
            count(progress.messages_done.into()),
            things(progress.messages_total.into(), "message")
        ));
        if progress.octets_done > 0 {
            text.push_str(&format!(
                ", {} of {}",
                octets(progress.octets_done),
                octets(progress.octets_total.max(progress.octets_done))
            ));
        }
        if progress.octets_per_second > 0 {
            text.push_str(&format!(
                ", {} a second",
                octets(progress.octets_per_second)
            ));
        }
    } else {
        text.push('\u{2026}');
    }
    text
}

/// How a check ended, in a short sentence without a full stop.
#[must_use]
pub fn outcome(outcome: &CheckOutcome) -> String {
    match outcome {
        CheckOutcome::Done {
            new_messages,
            skipped,
        } => {
            let new = new_mail(*new_messages);
            match skipped {
                0 => new,
                _ => format!(
                    "{new}, {} left for the next check",
                    things(u64::from(*skipped), "message")
                ),
            }
        }
        CheckOutcome::Cancelled { new_messages: 0 } => "Cancelled".to_owned(),
        CheckOutcome::Cancelled { new_messages } => {
            format!("Cancelled after {}", new_mail(*new_messages))
        }
        CheckOutcome::Failed {
            new_messages: 0, ..
        } => "The check failed".to_owned(),
        CheckOutcome::Failed { new_messages, .. } => {
            format!("The check failed after {}", new_mail(*new_messages))
        }
        CheckOutcome::PasswordNeeded => "The password is needed".to_owned(),
    }
}

fn new_mail(messages: u32) -> String {
    match messages {
        0 => "No new mail".to_owned(),
        1 => "1 new message".to_owned(),
        _ => format!("{} new messages", count(messages.into())),
    }
}

/// What was healed at the start, as a sentence.
#[must_use]
pub fn healing(healing: Healing) -> &'static str {
    match healing {
        Healing::SpoolTailCut => {
            "The last session was interrupted while saving a message: it will be fetched again."
        }
        Healing::SpoolRecordDamaged => {
            "A message stored on this device was damaged and is left out."
        }
        Healing::IndexRebuilt => {
            "The index of your mail was rebuilt from the stored messages. Nothing was lost."
        }
    }
}

/// What an encryption setting means for the reader.
#[must_use]
pub fn encryption_hint(encryption: crate::engine::command::Encryption) -> &'static str {
    use crate::engine::command::Encryption;
    match encryption {
        Encryption::Tls => "Encrypted from this tab to the mail server, from the first byte.",
        Encryption::Stls => "Starts in the clear, then encrypts before the password is sent.",
        Encryption::None => {
            "Not encrypted: everyone between this tab and the mail server can read your password and your mail. Use it for test servers only."
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const KINDS: [ProblemKind; 25] = [
        ProblemKind::WrongCredentials,
        ProblemKind::MaildropInUse,
        ProblemKind::TryLater,
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
    fn advice_is_made_of_whole_sentences() {
        for kind in KINDS {
            for text in [advice(kind).what, advice(kind).next] {
                assert!(text.ends_with('.'), "{text}");
                assert!(text.starts_with(char::is_uppercase), "{text}");
            }
        }
    }

    #[test]
    fn progress_tells_messages_octets_and_rate() {
        let text = progress(&Progress {
            mailbox: None,
            stage: Stage::Fetching,
            messages_done: 120,
            messages_total: 1_204,
            octets_done: 4_500_000,
            octets_total: 80_000_000,
            octets_per_second: 2_100_000,
        });
        assert_eq!(
            text,
            "Fetching 120 of 1,204 messages, 4.5 MB of 80 MB, 2.1 MB a second"
        );
    }

    #[test]
    fn a_check_says_what_it_brought() {
        let done = |new_messages, skipped| CheckOutcome::Done {
            new_messages,
            skipped,
        };
        assert_eq!(outcome(&done(0, 0)), "No new mail");
        assert_eq!(outcome(&done(1, 0)), "1 new message");
        assert_eq!(
            outcome(&done(3, 2)),
            "3 new messages, 2 messages left for the next check"
        );
    }
}
