//! Time as a parameter, so that tests do not wait.

#[cfg(test)]
mod manual;
#[cfg(not(target_arch = "wasm32"))]
mod native;
mod time_source;
#[cfg(target_arch = "wasm32")]
mod web;

#[cfg(test)]
pub(crate) use manual::ManualClock;
#[cfg(not(target_arch = "wasm32"))]
pub use native::SystemClock;
pub use time_source::Clock;
#[cfg(target_arch = "wasm32")]
pub use web::SystemClock;
