//! The environment of the process: sockets, signals and notifications of a service manager, the log, and
//! the demo server.

#[cfg(feature = "demo")]
pub(crate) mod demo;
pub(crate) mod descriptors;
pub(crate) mod log;
pub(crate) mod manager;
pub(crate) mod signals;
pub(crate) mod sockets;
