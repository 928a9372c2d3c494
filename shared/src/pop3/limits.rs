//! Every limit of the codec, and why it is there.
//!
//! What a server is owed is what the standards say; what is read from a server is more, since servers
//! in the wild pass their limits. How many lines a listing may have is the caller's to say, who keeps
//! them; the lines of a message have no limit, since no buffer ever holds one.

/// The longest command line in octets, its CRLF included ([RFC 2449 §4]).
pub const MAX_COMMAND_OCTETS: usize = 255;

/// The longest first line of a response that is written, in octets, its CRLF included
/// ([RFC 2449 §4]).
pub const MAX_STATUS_OCTETS: usize = 512;

/// The longest status or listing line that is read, in octets, its line end included: sixteen times
/// what is allowed. Real servers pass 512 octets with unique-ids and with long explanations, and none
/// is known to pass 2,048.
pub const MAX_LINE_OCTETS: usize = 8192;

/// The longest user name or password in octets: what `USER` or `PASS` leaves of a command line.
pub const MAX_CREDENTIAL_OCTETS: usize = MAX_COMMAND_OCTETS - "USER \r\n".len();

/// The longest unique-id in octets that a server may write ([RFC 1939 §7]).
pub const MAX_UNIQUE_ID_OCTETS: usize = 70;

/// The longest unique-id that is read, in octets. A client keeps all of them for as long as the
/// server keeps the messages; some servers make them of file names, which have 255 octets at the
/// most, or of several joined.
pub const MAX_SERVER_UNIQUE_ID_OCTETS: usize = 1024;

/// How many lines of one listing the trace of a session has: enough to see their form, and little
/// beside a million of them.
pub const TRACED_LISTING_LINES: u64 = 200;

/// How much a session keeps of its trace until it is taken, in octets of lines and some for each step:
/// an hour of commands, at no price for the tab. The oldest steps go first, since what went wrong is
/// at the end.
pub const TRACED_OCTETS: usize = 256 * 1024;
