//! The clock of the worker: `Date.now` and `setTimeout`.

use std::time::Duration;

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;

use super::Clock;

/// The clock of the browser.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        Duration::try_from_secs_f64(js_sys::Date::now() / 1000.0).unwrap_or_default()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        gloo_timers::future::sleep(duration).boxed_local()
    }
}
