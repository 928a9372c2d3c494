//! Accepting connections until told to stop, and ending what is open then.

mod accept;
mod connection;
mod http;
mod pace;

use std::io;

use tokio::net::TcpListener;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::http::Shared;
use crate::settings::Settings;
pub(crate) use accept::accept;
use connection::Server;

/// Serves `listener` until `shutdown` completes, then ends every relay with
/// [`ShuttingDown`](restante_shared::relay::CloseCode::ShuttingDown) and returns within about twice
/// [`Limits::close_time`](crate::limits::Limits::close_time).
///
/// # Errors
/// Where the listener has no local address, or the page's configuration cannot be written. A failed
/// accept is logged and tried again.
pub async fn run(
    listener: TcpListener,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let close_time = settings.limits.close_time;
    let shared = Shared::new(settings)?;
    let (stop, tasks) = (shared.stop.clone(), shared.tasks.clone());
    let server = Server::new(shared);
    info!(%address, "listening");
    tokio::select! {
        () = serve(&listener, &server) => {}
        () = shutdown => {}
    }
    drop(listener);
    info!(open = tasks.len(), "shutting down");
    stop.cancel();
    tasks.close();
    if timeout(2 * close_time, tasks.wait()).await.is_err() {
        warn!("some connections did not end in time");
    }
    Ok(())
}

async fn serve(listener: &TcpListener, server: &Server) {
    loop {
        // The permit comes first: at the limit, new clients wait in the kernel's queue.
        let Some(permit) = server.permit().await else {
            return;
        };
        let (stream, peer) = accept(listener).await;
        server.spawn(stream, peer, permit);
    }
}
