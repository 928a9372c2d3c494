//! Accepting connections until told to stop, and ending what is open then.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, error, info, warn};

use crate::http::Shared;
use crate::limits::Limits;
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
/// Where the listener has no local address, or the page's configuration cannot be written. A failed accept is logged and tried again.
pub async fn run(
    listener: TcpListener,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let limits = settings.limits.clone();
    let close_time = limits.close_time;
    let tls = match &settings.front {
        Front::Tls(config) => Some(TlsAcceptor::from(Arc::clone(config))),
        Front::Plain | Front::Proxy => None,
    };
    let shared = Shared::new(settings)?;
    let (stop, tasks) = (shared.stop.clone(), shared.tasks.clone());
    info!(%address, "listening");
    tokio::select! {
        () = accept(&listener, &shared, &limits, tls) => {}
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

async fn accept(
    listener: &TcpListener,
    shared: &Shared,
    limits: &Limits,
    tls: Option<TlsAcceptor>,
) {
    let http = Arc::new(Http::new(limits));
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
            http: Arc::clone(&http),
            shared: shared.clone(),
            peer,
        };
        let tls = tls.clone();
        shared.tasks.spawn(async move {
            match tls {
                None => connection.serve(stream, Version::One).await,
                Some(tls) => connection.secure(stream, &tls).await,
            }
            drop(permit);
        });
    }
}

/// How each version of HTTP is spoken.
struct Http {
    one: http1::Builder,
    two: http2::Builder<TokioExecutor>,
}

impl Http {
    fn new(limits: &Limits) -> Self {
        let mut one = http1::Builder::new();
        one.timer(TokioTimer::new())
            .header_read_timeout(limits.handshake_time)
            .max_headers(MAX_HEADERS)
            .max_buf_size(limits.header_octets);
        let mut two = http2::Builder::new(TokioExecutor::new());
        two.timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(u32::try_from(limits.header_octets).unwrap_or(u32::MAX))
            .keep_alive_interval(limits.ping_interval)
            .keep_alive_timeout(limits.handshake_time);
        Self { one, two }
    }
}

/// The version of HTTP that a connection speaks.
#[derive(Clone, Copy)]
enum Version {
    One,
    Two,
}

/// One accepted connection.
struct Connection {
    http: Arc<Http>,
    shared: Shared,
    peer: SocketAddr,
}

impl Connection {
    async fn secure(self, stream: TcpStream, tls: &TlsAcceptor) {
        let peer = self.peer;
        let limit = self.shared.settings.limits.handshake_time;
        let handshake = timeout(limit, tls.accept(stream));
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

    /// Serves until the connection ends or becomes a relay; after the stop signal, what was asked
    /// for is still answered.
    async fn serve<S>(self, stream: S, version: Version)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { http, shared, peer } = self;
        let stop = shared.stop.clone();
        let limit = shared.settings.limits.close_time;
        let stream = TokioIo::new(stream);
        let service = service_fn(move |request| {
            let answer = shared.answer(peer, request);
            async move { Ok::<_, Infallible>(answer) }
        });
        // HTTP/2 is spoken where TLS agreed on it, and never guessed from the first octets.
        let served = match version {
            Version::One => {
                let connection = http.one.serve_connection(stream, service).with_upgrades();
                let mut connection = pin!(connection);
                tokio::select! {
                    served = connection.as_mut() => served,
                    () = stop.cancelled() => {
                        connection.as_mut().graceful_shutdown();
                        timeout(limit, connection).await.unwrap_or(Ok(()))
                    }
                }
            }
            Version::Two => {
                let mut connection = pin!(http.two.serve_connection(stream, service));
                tokio::select! {
                    served = connection.as_mut() => served,
                    () = stop.cancelled() => {
                        connection.as_mut().graceful_shutdown();
                        timeout(limit, connection).await.unwrap_or(Ok(()))
                    }
                }
            }
        };
        if let Err(error) = served {
            debug!(%peer, %error, "connection failed");
        }
    }
}
