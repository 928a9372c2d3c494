//! The connection to a target through the bridge.

#[cfg(not(target_arch = "wasm32"))]
mod native;
mod open;
#[cfg(target_arch = "wasm32")]
mod web;

pub use open::{RelayStream, open};
