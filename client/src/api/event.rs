//! What the engine tells the page.

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

/// One report of the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum EngineEvent {
    /// The engine listens from now on. A worker drops what it is sent before, so the page keeps its
    /// commands back until this event.
    Listening,
    /// Another tab holds the store; `Ready` follows when that tab is closed.
    Occupied,
    /// The store is open.
    Ready {
        /// Whether it outlives the tab.
        storage: Storage,
        /// What was healed at this start, to be told once.
        healed: Vec<Healing>,
        /// All mailboxes, in the order of their making.
        mailboxes: Vec<Mailbox>,
    },
    /// Damage was found and mended while the store was in use.
    Healed {
        /// What was healed.
        healed: Vec<Healing>,
    },
    /// The store cannot be opened: nothing works until the reader has acted.
    Unusable {
        /// What is wrong.
        problem: Problem,
    },
    /// The mailboxes, after any change to them or to their counts.
    Mailboxes {
        /// All of them.
        mailboxes: Vec<Mailbox>,
    },
    /// The settings of `AddMailbox` worked; its first check begins.
    MailboxAdded {
        /// As asked.
        request: RequestId,
        /// The new mailbox.
        mailbox: MailboxId,
    },
    /// How far a check has come; at most ten a second, and one at every change of stage.
    Progress {
        /// How far.
        progress: Progress,
    },
    /// A check came to its end, of whatever kind.
    CheckFinished {
        /// Of which mailbox.
        mailbox: MailboxId,
        /// How it ended.
        outcome: CheckOutcome,
    },
    /// The answer to `ListMessages`.
    Messages {
        /// As asked.
        request: RequestId,
        /// How many messages the query has in all.
        total: u32,
        /// The position of the first row.
        offset: u32,
        /// The rows.
        rows: Vec<MessageRow>,
        /// How many messages a search has not looked at, since they have only just arrived.
        /// `MessagesChanged` follows when it is worth asking again.
        #[serde(default)]
        unsearched: u32,
    },
    /// The answer to `OpenMessage`.
    Message {
        /// As asked.
        request: RequestId,
        /// The message.
        message: Box<OpenMessage>,
    },
    /// The answer to `LoadSource` and `LoadAttachment`.
    Octets {
        /// As asked.
        request: RequestId,
        /// The octets.
        #[serde(with = "serde_bytes")]
        octets: Vec<u8>,
    },
    /// The answer to `LoadConnection`.
    Connection {
        /// As asked.
        request: RequestId,
        /// What is known.
        report: Box<ConnectionReport>,
    },
    /// Something happened in the console.
    Console {
        /// Of which mailbox.
        mailbox: MailboxId,
        /// What.
        change: ConsoleChange,
    },
    /// A question that could not be answered.
    RequestFailed {
        /// As asked.
        request: RequestId,
        /// Why.
        problem: Problem,
    },
    /// Messages came, went or changed: lists on screen are out of date.
    MessagesChanged,
    /// A change that has no `request` (a mark, a removal, a password) could not be kept.
    StoreFailed {
        /// Why.
        problem: Problem,
    },
}

/// Where the mail is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Storage {
    /// In the browser's storage for this site (OPFS).
    Persistent,
    /// In memory, because the browser gives this window no storage: gone with the tab.
    Memory,
}

/// Damage found and mended at start.
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
    /// How it is reached. The password is not among the settings.
    pub settings: MailboxSettings,
    /// Whether a check can begin without asking for the password.
    pub has_password: bool,
    /// How many messages it holds here.
    pub messages: u32,
    /// How many of them are unread.
    pub unread: u32,
    /// When it was last checked with success, in seconds since 1970.
    pub last_check: Option<i64>,
    /// When it may be checked next, in seconds since 1970, where the server bounds that
    /// (`LOGIN-DELAY`) and the time is not over.
    pub next_check: Option<i64>,
}

/// How far a check has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Of which mailbox; absent while `AddMailbox` proves its settings.
    pub mailbox: Option<MailboxId>,
    /// What is being done.
    pub stage: Stage,
    /// Messages that have arrived in this check.
    pub messages_done: u32,
    /// Messages to fetch in this check.
    pub messages_total: u32,
    /// Octets that have arrived in this check; may pass the total, since servers estimate.
    pub octets_done: u64,
    /// Octets to fetch in this check, as the server announced.
    pub octets_total: u64,
    /// Octets a second over the last seconds.
    pub octets_per_second: u64,
}

/// What a check is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Reaching bridge and server, and agreeing on TLS.
    Connecting,
    /// Logging in.
    LoggingIn,
    /// Asking what is there.
    Listing,
    /// Fetching what is new.
    Fetching,
    /// Saying good-bye.
    Finishing,
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CheckOutcome {
    /// To the end.
    Done {
        /// Messages that are new here.
        new_messages: u32,
        /// Messages that the server would not give, or gave broken: tried again next time.
        skipped: u32,
    },
    /// By the reader.
    Cancelled {
        /// Messages that arrived before.
        new_messages: u32,
    },
    /// By a problem.
    Failed {
        /// Messages that arrived before.
        new_messages: u32,
        /// What happened.
        problem: Problem,
    },
    /// Before it began: the password is not kept, so the page has to ask for it.
    PasswordNeeded,
    /// Before it began: the server wants a pause between logins. It begins by itself then.
    Postponed {
        /// When, in seconds since 1970.
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
    /// When it was sent, in seconds since 1970: by its `Date`, else by its newest `Received`, else
    /// when it arrived here.
    pub date: i64,
    /// Whether it has not been read.
    pub unread: bool,
    /// Whether it has attachments.
    pub has_attachments: bool,
}

/// A message made ready to show.
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
    /// When it was sent, in seconds since 1970.
    pub date: i64,
    /// Its size in octets as the server sent it.
    pub octets: u64,
    /// What to show.
    pub body: Body,
    /// What to offer for download.
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
        /// How many remote images were left out of it.
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
    /// Its decoded size.
    pub octets: u64,
}

