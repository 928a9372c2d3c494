//! The bridge's counters, and their text format for Prometheus.
//!
//! No label holds a client's address or a target: the metrics describe the bridge and not its users.
//! Label values are constant words, so the number of series is bounded.

use std::time::{Duration, SystemTime};

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The upper bounds of the dial times in seconds: from the same machine to the usual timeout.
const DIAL_SECONDS: [f64; 12] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// One label: its name, and a constant word.
type Label = [(&'static str, &'static str); 1];

/// The counters of one bridge; cheap to update from any task.
///
/// Updates for each read or write are one relaxed atomic addition. Updates with a label also take a
/// read lock, and happen at most once for each connection.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    relays_open: Gauge,
    relays_opened: Counter,
    relays_ended: Family<Label, Counter>,
    bytes_to_target: Counter,
    bytes_to_client: Counter,
    bytes_queued: Gauge,
    refused: Family<Label, Counter>,
    reached: Histogram,
    not_reached: Histogram,
    connections_open: Gauge,
    connections_opened: Counter,
    handshakes_failed: Counter,
    /// A family without labels, because it is not written before it has a value.
    certificate_expires: Family<[(&'static str, &'static str); 0], Gauge>,
}

impl Default for Metrics {
    /// Creates the counters at zero, for a process that has just started.
    fn default() -> Self {
        let relayed = Family::<Label, Counter>::default();
        let dialling: Family<Label, Histogram> =
            Family::new_with_constructor(|| Histogram::new(DIAL_SECONDS));
        let mut metrics = Self {
            registry: Registry::default(),
            relays_open: Gauge::default(),
            relays_opened: Counter::default(),
            relays_ended: Family::default(),
            // Taken out of their families once, so that updates need no lookup.
            bytes_to_target: relayed.get_or_create_owned(&[("direction", "to_target")]),
            bytes_to_client: relayed.get_or_create_owned(&[("direction", "to_client")]),
            bytes_queued: Gauge::default(),
            refused: Family::default(),
            reached: dialling.get_or_create_owned(&[("reached", "true")]),
            not_reached: dialling.get_or_create_owned(&[("reached", "false")]),
            connections_open: Gauge::default(),
            connections_opened: Counter::default(),
            handshakes_failed: Counter::default(),
            certificate_expires: Family::default(),
        };
        let mut registry = Registry::default();
        metrics.register_with(
            registry.sub_registry_with_prefix("restante"),
            relayed,
            dialling,
        );
        registry.register_with_unit(
            "process_start_time",
            "Start time of the process since 1970",
            Unit::Seconds,
            ConstGauge::new(since_1970()),
        );
        metrics.registry = registry;
        metrics
    }
}

