//! One accepted connection, from its first byte to its end.

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

use super::http::{HttpServer, HttpVersion};
use super::progress::ConnectionProgress;
use crate::bridge::Bridge;
use crate::client_address::proxy_protocol;
use crate::http;
use crate::limits::{Limit, Shares};
use crate::origin::TlsMode;
use crate::settings::Settings;
use crate::socket;
use crate::tls::ACME_PROTOCOL;

/// The state that serves the connections of one listener.
#[derive(Clone)]
pub(super) struct ConnectionServer {
    bridge: Bridge,
    http: Arc<HttpServer>,
    tls: Option<TlsAcceptor>,
    room: Arc<Semaphore>,
    shares: Arc<Shares>,
}

impl ConnectionServer {
    pub(super) fn new(bridge: Bridge) -> Self {
        let limits = &bridge.settings.limits;
        Self {
            http: Arc::new(HttpServer::new(limits)),
            tls: match &bridge.settings.tls_mode {
                TlsMode::Tls(tls) => Some(tls.acceptor()),
                TlsMode::Plain | TlsMode::Proxy => None,
            },
            room: Arc::new(Semaphore::new(limits.connections)),
            shares: Shares::new(limits.connections, limits.connections_per_client),
            bridge,
        }
    }

    /// Waits until the limit of connections has room for `peer`.
    pub(super) async fn permit(&self, peer: SocketAddr) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() {
            return Some(permit);
        }
        self.record_limit(Limit::Connections, peer);
        Arc::clone(&self.room).acquire_owned().await.ok()
    }

    /// Serves a connection in its own task, which holds `permit` to its end.
    pub(super) fn spawn(&self, stream: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
        let server = self.clone();
        let metrics = Arc::clone(&self.bridge.settings.metrics);
        metrics.connection_opened();
        self.bridge.tasks.spawn(async move {
            server.admit(stream, peer).await;
            metrics.connection_closed();
            drop(permit);
        });
    }

    /// Determines the client of a connection, and counts it.
    async fn admit(self, mut stream: TcpStream, peer: SocketAddr) {
        let proxies = &self.bridge.settings.proxies;
        let trusted = proxies.trusts(peer.ip());
        if matches!(self.bridge.settings.tls_mode, TlsMode::Proxy) && !trusted {
            if let Some(suppressed) = self.bridge.throttled_logs.peer.admit_line() {
                warn!(%peer, suppressed, "connection refused: not one of trusted_proxies");
            }
            return;
        }
        if let Err(error) = socket::prepare(&stream, &self.bridge.settings.limits) {
            debug!(%peer, %error, "connection lost immediately");
            return;
        }
        let mut client = peer;
        if proxies.proxy_protocol && trusted {
            let header = proxy_protocol::read(&mut stream);
            match self.in_time(header, peer).await {
                Some(Ok(source)) => client = source.unwrap_or(peer),
                Some(Err(error)) => {
                    warn!(%peer, %error, "connection refused: invalid PROXY protocol header");
                    return;
                }
                None => return,
            }
        }
        // The connections of a proxy belong to many clients.
        let share = if proxies.trusts(client.ip()) {
            None
        } else {
            match self.shares.take(client.ip()) {
                Ok(share) => Some(share),
                Err(_) => return self.record_limit(Limit::ConnectionsPerClient, client),
            }
        };
        self.secure(stream, client).await;
        drop(share);
    }

    /// Performs the TLS handshake, if the bridge terminates TLS.
    async fn secure(self, stream: TcpStream, client: SocketAddr) {
        let Some(tls) = &self.tls else {
            return self.serve(stream, client, HttpVersion::One).await;
        };
        match self.in_time(tls.accept(stream), client).await {
            Some(Ok(stream)) => {
                let version = match stream.get_ref().1.alpn_protocol() {
                    Some(b"h2") => HttpVersion::Two,
                    // The handshake was the answer to the challenge.
                    Some(ACME_PROTOCOL) => return,
                    Some(_) | None => HttpVersion::One,
                };
                self.serve(stream, client, version).await;
            }
            Some(Err(error)) => {
                self.bridge.settings.metrics.handshake_failed();
                debug!(%client, %error, "tls handshake failed");
            }
            None => self.bridge.settings.metrics.handshake_failed(),
        }
    }

    /// Awaits `handshake`. Returns `None` if it times out or the bridge ends.
    async fn in_time<T>(
        &self,
        handshake: impl Future<Output = T>,
        client: SocketAddr,
    ) -> Option<T> {
        let limit = self.bridge.settings.limits.handshake_time;
        tokio::select! {
            done = timeout(limit, handshake) => {
                if done.is_err() {
                    self.record_limit(Limit::Handshake, client);
                }
                done.ok()
            }
            () = self.bridge.settings.lifecycle.ends() => None,
        }
    }

    /// Serves until the connection ends, becomes a relay or stalls. When the bridge drains, requests that
    /// were received are still answered.
    async fn serve<S>(self, stream: S, client: SocketAddr, version: HttpVersion)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let progress = ConnectionProgress::new();
        let (bridge, tracked) = (self.bridge.clone(), Arc::clone(&progress));
        let asked = CancellationToken::new();
        let first_request = asked.clone();
        let service = service_fn(move |request| {
            first_request.cancel();
            tracked.asked();
            let (bridge, tracked) = (bridge.clone(), Arc::clone(&tracked));
            async move {
                let answer = http::answer(&bridge, client, request).await;
                Ok::<_, Infallible>(answer.map(|body| tracked.give(body)))
            }
        });
        let Settings {
            lifecycle, limits, ..
        } = self.bridge.settings.as_ref();
        let over = CancellationToken::new();
        let watch = async {
            tokio::select! {
                () = lifecycle.ends() => {}
                limit = progress.stalled(limits) => match limit {
                    Some(limit) => self.record_limit(limit, client),
                    None => debug!(%client, "idle connection closed"),
                },
            }
            over.cancel();
            tokio::time::sleep(limits.close_time).await;
        };
        let last_request = async {
            // A client that was accepted just before the drain has a request under way. HTTP/2 reports that
            // it was not processed, so that the client can retry it elsewhere. HTTP/1.1 cannot.
            let drained = async {
                lifecycle.drains().await;
                if matches!(version, HttpVersion::One) {
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
            self.record_limit(Limit::Header, client);
        } else if error.is_timeout() && !progress.was_asked() {
            self.record_limit(Limit::Handshake, client);
        } else if is_flood(&error) {
            self.record_limit(Limit::Frames, client);
        } else {
            debug!(%client, %error, "connection failed");
        }
    }

    fn record_limit(&self, limit: Limit, client: SocketAddr) {
        self.bridge
            .limit_log
            .record(limit, client.ip().to_canonical());
    }
}

/// Returns true if HTTP/2 was ended because the client exceeded its limits.
fn is_flood(error: &hyper::Error) -> bool {
    let cause = error
        .source()
        .and_then(<dyn Error>::downcast_ref::<h2::Error>);
    cause.is_some_and(|cause| {
        !cause.is_remote() && cause.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM)
    })
}
