//! Time as a parameter, so that tests need not wait for it.

use std::time::Duration;

use futures::future::LocalBoxFuture;

/// A source of time: the worker's, tokio's, or a test's own.
pub trait Clock: Clone + 'static {
    /// The time since 1970-01-01 00:00 UTC.
    fn now(&self) -> Duration;

    /// Completes after `duration`.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()>;
}
