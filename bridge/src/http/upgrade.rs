//! From an HTTP request to a relay: whose page asks, and whether it speaks our contract.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use restante_shared::relay::{self, CloseCode, Target};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::{Answer, Shared, host, only, plain, with};
use crate::limits::shortened;
use crate::origin;
use crate::relay::{Pool, Request as RelayRequest, relay};
use crate::settings::Settings;

impl Shared {
    /// Starts a relay, or says over HTTP why this is no request for one.
    ///
    /// What a page has to tell its reader is said by close code instead, after the upgrade.
    pub(super) async fn relay(&self, peer: SocketAddr, mut request: Request<Incoming>) -> Answer {
        let client = self.settings.proxies.client(peer.ip(), request.headers());
        let settings = &self.settings;
        if request.method() != Method::GET {
            let answer = plain(StatusCode::METHOD_NOT_ALLOWED, "this is a WebSocket\n");
            return with(answer, [(header::ALLOW, "GET")]);
        }
        let answer = handshake(&request);
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            debug!(%client, "not a websocket of ours");
            return answer;
        }
        let (origin, host) = (only(request.headers(), &header::ORIGIN), host(&request));
        if let Err(refusal) =
            origin::judge(origin, host, &settings.front, &settings.allowed_origins)
        {
            if let Some(unsaid) = self.provoked.page.one_more() {
                let (origin, host) = (shortened(origin), shortened(host));
                warn!(%client, origin, host, %refusal, unsaid, "page refused");
            }
            settings.metrics.refused("origin");
            let (code, reason) = (CloseCode::ForeignPage, refusal.to_string());
            return self.turn_away(client, request, answer, code, reason);
        }
        let shown = self.shown(request.headers());
        if let Err(denial) = self.admit(client, shown).await {
            if let Some(unsaid) = self.provoked.access.one_more() {
                info!(%client, %denial, unsaid, "relay refused");
            }
            settings.metrics.refused("access");
            let (code, reason) = (CloseCode::AccessDenied, denial.to_string());
            return self.turn_away(client, request, answer, code, reason);
        }
        // From here on the connection is no longer counted as one: what counts it is the permit.
        let permit = match self.relays.permit(client) {
            Ok(permit) => permit,
            Err(full) => {
                let (code, reason) = (CloseCode::TooMany, full.to_string());
                return self.turn_away(client, request, answer, code, reason);
            }
        };
        let relay_request = RelayRequest {
            client,
            target: Target::from_query(request.uri().query().unwrap_or_default()),
            _permit: permit,
            early: Bytes::new(),
        };
        let upgraded = hyper::upgrade::on(&mut request);
        let (settings, stop) = (Arc::clone(settings), settings.life.stop_of_new_relay());
        let pool = Arc::clone(&self.pool);
        let relaying = begin(upgraded, relay_request, settings, pool, stop);
        self.tasks.spawn(relaying);
        answer
    }
}

/// Relays once the connection is no HTTP any more.
async fn begin(
    upgraded: OnUpgrade,
    request: RelayRequest,
    settings: Arc<Settings>,
    pool: Arc<Pool>,
    stop: CancellationToken,
) {
    match upgraded.await {
        Ok(upgraded) => match of_kind(upgraded, request, settings, pool, stop) {
            Some(relaying) => relaying.await,
            None => error!("a relay over neither TCP nor TLS"),
        },
        Err(error) => debug!(client = %request.client, %error, "upgrade failed"),
    }
}

/// The relay over this kind of connection.
///
/// Boxed, and made outside of the task that waits for it: that would else have room in every relay for
/// the largest kind, which has a TLS session in it, and for what is moved on the way there.
fn of_kind(
    upgraded: Upgraded,
    mut request: RelayRequest,
    settings: Arc<Settings>,
    pool: Arc<Pool>,
    stop: CancellationToken,
) -> Option<BoxFuture<'static, ()>> {
    // The connection itself tells when it is readable, and needs no buffer to find out.
    let upgraded = match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => {
            request.early = parts.read_buf;
            let stream = parts.io.into_inner();
            return Some(Box::pin(relay(stream, request, settings, pool, stop)));
        }
        Err(upgraded) => upgraded,
    };
    let parts = upgraded.downcast::<TokioIo<TlsStream<TcpStream>>>().ok()?;
    request.early = parts.read_buf;
    let stream = parts.io.into_inner();
    Some(Box::pin(relay(stream, request, settings, pool, stop)))
}

/// Agrees to a WebSocket with status 101, or says with another why not.
fn handshake(request: &Request<Incoming>) -> Answer {
    let offers_ours = request
        .headers()
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|offer| offer.trim() == relay::SUBPROTOCOL);
    let mut bare = Request::new(());
    *bare.version_mut() = request.version();
    *bare.headers_mut() = request.headers().clone();
    match create_response(&bare) {
        Ok(_) if !offers_ours => {
            let text = format!("the relay speaks {} only\n", relay::SUBPROTOCOL);
            plain(StatusCode::BAD_REQUEST, &text)
        }
        Ok(response) => with(
            response.map(|()| Full::default()),
            [(header::SEC_WEBSOCKET_PROTOCOL, relay::SUBPROTOCOL)],
        ),
        Err(error) => with(
            plain(
                StatusCode::UPGRADE_REQUIRED,
                &format!("this is a WebSocket: {error}\n"),
            ),
            [
                (header::UPGRADE, "websocket"),
                (header::CONNECTION, "Upgrade"),
                (header::SEC_WEBSOCKET_VERSION, "13"),
            ],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The octets of the future that a function with five parameters returns.
    fn octets_of<A, B, C, D, E, F>(_: impl FnOnce(A, B, C, D, E) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn an_idle_relay_is_small() {
        let (task, plain) = (octets_of(begin), octets_of(relay::<TcpStream>));
        assert!(task < 1_000, "{task} octets");
        assert!(plain < 3_000, "{plain} octets");
    }
}
