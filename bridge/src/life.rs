//! How far a bridge is in its life: starting, serving, draining, ending.
//!
//! Stopping has two steps. While the bridge **drains** it accepts nothing new, and what is open goes
//! on: a POP3 session that would finish in time is not cut. That includes silent ones, since the
//! bridge sees ciphertext only, and cannot tell a session that is over from one whose server is
//! counting a large maildrop. After [`Limits::drain_time`](crate::limits::Limits::drain_time), or
//! when it is told so, the bridge **ends**: relays are closed with
//! [`ShuttingDown`](restante_shared::relay::CloseCode::ShuttingDown), and a client dials again and
//! reaches whichever bridge is there then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

/// The life of one bridge, shared by all that ask for it. Clones are the same life.
#[derive(Debug, Clone, Default)]
pub struct Life {
    accepts: Arc<AtomicBool>,
    draining: CancellationToken,
    ending: CancellationToken,
}

/// How far a [`Life`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing is accepted yet.
    Starting,
    /// New connections are accepted.
    Serving,
    /// No new ones are; what is open goes on, or is being closed.
    Draining,
}

impl Life {
    /// How far it is now.
    #[must_use]
    pub fn stage(&self) -> Stage {
        if self.draining.is_cancelled() {
            Stage::Draining
        } else if self.accepts.load(Ordering::Relaxed) {
            Stage::Serving
        } else {
            Stage::Starting
        }
    }

    /// Asks the bridge to accept nothing more, and to end once nothing is open.
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

    /// The bridge accepts connections from now on.
    pub(crate) fn begin(&self) {
        self.accepts.store(true, Ordering::Relaxed);
    }

    /// What ends a relay that is asked for now: the end of the bridge, or, while it drains already,
    /// that it drains. So a client on a connection that was kept open dials elsewhere at once.
    pub(crate) fn stop_of_new_relay(&self) -> CancellationToken {
        match self.stage() {
            Stage::Starting | Stage::Serving => self.ending.clone(),
            Stage::Draining => self.draining.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_lasts_through_the_drain_and_a_new_one_does_not_begin() {
        let life = Life::default();
        assert_eq!(life.stage(), Stage::Starting);
        life.begin();
        assert_eq!(life.stage(), Stage::Serving);
        let open = life.stop_of_new_relay();
        life.drain();
        assert_eq!(life.stage(), Stage::Draining);
        assert!(!open.is_cancelled() && life.stop_of_new_relay().is_cancelled());
        life.end();
        assert!(open.is_cancelled());
    }

    #[test]
    fn who_ends_drains_as_well() {
        let life = Life::default();
        life.end();
        assert_eq!(life.stage(), Stage::Draining);
    }
}
