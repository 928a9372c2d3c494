//! Commands that the page sends to the engine.

use std::fmt;

pub use restante_shared::pop3::login::Login;
use restante_shared::relay::Host;
use serde::{Deserialize, Serialize};

use super::event::{MailboxId, MessageId};

/// A number that matches an answer to its request. The page chooses it; the engine repeats it.
pub type RequestId = u32;

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
        /// The [`Attachment::part`](super::event::Attachment::part).
        part: u32,
    },
}

/// A selection of messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageQuery {
    /// Only this mailbox; all if absent.
    pub mailbox: Option<MailboxId>,
    /// Only messages with all of these words; all if blank. A word in progress matches as a prefix.
    pub search: String,
}

/// The settings for connecting to a maildrop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MailboxSettings {
    /// The e-mail address, by which the mailbox is shown.
    pub address: String,
    /// The name to log in with.
    pub user: String,
    /// The POP3 server.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// The encryption of the connection.
    pub encryption: Encryption,
    /// A certification authority trusted beside the built-in ones, for this mailbox only, as PEM.
    pub ca_pem: Option<String>,
    /// True if this is the bridge's demo maildrop.
    pub demo: bool,
    /// The login method.
    #[serde(default)]
    pub login: Login,
}

impl MailboxSettings {
    /// Returns placeholder settings if the real ones were lost, so that the messages can be read.
    #[must_use]
    pub fn lost(mailbox: MailboxId) -> Self {
        Self {
            address: format!("Mailbox {} (its settings were lost)", mailbox.0),
            user: String::new(),
            host: Host::nowhere(),
            port: 995,
            encryption: Encryption::Tls,
            ca_pem: None,
            demo: false,
            login: Login::default(),
        }
    }
}

/// The encryption of the connection to the POP3 server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Encryption {
    /// TLS from the first byte ([RFC 8314 §3.3]), usually on port 995.
    Tls,
    /// TLS after the `STLS` command ([RFC 2595 §4]), usually on port 110.
    Stls,
    /// None: the bridge and every machine after it can read the mail and the password.
    None,
}

/// A password. Its `Debug` output is redacted, so that it never shows in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a password.
    #[must_use]
    pub fn new(password: String) -> Self {
        Self(password)
    }

    /// Returns the password itself, only for logging in and for the store of remembered passwords.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
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
