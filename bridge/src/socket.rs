//! What the kernel is told of each TCP connection, whichever side it leads to.

use std::io;

use tokio::net::TcpStream;

use crate::limits::Limits;

/// Has small writes sent at once (commands and replies wait for each other), and a connection whose
/// peer takes nothing given up by the kernel in the time in which the bridge gives it up.
///
/// The bridge's own clock ends with the relay. What the kernel still holds for a peer that is gone, or
/// keeps its window shut, it would offer for many minutes, megabytes at a time, and no limit counts it.
pub(crate) fn prepare(stream: &TcpStream, limits: &Limits) -> io::Result<()> {
    stream.set_nodelay(true)?;
    // [RFC 5482]
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(stream).set_tcp_user_timeout(Some(limits.stuck_time()))?;
    #[cfg(not(target_os = "linux"))]
    let _ = limits;
    Ok(())
}