impl Metrics {
    fn register_with(
        &self,
        registry: &mut Registry,
        relayed: Family<Label, Counter>,
        dialling: Family<Label, Histogram>,
    ) {
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "Version of the running bridge", build);
        registry.register(
            "relays_open",
            "Relays with a connected target",
            self.relays_open.clone(),
        );
        registry.register(
            "relays_opened",
            "Relays that have connected to their target",
            self.relays_opened.clone(),
        );
        registry.register(
            "relays_ended",
            "Relays that have ended, by reason",
            self.relays_ended.clone(),
        );
        registry.register_with_unit("relayed", "Bytes relayed", Unit::Bytes, relayed);
        registry.register_with_unit(
            "queued",
            "Buffers in use by relays",
            Unit::Bytes,
            self.bytes_queued.clone(),
        );
        registry.register(
            "refusals",
            "Refused clients, by reason",
            self.refused.clone(),
        );
        registry.register_with_unit(
            "dial",
            "Time to resolve and dial targets",
            Unit::Seconds,
            dialling,
        );
        registry.register(
            "connections_open",
            "Open HTTP connections; a relay is not counted as one",
            self.connections_open.clone(),
        );
        registry.register(
            "connections_opened",
            "HTTP connections accepted",
            self.connections_opened.clone(),
        );
        registry.register(
            "handshakes_failed",
            "TLS handshakes that failed or timed out",
            self.handshakes_failed.clone(),
        );
        registry.register_with_unit(
            "certificate_expires",
            "Expiry of the certificate in use since 1970",
            Unit::Seconds,
            self.certificate_expires.clone(),
        );
    }

    /// Counts a relay that has connected to its target.
    pub fn relay_opened(&self) {
        self.relays_open.inc();
        self.relays_opened.inc();
    }

    /// Counts the end of an open relay, for `reason`: a short constant word.
    pub fn relay_ended(&self, reason: &'static str) {
        self.relays_open.dec();
        self.relays_ended.get_or_create(&[("reason", reason)]).inc();
    }

    /// Counts a refused client, for `reason`: a short constant word.
    pub fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&[("reason", reason)]).inc();
    }

    /// Records the time to resolve and dial a target, and whether it was reached.
    pub fn dialled(&self, took: Duration, reached: bool) {
        let histogram = if reached {
            &self.reached
        } else {
            &self.not_reached
        };
        histogram.observe(took.as_secs_f64());
    }

    /// Counts bytes from a client to its target.
    pub fn to_target(&self, bytes: u64) {
        self.bytes_to_target.inc_by(bytes);
    }

    /// Counts bytes from a target to its client.
    pub fn to_client(&self, bytes: u64) {
        self.bytes_to_client.inc_by(bytes);
    }

    /// Adds the bytes of borrowed buffers, or, if negative, removes those of returned ones.
    pub fn queued(&self, bytes: i64) {
        self.bytes_queued.inc_by(bytes);
    }

    /// Counts an accepted HTTP connection.
    pub fn connection_opened(&self) {
        self.connections_open.inc();
        self.connections_opened.inc();
    }

    /// Counts the end of an accepted connection, or its change into a relay.
    pub fn connection_closed(&self) {
        self.connections_open.dec();
    }

    /// Records the expiry of the certificate in use, in seconds since 1970.
    pub fn certificate_expires_at(&self, unix_seconds: i64) {
        self.certificate_expires
            .get_or_create(&[])
            .set(unix_seconds);
    }

    /// Counts a TLS handshake that failed or timed out.
    pub fn handshake_failed(&self) {
        self.handshakes_failed.inc();
    }

    /// Returns the number of open relays.
    #[must_use]
    pub fn relays_open(&self) -> i64 {
        self.relays_open.get()
    }

    /// Returns all metrics, as [`MEDIA_TYPE`].
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}

fn since_1970() -> f64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_is_written() {
        let metrics = Metrics::default();
        for _ in 0..3 {
            metrics.relay_opened();
        }
        metrics.relay_ended("target_closed");
        metrics.refused("policy");
        metrics.dialled(Duration::from_millis(30), true);
        metrics.dialled(Duration::from_secs(60), false);
        metrics.to_target(7);
        metrics.to_client(1_000);
        metrics.queued(4_096);
        metrics.queued(-1_024);
        metrics.connection_opened();
        metrics.connection_opened();
        metrics.connection_closed();
        metrics.handshake_failed();
        let text = metrics.text();
        for line in [
            "restante_relays_open 2",
            "restante_relays_opened_total 3",
            "restante_relays_ended_total{reason=\"target_closed\"} 1",
            "restante_relayed_bytes_total{direction=\"to_target\"} 7",
            "restante_relayed_bytes_total{direction=\"to_client\"} 1000",
            "restante_queued_bytes 3072",
            "restante_refusals_total{reason=\"policy\"} 1",
            "restante_dial_seconds_bucket{le=\"0.025\",reached=\"true\"} 0",
            "restante_dial_seconds_bucket{le=\"0.05\",reached=\"true\"} 1",
            "restante_dial_seconds_bucket{le=\"10.0\",reached=\"false\"} 0",
            "restante_dial_seconds_count{reached=\"false\"} 1",
            "restante_connections_open 1",
            "restante_connections_opened_total 2",
            "restante_handshakes_failed_total 1",
            concat!(
                "restante_build_info{version=\"",
                env!("CARGO_PKG_VERSION"),
                "\"} 1"
            ),
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}:\n{text}");
        }
        assert!(text.contains("\nprocess_start_time_seconds 1"), "{text}");
    }
}
