//! The next connection of a listener, whatever fails in between.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tracing::error;

/// How long to wait after a failed accept, which is mostly a want of descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Waits for a connection. A failure is logged and tried again, at most ten times a second.
pub(crate) async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                error!(%error, "cannot accept: connections wait until some have ended");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
