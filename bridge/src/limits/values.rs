//! The bounds themselves.

use std::time::Duration;

/// The bounds of a bridge, each with a default that a small server survives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// HTTP connections at a time. With [`relays`](Self::relays), two descriptors each, the default
    /// stays below the 1024 descriptors that a process usually gets.
    pub connections: usize,
    /// Relays at a time, those that are still being dialled included.
    pub relays: usize,
    /// Relays at a time for one client address, or one /64 of IPv6: a household with a few accounts
    /// each.
    pub relays_per_client: usize,
    /// HTTP connections at a time for one client address, or one /64 of IPv6. A browser opens six to
    /// a host, and a household has several.
    pub connections_per_client: usize,
    /// New relays a minute for one client address, or one /64 of IPv6.
    pub relays_per_minute: u32,
    /// Octets that one relay may carry, both ways together: no maildrop is larger.
    pub relay_octets: u64,
    /// The longest frame of a client in octets: far above the 16 KiB of a TLS record.
    pub frame_octets: usize,
    /// Octets that may wait in the bridge for slow readers, all relays together.
    pub queued_octets: usize,
    /// How long a relay may last.
    pub relay_time: Duration,
    /// How long relays may go on when the bridge is being stopped, before they are ended.
    pub drain_time: Duration,
    /// How long a client may take for its TLS handshake, and for the header of a request.
    pub handshake_time: Duration,
    /// How long a connection may go without a request, and without taking the next 64 KiB of an
    /// answer.
    pub send_time: Duration,
    /// How many octets the header of a request may have; at least 8192. A browser sends under 1000.
    pub header_octets: usize,
    /// How long looking up and dialling a target may take.
    pub dial_time: Duration,
    /// How long a relay may carry nothing: [RFC 1939 §3] lets a server log out after 10 minutes, so
    /// beyond that nobody waits.
    pub idle_time: Duration,
    /// How long a client may be silent before it is asked for a sign of life, and how long it may
    /// then take to give one. Proxies in between commonly cut at 60 seconds of silence.
    pub ping_interval: Duration,
    /// How long a side may take to close after it was told to.
    pub close_time: Duration,
}

impl Limits {
    /// How long a side may take nothing of what is sent to it, while nobody waits for its buffer.
    pub(crate) fn stuck_time(&self) -> Duration {
        2 * self.ping_interval
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 400,
            relays: 256,
            relays_per_client: 16,
            connections_per_client: 64,
            relays_per_minute: 120,
            relay_octets: 16 * 1024 * 1024 * 1024,
            frame_octets: 1024 * 1024,
            queued_octets: 64 * 1024 * 1024,
            relay_time: Duration::from_secs(12 * 60 * 60),
            drain_time: Duration::from_secs(30),
            handshake_time: Duration::from_secs(10),
            send_time: Duration::from_secs(30),
            header_octets: 16 * 1024,
            dial_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(12 * 60),
            ping_interval: Duration::from_secs(25),
            close_time: Duration::from_secs(3),
        }
    }
}
