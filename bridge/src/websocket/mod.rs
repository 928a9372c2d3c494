//! The server's part of the WebSocket protocol after the handshake ([RFC 6455 §5]), without I/O.
//!
//! [`Decoder`] consumes bytes in pieces of any size, and reports payload with its mask. [`unmask`] removes
//! the mask. [`header`] and [`control`] encode the frames of a server. No message is stored, so one of any
//! length passes through. The caller decides what messages mean, and checks whether text is UTF-8.
//!
//! Extensions are never negotiated, so a reserved bit is an error.

mod decoder;
mod frame;

pub use decoder::{Control, Decoder, FrameError, FrameEvent, MessageKind};
pub use frame::{
    LONGEST_CONTROL, LONGEST_HEADER, Opcode, close_payload, control, header, unmask, unmask_back,
};
