//! Commands that the page sends to the engine.

use serde::{Deserialize, Serialize};

use super::check::CheckCommand;
use super::console::ConsoleCommand;
use super::mail::MailCommand;
use super::mailbox::MailboxCommand;
use super::report::ReportCommand;

/// A command from the page: one of a group, or one for the engine as a whole.
///
/// A command with a `request` is answered by exactly one event with the same `request`; if the
/// command fails, that event is
/// [`EngineEvent::RequestFailed`](super::event::EngineEvent::RequestFailed).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum EngineCommand {
    /// Opens the store. The first command of a page, sent once. Answered by `Ready`, by `Occupied`
    /// (and `Ready` later), or by `Unusable`.
    Start {
        /// The relay's address: `wss://mail.example.org/relay`.
        relay: String,
    },
    /// Stops all running checks, the test of a new mailbox's settings and the console at once.
    /// Messages that have arrived are kept.
    Cancel,
    /// A command about the mailboxes.
    Mailbox(MailboxCommand),
    /// A command about mail checks.
    Check(CheckCommand),
    /// A command about the console.
    Console(ConsoleCommand),
    /// A command about messages.
    Mail(MailCommand),
    /// A command about the report on a connection.
    Report(ReportCommand),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ids::MailboxId;
    use crate::api::settings::Secret;

    #[test]
    fn a_command_never_shows_its_password() {
        let command = EngineCommand::Mailbox(MailboxCommand::SetPassword {
            mailbox: MailboxId(1),
            password: Secret::new("hunter2".to_owned()),
            remember: true,
        });
        assert!(!format!("{command:?}").contains("hunter2"));
    }
}
