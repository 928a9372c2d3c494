//! The Restante client: a user interface and a mail engine that only speak through
//! [`engine::command`] and [`engine::event`].

pub mod clock;
pub mod engine;
pub mod transport;
pub mod ui;
