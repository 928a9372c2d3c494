//! The server's half of the WebSocket protocol after the handshake ([RFC 6455 §5]), without I/O.
//!
//! [`Decoder`] is handed octets as they come, in pieces of any size, and says what is payload and which
//! mask is on it; [`unmask`] takes it off; [`header`] and [`control`] make what goes before and between
//! the octets of an answer. Nothing here holds a message: an endless one passes through as it comes.
//! What a message is for, and whether its text is UTF-8, is left to whoever holds messages.
//!
//! Extensions are never agreed to, so a reserved bit is an error.

mod decoder;
mod frame;

pub use decoder::{Control, Decoder, Event, FrameError, Kind};
pub use frame::{
    LONGEST_CONTROL, LONGEST_HEADER, Opcode, close_payload, control, header, unmask, unmask_back,
};
