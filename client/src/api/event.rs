//! Events that the engine reports to the page.

use serde::{Deserialize, Serialize};

use super::command::{MailboxSettings, RequestId};

/// A mailbox on this device, for as long as it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailboxId(pub u32);

/// A message on this device: the number of its spool record, the same after the index is rebuilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub u64);

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

/// The kind of storage that holds the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Storage {
    /// In the browser's storage for this site (OPFS).
    Persistent,
    /// In memory, because the browser gives this window no storage: gone with the tab.
    Memory,
}

/// Damage to the store that was found and repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Healing {
    /// The spool ended in the middle of a record, which was cut; its message will be fetched again.
    SpoolTailCut,
    /// A spool record did not match its checksum and is left out.
    SpoolRecordDamaged,
    /// The index was damaged, missing or of another version, and was rebuilt from the spool.
    IndexRebuilt,
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

/// A row of the message list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageRow {
    /// Its identity.
    pub id: MessageId,
    /// Its mailbox.
    pub mailbox: MailboxId,
    /// The sender's display name, or address if there is none, or empty.
    pub sender: String,
    /// The subject, or empty.
    pub subject: String,
    /// The first words of the text on one line, at most 200 characters.
    pub snippet: String,
    /// The time it was sent, in seconds since 1970: its `Date`, else its newest `Received`, else
    /// the time it arrived here.
    pub date: i64,
    /// True if it has not been read.
    pub unread: bool,
    /// True if it has attachments.
    pub has_attachments: bool,
}

/// A message prepared for display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenMessage {
    /// Its identity.
    pub id: MessageId,
    /// Its mailbox.
    pub mailbox: MailboxId,
    /// The subject, or empty.
    pub subject: String,
    /// The `From` field.
    pub from: Vec<Address>,
    /// The `Reply-To` field.
    pub reply_to: Vec<Address>,
    /// The `To` field.
    pub to: Vec<Address>,
    /// The `Cc` field.
    pub cc: Vec<Address>,
    /// The time it was sent, in seconds since 1970.
    pub date: i64,
    /// Its size in bytes, as sent by the server.
    pub octets: u64,
    /// The body to display.
    pub body: Body,
    /// The attachments to offer for download.
    pub attachments: Vec<Attachment>,
}

/// An address of a header field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The display name, or empty.
    pub name: String,
    /// The address, or empty for a group.
    pub address: String,
}

/// The body of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Body {
    /// Plain text, with `\n` line ends.
    Text {
        /// The text.
        text: String,
    },
    /// Sanitised HTML: a whole document for a sandboxed frame, inline images as `data:` URLs.
    Html {
        /// The document, its own Content-Security-Policy included.
        html: String,
        /// The number of remote images removed from it.
        blocked_images: u32,
    },
}

/// An attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Its number within the message.
    pub part: u32,
    /// A file name without any path, never empty.
    pub name: String,
    /// Its media type in lower case.
    pub media_type: String,
    /// Its decoded size, in bytes.
    pub octets: u64,
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

/// One line of a transcript in the form of [`restante_shared::pop3::transcript`], without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TranscriptLine {
    /// The line.
    pub text: String,
    /// For a status line, the milliseconds since its command was sent.
    pub millis: Option<u32>,
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

/// A problem to report to the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The kind. The page has a sentence and a next step for each.
    pub kind: ProblemKind,
    /// The server's message, or the detail at fault, in one line without secrets.
    pub detail: Option<String>,
    /// The time of the next attempt, in seconds since 1970, if the server gave one.
    #[serde(default)]
    pub retry_at: Option<i64>,
    /// The end of the transcript, without secrets, if the server violated the protocol.
    #[serde(default)]
    pub transcript: Vec<String>,
}

impl Problem {
    /// Returns a problem without details.
    #[must_use]
    pub fn new(kind: ProblemKind) -> Self {
        Self {
            kind,
            detail: None,
            retry_at: None,
            transcript: Vec::new(),
        }
    }

    /// Returns a problem with a detail, which must be one line without secrets.
    #[must_use]
    pub fn with_detail(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..Self::new(kind)
        }
    }
}

/// The kinds of problems that are reported to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProblemKind {
    /// The server refused the user name or the password.
    WrongCredentials,
    /// Another session holds the maildrop (`[IN-USE]`): the credentials may be right.
    MaildropInUse,
    /// The server asks to try again later (`[SYS/TEMP]`, `[LOGIN-DELAY]`).
    TryLater,
    /// The server reports a failure that its administrator has to fix (`[SYS/PERM]`).
    AdministratorNeeded,
    /// The server offers no way to log in that this client or the mailbox's settings allow.
    NoLoginOffered,
    /// The server offers only weaker ways to log in than the one that worked before.
    LoginWeakened,
    /// The console holds the maildrop, so it cannot be checked.
    ConsoleOpen,
    /// The server answered `-ERR` to a command that it must support.
    ServerRefused,
    /// The server requires TLS before a login, but the mailbox is set to "None".
    EncryptionRequired,
    /// The mailbox is set to "STLS", but the server does not offer it.
    StlsNotOffered,
    /// The host name has no address.
    UnknownHost,
    /// The host refused the connection: nothing listens on the port.
    ConnectionRefused,
    /// The server did not answer in time.
    TimedOut,
    /// The connection to the server was lost, at any stage.
    ConnectionLost,
    /// The server's certificate is not trusted. The detail has the issuer and the reason.
    CertificateNotTrusted,
    /// The server does not speak TLS as the mailbox expects.
    TlsFailed,
    /// The bridge cannot be reached: it is down, or this device is offline.
    BridgeUnreachable,
    /// The bridge's policy does not allow this host and port.
    BridgeRefusedTarget,
    /// The bridge has reached its limit of connections.
    BridgeBusy,
    /// The bridge is shutting down.
    BridgeShuttingDown,
    /// The bridge requires signing in.
    BridgeWantsSignIn,
    /// The bridge does not allow pages of this origin.
    BridgeRefusedPage,
    /// The peer does not speak POP3.
    NotPop3,
    /// The server violated the protocol.
    ProtocolBroken,
    /// The trusted CA in the settings is not a certificate.
    CaNotReadable,
    /// The user name or password has characters that POP3 cannot carry.
    CredentialsNotSendable,
    /// The browser's storage is full.
    StorageFull,
    /// The browser's storage failed.
    StorageFailed,
    /// The message or attachment is not here (any more).
    NotFound,
    /// A mailbox with this user name on this server exists already.
    AlreadyAdded,
    /// The user cancelled the operation.
    Cancelled,
}

impl ProblemKind {
    /// True if the session itself was lost, because of a command or by accident.
    pub(crate) fn is_loss(self) -> bool {
        matches!(
            self,
            Self::ConnectionLost | Self::TimedOut | Self::ProtocolBroken
        )
    }
}
