//! A clock for unit tests, which the test sets.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;

use super::Clock;

/// A clock that the test sets. Sleeping takes no time.
#[derive(Clone, Default)]
pub(crate) struct ManualClock(pub(crate) Rc<Cell<Duration>>);

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        self.0.get()
    }

    fn sleep(&self, _: Duration) -> LocalBoxFuture<'static, ()> {
        std::future::ready(()).boxed_local()
    }
}
