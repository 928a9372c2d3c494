//! The interface of a clock.

use std::time::Duration;

use futures::future::LocalBoxFuture;

/// A source of time: the clock of the worker, of tokio, or of a test.
pub trait Clock: Clone + 'static {
    /// Returns the time since 1970-01-01 00:00 UTC.
    fn now(&self) -> Duration;

    /// Completes after `duration`.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()>;
}
