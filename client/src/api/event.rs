//! Events that the engine reports to the page.

use serde::{Deserialize, Serialize};

use super::check::CheckEvent;
use super::console::ConsoleEvent;
use super::ids::RequestId;
use super::mail::MailEvent;
use super::mailbox::{Mailbox, MailboxEvent};
use super::problem::Problem;
use super::report::ReportEvent;
use super::storage::{Healing, Storage};

/// An event from the engine: one of a group, or one of the engine as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum EngineEvent {
    /// The engine is listening. A worker drops commands that arrive earlier, so the page holds its
    /// commands back until this event.
    Listening,
    /// Another tab holds the store; `Ready` follows when that tab is closed.
    Occupied,
    /// The store is open.
    Ready {
        /// The storage in use, which decides if the mail outlives the tab.
        storage: Storage,
        /// The repairs made at this start. Reported once.
        healed: Vec<Healing>,
        /// All mailboxes, in the order of their creation.
        mailboxes: Vec<Mailbox>,
    },
    /// Damage was found and repaired while the store was in use.
    Healed {
        /// The repairs.
        healed: Vec<Healing>,
    },
    /// The store cannot be opened. Nothing works until the user has acted.
    Unusable {
        /// The reason.
        problem: Problem,
    },
    /// A change that has no `request` (a mark, a removal, a password) could not be stored.
    StoreFailed {
        /// The reason.
        problem: Problem,
    },
    /// A command with a `request` failed.
    RequestFailed {
        /// The `request` of the command.
        request: RequestId,
        /// The reason.
        problem: Problem,
    },
    /// An event about the mailboxes.
    Mailbox(MailboxEvent),
    /// An event about mail checks.
    Check(CheckEvent),
    /// A change in the console.
    Console(ConsoleEvent),
    /// An event about messages.
    Mail(MailEvent),
    /// An event about the report on a connection.
    Report(ReportEvent),
}
