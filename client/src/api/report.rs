//! Reports on the connection to a mailbox's server.

use serde::{Deserialize, Serialize};

use super::ids::{MailboxId, RequestId};
use super::transcript::TranscriptLine;

/// A command about the report on a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ReportCommand {
    /// Requests the report on the connection to a mailbox's server. Answered by `Loaded`.
    Load {
        /// Repeated in the answer.
        request: RequestId,
        /// The mailbox.
        mailbox: MailboxId,
    },
}

/// An event about the report on a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ReportEvent {
    /// The answer to `Load`.
    Loaded {
        /// The `request` of the command.
        request: RequestId,
        /// The report.
        report: Box<ConnectionReport>,
    },
}

/// A report on the connection to a mailbox's server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionReport {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The server's report card; empty before the first session.
    pub card: Vec<Facts>,
    /// The last sessions, newest first.
    pub sessions: Vec<SessionRecord>,
}

/// Facts under a heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// The heading.
    pub title: String,
    /// The facts.
    pub rows: Vec<Fact>,
}

/// One fact, in words for the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// The name of the fact.
    pub name: String,
    /// The value; may be empty.
    pub value: String,
    /// Its meaning, and Restante's reaction to it; may be empty.
    pub note: String,
}

/// One session with a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRecord {
    /// The time it began, in seconds since 1970.
    pub began: i64,
    /// Its outcome, in one sentence.
    pub outcome: String,
    /// Its encryption: the TLS version, cipher suite and certificates.
    pub security: Vec<Fact>,
    /// The transcript.
    pub lines: Vec<TranscriptLine>,
}
