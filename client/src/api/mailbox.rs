//! Mailboxes on this device.

use serde::{Deserialize, Serialize};

use super::ids::{MailboxId, RequestId};
use super::settings::{MailboxSettings, Secret};

/// A command about the mailboxes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum MailboxCommand {
    /// Logs in once to prove the settings, keeps the mailbox only if that worked, then checks mail.
    /// Answered by `Added`.
    Add {
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
    /// certification authority, and perhaps port, at every start. Answered by `Changed`.
    UpdateSettings {
        /// The mailbox.
        mailbox: MailboxId,
        /// The new settings.
        settings: MailboxSettings,
    },
    /// Sets the password of a mailbox after a check asked for it, then checks mail.
    SetPassword {
        /// The mailbox.
        mailbox: MailboxId,
        /// The new password.
        password: Secret,
        /// True if the password may be kept on this device.
        remember: bool,
    },
    /// Removes a mailbox with its password and its local messages. Nothing changes on the server.
    Remove {
        /// The mailbox.
        mailbox: MailboxId,
    },
}

/// An event about the mailboxes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum MailboxEvent {
    /// The settings of `Add` worked; the first check of the mailbox begins.
    Added {
        /// The `request` of the command.
        request: RequestId,
        /// The new mailbox.
        mailbox: MailboxId,
    },
    /// The mailboxes or their counts have changed.
    Changed {
        /// All mailboxes, in the order of their creation.
        mailboxes: Vec<Mailbox>,
    },
}

/// A mailbox as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mailbox {
    /// Its identity.
    pub id: MailboxId,
    /// Its connection settings. They do not include the password.
    pub settings: MailboxSettings,
    /// True if a check can begin without asking for the password.
    pub has_password: bool,
    /// The number of its messages on this device.
    pub messages: u32,
    /// The number of its unread messages on this device.
    pub unread: u32,
    /// The time of its last successful check, in seconds since 1970.
    pub last_check: Option<i64>,
    /// The earliest time of its next check, in seconds since 1970; absent unless the server sets
    /// one (`LOGIN-DELAY`) that has not passed yet.
    pub next_check: Option<i64>,
}
