//! Deviations of servers from the standards, as far as a client must handle them.

use serde::{Deserialize, Serialize};

/// A deviation that a session noticed. The order of the variants is part of the stored form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Quirk {
    /// Lines end in LF without CR.
    BareLf,
    /// Lines of messages begin with one dot: byte-stuffing is missing.
    NoByteStuffing,
    /// The terminating dot has no line break before it, or none after it.
    BareTerminator,
    /// A line is longer than the standards allow.
    LongLine,
    /// Text in status lines is neither ASCII nor UTF-8.
    EightBitText,
    /// The server sent a challenge as `+OK`.
    ChallengeAsOk,
    /// A listing has irregular lines: several blanks, `+OK` before the number, or no number.
    IrregularListing,
    /// A unique-id has blanks, or more than 70 bytes.
    IrregularUniqueId,
    /// Several messages have the same unique-id.
    DuplicateUniqueId,
    /// The sizes in `LIST` differ from those of the messages.
    WrongSize,
    /// The server does not support `CAPA`.
    NoCapa,
    /// The server does not answer `CAPA`, or closes the connection.
    CapaBreaksSession,
    /// `UIDL` or `TOP` works although the server does not advertise it.
    Unadvertised,
    /// Capabilities change after the login.
    CapabilitiesChange,
    /// The server closes the connection after it refused `AUTH`.
    ClosesAfterAuth,
    /// The server refuses a login method that it advertises.
    AdvertisedLoginRefused,
    /// The server reports a lock or a delay in words, without a response code.
    LockWithoutCode,
    /// The server accepts non-ASCII passwords in Latin-1 only.
    Latin1Password,
    /// The server advertises `PIPELINING`, but its replies got out of step.
    BrokenPipelining,
    /// The server cannot deliver a message: `-ERR`, garbage, or the end of the connection.
    UndeliverableMessage,
    /// The server closes an idle connection after a short time.
    ShortIdleTimeout,
    /// `TOP` returns another number of lines than requested.
    InexactTop,
    /// The server has no unique-ids: messages are identified by their headers.
    IdentifiedByHeader,
    /// The server has neither unique-ids nor `TOP`: messages are identified by their text.
    IdentifiedByText,
}
