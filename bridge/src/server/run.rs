//! The lifecycle of a bridge: accepting, draining, ending.

use std::io;
use std::sync::Arc;

use futures::future::{OptionFuture, join3};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::accept::accept;
use super::connection::ConnectionServer;
use crate::access::Authenticator;
use crate::bridge::Bridge;
use crate::origin::TlsMode;
use crate::reload::ReloadSignal;
use crate::settings::Settings;

/// Serves `listener` until `shutdown` completes or [`Settings::lifecycle`] drains. Then it accepts no new
/// connections, waits at most [`Limits::drain_time`] for the open ones, ends the remaining relays with
/// [`ShuttingDown`](restante_shared::relay::CloseCode::ShuttingDown), and returns within about twice
/// [`Limits::close_time`] after that.
///
/// [`Limits::drain_time`]: crate::limits::Limits::drain_time
/// [`Limits::close_time`]: crate::limits::Limits::close_time
///
/// # Errors
/// The listener has no local address, or the page's configuration cannot be serialised. A failed accept
/// is logged and retried.
pub async fn run(
    listener: TcpListener,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let (drain_time, close_time) = (settings.limits.drain_time, settings.limits.close_time);
    let (lifecycle, metrics) = (settings.lifecycle.clone(), Arc::clone(&settings.metrics));
    let bridge = Bridge::new(settings)?;
    let tasks = bridge.tasks.clone();
    let (settings, authenticator) = (
        Arc::clone(&bridge.settings),
        Arc::clone(&bridge.authenticator),
    );
    let server = ConnectionServer::new(bridge);
    lifecycle.begin();
    info!(%address, "listening");
    tokio::select! {
        biased;
        () = shutdown => {}
        () = lifecycle.drains() => {}
        // Before the first connection, so that SIGHUP requests a reload from then on.
        () = watch_files(&settings, &authenticator) => {}
        () = serve(&listener, &server) => {}
    }
    drop(listener);
    lifecycle.drain();
    tasks.close();
    let relays = metrics.relays_open();
    info!(relays, seconds = drain_time.as_secs(), "draining");
    tokio::select! {
        () = tasks.wait() => {}
        () = sleep(drain_time) => {}
        () = lifecycle.ends() => {}
    }
    info!(relays = metrics.relays_open(), "shutting down");
    lifecycle.end();
    if timeout(2 * close_time, tasks.wait()).await.is_err() {
        warn!("some connections did not end in time");
    }
    Ok(())
}

/// Reloads certificates, tokens and users when their files change, and never returns.
async fn watch_files(settings: &Settings, authenticator: &Authenticator) {
    let mut reload_signal = ReloadSignal::default();
    let certificate = match &settings.tls_mode {
        TlsMode::Tls(tls) => Some(tls.watch(&settings.metrics, reload_signal.subscribe())),
        TlsMode::Plain | TlsMode::Proxy => None,
    };
    let access = authenticator
        .has_files()
        .then(|| authenticator.watch(reload_signal.subscribe()));
    join3(
        reload_signal.listen(settings.reloading),
        OptionFuture::from(certificate),
        OptionFuture::from(access),
    )
    .await;
}

async fn serve(listener: &TcpListener, server: &ConnectionServer) {
    loop {
        let (stream, peer) = accept(listener).await;
        // At the limit one connection waits here, and others in the kernel's queue.
        let Some(permit) = server.permit(peer).await else {
            return;
        };
        server.spawn(stream, peer, permit);
    }
}
