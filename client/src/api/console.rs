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
        /// The reason.
        reason: RejectedLine,
    },
    /// The user has to confirm this line before it is sent.
    Confirm {
        /// The line.
        line: String,
        /// The `several_lines` of the command.
        several_lines: bool,
        /// The consequence of sending it.
        consequence: Consequence,
    },
    /// The session is over.
    Closed {
        /// The reason; absent if the user closed the console.
        problem: Option<Problem>,
    },
}

/// The reason why a line is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RejectedLine {
    /// It is a command of the login, which is over: a password in it would be sent for nothing.
    Login,
    /// It is `UTF8`, which is only allowed before the login.
    Utf8,
    /// It contains the password of the mailbox.
    Password,
    /// POP3 cannot carry it, or its arguments are wrong.
    Invalid {
        /// The error, which repeats nothing of the line.
        error: String,
    },
}

/// The consequence of a line that changes which messages are deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Consequence {
    /// `DELE` marks a message to be deleted at `QUIT`.
    Mark {
        /// The message number.
        message: u32,
        /// The copy of the message on this device.
        copy: LocalCopy,
    },
    /// `RSET` removes all marks.
    Unmark {
        /// The number of marked messages.
        messages: u32,
    },
    /// `QUIT` deletes the marked messages.
    Delete {
        /// The number of marked messages.
        messages: u32,
        /// The number of those that may not be on this device.
        maybe_lost: u32,
    },
}

/// The copy of a server's message on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LocalCopy {
    /// The message is on this device.
    Stored,
    /// A message with its unique-id is on this device, but the server gives the same unique-id to
    /// several messages.
    Ambiguous,
    /// The message is not on this device.
    Missing,
    /// The server does not say which message it is.
    Unknown,
}

/// The end of a console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ConsoleEnding {
    /// The user closed it without `QUIT`.
    Closed,
    /// Nothing was typed for a while.
    Idle,
    /// `QUIT` ended it.
    Quit {
        /// The number of messages that it deleted.
        deleted: u32,
    },
    /// The server refused `QUIT`.
    QuitRefused,
}
