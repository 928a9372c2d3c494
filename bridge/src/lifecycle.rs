//! The stages of a bridge: starting, serving, draining, ending.
//!
//! Stopping has two steps. While the bridge **drains** it accepts no new connections, and open ones
//! continue: a POP3 session that would finish in time is not cut. That includes silent sessions,
//! because the bridge sees ciphertext only. It cannot distinguish a finished session from one whose
//! server is counting a large maildrop. After
//! [`Limits::drain_time`](crate::limits::Limits::drain_time), or when asked to, the bridge **ends**:
//! it closes relays with [`ShuttingDown`](restante_shared::relay::CloseCode::ShuttingDown), and the
//! clients reconnect to the bridge that has taken its place.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

/// The lifecycle of one bridge. Clones refer to the same bridge.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    accepts: Arc<AtomicBool>,
    draining: CancellationToken,
    ending: CancellationToken,
}

/// The stage of a [`Lifecycle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LifecycleStage {
    /// The bridge does not accept connections yet.
    Starting,
    /// The bridge accepts new connections.
    Serving,
    /// The bridge accepts no new connections. Open ones continue or are being closed.
    Draining,
}

impl Lifecycle {
    /// Returns the current stage.
    #[must_use]
    pub fn stage(&self) -> LifecycleStage {
        if self.draining.is_cancelled() {
            LifecycleStage::Draining
        } else if self.accepts.load(Ordering::Relaxed) {
            LifecycleStage::Serving
        } else {
            LifecycleStage::Starting
        }
    }

    /// Asks the bridge to accept no new connections, and to end once all are closed.
    pub fn drain(&self) {
        self.draining.cancel();
    }

    /// Asks the bridge to end at once.
    pub fn end(&self) {
        self.draining.cancel();
        self.ending.cancel();
    }

    /// Completes when the bridge drains.
    pub fn drains(&self) -> impl Future<Output = ()> + Send + use<> {
        self.draining.clone().cancelled_owned()
    }

    /// Completes when the bridge ends.
    pub fn ends(&self) -> impl Future<Output = ()> + Send + use<> {
        self.ending.clone().cancelled_owned()
    }

    /// Marks the bridge as accepting connections.
    pub(crate) fn begin(&self) {
        self.accepts.store(true, Ordering::Relaxed);
    }

    /// Returns the token that stops a new relay: at the end of the bridge, or at once if it drains
    /// already. So a client on a connection that was kept alive reconnects elsewhere immediately.
    pub(crate) fn stop_of_new_relay(&self) -> CancellationToken {
        match self.stage() {
            LifecycleStage::Starting | LifecycleStage::Serving => self.ending.clone(),
            LifecycleStage::Draining => self.draining.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_lasts_through_the_drain_and_a_new_one_does_not_begin() {
        let lifecycle = Lifecycle::default();
        assert_eq!(lifecycle.stage(), LifecycleStage::Starting);
        lifecycle.begin();
        assert_eq!(lifecycle.stage(), LifecycleStage::Serving);
        let open = lifecycle.stop_of_new_relay();
        lifecycle.drain();
        assert_eq!(lifecycle.stage(), LifecycleStage::Draining);
        assert!(!open.is_cancelled() && lifecycle.stop_of_new_relay().is_cancelled());
        lifecycle.end();
        assert!(open.is_cancelled());
    }

    #[test]
    fn an_ended_bridge_drains_as_well() {
        let lifecycle = Lifecycle::default();
        lifecycle.end();
        assert_eq!(lifecycle.stage(), LifecycleStage::Draining);
    }
}
