//! What a service manager is told, by systemd's protocol ([sd_notify(3)]). Where there is none, nothing
//! happens.
//!
//! [sd_notify(3)]: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html

use std::time::Duration;

use restante_bridge::limits::Limits;
use restante_bridge::reload::Reloading;

/// The bridge accepts connections.
pub(crate) fn ready() {
    imp::ready();
}

/// The bridge reads files again, or has done so.
pub(crate) fn reloading(how_far: Reloading) {
    match how_far {
        Reloading::Begun => imp::reloading(),
        Reloading::Done => imp::ready(),
    }
}

/// The bridge drains, for as long as `limits` say at the most.
pub(crate) fn stopping(limits: &Limits) {
    imp::stopping(limits.drain_time + 2 * limits.close_time + SPARE);
}

/// Says again and again that the bridge is alive, where the manager wants to hear it.
///
/// It runs as a task of the same runtime as everything else: when that stands still, so does this.
pub(crate) async fn keep_alive() {
    if let Some(interval) = imp::watchdog() {
        // Half of it, as sd_watchdog_enabled(3) advises.
        let mut ticks = tokio::time::interval(interval / 2);
        loop {
            ticks.tick().await;
            imp::alive();
        }
    }
}

/// What stopping may take beyond its limits on a busy machine.
const SPARE: Duration = Duration::from_secs(5);

#[cfg(unix)]
mod imp {
    use std::time::Duration;

    use sd_notify::NotifyState;
    use tracing::warn;

    pub(super) fn ready() {
        tell(&[NotifyState::Ready, NotifyState::Status("serving")]);
    }

    pub(super) fn reloading() {
        let mut states = vec![NotifyState::Reloading, NotifyState::Status("reloading")];
        // By it a manager knows which of its wishes this answers.
        states.extend(NotifyState::monotonic_usec_now().ok());
        tell(&states);
    }

    pub(super) fn stopping(within: Duration) {
        let microseconds = u32::try_from(within.as_micros()).unwrap_or(u32::MAX);
        tell(&[
            NotifyState::Stopping,
            NotifyState::Status("draining"),
            // So a unit's TimeoutStopSec need not know how long the drain is.
            NotifyState::ExtendTimeoutUsec(microseconds),
        ]);
    }

    pub(super) fn watchdog() -> Option<Duration> {
        sd_notify::watchdog_enabled().filter(|interval| !interval.is_zero())
    }

    pub(super) fn alive() {
        tell(&[NotifyState::Watchdog]);
    }

    fn tell(states: &[NotifyState<'_>]) {
        if let Err(error) = sd_notify::notify(states) {
            warn!(%error, "cannot tell the service manager");
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
