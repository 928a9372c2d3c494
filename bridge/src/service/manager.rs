//! Notifications for a service manager, with systemd's protocol ([sd_notify(3)]). Without a manager they
//! do nothing.
//!
//! [sd_notify(3)]: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html

use std::time::Duration;

use restante_bridge::limits::Limits;
use restante_bridge::reload::Reloading;

/// Reports that the bridge accepts connections.
pub(crate) fn ready() {
    imp::ready();
}

/// Reports the beginning or the end of a reload.
pub(crate) fn reloading(how_far: Reloading) {
    match how_far {
        Reloading::Begun => imp::reloading(),
        Reloading::Done => imp::ready(),
    }
}

/// Reports that the bridge drains, and for how long at most.
pub(crate) fn stopping(limits: &Limits) {
    imp::stopping(limits.drain_time + 2 * limits.close_time + SPARE);
}

/// Reports at intervals that the bridge is alive, if the manager expects it.
///
/// It is a task of the same runtime as everything else, so it stops when the runtime stalls.
pub(crate) async fn keep_alive() {
    if let Some(interval) = imp::watchdog() {
        // Half the timeout, as sd_watchdog_enabled(3) advises.
        let mut ticks = tokio::time::interval(interval / 2);
        loop {
            ticks.tick().await;
            imp::alive();
        }
    }
}

/// The additional time for stopping on a busy machine.
const SPARE: Duration = Duration::from_secs(5);

#[cfg(unix)]
mod imp {
    use std::time::Duration;

    use sd_notify::NotifyState;
    use tracing::warn;

    pub(super) fn ready() {
        notify(&[NotifyState::Ready, NotifyState::Status("serving")]);
    }

    pub(super) fn reloading() {
        let mut states = vec![NotifyState::Reloading, NotifyState::Status("reloading")];
        // The manager uses the time to match this answer with its request.
        states.extend(NotifyState::monotonic_usec_now().ok());
        notify(&states);
    }

    pub(super) fn stopping(within: Duration) {
        let microseconds = u32::try_from(within.as_micros()).unwrap_or(u32::MAX);
        notify(&[
            NotifyState::Stopping,
            NotifyState::Status("draining"),
            // So TimeoutStopSec of a unit need not match the drain time.
            NotifyState::ExtendTimeoutUsec(microseconds),
        ]);
    }

    pub(super) fn watchdog() -> Option<Duration> {
        sd_notify::watchdog_enabled().filter(|interval| !interval.is_zero())
    }

    pub(super) fn alive() {
        notify(&[NotifyState::Watchdog]);
    }

    fn notify(states: &[NotifyState<'_>]) {
        if let Err(error) = sd_notify::notify(states) {
            warn!(%error, "cannot notify the service manager");
        }
    }
}

#[cfg(not(unix))]
mod imp {
    use std::time::Duration;

    pub(super) fn ready() {}

    pub(super) fn reloading() {}

    pub(super) fn stopping(_: Duration) {}

    pub(super) fn watchdog() -> Option<Duration> {
        None
    }

    pub(super) fn alive() {}
}
