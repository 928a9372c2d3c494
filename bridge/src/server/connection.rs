//! One accepted connection, from its first octet to its end.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::service::service_fn;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::http::{Http, Version};
use super::pace::Pace;
use crate::client_address::proxy_protocol;
use crate::http::Shared;
use crate::limits::{Limit, Shares};
use crate::origin::Front;
use crate::settings::Settings;
use crate::socket;
use crate::tls::ACME_PROTOCOL;

/// What every connection of one listener is served with.
#[derive(Clone)]
pub(super) struct Server {
    shared: Shared,
    http: Arc<Http>,
    tls: Option<TlsAcceptor>,
    room: Arc<Semaphore>,
    shares: Arc<Shares>,
}

impl Server {
    pub(super) fn new(shared: Shared) -> Self {
        let limits = &shared.settings.limits;
        Self {
            http: Arc::new(Http::new(limits)),
            tls: match &shared.settings.front {
                Front::Tls(tls) => Some(tls.acceptor()),
                Front::Plain | Front::Proxy => None,
            },
            room: Arc::new(Semaphore::new(limits.connections)),
            shares: Shares::new(limits.connections, limits.connections_per_client),
            shared,
        }
    }

    /// Waits until there is room for the connection of `peer`.
    pub(super) async fn permit(&self, peer: SocketAddr) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() {
            return Some(permit);
        }
        self.bite(Limit::Connections, peer);
        Arc::clone(&self.room).acquire_owned().await.ok()
    }

    /// Serves a connection in a task of its own, which keeps `permit` to its end.
    pub(super) fn spawn(&self, stream: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
        let server = self.clone();
        let metrics = Arc::clone(&self.shared.settings.metrics);
        metrics.connection_opened();
        self.shared.tasks.spawn(async move {
            server.admit(stream, peer).await;
            metrics.connection_closed();
            drop(permit);
        });
    }

    /// Finds out whose connection it is.
    async fn admit(self, mut stream: TcpStream, peer: SocketAddr) {
        let proxies = &self.shared.settings.proxies;
        let trusted = proxies.trusts(peer.ip());
        if matches!(self.shared.settings.front, Front::Proxy) && !trusted {
            if let Some(unsaid) = self.shared.provoked.peer.one_more() {
                warn!(%peer, unsaid, "connection refused: not one of trusted_proxies");
            }
            return;
        }
        if let Err(error) = socket::prepare(&stream, &self.shared.settings.limits) {
            debug!(%peer, %error, "connection lost at once");
            return;
        }
        let mut client = peer;
        if proxies.proxy_protocol && trusted {
            let header = proxy_protocol::read(&mut stream);
            match self.in_time(header, peer).await {
                Some(Ok(source)) => client = source.unwrap_or(peer),
                Some(Err(error)) => {
                    warn!(%peer, %error, "connection refused: no proxy protocol");
                    return;
                }
                None => return,
            }
        }
        // All clients of a proxy share its connections.
        let share = if proxies.trusts(client.ip()) {
            None
        } else {
            match self.shares.take(client.ip()) {
                Ok(share) => Some(share),
                Err(_) => return self.bite(Limit::ConnectionsPerClient, client),
            }
        };
        self.secure(stream, client).await;
        drop(share);
    }

    /// Agrees on TLS, where the bridge speaks it.
    async fn secure(self, stream: TcpStream, client: SocketAddr) {
        let Some(tls) = &self.tls else {
            return self.serve(stream, client, Version::One).await;
        };
        match self.in_time(tls.accept(stream), client).await {
            Some(Ok(stream)) => {
                let version = match stream.get_ref().1.alpn_protocol() {
                    Some(b"h2") => Version::Two,
                    // The handshake was the answer.
                    Some(ACME_PROTOCOL) => return,
                    Some(_) | None => Version::One,
                };
                self.serve(stream, client, version).await;
            }
            Some(Err(error)) => {
                self.shared.settings.metrics.handshake_failed();
                debug!(%client, %error, "tls handshake failed");
            }
            None => self.shared.settings.metrics.handshake_failed(),
        }
    }

    /// Completes `handshake`, or nothing where it takes too long or the bridge ends.
    async fn in_time<T>(
        &self,
        handshake: impl Future<Output = T>,
        client: SocketAddr,
    ) -> Option<T> {
        let limit = self.shared.settings.limits.handshake_time;
        tokio::select! {
            done = timeout(limit, handshake) => {
                if done.is_err() {
                    self.bite(Limit::Handshake, client);
                }
                done.ok()
            }
            () = self.shared.settings.life.ends() => None,
        }
    }

    /// Serves until the connection ends, becomes a relay or stalls. Once the bridge drains, what was
    /// asked for is still answered.
    async fn serve<S>(self, stream: S, client: SocketAddr, version: Version)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let pace = Pace::new();
        let (shared, paced) = (self.shared.clone(), Arc::clone(&pace));
        let asked = CancellationToken::new();
        let first_request = asked.clone();
        let service = service_fn(move |request| {
            first_request.cancel();
            paced.asked();
            let (shared, paced) = (shared.clone(), Arc::clone(&paced));
            async move {
                let answer = shared.answer(client, request).await;
                Ok::<_, Infallible>(answer.map(|body| paced.give(body)))
            }
        });
        let Settings { life, limits, .. } = self.shared.settings.as_ref();
        let over = CancellationToken::new();
        let watch = async {
            tokio::select! {
                () = life.ends() => {}
                limit = pace.stalled(limits) => match limit {
                    Some(limit) => self.bite(limit, client),
                    None => debug!(%client, "connection not needed any more"),
                },
            }
            over.cancel();
            tokio::time::sleep(limits.close_time).await;
        };
        let last_request = async {
            // Whoever was accepted just before the drain has a request on its way. HTTP/2 tells the
            // client that it was not taken, so that it is sent again elsewhere; HTTP/1.1 cannot.
            let drained = async {
                life.drains().await;
                if matches!(version, Version::One) {
                    asked.cancelled().await;
                }
            };
            tokio::select! {
                () = drained => {}
                () = over.cancelled() => {}
            }
        };
        let served = tokio::select! {
            served = self.http.serve(stream, version, service, last_request) => served,
            () = watch => return,
        };
        let Err(error) = served else {
            return;
        };
        if error.is_parse_too_large() {
            self.bite(Limit::Header, client);
        } else if error.is_timeout() && !pace.was_asked() {
            self.bite(Limit::Handshake, client);
        } else if is_flood(&error) {
            self.bite(Limit::Frames, client);
        } else {
            debug!(%client, %error, "connection failed");
        }
    }

    fn bite(&self, limit: Limit, client: SocketAddr) {
        self.shared.bites.bite(limit, client.ip().to_canonical());
    }
}

/// Whether HTTP/2 was ended for doing more than its bounds allow.
fn is_flood(error: &hyper::Error) -> bool {
    let cause = error
        .source()
        .and_then(<dyn Error>::downcast_ref::<h2::Error>);
    cause.is_some_and(|cause| {
        !cause.is_remote() && cause.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM)
    })
}
