//! Ports for servers that cannot be handed an open socket, for tests and the commands of `xtask`.

mod reserved;

pub use reserved::{ReservedPort, loopback};
