//! The settings for limits.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::error::ConfigError;
use super::layer::Layer;
use crate::limits::Limits;
use crate::relay::LEAST_QUEUED;

/// The range of counts: up to more descriptors and addresses than a machine has.
const COUNTS: RangeInclusive<u64> = 1..=1_000_000_000;

/// The range of times in seconds: at most a year, so that adding one to the clock cannot overflow.
const TIMES: RangeInclusive<u64> = 1..=365 * 24 * 60 * 60;

/// Returns the limits of `layer`, with defaults for the missing ones.
///
/// # Errors
/// [`ConfigError::Conflict`] names a limit that is out of range.
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
        drain_time: seconds(layer.drain_seconds, defaults.drain_time),
        ..defaults
    };
    let wide = |given: usize| u64::try_from(given).unwrap_or(u64::MAX);
    for (name, given, range) in [
        ("max_connections", wide(limits.connections), COUNTS),
        (
            "max_connections_per_client",
            wide(limits.connections_per_client),
            COUNTS,
        ),
        ("max_relays", wide(limits.relays), COUNTS),
        (
            "max_relays_per_client",
            wide(limits.relays_per_client),
            COUNTS,
        ),
        (
            "max_relays_per_minute",
            limits.relays_per_minute.into(),
            COUNTS,
        ),
        ("max_relay_octets", limits.relay_octets, 1..=u64::MAX),
        ("max_frame_octets", wide(limits.frame_octets), 1..=u64::MAX),
        (
            "max_queued_octets",
            wide(limits.queued_octets),
            wide(LEAST_QUEUED)..=u64::MAX,
        ),
        ("handshake_seconds", limits.handshake_time.as_secs(), TIMES),
        ("dial_seconds", limits.dial_time.as_secs(), TIMES),
        ("idle_seconds", limits.idle_time.as_secs(), TIMES),
        ("relay_seconds", limits.relay_time.as_secs(), TIMES),
        // 0 is allowed, and ends relays at once.
        (
            "drain_seconds",
            limits.drain_time.as_secs(),
            0..=*TIMES.end(),
        ),
    ] {
        let (bound, word) = if given < *range.start() {
            (range.start(), "least")
        } else {
            (range.end(), "most")
        };
        if !range.contains(&given) {
            let text = format!("{name} must be at {word} {bound}");
            return Err(ConfigError::Conflict(text));
        }
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use crate::config::testing;

    #[test]
    fn a_limit_out_of_range_is_refused() {
        let load = |flag: &str, value: u64| {
            testing::load(["restante-bridge", flag, &value.to_string()])
                .map(|_| ())
                .map_err(|error| error.to_string())
        };
        for (flag, least, most) in [
            ("--max-connections", 1, *super::COUNTS.end()),
            ("--max-connections-per-client", 1, *super::COUNTS.end()),
            ("--max-relays", 1, *super::COUNTS.end()),
            ("--max-relays-per-client", 1, *super::COUNTS.end()),
            ("--max-relays-per-minute", 1, *super::COUNTS.end()),
            ("--max-queued-octets", 512 * 1024, u64::MAX),
            ("--max-relay-octets", 1, u64::MAX),
            ("--max-frame-octets", 1, u64::MAX),
            ("--handshake-seconds", 1, *super::TIMES.end()),
            ("--dial-seconds", 1, *super::TIMES.end()),
            ("--idle-seconds", 1, *super::TIMES.end()),
            ("--relay-seconds", 1, *super::TIMES.end()),
            ("--drain-seconds", 0, *super::TIMES.end()),
        ] {
            assert_eq!(load(flag, least), Ok(()), "{flag}");
            assert_eq!(load(flag, most), Ok(()), "{flag}");
            let name = flag.trim_start_matches('-').replace('-', "_");
            let beyond = [least.checked_sub(1), most.checked_add(1)];
            for beyond in beyond.into_iter().flatten() {
                let error = load(flag, beyond).unwrap_err();
                assert!(error.contains(&name), "{error}");
            }
        }
    }
}
