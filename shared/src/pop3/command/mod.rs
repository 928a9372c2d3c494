//! The commands of POP3, how a client writes them and how a server reads them.

use thiserror::Error;

use super::argument::{ArgumentError, LanguageRange, MessageNumber, Password, UserName};
use super::raw::RawCommand;

mod login;
mod read;
mod write;
mod xtnd;

pub use login::{Apop, Auth};
pub use xtnd::Xtnd;

/// A command. Exhaustive, so that a server answers every one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `USER name` ([RFC 1939 §7]).
    User(UserName),
    /// `PASS string` ([RFC 1939 §7]).
    Pass(Password),
    /// `APOP name digest` ([RFC 1939 §7]).
    Apop(Apop),
    /// `AUTH mechanism [initial-response]` ([RFC 5034 §4]).
    Auth(Auth),
    /// `AUTH` alone, which some servers older than `CAPA` answer with the mechanisms that they have.
    Mechanisms,
    /// `STLS` ([RFC 2595 §4]).
    Stls,
    /// `CAPA` ([RFC 2449 §5]).
    Capa,
    /// `UTF8` ([RFC 6856 §2]): headers and names may be UTF-8 from then on.
    Utf8,
    /// `LANG`: which languages there are; `LANG range`: speak this one ([RFC 6856 §3]).
    Lang(Option<LanguageRange>),
    /// `STAT` ([RFC 1939 §5]).
    Stat,
    /// `LIST [msg]` ([RFC 1939 §5]).
    List(Option<MessageNumber>),
    /// `UIDL [msg]` ([RFC 1939 §7]).
    Uidl(Option<MessageNumber>),
    /// `RETR msg` ([RFC 1939 §5]).
    Retr(MessageNumber),
    /// `TOP msg n` ([RFC 1939 §7]).
    Top {
        /// Which message.
        message: MessageNumber,
        /// How many lines of the body.
        lines: u32,
    },
    /// `DELE msg` ([RFC 1939 §5]).
    Dele(MessageNumber),
    /// `NOOP` ([RFC 1939 §5]).
    Noop,
    /// `RSET` ([RFC 1939 §5]).
    Rset,
    /// `XTND` ([RFC 1082]).
    Xtnd(Xtnd),
    /// `QUIT` ([RFC 1939 §§4, 6]).
    Quit,
    /// A line that a person typed, which [`parse`](Command::parse) never gives.
    Raw(RawCommand),
}

/// Why a line is no command: what the server tells the client after `-ERR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The line is longer than the limit; it was thrown away.
    #[error("the line is too long")]
    LineTooLong,
    /// The keyword is unknown.
    #[error("unknown command")]
    Unknown,
    /// An argument is missing, or there is one too many.
    #[error("wrong number of arguments")]
    ArgumentCount,
    /// An argument is not what its command needs.
    #[error("wrong argument: {0}")]
    Argument(#[from] ArgumentError),
}
