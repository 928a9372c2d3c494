//! The page: Yew components that draw the engine's reports and send the user's commands.
//!
//! [`state`] makes all decisions, without a browser. The rest draws the state and passes on
//! actions. Elements without state of their own are drawn by plain functions: a component for each
//! would double the download.

pub mod figures;
pub mod plain_text;
pub mod route;
pub mod state;
pub mod transcript;
pub mod words;

#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod components;
#[cfg(target_arch = "wasm32")]
mod dates;
#[cfg(target_arch = "wasm32")]
mod engine_port;
#[cfg(target_arch = "wasm32")]
mod list_frame;
#[cfg(target_arch = "wasm32")]
mod pages;
#[cfg(target_arch = "wasm32")]
mod start;

#[cfg(target_arch = "wasm32")]
pub use start::run;
