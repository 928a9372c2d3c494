//! The settings that say how much of the bridge may be used.

use std::time::Duration;

use super::ConfigError;
use super::layer::Layer;
use crate::limits::Limits;

/// The limits of `layer`, and the defaults where it says nothing.
///
/// # Errors
/// [`ConfigError::Conflict`] names a limit of 0.
pub(super) fn limits(layer: &Layer) -> Result<Limits, ConfigError> {
    let defaults = Limits::default();
    let seconds = |given: Option<u64>, default| given.map_or(default, Duration::from_secs);
    let limits = Limits {
        connections: layer.max_connections.unwrap_or(defaults.connections),
        connections_per_client: layer
            .max_connections_per_client
            .unwrap_or(defaults.connections_per_client),
        relays: layer.max_relays.unwrap_or(defaults.relays),
        relays_per_client: layer
            .max_relays_per_client
            .unwrap_or(defaults.relays_per_client),
        relays_per_minute: layer
            .max_relays_per_minute
            .unwrap_or(defaults.relays_per_minute),
        relay_octets: layer.max_relay_octets.unwrap_or(defaults.relay_octets),
        frame_octets: layer.max_frame_octets.unwrap_or(defaults.frame_octets),
        queued_octets: layer.max_queued_octets.unwrap_or(defaults.queued_octets),
        handshake_time: seconds(layer.handshake_seconds, defaults.handshake_time),
        dial_time: seconds(layer.dial_seconds, defaults.dial_time),
        idle_time: seconds(layer.idle_seconds, defaults.idle_time),
        relay_time: seconds(layer.relay_seconds, defaults.relay_time),
        // 0 is allowed: relays are ended at once then.
        drain_time: seconds(layer.drain_seconds, defaults.drain_time),
        ..defaults
    };
    for (name, is_zero) in [
        ("max_connections", limits.connections == 0),
        (
            "max_connections_per_client",
            limits.connections_per_client == 0,
        ),
        ("max_relays", limits.relays == 0),
        ("max_relays_per_client", limits.relays_per_client == 0),
        ("max_relays_per_minute", limits.relays_per_minute == 0),
        ("max_relay_octets", limits.relay_octets == 0),
        ("max_frame_octets", limits.frame_octets == 0),
        ("max_queued_octets", limits.queued_octets == 0),
        ("handshake_seconds", limits.handshake_time.is_zero()),
        ("dial_seconds", limits.dial_time.is_zero()),
        ("idle_seconds", limits.idle_time.is_zero()),
        ("relay_seconds", limits.relay_time.is_zero()),
    ] {
        if is_zero {
            return Err(ConfigError::Conflict(format!("{name} must be at least 1")));
        }
    }
    Ok(limits)
}
