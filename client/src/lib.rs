//! The Restante client: a user interface and a mail engine that only speak through
//! [`api`].

pub mod api;
#[cfg(feature = "engine")]
pub mod clock;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(target_arch = "wasm32")]
mod js_values;
pub mod media_type;
#[cfg(feature = "engine")]
pub mod transport;
#[cfg(feature = "ui")]
pub mod ui;
