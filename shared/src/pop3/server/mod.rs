//! The server's half of the codec: reads command lines, writes replies.
//!
//! A server loops: read octets from its socket, [`CommandReader::push`] them, and while
//! [`CommandReader::next_command`] gives something, write a reply with [`ReplyWriter`] and send
//! what [`ReplyWriter::take`] returns. Answering in order is all that `PIPELINING` asks for. After
//! `AUTH`, lines are asked for with [`CommandReader::next_sasl_line`] instead. Before the handshake
//! that follows `STLS`, the server checks [`CommandReader::is_empty`]: octets that came early are
//! an injection ([RFC 2595 §4]).

mod reader;
mod writer;

pub use reader::{CommandReader, SaslLine};
pub use writer::{BodyWriter, ReplyWriter, top};
