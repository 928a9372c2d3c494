//! Makes stored mail searchable when there is time: incoming mail has priority.

use std::cell::Cell;
use std::time::Duration;

use futures::StreamExt as _;
use futures::channel::mpsc;

use crate::api::event::EngineEvent;
use crate::api::mail::MailEvent;
use crate::clock::Clock as _;
use crate::engine::Engine;
use crate::engine::platform::Platform;

/// The time for which the connection is observed before words are indexed during a check. Indexing
/// a slice takes about as long.
const WATCH: Duration = Duration::from_millis(20);

/// The number of bytes within that time above which a connection needs the thread (25 Mbit/s).
const BUSY_OCTETS: u64 = 64 * 1024;

/// The number of consecutive quiet periods that are required. A single one is not enough: a busy
/// thread also delays the bytes.
const QUIET_WATCHES: u32 = 2;

/// The pause between two slices outside of checks, in which the page is answered.
const PAUSE: Duration = Duration::from_millis(1);

/// The lag of search relative to stored mail.
#[derive(Debug)]
pub(in crate::engine) struct SearchLag {
    /// The total number of bytes received.
    arrived: Cell<u64>,
    /// True if the page has a result that left messages out.
    told: Cell<bool>,
    wake: mpsc::UnboundedSender<()>,
}

/// Wakes the task that makes mail searchable.
pub(in crate::engine) type StoredSignal = mpsc::UnboundedReceiver<()>;

impl SearchLag {
    pub(in crate::engine) fn new() -> (Self, StoredSignal) {
        let (wake, kept) = mpsc::unbounded();
        let lag = Self {
            arrived: Cell::default(),
            told: Cell::default(),
            wake,
        };
        (lag, kept)
    }

    /// Records the arrival of mail.
    pub(in crate::engine) fn arrived(&self, octets: usize) {
        self.arrived.set(self.arrived.get() + octets as u64);
    }

    /// Records that messages were stored.
    pub(in crate::engine) fn kept(&self) {
        // The receiver lives as long as the engine.
        let _ = self.wake.unbounded_send(());
    }

    /// Records that the page received an incomplete result. It queries again when notified.
    pub(in crate::engine) fn told(&self) {
        self.told.set(true);
    }
}

impl<P: Platform> Engine<P> {
    /// Makes all current and future mail searchable, for as long as the engine lives.
    pub(in crate::engine) async fn make_searchable(&self, mut kept: StoredSignal) {
        loop {
            self.wait_for_leisure().await;
            let made = self.store.lock().await.make_searchable().await;
            self.announce_healed().await;
            match made {
                Ok(true) => continue,
                Ok(false) if self.search_lag.told.take() => {
                    self.emit(EngineEvent::Mail(MailEvent::Changed));
                }
                // After a failure, the next stored message triggers another attempt.
                made => self.complain(made.map(|_| ())),
            }
            if kept.next().await.is_none() {
                return;
            }
        }
    }

    /// Waits until there is time for a slice.
    async fn wait_for_leisure(&self) {
        let clock = self.platform.clock();
        let mut quiet = 0;
        while self.checks.is_under_way() {
            let before = self.search_lag.arrived.get();
            clock.sleep(WATCH).await;
            let is_quiet = self.search_lag.arrived.get() - before < BUSY_OCTETS;
            quiet = if is_quiet { quiet + 1 } else { 0 };
            if quiet == QUIET_WATCHES {
                return;
            }
        }
        clock.sleep(PAUSE).await;
    }
}
