//! A browser's WebSocket, in a worker of its own, as messages of octets.

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

/// The worker's script, which lies beside the engine's, and says what is said to it and by it.
const SCRIPT: &str = "socket.js";

/// RFC 6455 §7.4.1: the code for a connection that ended without a word.
const LOST: u16 = 1006;

/// The messages of a WebSocket.
pub struct Messages {
    worker: Worker,
    heard: mpsc::UnboundedReceiver<JsValue>,
    _listeners: [EventListener; 2],
}

/// Opens the WebSocket and waits for the bridge's answer.
pub(super) async fn open(url: &str) -> Result<Messages, TransportError> {
    let opened = async {
        let mut messages = Messages::new(Worker::new(SCRIPT).ok()?);
        let words = Array::of2(&url.into(), &SUBPROTOCOL.into());
        messages.worker.post_message(&words).ok()?;
        // Where the bridge answers and closes at once, the reason is what is heard next.
        let first = messages.heard.next().await?;
        (first == JsValue::TRUE).then_some(messages)
    };
    opened.await.ok_or(TransportError::BridgeUnreachable)
}

impl Messages {
    fn new(worker: Worker) -> Self {
        let (sender, heard) = mpsc::unbounded();
        let failed = sender.clone();
        // The receiver lives as long as the listeners.
        let on_message = EventListener::new(&worker, "message", move |event| {
            if let Some(event) = event.dyn_ref::<MessageEvent>() {
                let _ = sender.unbounded_send(event.data());
            }
        });
        // Its script is not there, most of all.
        let on_error = EventListener::new(&worker, "error", move |_| {
            let _ = failed.unbounded_send(JsValue::NULL);
        });
        Self {
            worker,
            heard,
            _listeners: [on_message, on_error],
        }
    }

    /// Says something to the worker; to one that has ended, nothing.
    fn say(&self, word: &JsValue) -> Result<(), TransportError> {
        self.worker
            .post_message(word)
            .map_err(|_| TransportError::Lost)
    }
}

impl Drop for Messages {
    fn drop(&mut self) {
        let _ = self.say(&JsValue::NULL);
    }
}

impl Stream for Messages {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(word) = ready!(self.heard.poll_next_unpin(cx)) else {
            return Poll::Ready(None);
        };
        if let Some(octets) = word.dyn_ref::<ArrayBuffer>() {
            self.say(&octets.byte_length().into())?;
            return Poll::Ready(Some(Ok(Uint8Array::new(octets).to_vec().into())));
        }
        self.heard.close();
        let code = u16::try_from_js_value(word).unwrap_or(LOST);
        Poll::Ready(super::end_of(code).map(Err))
    }
}

impl Sink<Bytes> for Messages {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, octets: Bytes) -> Result<(), Self::Error> {
        // Sending into a closed WebSocket is no error here: the next read has the reason.
        let octets = Uint8Array::from(octets.as_ref()).buffer();
        let sent = self
            .worker
            .post_message_with_transfer(&octets, &Array::of1(&octets));
        sent.map_err(|_| TransportError::Lost)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(self.say(&JsValue::NULL))
    }
}
