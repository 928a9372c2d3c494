//! Accepting connections until told to stop, and ending what is open then.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, error, info, warn};

use crate::http::Shared;
use crate::limits::{Limits, Relays};
use crate::origin::Front;
use crate::settings::Settings;

/// How long to wait after a failed accept, which is mostly a want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The most header fields of a request; a browser sends some twenty.
const MAX_HEADERS: usize = 64;

/// The most requests that one HTTP/2 connection may have open.
const MAX_STREAMS: u32 = 64;

/// Serves `listener` until `shutdown` completes, then ends every relay with
/// [`ShuttingDown`](restante_shared::relay::CloseCode::ShuttingDown) and returns within about twice
/// [`Limits::close_time`].
///
/// # Errors
/// Where the listener has no local address. A failed accept is logged and tried again.
pub async fn run(
    listener: TcpListener,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let limits = settings.limits.clone();
    let close_time = limits.close_time;
    let graceful = GracefulShutdown::new();
    let tls = match &settings.front {
        Front::Tls(config) => Some(TlsAcceptor::from(Arc::clone(config))),
        Front::Plain | Front::Proxy => None,
    };
    let shared = Shared {
        relays: Relays::new(&limits),
        settings: Arc::new(settings),
        stop: CancellationToken::new(),
        tasks: TaskTracker::new(),
    };
    let (stop, tasks) = (shared.stop.clone(), shared.tasks.clone());
    info!(%address, "listening");
    tokio::select! {
        () = accept(&listener, &shared, &limits, tls, &graceful) => {}
        () = shutdown => {}
    }
    drop(listener);
    info!(relays = tasks.len(), "shutting down");
    stop.cancel();
    tasks.close();
    let ended = futures::future::join(graceful.shutdown(), tasks.wait());
    if tokio::time::timeout(2 * close_time, ended).await.is_err() {
        warn!("some connections did not end in time");
    }
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    shared: &Shared,
    limits: &Limits,
    tls: Option<TlsAcceptor>,
    graceful: &GracefulShutdown,
) {
    let http = http(limits);
    let room = Arc::new(Semaphore::new(limits.connections));
    loop {
        // The permit comes first: at the limit, new clients wait in the kernel's queue.
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                error!(%error, "cannot accept");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%peer, %error, "connection lost at once");
            continue;
        }
        let connection = Connection {
            http: http.clone(),
            shared: shared.clone(),
            watcher: graceful.watcher(),
            peer,
        };
        let handshake_time = limits.handshake_time;
        let tls = tls.clone();
        shared.tasks.spawn(async move {
            match tls {
                None => connection.serve(stream, Version::One).await,
                Some(tls) => connection.secure(stream, &tls, handshake_time).await,
            }
            drop(permit);
        });
    }
}

fn http(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.handshake_time)
        .max_headers(MAX_HEADERS)
        .max_buf_size(limits.header_octets);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(limits.header_octets).unwrap_or(u32::MAX))
        .keep_alive_interval(limits.ping_interval)
        .keep_alive_timeout(limits.handshake_time);
    builder
}

/// The version of HTTP that a connection speaks.
#[derive(Clone, Copy)]
enum Version {
    One,
    Two,
}

/// One accepted connection.
struct Connection {
    http: auto::Builder<TokioExecutor>,
    shared: Shared,
    watcher: Watcher,
    peer: SocketAddr,
}

impl Connection {
    async fn secure(self, stream: TcpStream, tls: &TlsAcceptor, limit: Duration) {
        let peer = self.peer;
        let handshake = tokio::time::timeout(limit, tls.accept(stream));
        let accepted = tokio::select! {
            accepted = handshake => accepted,
            () = self.shared.stop.cancelled() => return,
        };
        match accepted {
            Ok(Ok(stream)) => {
                let version = match stream.get_ref().1.alpn_protocol() {
                    Some(b"h2") => Version::Two,
                    Some(_) | None => Version::One,
                };
                self.serve(stream, version).await;
            }
            Ok(Err(error)) => debug!(%peer, %error, "tls handshake failed"),
            Err(_) => debug!(%peer, "tls handshake timed out"),
        }
    }

    async fn serve<S>(self, stream: S, version: Version)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self {
            http,
            shared,
            watcher,
            peer,
        } = self;
        let service = service_fn(move |request| {
            let answer = shared.answer(peer, request);
            async move { Ok::<_, Infallible>(answer) }
        });
        // HTTP/2 is spoken where TLS agreed on it, and never guessed from the first octets.
        let http = match version {
            Version::One => http.http1_only(),
            Version::Two => http.http2_only(),
        };
        let connection = http.serve_connection_with_upgrades(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection.into_owned()).await {
            debug!(%peer, %error, "connection failed");
        }
    }
}
