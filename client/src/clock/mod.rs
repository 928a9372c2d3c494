//! Time as a parameter, so that tests do not wait.

#[cfg(not(target_arch = "wasm32"))]
mod native;
mod time_source;
#[cfg(target_arch = "wasm32")]
mod web;

#[cfg(not(target_arch = "wasm32"))]
pub use native::SystemClock;
pub use time_source::Clock;
#[cfg(target_arch = "wasm32")]
pub use web::SystemClock;
