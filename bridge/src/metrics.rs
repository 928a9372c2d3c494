//! What the bridge counts of itself.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// The counters of one bridge; cheap to change from any task.
#[derive(Debug, Default)]
pub struct Metrics {
    relays_open: AtomicI64,
    relays: AtomicU64,
    octets_to_target: AtomicU64,
    octets_to_client: AtomicU64,
    octets_queued: AtomicI64,
}

impl Metrics {
    /// A target was reached, and a relay begins.
    pub fn relay_opened(&self) {
        self.relays_open.fetch_add(1, Ordering::Relaxed);
        self.relays.fetch_add(1, Ordering::Relaxed);
    }

    /// A relay that was opened has ended, for `reason`: a short constant word.
    pub fn relay_ended(&self, reason: &'static str) {
        let _ = reason;
        self.relays_open.fetch_sub(1, Ordering::Relaxed);
    }

    /// A client was turned away, for `reason`: a short constant word.
    pub fn refused(&self, reason: &'static str) {
        let _ = reason;
    }

    /// Looking up and dialling took so long, and the target was reached or not.
    pub fn dialled(&self, took: Duration, reached: bool) {
        let _ = (took, reached);
    }

    /// Octets went from a client to its target.
    pub fn to_target(&self, octets: u64) {
        self.octets_to_target.fetch_add(octets, Ordering::Relaxed);
    }

    /// Octets went from a target to its client.
    pub fn to_client(&self, octets: u64) {
        self.octets_to_client.fetch_add(octets, Ordering::Relaxed);
    }

    /// Buffers of so many octets were borrowed (or, below 0, given back).
    pub fn queued(&self, octets: i64) {
        self.octets_queued.fetch_add(octets, Ordering::Relaxed);
    }
}
