//! What servers do that the standards do not say, as far as a client has to meet them halfway.

use serde::{Deserialize, Serialize};

/// One oddity of a server that was met in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Quirk {
    /// Lines end in LF without CR.
    BareLf,
    /// Messages have lines that begin with one dot: byte-stuffing is missing.
    NotStuffed,
    /// The termination octet came without a line end before it, or without its own.
    GluedTerminator,
    /// A line has more octets than the standards allow.
    LongLine,
    /// Text in status lines is neither ASCII nor UTF-8.
    EightBitText,
    /// A challenge came as `+OK`.
    ChallengeAsOk,
    /// A listing has lines in a form of their own: several blanks, `+OK` in front, no number.
    OddListing,
    /// A unique-id has blanks, or more than 70 octets.
    OddUniqueId,
    /// Several messages have one unique-id.
    SharedUniqueId,
    /// The sizes in `LIST` are not those of the messages.
    WrongSize,
    /// `CAPA` is not known.
    NoCapa,
    /// `CAPA` got no answer, or an end of the connection.
    CapaBreaks,
    /// `UIDL` or `TOP` is not announced, but works.
    Unannounced,
    /// Capabilities changed by the login.
    CapaChanges,
    /// The connection was closed after a refused `AUTH`.
    ClosesAfterAuth,
    /// A login was refused that the server had offered.
    OfferedInVain,
    /// A lock or a delay was told in words only.
    LockInWords,
    /// Non-ASCII passwords are understood in Latin-1 only.
    Latin1Password,
    /// `PIPELINING` is announced, but replies got out of step.
    BrokenPipelining,
    /// A message could not be had: `-ERR`, garbage, or an end of the connection.
    BadMessage,
    /// It hangs up on a session that is silent for a short time.
    ShortIdle,
    /// `TOP` gave another number of lines than asked for.
    InexactTop,
    /// There are no unique-ids: messages are told by their headers.
    ToldByHeader,
    /// There are no unique-ids and no `TOP`: messages are told by their text.
    ToldByText,
}
