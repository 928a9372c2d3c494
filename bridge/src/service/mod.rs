//! What a service manager and the bridge do for each other: it holds sockets open over a restart and
//! sends signals; it is told when the bridge serves, drains, and is alive, and takes its log.

#[cfg(feature = "demo")]
pub(crate) mod demo;
pub(crate) mod descriptors;
pub(crate) mod log;
pub(crate) mod manager;
pub(crate) mod signals;
pub(crate) mod sockets;
