//! The interface between engine and environment, so that it runs in a worker and under `cargo
//! test`.

mod interface;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(not(target_arch = "wasm32"))]
pub mod native_vault;
#[cfg(target_arch = "wasm32")]
pub mod web;
#[cfg(target_arch = "wasm32")]
pub mod web_vault;

pub use interface::{Place, Platform, Vault};
