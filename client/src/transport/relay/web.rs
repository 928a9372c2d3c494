//! The WebSocket of a browser, in its own worker.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::channel::mpsc;
use futures::{Sink, Stream, StreamExt as _};
use gloo_events::EventListener;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use restante_shared::relay::SUBPROTOCOL;
use wasm_bindgen::convert::TryFromJsValue as _;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{MessageEvent, Worker};

use crate::transport::TransportError;

/// The script of the worker, next to that of the engine. It documents the messages in both directions.
const SCRIPT: &str = "socket.js";

/// The code for a connection that ended without a close frame ([RFC 6455 §7.4.1]).
const LOST: u16 = 1006;

/// The messages of a WebSocket.
pub struct WebSocketMessages {
    worker: Worker,
    received: mpsc::UnboundedReceiver<JsValue>,
    _listeners: [EventListener; 2],
}

/// Opens the WebSocket and waits for the answer of the bridge.
pub(super) async fn open(url: &str) -> Result<WebSocketMessages, TransportError> {
    let opened = async {
        let mut messages = WebSocketMessages::new(Worker::new(SCRIPT).ok()?);
        let request = Array::of2(&url.into(), &SUBPROTOCOL.into());
        messages.worker.post_message(&request).ok()?;
        // If the bridge accepts and closes at once, the next message has the reason.
        let first = messages.received.next().await?;
        (first == JsValue::TRUE).then_some(messages)
    };
    opened.await.ok_or(TransportError::BridgeUnreachable)
}

impl WebSocketMessages {
    fn new(worker: Worker) -> Self {
        let (sender, received) = mpsc::unbounded();
        let failed = sender.clone();
        // The receiver lives as long as the listeners, so sending cannot fail.
        let on_message = EventListener::new(&worker, "message", move |event| {
            if let Some(event) = event.dyn_ref::<MessageEvent>() {
                let _ = sender.unbounded_send(event.data());
            }
        });
        // The most likely reason is that the script cannot be loaded.
        let on_error = EventListener::new(&worker, "error", move |_| {
            let _ = failed.unbounded_send(JsValue::NULL);
        });
        Self {
            worker,
            received,
            _listeners: [on_message, on_error],
        }
    }

    /// Posts a message to the worker. A worker that has ended ignores it.
    fn post(&self, message: &JsValue) -> Result<(), TransportError> {
        self.worker
            .post_message(message)
            .map_err(|_| TransportError::Lost)
    }
}

impl Drop for WebSocketMessages {
    fn drop(&mut self) {
        let _ = self.post(&JsValue::NULL);
    }
}

impl Stream for WebSocketMessages {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(message) = ready!(self.received.poll_next_unpin(cx)) else {
            return Poll::Ready(None);
        };
        if let Some(buffer) = message.dyn_ref::<ArrayBuffer>() {
            self.post(&buffer.byte_length().into())?;
            return Poll::Ready(Some(Ok(Uint8Array::new(buffer).to_vec().into())));
        }
        self.received.close();
        let code = u16::try_from_js_value(message).unwrap_or(LOST);
        Poll::Ready(super::open::error_of_close_code(code).map(Err))
    }
}

impl Sink<Bytes> for WebSocketMessages {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, bytes: Bytes) -> Result<(), Self::Error> {
        // Sending to a closed WebSocket does not fail here: the next read returns the reason.
        let buffer = Uint8Array::from(bytes.as_ref()).buffer();
        let sent = self
            .worker
            .post_message_with_transfer(&buffer, &Array::of1(&buffer));
        sent.map_err(|_| TransportError::Lost)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(self.post(&JsValue::NULL))
    }
}
