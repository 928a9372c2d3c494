//! Time as a parameter, so that tests do not wait.

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod web;

use std::time::Duration;

use futures::future::LocalBoxFuture;

#[cfg(not(target_arch = "wasm32"))]
pub use native::SystemClock;
#[cfg(target_arch = "wasm32")]
pub use web::SystemClock;

/// A source of time: the clock of the worker, of tokio, or of a test.
pub trait Clock: Clone + 'static {
    /// Returns the time since 1970-01-01 00:00 UTC.
    fn now(&self) -> Duration;

    /// Completes after `duration`.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()>;
}
