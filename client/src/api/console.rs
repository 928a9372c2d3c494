//! The console: a session on which the user types commands.

use serde::{Deserialize, Serialize};

use super::ids::MailboxId;
use super::problem::Problem;
use super::transcript::TranscriptLine;

/// A command about the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ConsoleCommand {
    /// Opens a console on a live session of a mailbox, logged in. Answered by [`ConsoleEvent`]s,
    /// the last of which is [`ConsoleChange::Closed`].
    Open {
        /// The mailbox.
        mailbox: MailboxId,
    },
    /// Sends a line that the user typed. Answered by [`ConsoleEvent`]s.
    Send {
        /// The line, without a line end.
        line: String,
        /// True if the reply is multi-line. Used only for commands that the engine does not know.
        several_lines: bool,
        /// True if the user confirmed this line after [`ConsoleChange::Confirm`].
        confirmed: bool,
    },
    /// Undoes every deletion made in the console, then closes it.
    Close,
}

/// An event about the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleEvent {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The change.
    pub change: ConsoleChange,
}

/// A change in the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ConsoleChange {
    /// The console has logged in, or a reply is complete: the next line may be typed.
    Ready {
        /// The number of messages marked to be deleted at `QUIT`.
        marked: u32,
    },
    /// Lines were sent or received.
    Lines {
        /// The lines.
        lines: Vec<TranscriptLine>,
    },
    /// The line cannot be sent as it is; the session goes on.
    Rejected {
        /// The reason, as a sentence.
        reason: String,
    },
    /// The user has to confirm this line before it is sent.
    Confirm {
        /// The line.
        line: String,
        /// The `several_lines` of the command.
        several_lines: bool,
        /// The consequence of sending it, as a sentence.
        consequence: String,
    },
    /// The session is over.
    Closed {
        /// The reason; absent if the user closed the console.
        problem: Option<Problem>,
    },
}
