//! The browser's WebSocket, as messages of octets.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::{Sink, SinkExt as _, Stream, StreamExt as _, future};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State, WebSocketError};
use restante_shared::relay::SUBPROTOCOL;

use crate::transport::TransportError;

/// The messages of a WebSocket.
pub struct Messages {
    socket: WebSocket,
    /// The same one, for what goes out: gloo sends octets as a `Blob`, which the browser has to fetch
    /// back from another process before it sends it, and so each command arrives late.
    out: web_sys::WebSocket,
}

/// Opens the WebSocket and waits for the bridge's answer.
pub(super) async fn open(url: &str) -> Result<Messages, TransportError> {
    let unreachable = TransportError::BridgeUnreachable;
    let Ok(out) = web_sys::WebSocket::new_with_str(url, SUBPROTOCOL) else {
        return Err(unreachable);
    };
    let Ok(mut socket) = WebSocket::try_from(out.clone()) else {
        return Err(unreachable);
    };
    if future::poll_fn(|cx| socket.poll_ready_unpin(cx))
        .await
        .is_err()
    {
        return Err(unreachable);
    }
    match socket.state() {
        State::Open => Ok(Messages { socket, out }),
        // The bridge answered and has closed already: the reason is the next thing to be read.
        State::Connecting | State::Closing | State::Closed if socket.protocol() == SUBPROTOCOL => {
            Ok(Messages { socket, out })
        }
        State::Connecting | State::Closing | State::Closed => Err(unreachable),
    }
}

impl Stream for Messages {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(self.socket.poll_next_unpin(cx)) {
                Some(Ok(Message::Bytes(octets))) => Some(Ok(octets.into())),
                // The relay never sends text, and there is nothing to be done about it.
                Some(Ok(Message::Text(_))) => Some(Err(TransportError::Lost)),
                Some(Err(WebSocketError::ConnectionClose(close))) => {
                    super::end_of(close.code).map(Err)
                }
                // An error event says nothing, and a close event with the reason follows it.
                Some(Err(_)) => continue,
                None => None,
            });
        }
    }
}

impl Sink<Bytes> for Messages {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.socket
            .poll_ready_unpin(cx)
            .map_err(|_| TransportError::Lost)
    }

    fn start_send(self: Pin<&mut Self>, octets: Bytes) -> Result<(), Self::Error> {
        // Sending into a closed WebSocket is no error here: the next read has the reason.
        let sent = self.out.send_with_u8_array(&octets);
        sent.map_err(|_| TransportError::Lost)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.socket
            .poll_flush_unpin(cx)
            .map_err(|_| TransportError::Lost)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.socket
            .poll_close_unpin(cx)
            .map_err(|_| TransportError::Lost)
    }
}
