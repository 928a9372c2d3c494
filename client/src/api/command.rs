//! Commands that the page sends to the engine.

use serde::{Deserialize, Serialize};

use super::ids::{MailboxId, MessageId, RequestId};
use super::mail::MessageQuery;
use super::settings::{MailboxSettings, Secret};

/// A command from the page. A command with a `request` is answered by exactly one event with the
/// same `request`; if the command fails, that event is
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
    /// Logs in once to prove the settings, keeps the mailbox only if that worked, then checks mail.
    /// Answered by `MailboxAdded`.
    AddMailbox {
        /// Repeated in the answer.
        request: RequestId,
        /// The settings.
        settings: MailboxSettings,
        /// The password.
        password: Secret,
        /// True if the password may be kept on this device.
        remember: bool,
    },
    /// Changes the settings of a mailbox without testing them: the bridge's demo maildrop has a new
    /// certification authority, and perhaps port, at every start. Answered by `Mailboxes`.
    UpdateSettings {
        /// The mailbox.
        mailbox: MailboxId,
        /// The new settings.
        settings: MailboxSettings,
    },
    /// Removes a mailbox with its password and its local messages. Nothing changes on the server.
    RemoveMailbox {
        /// The mailbox.
        mailbox: MailboxId,
    },
    /// Checks one mailbox, or all. Answered by `Progress` events and one `CheckFinished` a mailbox.
    CheckMail {
        /// The mailbox; all if absent.
        mailbox: Option<MailboxId>,
    },
    /// Sets the password of a mailbox after `CheckFinished` asked for it, then checks mail.
    SetPassword {
        /// The mailbox.
        mailbox: MailboxId,
        /// The new password.
        password: Secret,
        /// True if the password may be kept on this device.
        remember: bool,
    },
    /// Stops all running checks, and `AddMailbox`, at once. Messages that have arrived are kept.
    Cancel,
    /// Requests the report on the connection to a mailbox's server. Answered by `Connection`.
    LoadConnection {
        /// Repeated in the answer.
        request: RequestId,
        /// The mailbox.
        mailbox: MailboxId,
    },
    /// Opens a console on a live session of a mailbox, logged in. Answered by `Console` events,
    /// the last of which is `ConsoleChange::Closed`.
    OpenConsole {
        /// The mailbox.
        mailbox: MailboxId,
    },
    /// Sends a line that the user typed into the console. Answered by `Console` events.
    ConsoleSend {
        /// The line, without a line end.
        line: String,
        /// True if the reply is multi-line. Used only for commands that the engine does not know.
        several_lines: bool,
        /// True if the user confirmed this line after `ConsoleChange::Confirm`.
        confirmed: bool,
    },
    /// Undoes every deletion made in the console, then closes it.
    CloseConsole,
    /// Requests a window of the message list, newest first. Answered by `Messages`.
    ListMessages {
        /// Repeated in the answer.
        request: RequestId,
        /// The messages to list.
        query: MessageQuery,
        /// The number of messages to skip.
        offset: u32,
        /// The maximum number of rows to return, 1 to 500.
        limit: u32,
    },
    /// Requests a message for display and marks it as read. Answered by `Message`.
    OpenMessage {
        /// Repeated in the answer.
        request: RequestId,
        /// The message.
        message: MessageId,
        /// True if `https:` images may stay in the HTML.
        remote_images: bool,
    },
    /// Marks a message as read or unread. Answered by `MessagesChanged`.
    MarkRead {
        /// The message.
        message: MessageId,
        /// True to mark it as read, false as unread.
        read: bool,
    },
    /// Requests the raw bytes of a message. Answered by `Octets`.
    LoadSource {
        /// Repeated in the answer.
        request: RequestId,
        /// The message.
        message: MessageId,
    },
    /// Requests the decoded bytes of an attachment. Answered by `Octets`.
    LoadAttachment {
        /// Repeated in the answer.
        request: RequestId,
        /// The message.
        message: MessageId,
        /// The [`Attachment::part`](super::mail::Attachment::part).
        part: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_never_shows_its_password() {
        let command = EngineCommand::SetPassword {
            mailbox: MailboxId(1),
            password: Secret::new("hunter2".to_owned()),
            remember: true,
        };
        assert!(!format!("{command:?}").contains("hunter2"));
    }
}
