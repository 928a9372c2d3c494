//! Refusing a page with a close code that it can read, after an upgrade without a relay.
//!
//! A browser hides the HTTP status of a failed WebSocket handshake from the page.

use std::net::IpAddr;
use std::time::Duration;

use futures::future::BoxFuture;
use hyper::body::Incoming;
use hyper::upgrade::Upgraded;
use hyper::{Request, StatusCode};
use restante_shared::relay::CloseCode;
use tracing::{debug, error};

use super::upgraded::UpgradedConnection;
use crate::bridge::Bridge;
use crate::relay::close_gracefully;
use crate::response::{HttpResponse, plain};

/// Accepts the WebSocket with `accepted` only to close it with `code`. It takes no relay, and no name is
/// resolved for it.
///
/// When too many such WebSockets are open, the request is refused with an HTTP status instead.
pub(super) fn reject(
    bridge: &Bridge,
    client: IpAddr,
    mut request: Request<Incoming>,
    accepted: HttpResponse,
    code: CloseCode,
    reason: String,
) -> HttpResponse {
    let Ok(share) = bridge.rejections.take(client) else {
        return plain(StatusCode::FORBIDDEN, &format!("{reason}\n"));
    };
    let upgraded = hyper::upgrade::on(&mut request);
    let limit = bridge.settings.limits.close_time;
    bridge.tasks.spawn(async move {
        match upgraded.await {
            Ok(upgraded) => match close(upgraded, code, reason, limit) {
                Some(closing) => closing.await,
                None => error!("a WebSocket over neither TCP nor TLS"),
            },
            Err(error) => debug!(%error, "upgrade failed"),
        }
        drop(share);
    });
    accepted
}

/// Returns the closing of the WebSocket, over whichever kind of connection it is.
fn close(
    upgraded: Upgraded,
    code: CloseCode,
    reason: String,
    limit: Duration,
) -> Option<BoxFuture<'static, ()>> {
    let (connection, early) = UpgradedConnection::from_upgraded(upgraded)?;
    Some(match connection {
        UpgradedConnection::Tcp(stream) => {
            Box::pin(close_gracefully(stream, early, code, reason, limit))
        }
        UpgradedConnection::Tls(stream) => {
            Box::pin(close_gracefully(*stream, early, code, reason, limit))
        }
    })
}
