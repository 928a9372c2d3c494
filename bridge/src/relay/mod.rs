//! A relay: one WebSocket, one TCP connection, and the bytes between them.
//!
//! A relay first dials its target, while a bounded amount of early data from the client is buffered. Then
//! it pumps until one side ends it. Then it closes both sides, within the time of the limits. An idle
//! relay costs two sockets and a task without a buffer. State for the beginning and the end is boxed, and
//! freed in between.

mod client;
mod clock;
mod dial;
mod ending;
mod inbound;
mod pool;
mod pump;
mod run;
mod transport;

pub(crate) use client::close_gracefully;
pub(crate) use pool::{BufferPool, LEAST_QUEUED};
pub(crate) use run::{RelayRequest, relay};
