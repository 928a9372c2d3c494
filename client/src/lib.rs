//! The Restante client: a user interface and a mail engine that only speak through
//! [`engine::command`] and [`engine::event`].

#[cfg(feature = "engine")]
pub mod clock;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "engine")]
pub mod transport;
#[cfg(feature = "ui")]
pub mod ui;
#[cfg(target_arch = "wasm32")]
mod values;

/// The words that page and engine speak, without the engine.
#[cfg(not(feature = "engine"))]
pub mod engine {
    pub mod command;
    pub mod event;
}
