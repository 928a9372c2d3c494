//! The interface between engine and environment, so that it runs in a worker and under `cargo
//! test`.

mod interface;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(target_arch = "wasm32")]
pub mod web;

pub use interface::{Place, Platform};
