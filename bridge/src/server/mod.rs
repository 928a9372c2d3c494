//! Accepting connections until told to stop, and ending what is open then.

mod accept;
mod connection;
mod http;
mod pace;

use std::io;
use std::sync::Arc;

use futures::future::{OptionFuture, join3};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use crate::access::Gate;
use crate::http::Shared;
use crate::origin::Front;
use crate::reload::Bell;
use crate::settings::Settings;
pub(crate) use accept::accept;
use connection::Server;

/// Serves `listener` until `shutdown` completes or [`Settings::life`] is told to drain. Then it
/// accepts nothing more, waits at most [`Limits::drain_time`] until nothing is open, ends the relays
/// that are left with [`ShuttingDown`](restante_shared::relay::CloseCode::ShuttingDown), and returns
/// within about twice [`Limits::close_time`] after that.
///
/// [`Limits::drain_time`]: crate::limits::Limits::drain_time
/// [`Limits::close_time`]: crate::limits::Limits::close_time
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
    let (drain_time, close_time) = (settings.limits.drain_time, settings.limits.close_time);
    let (life, metrics) = (settings.life.clone(), Arc::clone(&settings.metrics));
    let shared = Shared::new(settings)?;
    let tasks = shared.tasks.clone();
    let (settings, gate) = (Arc::clone(&shared.settings), Arc::clone(&shared.gate));
    let server = Server::new(shared);
    life.begin();
    info!(%address, "listening");
    tokio::select! {
        biased;
        () = shutdown => {}
        () = life.drains() => {}
        // Before the first connection: from then on SIGHUP asks for files to be read again.
        () = keep_files(&settings, &gate) => {}
        () = serve(&listener, &server) => {}
    }
    drop(listener);
    life.drain();
    tasks.close();
    let relays = metrics.relays_open();
    info!(relays, seconds = drain_time.as_secs(), "draining");
    tokio::select! {
        () = tasks.wait() => {}
        () = sleep(drain_time) => {}
        () = life.ends() => {}
    }
    info!(relays = metrics.relays_open(), "shutting down");
    life.end();
    if timeout(2 * close_time, tasks.wait()).await.is_err() {
        warn!("some connections did not end in time");
    }
    Ok(())
}

/// Keeps certificates, tokens and users as their files are, and never returns.
async fn keep_files(settings: &Settings, gate: &Gate) {
    let mut bell = Bell::default();
    let certificate = match &settings.front {
        Front::Tls(tls) => Some(tls.keep(&settings.metrics, bell.keeper())),
        Front::Plain | Front::Proxy => None,
    };
    let access = gate.has_files().then(|| gate.keep(bell.keeper()));
    join3(
        bell.listen(settings.reloading),
        OptionFuture::from(certificate),
        OptionFuture::from(access),
    )
    .await;
}

async fn serve(listener: &TcpListener, server: &Server) {
    loop {
        let (stream, peer) = accept(listener).await;
        // At the limit one connection waits here, and the others in the kernel's queue.
        let Some(permit) = server.permit(peer).await else {
            return;
        };
        server.spawn(stream, peer, permit);
    }
}
