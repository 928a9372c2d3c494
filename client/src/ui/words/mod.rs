//! What the page says: a sentence and a next step for everything that can happen.

mod capabilities;
mod console;
mod login;
mod problems;
mod quirks;
mod report;
mod security;
mod sessions;
mod sign_in;
mod time;
mod transcript;

use super::figures::{count, octets, things};
use crate::api::check::{CheckOutcome, Progress, Stage};
use crate::api::settings::{Encryption, Login};
use crate::api::storage::Healing;

pub use console::{confirmation, consequence, rejected_line};
pub use problems::{Advice, advice, is_for_settings};
pub use report::{Fact, ReportSection, server_report};
pub use security::session_security;
pub use sessions::session_outcome;
pub use sign_in::{SIGN_IN_ELSEWHERE, sign_in_failure, sign_in_purpose};
pub use transcript::transcript_line;

/// The words for a stage of a check.
#[must_use]
pub fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Connecting => "Connecting",
        Stage::LoggingIn => "Logging in",
        Stage::Listing => "AskCapa what is new",
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
                    "{new}, {} postponed to the next check",
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
        CheckOutcome::Postponed { .. } => "The server requires a pause between checks".to_owned(),
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
            "A message stored on this device is damaged and cannot be shown."
        }
        Healing::IndexRebuilt => {
            "The index of your mail was rebuilt from the stored messages. Nothing was lost."
        }
    }
}

/// What is odd about a port for an encryption; absent where they may well belong together.
#[must_use]
pub fn port_hint(encryption: Encryption, port: &str) -> Option<&'static str> {
    match (encryption, port.trim()) {
        (Encryption::Tls, "110") => {
            Some("Port 110 usually begins without TLS: try STLS, or port 995.")
        }
        (Encryption::Stls | Encryption::None, "995") => {
            Some("Port 995 usually expects TLS from the first byte: try TLS, or port 110.")
        }
        (Encryption::Tls | Encryption::Stls | Encryption::None, _) => None,
    }
}

/// What a way to log in means for the reader.
#[must_use]
pub fn login_hint(login: Login) -> &'static str {
    match login {
        Login::Password => {
            "The strongest method that the server offers, and never a weaker one than before."
        }
        Login::AccessToken => {
            "Uses a token from your provider instead of the password. Restante does not renew it."
        }
        Login::Only(_) => "Only this method, even if the server offers a stronger one.",
    }
}

/// What an encryption setting means for the reader.
#[must_use]
pub fn encryption_hint(encryption: Encryption) -> &'static str {
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
    use super::*;

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
            "3 new messages, 2 messages postponed to the next check"
        );
    }

    #[test]
    fn a_port_of_another_encryption_is_noticed() {
        assert!(port_hint(Encryption::None, "995").is_some());
        assert!(port_hint(Encryption::Tls, " 110").is_some());
        assert_eq!(port_hint(Encryption::Tls, "995"), None);
        assert_eq!(port_hint(Encryption::None, "1110"), None);
    }
}
