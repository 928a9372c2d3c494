//! The mail engine: checks mail, stores it, searches it and makes it safe to display.
//!
//! [`run`] is the whole life of an engine: it opens the store, then handles
//! [commands](crate::api::command), reports [events](crate::api::event) and checks mail, all
//! concurrently on one thread. The engine reaches its environment only through a
//! [`Platform`](platform::Platform), so that all of it runs under plain `cargo test`.

pub mod check;
mod commands;
mod console;
pub mod diagnostics;
mod jobs;
mod limits;
pub mod mail;
pub mod mailboxes;
pub mod platform;
mod run;
pub mod server;
pub mod sink;
pub mod store;
pub mod unique_ids;
#[cfg(target_arch = "wasm32")]
pub mod worker;

use run::Engine;

pub use run::run;
