//! The words for checks: their progress, and their outcomes.

use crate::api::check::{CheckOutcome, Progress, Stage};
use crate::ui::figures::{count, octets, things};

/// The state while mail is checked.
pub const CHECKING_MAIL: &str = "Checking mail";

/// The state until the mail on this device can be shown.
pub const OPENING_MAIL: &str = "Opening your mail\u{2026}";

/// Returns the words for a stage of a check.
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

/// Returns the progress of a check: messages, bytes and rate.
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

/// Returns the outcome of a check, as a short sentence without a full stop.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_names_messages_bytes_and_rate() {
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
    fn an_outcome_names_new_and_skipped_messages() {
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
}
