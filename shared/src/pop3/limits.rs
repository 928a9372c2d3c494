//! The limits of the codec, with their reasons.
//!
//! Writers keep the limits of the standards. Parsers accept more, because real servers exceed those
//! limits. The caller limits the number of lines in a listing, because the caller stores them. The
//! lines of a message have no limit, because no buffer holds a whole line.

/// The longest command line in bytes, including its CRLF ([RFC 2449 §4]).
pub const MAX_COMMAND_BYTES: usize = 255;

/// The longest status line that a server may write, in bytes, including its CRLF ([RFC 2449 §4]).
pub const MAX_STATUS_BYTES: usize = 512;

/// The longest status or listing line that is accepted, in bytes, including its line end: sixteen
/// times the limit of the standard. Real servers exceed 512 bytes with unique-ids and long
/// explanations; none is known to exceed 2,048.
pub const MAX_LINE_OCTETS: usize = 8192;

/// The longest user name or password in bytes: the rest of a command line after `USER` or `PASS`.
pub const MAX_CREDENTIAL_BYTES: usize = MAX_COMMAND_BYTES - "USER \r\n".len();

/// The longest unique-id that a server may write, in bytes ([RFC 1939 §7]).
pub const MAX_UNIQUE_ID_BYTES: usize = 70;

/// The longest unique-id that is accepted, in bytes. Some servers use file names, which have at most 255
/// bytes, or several of them joined. A client stores every unique-id for as long as the server keeps the
/// message, so the limit is not higher.
pub const MAX_SERVER_UNIQUE_ID_BYTES: usize = 1024;

/// The number of lines of one listing that the trace of a session keeps. They are enough to see the
/// form of the listing, and few compared with a listing of a million messages.
pub const TRACED_LISTING_LINES: u64 = 200;

/// The maximum size of a session's trace until it is taken: the bytes of its lines and a fixed
/// amount for each step. It holds about an hour of commands and costs the tab little memory. The
/// oldest steps are dropped first, because an error is at the end.
pub const TRACED_BYTES: usize = 256 * 1024;
