//! Messages: queries, rows of the list, and messages prepared for display.

use serde::{Deserialize, Serialize};

use super::ids::{MailboxId, MessageId, PartId, RequestId};

/// A command about messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum MailCommand {
    /// Requests a window of the message list, newest first. Answered by `Listed`.
    List {
        /// Repeated in the answer.
        request: RequestId,
        /// The messages to list.
        query: MessageQuery,
        /// The number of messages to skip.
        offset: u32,
        /// The maximum number of rows to return, 1 to 500.
        limit: u32,
    },
    /// Requests a message for display and marks it as read. Answered by `Opened`.
    Open {
        /// Repeated in the answer.
        request: RequestId,
        /// The message.
        message: MessageId,
        /// The attached message to open, or the message itself.
        part: PartId,
        /// True if `https:` images may stay in the HTML.
        remote_images: bool,
    },
    /// Marks a message as read or unread. Answered by `Changed`.
    MarkRead {
        /// The message.
        message: MessageId,
        /// True to mark it as read, false as unread.
        read: bool,
    },
    /// Requests the raw bytes of a message. Answered by `Bytes`.
    LoadSource {
        /// Repeated in the answer.
        request: RequestId,
        /// The message.
        message: MessageId,
    },
    /// Requests the decoded bytes of an attachment. Answered by `Bytes`.
    LoadAttachment {
        /// Repeated in the answer.
        request: RequestId,
        /// The message.
        message: MessageId,
        /// The [`Attachment::part`].
        part: PartId,
    },
}

/// An event about messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum MailEvent {
    /// The answer to `List`.
    Listed {
        /// The `request` of the command.
        request: RequestId,
        /// The total number of messages that match the query.
        total: u32,
        /// The position of the first row.
        offset: u32,
        /// The rows.
        rows: Vec<MessageRow>,
        /// The number of messages that arrived too recently to be searched. `Changed` follows when
        /// it is worth repeating the search.
        #[serde(default)]
        unsearched: u32,
        /// The number of messages whose text is too long to be searched to its end.
        #[serde(default)]
        cut: u32,
    },
    /// The answer to `Open`.
    Opened {
        /// The `request` of the command.
        request: RequestId,
        /// The message.
        message: Box<OpenMessage>,
    },
    /// The answer to `LoadSource` and `LoadAttachment`.
    Bytes {
        /// The `request` of the command.
        request: RequestId,
        /// The bytes.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// Messages were added, removed or changed: lists on screen are out of date.
    Changed,
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

/// A row of the message list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageRow {
    /// Its identity.
    pub id: MessageId,
    /// Its mailbox.
    pub mailbox: MailboxId,
    /// The sender's display name, or address if there is none, or empty; both, with the address first,
    /// if the name claims another address.
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
    /// The attached message that this is, or 0.
    pub part: PartId,
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
    /// The origin of `date`.
    pub date_source: DateSource,
    /// Its size in bytes, as sent by the server.
    pub octets: u64,
    /// The reasons to doubt that it is from its sender.
    #[serde(default)]
    pub doubts: Vec<Doubt>,
    /// The body to display.
    pub body: Body,
    /// The attachments to offer for download.
    pub attachments: Vec<Attachment>,
    /// The event that it invites to.
    pub event: Option<CalendarEvent>,
    /// The reason why its content cannot be shown.
    pub hidden: Option<HiddenContent>,
}

/// An event of a calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CalendarEvent {
    /// The subject, or empty.
    pub summary: String,
    /// The place, or empty.
    pub place: String,
    /// The first time that it begins, in seconds since 1970.
    pub start: i64,
    /// The time that it then ends, not before `start`; for whole days, the beginning of the last.
    pub end: i64,
    /// True if it takes whole days.
    pub all_day: bool,
    /// True if the times are those of a clock at its place, as if that showed UTC.
    pub local: bool,
    /// The sender's name for the time zone of that clock, or empty.
    pub zone: String,
    /// The organizer, and then the guests.
    pub people: Vec<Address>,
    /// True if it takes place several times.
    pub repeats: bool,
    /// True if it was cancelled.
    pub cancelled: bool,
}

/// A reason why the content of a message cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HiddenContent {
    /// It is encrypted, with OpenPGP or S/MIME.
    Encrypted,
    /// It is one piece of a message that was sent in several ([RFC 2046 §5.2.2]).
    Piece,
}

/// The origin of the date of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DateSource {
    /// The `Date` field.
    Sent,
    /// The newest `Received` field, because there is no `Date` that can be read.
    Received,
    /// The time when the message arrived here, because there is neither.
    Arrived,
}

/// An address of a header field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The display name, or empty.
    pub name: String,
    /// The address, or empty for a group.
    pub address: String,
}

/// A reason to doubt that a message is from its sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// The reason.
    pub kind: DoubtKind,
    /// The address, server or domain that it is about, or empty.
    pub detail: String,
}

/// A kind of [`Doubt`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DoubtKind {
    /// The message has several `From` fields.
    SeveralSenders,
    /// The display name contains an address of another domain: the detail.
    ForeignAddress,
    /// A server could not confirm the sender: the detail. The message itself says so, and anyone may
    /// have written that, unless it is the user's own server.
    FailedResults,
    /// Replies go to another domain: the detail. Only beside another reason.
    RepliesElsewhere,
}

/// The mark in [`Body::Html`] before the address of a link that does not show where it leads. The
/// page replaces it with words.
pub const LINK_MARK: &str = "<i class=\"restante-leads\"></i>";

/// The character in a [`Body`] that stands for something that is too long to show. Neither the text
/// nor the document contains it otherwise.
pub const LEFT_OUT: char = '\0';

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
    /// Its place in the message.
    pub part: PartId,
    /// A file name without any path, never empty.
    pub name: String,
    /// Its media type in lower case.
    pub media_type: String,
    /// Its decoded size, in bytes.
    pub octets: u64,
    /// True for a message, which `Open` can open.
    pub is_message: bool,
}
