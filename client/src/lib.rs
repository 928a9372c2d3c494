//! The Restante client: a user interface and a mail engine that only speak through
//! [`api`].

// A test double that the integration tests have in common with those in here names this crate.
#[cfg(all(test, feature = "engine"))]
extern crate self as restante_client;

pub mod api;
#[cfg(feature = "engine")]
pub mod clock;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(target_arch = "wasm32")]
mod js_values;
#[cfg(feature = "engine")]
pub mod transport;
#[cfg(feature = "ui")]
pub mod ui;
