//! The words for the outcomes of sessions, each a sentence.

use super::problems::problem_summary;
use crate::api::check::CheckOutcome;
use crate::api::console::ConsoleEnding;
use crate::api::report::SessionOutcome;

/// Returns the sentence for the outcome of a session; `None` is a session that goes on.
#[must_use]
pub fn session_outcome(outcome: Option<&SessionOutcome>) -> String {
    match outcome {
        None => "Under way.".to_owned(),
        Some(SessionOutcome::Check(outcome)) => check_outcome(outcome),
        Some(SessionOutcome::Failed(problem)) => problem_summary(problem),
        Some(SessionOutcome::Continued) => "Continued on another connection.".to_owned(),
        Some(SessionOutcome::SettingsTested) => {
            "Logged in and logged out to test the settings.".to_owned()
        }
        Some(SessionOutcome::TestCancelled) => "Cancelled.".to_owned(),
        Some(SessionOutcome::Console(ending)) => console_ending(*ending),
    }
}

fn check_outcome(outcome: &CheckOutcome) -> String {
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
        CheckOutcome::Failed { problem, .. } => problem_summary(problem),
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

fn console_ending(ending: ConsoleEnding) -> String {
    match ending {
        ConsoleEnding::Closed => "The console was closed: nothing was deleted.".to_owned(),
        ConsoleEnding::Idle => "The console was closed after a time without input.".to_owned(),
        ConsoleEnding::Quit { deleted: 0 } => "The console was ended by QUIT.".to_owned(),
        ConsoleEnding::Quit { deleted: 1 } => {
            "The console was ended by QUIT, which deleted 1 message.".to_owned()
        }
        ConsoleEnding::Quit { deleted } => {
            format!("The console was ended by QUIT, which deleted {deleted} messages.")
        }
        ConsoleEnding::QuitRefused => "The server refused QUIT.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::problem::{Problem, ProblemKind};

    #[test]
    fn an_outcome_is_one_sentence() {
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
                "The mail server did not answer in time.",
            ),
            (
                failed(Problem::with_detail(ProblemKind::MaildropInUse, "locked")),
                "Another mail program is using this mailbox right now: locked",
            ),
        ] {
            assert_eq!(
                session_outcome(Some(&SessionOutcome::Check(outcome))),
                sentence
            );
        }
        assert_eq!(session_outcome(None), "Under way.");
    }
}
