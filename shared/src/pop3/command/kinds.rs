//! The commands.

use thiserror::Error;

use super::{Apop, Auth, Xtnd};
use crate::pop3::argument::{ArgumentError, LanguageRange, MessageNumber, Password, UserName};
use crate::pop3::raw::RawCommand;

/// A command. The enum is exhaustive, so that a server must answer every command.
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
    /// `AUTH` without arguments, which some servers from before `CAPA` answer with their mechanisms.
    Mechanisms,
    /// `STLS` ([RFC 2595 §4]).
    Stls,
    /// `CAPA` ([RFC 2449 §5]).
    Capa,
    /// `UTF8` ([RFC 6856 §2]): headers and names may be UTF-8 from then on.
    Utf8,
    /// `LANG`, which lists the languages, or `LANG range`, which selects one ([RFC 6856 §3]).
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
        /// The message.
        message: MessageNumber,
        /// The number of lines of the body.
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
    /// A line that the user typed. [`parse`](Command::parse) never returns it.
    Raw(RawCommand),
}

/// The reason why a line is not a command, which a server sends after `-ERR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The line is longer than the limit and was discarded.
    #[error("the line is too long")]
    LineTooLong,
    /// The keyword is unknown.
    #[error("unknown command")]
    Unknown,
    /// An argument is missing, or there are too many.
    #[error("wrong number of arguments")]
    ArgumentCount,
    /// An argument is invalid for its command.
    #[error("wrong argument: {0}")]
    Argument(#[from] ArgumentError),
}
