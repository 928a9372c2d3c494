//! Turning a page away in words that it can read: by close code, after an upgrade that leads nowhere.
//!
//! A browser tells a page nothing of an HTTP status that answers a WebSocket.

use std::net::IpAddr;
use std::time::Duration;

use futures::StreamExt as _;
use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use restante_shared::relay::CloseCode;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tracing::debug;

use super::{Answer, Shared, plain};

/// How many are told by close code at a time; who comes beyond is told by status.
pub(super) const MOST_FAREWELLS: usize = 64;

/// How many of them for one client, so that who provokes them takes none from others.
pub(super) const MOST_OF_A_CLIENT: usize = 8;

/// The largest message taken in and dropped: a TLS ClientHello has under 2 KiB.
const MOST_EARLY: usize = 16 * 1024;

impl Shared {
    /// Agrees to the WebSocket with `agreed` only to close it with `code`. It takes no relay, and nothing
    /// is looked up for it.
    pub(super) fn turn_away(
        &self,
        client: IpAddr,
        mut request: Request<Incoming>,
        agreed: Answer,
        code: CloseCode,
        reason: String,
    ) -> Answer {
        let Ok(room) = self.farewells.take(client) else {
            return plain(StatusCode::FORBIDDEN, &format!("{reason}\n"));
        };
        let upgraded = hyper::upgrade::on(&mut request);
        let limit = self.settings.limits.close_time;
        self.tasks.spawn(async move {
            match upgraded.await {
                Ok(upgraded) => farewell(TokioIo::new(upgraded), code, reason, limit).await,
                Err(error) => debug!(%error, "upgrade failed"),
            }
            drop(room);
        });
        agreed
    }
}

async fn farewell<S>(transport: S, code: CloseCode, reason: String, limit: Duration)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let config = WebSocketConfig::default()
        .read_buffer_size(MOST_EARLY)
        .write_buffer_size(0)
        .max_message_size(Some(MOST_EARLY))
        .max_frame_size(Some(MOST_EARLY));
    let goodbye = async {
        let mut socket =
            WebSocketStream::from_raw_socket(transport, Role::Server, Some(config)).await;
        let frame = CloseFrame {
            code: code.number().into(),
            reason: reason.into(),
        };
        if socket.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = socket.next().await {}
        }
    };
    // Who does not answer a close in time is not waited for.
    let _ = timeout(limit, goodbye).await;
}