/// What is known of the connection to a mailbox's server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionReport {
    /// Of which mailbox.
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
    /// What they are about.
    pub title: String,
    /// The facts.
    pub rows: Vec<Fact>,
}

/// One fact, in words for a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// Of what.
    pub name: String,
    /// What is so; may be empty.
    pub value: String,
    /// What it means, and what Restante does about it; may be empty.
    pub note: String,
}

/// One session with a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRecord {
    /// When it began, in seconds since 1970.
    pub began: i64,
    /// How it ended, in one sentence.
    pub outcome: String,
    /// What protected it: version, cipher suite and certificates of TLS.
    pub security: Vec<Fact>,
    /// What was said.
    pub lines: Vec<TranscriptLine>,
}

/// One line of a transcript in the form of [`restante_shared::pop3::transcript`], without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TranscriptLine {
    /// The line.
    pub text: String,
    /// Of a status line: the milliseconds since its command was sent.
    pub millis: Option<u32>,
}

/// What happened in the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ConsoleChange {
    /// The console is logged in, or an answer has come to its end: the next line may be typed.
    Ready {
        /// How many messages are marked to be deleted at `QUIT`.
        marked: u32,
    },
    /// Lines were sent or have come.
    Lines {
        /// The lines.
        lines: Vec<TranscriptLine>,
    },
    /// The line cannot be sent as it is; the session goes on.
    Rejected {
        /// Why, as a sentence.
        reason: String,
    },
    /// The reader has to agree before this line is sent.
    Confirm {
        /// The line.
        line: String,
        /// As sent.
        several_lines: bool,
        /// What it will do, as a sentence.
        consequence: String,
    },
    /// The session is over.
    Closed {
        /// Why, if not because it was asked for.
        problem: Option<Problem>,
    },
}

/// Something that a reader has to be told, with what the reader can do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// What it is: the page has a sentence and a next step for each.
    pub kind: ProblemKind,
    /// What the server said, or which detail is at fault, in one line without secrets.
    pub detail: Option<String>,
    /// When to try again, in seconds since 1970, where the server told.
    #[serde(default)]
    pub retry_at: Option<i64>,
    /// The end of the transcript, where the server broke the protocol; without secrets.
    #[serde(default)]
    pub transcript: Vec<String>,
}

impl Problem {
    /// A problem of which there is no more to say.
    #[must_use]
    pub fn new(kind: ProblemKind) -> Self {
        Self {
            kind,
            detail: None,
            retry_at: None,
            transcript: Vec::new(),
        }
    }

    /// A problem with a detail: one line without secrets.
    #[must_use]
    pub fn with_detail(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..Self::new(kind)
        }
    }
}

/// The kinds of problems that a reader can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProblemKind {
    /// The server refused the user name or the password.
    WrongCredentials,
    /// Another session holds the maildrop (`[IN-USE]`): the credentials may be right.
    MaildropInUse,
    /// The server asks to try again later (`[SYS/TEMP]`, `[LOGIN-DELAY]`).
    TryLater,
    /// The server says that somebody has to mend something (`[SYS/PERM]`).
    AdministratorNeeded,
    /// The server offers no way to log in that this client or the mailbox's settings allow.
    NoLoginOffered,
    /// The server offers only weaker ways to log in than the one that worked before.
    LoginWeakened,
    /// The console has the maildrop, so it cannot be checked.
    ConsoleOpen,
    /// The server answered `-ERR` to something that it must be able to do.
    ServerRefused,
    /// The server wants TLS before a login, but the mailbox is set to "None".
    EncryptionRequired,
    /// The mailbox is set to "STLS", but the server does not offer it.
    StlsNotOffered,
    /// The host name has no address.
    UnknownHost,
    /// The host is there, but nothing listens on the port.
    ConnectionRefused,
    /// The server did not answer in time.
    TimedOut,
    /// The connection to the server broke, at any time.
    ConnectionLost,
    /// The server's certificate is not to be trusted: the detail has issuer and reason.
    CertificateNotTrusted,
    /// The server does not speak TLS as the mailbox expects.
    TlsFailed,
    /// The bridge cannot be reached: it is down, or this device is offline.
    BridgeUnreachable,
    /// The bridge's policy does not allow this host and port.
    BridgeRefusedTarget,
    /// The bridge has as many connections as it allows.
    BridgeBusy,
    /// The bridge is being stopped.
    BridgeShuttingDown,
    /// The bridge serves only who signs in.
    BridgeWantsSignIn,
    /// The bridge does not serve pages of this page's origin.
    BridgeRefusedPage,
    /// What answered does not speak POP3.
    NotPop3,
    /// The server answered what POP3 does not allow.
    ProtocolBroken,
    /// The trusted CA of the settings is no certificate.
    CaNotReadable,
    /// The user name or password has characters that POP3 cannot carry.
    CredentialsNotSendable,
    /// The browser's storage is full.
    StorageFull,
    /// The browser's storage failed.
    StorageFailed,
    /// The message or attachment is not here (any more).
    NotFound,
    /// A mailbox with this user name on this server is here already.
    AlreadyAdded,
    /// The reader cancelled it.
    Cancelled,
}

impl ProblemKind {
    /// Whether a session was lost over what was asked for, or by accident.
    pub(crate) fn is_loss(self) -> bool {
        matches!(
            self,
            Self::ConnectionLost | Self::TimedOut | Self::ProtocolBroken
        )
    }
}
