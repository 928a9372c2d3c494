//! The values of all limits.

use std::time::Duration;

/// The limits of a bridge. The defaults suit a small server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// HTTP connections at a time. With [`relays`](Self::relays), two descriptors each, the default
    /// stays below the 1024 descriptors that a process usually gets.
    pub connections: usize,
    /// Relays at a time, including those that are still being dialled.
    pub relays: usize,
    /// Relays at a time for one client address, or one /64 of IPv6: a household with a few accounts for
    /// each member.
    pub relays_per_client: usize,
    /// HTTP connections at a time for one client address, or one /64 of IPv6. A browser opens six to
    /// a host, and a household has several browsers.
    pub connections_per_client: usize,
    /// New relays a minute for one client address, or one /64 of IPv6.
    pub relays_per_minute: u32,
    /// Bytes that one relay may carry, both directions together: no maildrop is larger.
    pub relay_octets: u64,
    /// The longest frame of a client in bytes: far above the 16 KiB of a TLS record.
    pub frame_octets: usize,
    /// Bytes that may be buffered for slow readers, all relays together.
    pub queued_octets: usize,
    /// The longest lifetime of a relay.
    pub relay_time: Duration,
    /// The time that relays have to finish when the bridge drains, before they are ended.
    pub drain_time: Duration,
    /// The longest time for the TLS handshake of a client, and for the header of a request.
    pub handshake_time: Duration,
    /// The longest time without a request on a connection, and for the client to read the next 64 KiB of
    /// a response.
    pub send_time: Duration,
    /// The longest header of a request in bytes; at least 8192. A browser sends less than 1000.
    pub header_bytes: usize,
    /// The longest time to resolve and dial a target.
    pub dial_time: Duration,
    /// The longest time without data on a relay. [RFC 1939 §3] lets a server log out after 10 minutes, so
    /// a relay that is idle for longer is of no use.
    pub idle_time: Duration,
    /// The longest silence of a client before it is sent a ping, and the time that it then has to answer.
    /// Proxies commonly end connections after 60 seconds of silence.
    pub ping_interval: Duration,
    /// The longest time for a peer to close its side of a connection.
    pub close_time: Duration,
}

impl Limits {
    /// Returns the time for which a peer may take no data, while no other relay waits for its buffer.
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
            header_bytes: 16 * 1024,
            dial_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(12 * 60),
            ping_interval: Duration::from_secs(25),
            close_time: Duration::from_secs(3),
        }
    }
}
