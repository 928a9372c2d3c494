//! The requests, events and errors of a session.

use std::fmt;

use bytes::Bytes;
use thiserror::Error;

use crate::pop3::argument::MessageNumber;
use crate::pop3::capability::Capability;
use crate::pop3::command::{Command, Xtnd};
use crate::pop3::listing::{
    BoardListing, DropListing, LanguageListing, ScanListing, UniqueIdListing,
};
use crate::pop3::raw::RawReplyForm;
use crate::pop3::reply::StatusText;
use crate::sasl::MechanismName;

/// The subject of a reply: a command without its secrets, or the connection itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Connecting, which the greeting answers ([RFC 1939 §4]).
    Greeting,
    /// `USER`.
    User,
    /// `PASS`.
    Pass,
    /// `APOP`.
    Apop,
    /// `AUTH`.
    Auth,
    /// `AUTH` without arguments.
    Mechanisms,
    /// `STLS`.
    Stls,
    /// `CAPA`.
    Capa,
    /// `UTF8`.
    Utf8,
    /// `LANG`.
    Lang {
        /// True if it names no language, so that a listing answers it.
        listing: bool,
    },
    /// `STAT`.
    Stat,
    /// `LIST`.
    List(Option<MessageNumber>),
    /// `UIDL`.
    Uidl(Option<MessageNumber>),
    /// `RETR`.
    Retr(MessageNumber),
    /// `TOP`.
    Top(MessageNumber),
    /// `DELE`.
    Dele(MessageNumber),
    /// `NOOP`.
    Noop,
    /// `RSET`.
    Rset,
    /// `XTND`.
    Xtnd {
        /// True if the reply lists discussion groups and their highest message numbers.
        boards: bool,
    },
    /// `QUIT`.
    Quit,
    /// A line that the user typed.
    Raw(RawReplyForm),
}

impl From<&Command> for Request {
    fn from(command: &Command) -> Self {
        match command {
            Command::User(_) => Self::User,
            Command::Pass(_) => Self::Pass,
            Command::Apop(_) => Self::Apop,
            Command::Auth(_) => Self::Auth,
            Command::Mechanisms => Self::Mechanisms,
            Command::Stls => Self::Stls,
            Command::Capa => Self::Capa,
            Command::Utf8 => Self::Utf8,
            Command::Lang(range) => Self::Lang {
                listing: range.is_none(),
            },
            Command::Stat => Self::Stat,
            Command::List(message) => Self::List(*message),
            Command::Uidl(message) => Self::Uidl(*message),
            Command::Retr(message) => Self::Retr(*message),
            Command::Top { message, .. } => Self::Top(*message),
            Command::Dele(message) => Self::Dele(*message),
            Command::Noop => Self::Noop,
            Command::Rset => Self::Rset,
            Command::Xtnd(Xtnd::Bboards(_) | Xtnd::Archive(_)) => Self::Xtnd { boards: true },
            Command::Xtnd(Xtnd::XBboards(_)) => Self::Xtnd { boards: false },
            Command::Quit => Self::Quit,
            Command::Raw(raw) => Self::Raw(raw.reply()),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (keyword, message) = match self {
            Self::Greeting => ("the greeting", &None),
            Self::User => ("USER", &None),
            Self::Pass => ("PASS", &None),
            Self::Apop => ("APOP", &None),
            Self::Auth | Self::Mechanisms => ("AUTH", &None),
            Self::Stls => ("STLS", &None),
            Self::Capa => ("CAPA", &None),
            Self::Utf8 => ("UTF8", &None),
            Self::Lang { .. } => ("LANG", &None),
            Self::Stat => ("STAT", &None),
            Self::List(message) => ("LIST", message),
            Self::Uidl(message) => ("UIDL", message),
            Self::Retr(message) => ("RETR", &Some(*message)),
            Self::Top(message) => ("TOP", &Some(*message)),
            Self::Dele(message) => ("DELE", &Some(*message)),
            Self::Noop => ("NOOP", &None),
            Self::Rset => ("RSET", &None),
            Self::Xtnd { .. } => ("XTND", &None),
            Self::Quit => ("QUIT", &None),
            Self::Raw(_) => ("the typed line", &None),
        };
        match message {
            None => f.write_str(keyword),
            Some(message) => write!(f, "{keyword} {message}"),
        }
    }
}

/// One step of a server's replies, in the order of the requests.
///
/// Each request ends with exactly one [`Refused`](Event::Refused), or with one
/// [`Accepted`](Event::Accepted), any number of items, and one [`Completed`](Event::Completed).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// `+OK`.
    Accepted {
        /// The request that was accepted.
        request: Request,
        /// The text, which is for the user except after `STAT`, `LIST msg` and `UIDL msg`.
        text: StatusText,
    },
    /// `-ERR`.
    Refused {
        /// The request that was refused.
        request: Request,
        /// The reason.
        text: StatusText,
    },
    /// The end of a reply.
    Completed {
        /// The request that was answered.
        request: Request,
    },
    /// A challenge: the text after `+ ` as received, which is base64 and may be empty. The server
    /// waits for [`Session::respond`](super::Session::respond).
    Challenge(Bytes),
    /// An item of `CAPA`.
    Capability(Capability),
    /// The item of `STAT`.
    DropListing(DropListing),
    /// An item of `LIST`.
    ScanListing(ScanListing),
    /// An item of `UIDL`.
    UniqueId(UniqueIdListing),
    /// An item of `AUTH` without arguments.
    Mechanism(MechanismName),
    /// An item of `LANG`.
    Language(LanguageListing),
    /// An item of `XTND BBOARDS` and `XTND ARCHIVE`.
    Board(BoardListing),
    /// An item of `XTND X-BBOARDS`, or of a typed line whose reply is a listing.
    Line(Bytes),
    /// A piece of the message that answers `RETR` or `TOP`, without byte-stuffing, cut anywhere.
    Body(Bytes),
    /// An item that cannot be parsed. The session stays in step with the server.
    Unreadable(Bytes),
}

