//! Splits the bytes of a server into lines and bodies, independent of the pieces in which they arrive.
//!
//! Framing is separate from parsing: a line that cannot be parsed is still one line, so the session
//! stays in step with the server. A line end is CRLF or a bare LF. Bodies are returned as slices of
//! the received pieces; only lines that are split across pieces are copied.

mod body;
mod framer;

pub(crate) use body::BodyPiece;
pub(crate) use framer::{Framer, LineTooLong};
