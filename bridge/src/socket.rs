//! Options of every TCP connection, to clients and to targets.

use std::io;

use tokio::net::TcpStream;

use crate::limits::Limits;

/// Disables Nagle's algorithm, because commands and replies wait for each other, and sets the kernel's
/// timeout for unacknowledged data to the one of the bridge.
///
/// The bridge's own timeout ends with the relay. Without the kernel's, data that is still queued for a
/// peer that has gone, or that keeps its window closed, would occupy megabytes for many minutes, outside
/// of every limit.
pub(crate) fn prepare(stream: &TcpStream, limits: &Limits) -> io::Result<()> {
    stream.set_nodelay(true)?;
    // [RFC 5482]
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(stream).set_tcp_user_timeout(Some(limits.stuck_time()))?;
    #[cfg(not(target_os = "linux"))]
    let _ = limits;
    Ok(())
}