/// A violation of the protocol by the caller. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MisuseError {
    /// The state of the session does not allow the command.
    #[error("{0} cannot be sent in this state")]
    WrongState(Request),
    /// An earlier command that changes the state is unanswered, or the command changes the state
    /// and an earlier one is unanswered.
    #[error("{0} must wait until earlier commands are answered")]
    TooEarly(Request),
    /// The server has not sent a challenge.
    #[error("there is no challenge to respond to")]
    NoChallenge,
    /// The server has not accepted `STLS`.
    #[error("STLS was not accepted")]
    NoUpgrade,
}

/// A violation of the protocol by the server. The session is over, because it is out of step with the
/// server.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PeerError {
    /// The first bytes are not a greeting: this is not a POP3 server.
    #[error("the greeting is not POP3")]
    NotPop3,
    /// A reply begins with neither `+OK` nor `-ERR`.
    #[error("the reply to {0} has no status indicator")]
    NoStatus(Request),
    /// A line is longer than the limit:
    /// [`MAX_LINE_OCTETS`](crate::pop3::limits::MAX_LINE_OCTETS), and during `AUTH`
    /// [`MAX_SASL_LINE_BYTES`](crate::sasl::MAX_SASL_LINE_BYTES).
    #[error("a line of the reply to {0} is too long")]
    LineTooLong(Request),
    /// The server sent a line without a request. The text is that line.
    #[error("the server sent an unsolicited line: {0}")]
    Unsolicited(String),
    /// Bytes followed the reply to `STLS` before TLS began: an attacker injected them ([RFC 2595 §4]).
    #[error("data was injected before TLS began")]
    Injected,
    /// The connection ended before the server answered the request.
    #[error("the connection ended before {0} was answered")]
    ClosedEarly(Request),
    /// The connection ended in the middle of the reply.
    #[error("the connection ended in the middle of the reply to {0}")]
    ClosedMidReply(Request),
}
