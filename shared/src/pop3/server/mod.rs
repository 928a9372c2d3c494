//! The server side of the codec: parses command lines and writes replies.
//!
//! A server reads bytes from its socket and passes them to [`CommandReader::push`]. While
//! [`CommandReader::next_command`] returns a command, the server writes a reply with
//! [`ReplyWriter`] and sends the result of [`ReplyWriter::take`]. `PIPELINING` requires no more
//! than replies in order. During `AUTH`, the server calls [`CommandReader::next_sasl_line`]
//! instead. Before the handshake that follows `STLS`, it checks [`CommandReader::is_empty`]: bytes
//! that arrive early were injected ([RFC 2595 §4]).

mod reader;
mod writer;

pub use reader::{CommandReader, SaslLine};
pub use writer::{BodyWriter, ReplyWriter, top};
