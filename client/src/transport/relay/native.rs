//! The WebSocket of native tests: tungstenite.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::{Sink, SinkExt as _, Stream, StreamExt as _};
use restante_shared::relay::SUBPROTOCOL;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::{ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::protocol::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::transport::TransportError;

/// The messages of a WebSocket.
#[derive(Debug)]
pub struct WebSocketMessages(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Opens the WebSocket, with the origin of a page that the bridge serves.
pub(super) async fn open(url: &str) -> Result<WebSocketMessages, TransportError> {
    let opened = async {
        let mut request = url.into_client_request().ok()?;
        let host = request.headers().get("host")?.to_str().ok()?;
        let origin = HeaderValue::from_str(&format!("http://{host}")).ok()?;
        request.headers_mut().insert(ORIGIN, origin);
        let protocol = HeaderValue::from_static(SUBPROTOCOL);
        request
            .headers_mut()
            .insert(SEC_WEBSOCKET_PROTOCOL, protocol);
        let (socket, _) = connect_async(request).await.ok()?;
        Some(WebSocketMessages(socket))
    };
    opened.await.ok_or(TransportError::BridgeUnreachable)
}

impl Stream for WebSocketMessages {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(self.0.poll_next_unpin(cx)) {
                Some(Ok(Message::Binary(bytes))) => Some(Ok(bytes)),
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or(1005, |frame| frame.code.into());
                    super::open::error_of_close_code(code).map(Err)
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Ok(Message::Text(_)) | Err(_)) | None => Some(Err(TransportError::Lost)),
            });
        }
    }
}

impl Sink<Bytes> for WebSocketMessages {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0
            .poll_ready_unpin(cx)
            .map_err(|_| TransportError::Lost)
    }

    fn start_send(mut self: Pin<&mut Self>, bytes: Bytes) -> Result<(), Self::Error> {
        let sent = self.0.start_send_unpin(Message::Binary(bytes));
        sent.map_err(|_| TransportError::Lost)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0
            .poll_flush_unpin(cx)
            .map_err(|_| TransportError::Lost)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0
            .poll_close_unpin(cx)
            .map_err(|_| TransportError::Lost)
    }
}
