//! Mailboxes on this device.

use serde::{Deserialize, Serialize};

use super::ids::MailboxId;
use super::settings::MailboxSettings;

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
