//! One accepted connection, from its first octet to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::service::service_fn;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::http::{Http, Version};
use crate::client_address::proxy_protocol;
use crate::http::Shared;
use crate::origin::Front;

/// What every connection of one listener is served with.
#[derive(Clone)]
pub(super) struct Server {
    shared: Shared,
    http: Arc<Http>,
    tls: Option<TlsAcceptor>,
    room: Arc<Semaphore>,
}

impl Server {
    pub(super) fn new(shared: Shared) -> Self {
        let limits = &shared.settings.limits;
        Self {
            http: Arc::new(Http::new(limits)),
            tls: match &shared.settings.front {
                Front::Tls(config) => Some(TlsAcceptor::from(Arc::clone(config))),
                Front::Plain | Front::Proxy => None,
            },
            room: Arc::new(Semaphore::new(limits.connections)),
            shared,
        }
    }

    /// Waits until there is room for one more connection.
    pub(super) async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).acquire_owned().await.ok()
    }

    /// Serves a connection in a task of its own, which keeps `permit` to its end.
    pub(super) fn spawn(&self, stream: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
        let server = self.clone();
        self.shared.tasks.spawn(async move {
            server.admit(stream, peer).await;
            drop(permit);
        });
    }

    /// Finds out whose connection it is.
    async fn admit(self, mut stream: TcpStream, peer: SocketAddr) {
        let proxies = &self.shared.settings.proxies;
        let trusted = proxies.trusts(peer.ip());
        if matches!(self.shared.settings.front, Front::Proxy) && !trusted {
            warn!(%peer, "connection refused: not one of trusted_proxies");
            return;
        }
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%peer, %error, "connection lost at once");
            return;
        }
        let mut client = peer;
        if proxies.proxy_protocol && trusted {
            let header = proxy_protocol::read(&mut stream);
            match self.in_time(header).await {
                Some(Ok(source)) => client = source.unwrap_or(peer),
                Some(Err(error)) => {
                    warn!(%peer, %error, "connection refused: no proxy protocol");
                    return;
                }
                None => return debug!(%peer, "no header of the proxy protocol came in time"),
            }
        }
        self.secure(stream, client).await;
    }

    /// Agrees on TLS, where the bridge speaks it.
    async fn secure(self, stream: TcpStream, client: SocketAddr) {
        let Some(tls) = &self.tls else {
            return self.serve(stream, client, Version::One).await;
        };
        match self.in_time(tls.accept(stream)).await {
            Some(Ok(stream)) => {
                let version = match stream.get_ref().1.alpn_protocol() {
                    Some(b"h2") => Version::Two,
                    Some(_) | None => Version::One,
                };
                self.serve(stream, client, version).await;
            }
            Some(Err(error)) => debug!(%client, %error, "tls handshake failed"),
            None => debug!(%client, "tls handshake timed out"),
        }
    }

    /// Completes `handshake`, or nothing where it takes too long or the bridge stops.
    async fn in_time<T>(&self, handshake: impl Future<Output = T>) -> Option<T> {
        let limit = self.shared.settings.limits.handshake_time;
        tokio::select! {
            done = timeout(limit, handshake) => done.ok(),
            () = self.shared.stop.cancelled() => None,
        }
    }

    /// Serves until the connection ends or becomes a relay; after the stop signal, what was asked
    /// for is still answered.
    async fn serve<S>(self, stream: S, client: SocketAddr, version: Version)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { http, shared, .. } = self;
        let stop = shared.stop.clone();
        let limit = shared.settings.limits.close_time;
        let service = service_fn(move |request| {
            let answer = shared.answer(client, request);
            async move { Ok::<_, Infallible>(answer) }
        });
        let too_late = async {
            stop.cancelled().await;
            tokio::time::sleep(limit).await;
        };
        let served = tokio::select! {
            served = http.serve(stream, version, service, stop.cancelled()) => served,
            () = too_late => return,
        };
        if let Err(error) = served {
            debug!(%client, %error, "connection failed");
        }
    }
}
