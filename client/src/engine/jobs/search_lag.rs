//! Makes kept mail searchable when there is time for it: mail that arrives comes first.

use std::cell::Cell;
use std::time::Duration;

use futures::StreamExt as _;
use futures::channel::mpsc;

use crate::api::event::EngineEvent;
use crate::clock::Clock as _;
use crate::engine::Engine;
use crate::engine::platform::Platform;

/// How long the line is watched before a slice of words is taken up during a check. A slice takes
/// about as long.
const WATCH: Duration = Duration::from_millis(20);

/// A line that brings more than this meanwhile (25 Mbit/s) needs the thread for itself.
const BUSY_OCTETS: u64 = 64 * 1024;

/// How often in a row the line has to be quiet. Once is no sign: whatever held the thread held the
/// octets up as well.
const QUIET_WATCHES: u32 = 2;

/// The pause between two slices without a check, in which the page is answered.
const PAUSE: Duration = Duration::from_millis(1);

/// How search lags behind what is kept.
#[derive(Debug)]
pub(in crate::engine) struct SearchLag {
    /// All octets that ever arrived.
    arrived: Cell<u64>,
    /// Whether the page has an answer that left messages out.
    told: Cell<bool>,
    wake: mpsc::UnboundedSender<()>,
}

/// Wakes the one who makes mail searchable.
pub(in crate::engine) type Kept = mpsc::UnboundedReceiver<()>;

impl SearchLag {
    pub(in crate::engine) fn new() -> (Self, Kept) {
        let (wake, kept) = mpsc::unbounded();
        let lag = Self {
            arrived: Cell::default(),
            told: Cell::default(),
            wake,
        };
        (lag, kept)
    }

    /// Notes that octets of mail arrived.
    pub(in crate::engine) fn arrived(&self, octets: usize) {
        self.arrived.set(self.arrived.get() + octets as u64);
    }

    /// Notes that messages were kept.
    pub(in crate::engine) fn kept(&self) {
        // The receiver lives as long as the engine.
        let _ = self.wake.unbounded_send(());
    }

    /// Notes that the page was told of messages that were not searched: it asks again after a word.
    pub(in crate::engine) fn told(&self) {
        self.told.set(true);
    }
}

impl<P: Platform> Engine<P> {
    /// Makes all mail searchable, and what is kept later, for as long as the engine lives.
    pub(in crate::engine) async fn make_searchable(&self, mut kept: Kept) {
        loop {
            self.wait_for_leisure().await;
            let made = self.store.lock().await.make_searchable().await;
            self.announce_healed().await;
            match made {
                Ok(true) => continue,
                Ok(false) if self.search_lag.told.take() => {
                    self.emit(EngineEvent::MessagesChanged);
                }
                // After a failure, the next message that is kept is another try.
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
