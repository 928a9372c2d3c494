//! Accepting connections despite errors.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tracing::error;

/// The pause after a failed accept, which mostly means that descriptors ran out.
const PAUSE: Duration = Duration::from_millis(100);

/// Waits for a connection. A failure is logged and retried, at most ten times a second.
pub(crate) async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                error!(%error, "cannot accept a connection: new ones wait until others have ended");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
