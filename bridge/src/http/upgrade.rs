//! The way from an HTTP request to a relay: handshake, origin, authentication and limits.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper::{Method, Request, StatusCode};
use restante_shared::relay::{self, CloseCode, Target};
use tokio_tungstenite::tungstenite::handshake::server::create_response;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::credentials::{admit, presented};
use super::rejection::reject;
use super::request::{host, only};
use super::upgraded::UpgradedConnection;
use crate::bridge::Bridge;
use crate::limits::shortened;
use crate::origin;
use crate::relay::{BufferPool, RelayRequest, relay};
use crate::response::{HttpResponse, plain, with};
use crate::settings::Settings;

/// Starts a relay, or refuses a request that is not a valid WebSocket handshake with an HTTP status.
///
/// Refusals that the page must be able to read are sent as close codes, after the upgrade.
pub(super) async fn answer(
    bridge: &Bridge,
    peer: SocketAddr,
    mut request: Request<Incoming>,
) -> HttpResponse {
    let client = bridge.settings.proxies.client(peer.ip(), request.headers());
    let settings = &bridge.settings;
    if request.method() != Method::GET {
        let answer = plain(
            StatusCode::METHOD_NOT_ALLOWED,
            "this is a WebSocket endpoint\n",
        );
        return with(answer, [(header::ALLOW, "GET")]);
    }
    let answer = handshake(&request);
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        debug!(%client, "not a websocket handshake for the relay");
        return answer;
    }
    let (origin, host) = (only(request.headers(), &header::ORIGIN), host(&request));
    if let Err(refusal) = origin::judge(origin, host, &settings.tls_mode, &settings.allowed_origins)
    {
        if let Some(suppressed) = bridge.throttled_logs.page.admit_line() {
            let (origin, host) = (shortened(origin), shortened(host));
            warn!(%client, origin, host, %refusal, suppressed, "page refused");
        }
        settings.metrics.refused("origin");
        let (code, reason) = (CloseCode::ForeignPage, refusal.to_string());
        return reject(bridge, client, request, answer, code, reason);
    }
    let presented = presented(bridge, request.headers());
    if let Err(denial) = admit(bridge, client, presented).await {
        if let Some(suppressed) = bridge.throttled_logs.access.admit_line() {
            info!(%client, %denial, suppressed, "relay refused");
        }
        settings.metrics.refused("access");
        let (code, reason) = (CloseCode::AccessDenied, denial.to_string());
        return reject(bridge, client, request, answer, code, reason);
    }
    // From here on the relay's permit counts the connection, and not the limit of connections.
    let permit = match bridge.relays.permit(client) {
        Ok(permit) => permit,
        Err(full) => {
            let (code, reason) = (CloseCode::TooMany, full.to_string());
            return reject(bridge, client, request, answer, code, reason);
        }
    };
    let relay_request = RelayRequest {
        client,
        target: Target::from_query(request.uri().query().unwrap_or_default()),
        _permit: permit,
        early: Bytes::new(),
    };
    let upgraded = hyper::upgrade::on(&mut request);
    let (settings, stop) = (Arc::clone(settings), settings.lifecycle.stop_of_new_relay());
    let pool = Arc::clone(&bridge.pool);
    let relaying = begin(upgraded, relay_request, settings, pool, stop);
    bridge.tasks.spawn(relaying);
    answer
}

/// Runs the relay once the connection has left HTTP.
async fn begin(
    upgraded: OnUpgrade,
    request: RelayRequest,
    settings: Arc<Settings>,
    pool: Arc<BufferPool>,
    stop: CancellationToken,
) {
    match upgraded.await {
        Ok(upgraded) => match over_connection(upgraded, request, settings, pool, stop) {
            Some(relaying) => relaying.await,
            None => error!("a relay over neither TCP nor TLS"),
        },
        Err(error) => debug!(client = %request.client, %error, "upgrade failed"),
    }
}

/// Returns the relay over whichever kind of connection it is.
///
/// It is boxed, and created outside of the task that waits for it. Otherwise each relay's task would
/// have room for the largest kind, which holds a TLS session, and for the values moved on the way.
fn over_connection(
    upgraded: Upgraded,
    mut request: RelayRequest,
    settings: Arc<Settings>,
    pool: Arc<BufferPool>,
    stop: CancellationToken,
) -> Option<BoxFuture<'static, ()>> {
    let (connection, early) = UpgradedConnection::from_upgraded(upgraded)?;
    request.early = early;
    Some(match connection {
        UpgradedConnection::Tcp(stream) => Box::pin(relay(stream, request, settings, pool, stop)),
        UpgradedConnection::Tls(stream) => Box::pin(relay(*stream, request, settings, pool, stop)),
    })
}

/// Accepts a WebSocket handshake with status 101, or refuses it with another one.
fn handshake(request: &Request<Incoming>) -> HttpResponse {
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
            let text = format!(
                "the relay requires the subprotocol {}\n",
                relay::SUBPROTOCOL
            );
            plain(StatusCode::BAD_REQUEST, &text)
        }
        Ok(response) => with(
            response.map(|()| Full::default()),
            [(header::SEC_WEBSOCKET_PROTOCOL, relay::SUBPROTOCOL)],
        ),
        Err(error) => with(
            plain(
                StatusCode::UPGRADE_REQUIRED,
                &format!("this is a WebSocket endpoint: {error}\n"),
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
    use tokio::net::TcpStream;

    use super::*;

    /// Returns the size in bytes of the future that a function with five parameters returns.
    fn bytes_of<A, B, C, D, E, F>(_: impl FnOnce(A, B, C, D, E) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn an_idle_relay_is_small() {
        let (task, plain) = (bytes_of(begin), bytes_of(relay::<TcpStream>));
        assert!(task < 1_000, "{task} bytes");
        assert!(plain < 3_000, "{plain} bytes");
    }
}
