//! Mail checks: progress and outcome.

use serde::{Deserialize, Serialize};

use super::ids::MailboxId;
use super::problem::Problem;

/// A command about mail checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CheckCommand {
    /// Checks one mailbox, or all. Answered by `Progress` events and one `Finished` a mailbox.
    Start {
        /// The mailbox; all if absent.
        mailbox: Option<MailboxId>,
    },
}

/// An event about mail checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CheckEvent {
    /// The progress of a check. Sent at most ten times a second, and at every change of stage.
    Progress {
        /// The progress.
        progress: Progress,
    },
    /// A check has ended, successfully or not.
    Finished {
        /// The mailbox.
        mailbox: MailboxId,
        /// The outcome.
        outcome: CheckOutcome,
    },
}

/// The progress of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The mailbox; absent while `AddMailbox` tests the settings.
    pub mailbox: Option<MailboxId>,
    /// The current stage.
    pub stage: Stage,
    /// Messages that have arrived in this check.
    pub messages_done: u32,
    /// Messages to fetch in this check.
    pub messages_total: u32,
    /// Bytes that have arrived in this check. May exceed the total, since servers estimate sizes.
    pub octets_done: u64,
    /// Bytes to fetch in this check, as announced by the server.
    pub octets_total: u64,
    /// Bytes per second over the last seconds.
    pub octets_per_second: u64,
}

/// A stage of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Connecting to the bridge and the server, and negotiating TLS.
    Connecting,
    /// Logging in.
    LoggingIn,
    /// Listing the messages on the server.
    Listing,
    /// Fetching the new messages.
    Fetching,
    /// Ending the session with `QUIT`.
    Finishing,
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CheckOutcome {
    /// The check was completed.
    Done {
        /// Messages that are new here.
        new_messages: u32,
        /// Messages that the server refused or sent broken. Retried at the next check.
        skipped: u32,
    },
    /// The user cancelled the check.
    Cancelled {
        /// New messages that arrived before the check ended.
        new_messages: u32,
    },
    /// A problem ended the check.
    Failed {
        /// New messages that arrived before the check ended.
        new_messages: u32,
        /// The problem.
        problem: Problem,
    },
    /// The check did not begin: the password is not kept, so the page has to ask for it.
    PasswordNeeded,
    /// The check was postponed, since the server limits logins. It begins by itself at `until`.
    Postponed {
        /// The time at which the check begins, in seconds since 1970.
        until: i64,
    },
}
