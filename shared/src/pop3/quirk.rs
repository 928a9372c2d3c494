//! Deviations of servers from the standards, as far as a client must handle them.

use serde::{Deserialize, Serialize};

/// A deviation that a session noticed. The order of the variants is part of the stored form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Quirk {
    /// Lines end in LF without CR.
    BareLf,
    /// Lines of messages begin with one dot: byte-stuffing is missing.
    NotStuffed,
    /// The terminating dot has no line break before it, or none after it.
    GluedTerminator,
    /// A line is longer than the standards allow.
    LongLine,
    /// Text in status lines is neither ASCII nor UTF-8.
    EightBitText,
    /// The server sent a challenge as `+OK`.
    ChallengeAsOk,
    /// A listing has irregular lines: several blanks, `+OK` before the number, or no number.
    OddListing,
    /// A unique-id has blanks, or more than 70 bytes.
    OddUniqueId,
    /// Several messages have the same unique-id.
    SharedUniqueId,
    /// The sizes in `LIST` differ from those of the messages.
    WrongSize,
    /// The server does not support `CAPA`.
    NoCapa,
    /// The server does not answer `CAPA`, or closes the connection.
    CapaBreaks,
    /// `UIDL` or `TOP` works although the server does not advertise it.
    Unannounced,
    /// Capabilities change after the login.
    CapaChanges,
    /// The server closes the connection after it refused `AUTH`.
    ClosesAfterAuth,
    /// The server refuses a login method that it advertises.
    OfferedInVain,
    /// The server reports a lock or a delay in words, without a response code.
    LockInWords,
    /// The server accepts non-ASCII passwords in Latin-1 only.
    Latin1Password,
    /// The server advertises `PIPELINING`, but its replies got out of step.
    BrokenPipelining,
    /// The server cannot deliver a message: `-ERR`, garbage, or the end of the connection.
    BadMessage,
    /// The server closes an idle connection after a short time.
    ShortIdle,
    /// `TOP` returns another number of lines than requested.
    InexactTop,
    /// The server has no unique-ids: messages are identified by their headers.
    ToldByHeader,
    /// The server has neither unique-ids nor `TOP`: messages are identified by their text.
    ToldByText,
}
