//! What the bridge counts of itself, and the text in which Prometheus reads it.
//!
//! No label has a client's address or a target: what is counted is how the bridge does, and not who
//! reads mail where. Labels are constant words, so that there are only so many series.

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

/// The buckets of dialling in seconds: from the same machine to the longest usual patience.
const DIAL_SECONDS: [f64; 12] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// One label: its name, and a constant word.
type Label = [(&'static str, &'static str); 1];

/// The counters of one bridge; cheap to change from any task.
///
/// What is counted per read or write is one relaxed atomic addition. What has a label takes a lock
/// for reading besides, and happens once a connection at the most.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    relays_open: Gauge,
    relays_opened: Counter,
    relays_ended: Family<Label, Counter>,
    octets_to_target: Counter,
    octets_to_client: Counter,
    octets_queued: Gauge,
    refused: Family<Label, Counter>,
    reached: Histogram,
    not_reached: Histogram,
    connections_open: Gauge,
    connections_opened: Counter,
    handshakes_failed: Counter,
    /// A family without labels is not written before it has a value.
    certificate_expires: Family<[(&'static str, &'static str); 0], Gauge>,
}

impl Default for Metrics {
    /// Begins at nothing, in a process that has just been started.
    fn default() -> Self {
        let relayed = Family::<Label, Counter>::default();
        let dialling: Family<Label, Histogram> =
            Family::new_with_constructor(|| Histogram::new(DIAL_SECONDS));
        let mut metrics = Self {
            registry: Registry::default(),
            relays_open: Gauge::default(),
            relays_opened: Counter::default(),
            relays_ended: Family::default(),
            // Taken out of their families once: no look-up in the way of octets.
            octets_to_target: relayed.get_or_create_owned(&[("direction", "to_target")]),
            octets_to_client: relayed.get_or_create_owned(&[("direction", "to_client")]),
            octets_queued: Gauge::default(),
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
            "When the process was started, since 1970",
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
        registry.register("build", "The version that runs", build);
        registry.register(
            "relays_open",
            "Relays that have reached their target and not ended",
            self.relays_open.clone(),
        );
        registry.register(
            "relays_opened",
            "Relays that have reached their target",
            self.relays_opened.clone(),
        );
        registry.register(
            "relays_ended",
            "Relays that were open, by what has ended them",
            self.relays_ended.clone(),
        );
        registry.register_with_unit("relayed", "Octets relayed", Unit::Bytes, relayed);
        registry.register_with_unit(
            "queued",
            "Buffers that are lent to relays now",
            Unit::Bytes,
            self.octets_queued.clone(),
        );
        registry.register(
            "refusals",
            "Clients that were turned away, by the reason",
            self.refused.clone(),
        );
        registry.register_with_unit(
            "dial",
            "Looking up and dialling targets",
            Unit::Seconds,
            dialling,
        );
        registry.register(
            "connections_open",
            "HTTP connections; one that becomes a relay is counted as that instead",
            self.connections_open.clone(),
        );
        registry.register(
            "connections_opened",
            "HTTP connections accepted",
            self.connections_opened.clone(),
        );
        registry.register(
            "handshakes_failed",
            "TLS handshakes that failed or took too long",
            self.handshakes_failed.clone(),
        );
        registry.register_with_unit(
            "certificate_expires",
            "The end of the certificate that is shown, since 1970",
            Unit::Seconds,
            self.certificate_expires.clone(),
        );
    }

    /// A target was reached, and a relay begins.
    pub fn relay_opened(&self) {
        self.relays_open.inc();
        self.relays_opened.inc();
    }

    /// A relay that was opened has ended, for `reason`: a short constant word.
    pub fn relay_ended(&self, reason: &'static str) {
        self.relays_open.dec();
        self.relays_ended.get_or_create(&[("reason", reason)]).inc();
    }

    /// A client was turned away, for `reason`: a short constant word.
    pub fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&[("reason", reason)]).inc();
    }

    /// Looking up and dialling took so long, and the target was reached or not.
    pub fn dialled(&self, took: Duration, reached: bool) {
        let histogram = if reached {
            &self.reached
        } else {
            &self.not_reached
        };
        histogram.observe(took.as_secs_f64());
    }

    /// Octets went from a client to its target.
    pub fn to_target(&self, octets: u64) {
        self.octets_to_target.inc_by(octets);
    }

    /// Octets went from a target to its client.
    pub fn to_client(&self, octets: u64) {
        self.octets_to_client.inc_by(octets);
    }

    /// Buffers of so many octets were borrowed (or, below 0, given back).
    pub fn queued(&self, octets: i64) {
        self.octets_queued.inc_by(octets);
    }

    /// An HTTP connection was accepted.
    pub fn connection_opened(&self) {
        self.connections_open.inc();
        self.connections_opened.inc();
    }

    /// A connection that was accepted has ended, or has become a relay.
    pub fn connection_closed(&self) {
        self.connections_open.dec();
    }

    /// Handshakes show a certificate from now on that ends then, in seconds since 1970.
    pub fn certificate_expires_at(&self, unix_seconds: i64) {
        self.certificate_expires
            .get_or_create(&[])
            .set(unix_seconds);
    }

    /// A TLS handshake failed, or took too long.
    pub fn handshake_failed(&self) {
        self.handshakes_failed.inc();
    }

    /// How many relays are open now.
    #[must_use]
    pub fn relays_open(&self) -> i64 {
        self.relays_open.get()
    }

    /// Everything that was counted, as [`MEDIA_TYPE`].
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // A string takes whatever is written to it.
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
    fn what_is_counted_is_written() {
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
