//! Events that the engine reports to the page.

use serde::{Deserialize, Serialize};

use super::check::{CheckOutcome, Progress};
use super::console::ConsoleChange;
use super::ids::{MailboxId, RequestId};
use super::mail::{MessageRow, OpenMessage};
use super::mailbox::Mailbox;
use super::problem::Problem;
use super::report::ConnectionReport;
use super::storage::{Healing, Storage};

/// An event from the engine.
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
    /// The mailboxes, after any change to them or to their counts.
    Mailboxes {
        /// All of them.
        mailboxes: Vec<Mailbox>,
    },
    /// The settings of `AddMailbox` worked; its first check begins.
    MailboxAdded {
        /// The `request` of the command.
        request: RequestId,
        /// The new mailbox.
        mailbox: MailboxId,
    },
    /// The progress of a check. Sent at most ten times a second, and at every change of stage.
    Progress {
        /// The progress.
        progress: Progress,
    },
    /// A check has ended, successfully or not.
    CheckFinished {
        /// The mailbox.
        mailbox: MailboxId,
        /// The outcome.
        outcome: CheckOutcome,
    },
    /// The answer to `ListMessages`.
    Messages {
        /// The `request` of the command.
        request: RequestId,
        /// The total number of messages that match the query.
        total: u32,
        /// The position of the first row.
        offset: u32,
        /// The rows.
        rows: Vec<MessageRow>,
        /// The number of messages that arrived too recently to be searched. `MessagesChanged`
        /// follows when it is worth repeating the search.
        #[serde(default)]
        unsearched: u32,
    },
    /// The answer to `OpenMessage`.
    Message {
        /// The `request` of the command.
        request: RequestId,
        /// The message.
        message: Box<OpenMessage>,
    },
    /// The answer to `LoadSource` and `LoadAttachment`.
    Octets {
        /// The `request` of the command.
        request: RequestId,
        /// The bytes.
        #[serde(with = "serde_bytes")]
        octets: Vec<u8>,
    },
    /// The answer to `LoadConnection`.
    Connection {
        /// The `request` of the command.
        request: RequestId,
        /// The report.
        report: Box<ConnectionReport>,
    },
    /// Something happened in the console.
    Console {
        /// The mailbox.
        mailbox: MailboxId,
        /// The change.
        change: ConsoleChange,
    },
    /// A command with a `request` failed.
    RequestFailed {
        /// The `request` of the command.
        request: RequestId,
        /// The reason.
        problem: Problem,
    },
    /// Messages were added, removed or changed: lists on screen are out of date.
    MessagesChanged,
    /// A change that has no `request` (a mark, a removal, a password) could not be stored.
    StoreFailed {
        /// The reason.
        problem: Problem,
    },
}
