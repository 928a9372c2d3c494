//! What the page asks of the engine.

use std::fmt;

pub use restante_shared::pop3::login::Login;
use restante_shared::relay::Host;
use serde::{Deserialize, Serialize};

use super::event::{MailboxId, MessageId};

/// A number by which the page knows the answer to a question; the engine only repeats it.
pub type RequestId = u32;

/// One request of the page. What has a `request` is answered by exactly one event that repeats it,
/// [`EngineEvent::RequestFailed`](super::event::EngineEvent::RequestFailed) if it cannot be done.
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
        /// Whether the password may be kept on this device.
        remember: bool,
    },
    /// Changes how a mailbox is reached, without trying it: the bridge's demo maildrop has a new
    /// certification authority, and perhaps port, at every start. Answered by `Mailboxes`.
    UpdateSettings {
        /// Which one.
        mailbox: MailboxId,
        /// The new settings.
        settings: MailboxSettings,
    },
    /// Removes a mailbox with its password and its local messages. Nothing changes on the server.
    RemoveMailbox {
        /// Which one.
        mailbox: MailboxId,
    },
    /// Checks one mailbox, or all. Answered by `Progress` events and one `CheckFinished` a mailbox.
    CheckMail {
        /// Which one; all if absent.
        mailbox: Option<MailboxId>,
    },
    /// Gives the password of a mailbox after `CheckFinished` asked for it, then checks mail.
    SetPassword {
        /// Which mailbox.
        mailbox: MailboxId,
        /// The new password.
        password: Secret,
        /// Whether the password may be kept on this device.
        remember: bool,
    },
    /// Stops the checks under way, and `AddMailbox`, at once. What has arrived stays.
    Cancel,
    /// Asks what is known of the connection to a mailbox's server. Answered by `Connection`.
    LoadConnection {
        /// Repeated in the answer.
        request: RequestId,
        /// Which mailbox.
        mailbox: MailboxId,
    },
    /// Opens a console on a live session of a mailbox, logged in. Answered by `Console` events until
    /// one says that it is closed.
    OpenConsole {
        /// Which mailbox.
        mailbox: MailboxId,
    },
    /// Sends a line that the reader typed into the console. Answered by `Console` events.
    ConsoleSend {
        /// The line, without a line end.
        line: String,
        /// Whether the answer has several lines, for a command that the engine does not know.
        several_lines: bool,
        /// Whether the reader agreed to what the engine asked about this line.
        confirmed: bool,
    },
    /// Takes back every deletion made in the console and closes it.
    CloseConsole,
    /// Asks for a window of the message list, newest first. Answered by `Messages`.
    ListMessages {
        /// Repeated in the answer.
        request: RequestId,
        /// What to list.
        query: MessageQuery,
        /// How many messages to pass over.
        offset: u32,
        /// How many to return at the most, 1 to 500.
        limit: u32,
    },
    /// Asks for a message made ready to show, and marks it as read. Answered by `Message`.
    OpenMessage {
        /// Repeated in the answer.
        request: RequestId,
        /// Which one.
        message: MessageId,
        /// Whether `https:` images may stay in the HTML.
        remote_images: bool,
    },
    /// Marks a message as read or unread. Answered by `MessagesChanged`.
    MarkRead {
        /// Which one.
        message: MessageId,
        /// Whether it is read.
        read: bool,
    },
    /// Asks for the raw octets of a message. Answered by `Octets`.
    LoadSource {
        /// Repeated in the answer.
        request: RequestId,
        /// Which one.
        message: MessageId,
    },
    /// Asks for the decoded octets of an attachment. Answered by `Octets`.
    LoadAttachment {
        /// Repeated in the answer.
        request: RequestId,
        /// Which message.
        message: MessageId,
        /// [`Attachment::part`](super::event::Attachment::part).
        part: u32,
    },
}

/// Which messages to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageQuery {
    /// Only this mailbox; all if absent.
    pub mailbox: Option<MailboxId>,
    /// Only messages with all of these words; all if blank. A word in progress matches as a prefix.
    pub search: String,
}

/// How to reach a maildrop.
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
    /// How the connection is protected.
    pub encryption: Encryption,
    /// A certification authority trusted beside the built-in ones, for this mailbox only, as PEM.
    pub ca_pem: Option<String>,
    /// Whether this is the bridge's demo maildrop.
    pub demo: bool,
    /// How to log in.
    #[serde(default)]
    pub login: Login,
}

impl MailboxSettings {
    /// Stands in for settings that were lost, so that the messages of the mailbox can be read.
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

/// How the connection to the POP3 server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Encryption {
    /// TLS from the first octet ([RFC 8314 §3.3]), usually on port 995.
    Tls,
    /// TLS after the `STLS` command ([RFC 2595 §4]), usually on port 110.
    Stls,
    /// None: the bridge and every machine after it can read the mail and the password.
    None,
}

/// A password, which neither `Debug` nor a log ever shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a password.
    #[must_use]
    pub fn new(password: String) -> Self {
        Self(password)
    }

    /// The password itself: for the login and for the store of remembered passwords only.
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
