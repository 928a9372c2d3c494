//! The client's side of a relay: its transport, and the frames in both directions.

use std::future::poll_fn;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use restante_shared::relay::CloseCode;
use tokio::io::ReadBuf;
use tokio::time::{Duration, timeout};

use super::ending::RelayEnding;
use super::inbound::Inbound;
use super::pool::BufferLease;
use super::transport::Transport;
use crate::websocket::{LONGEST_HEADER, Opcode, close_payload, control, header};

/// The index at which the payload of a frame begins in a buffer, to leave room for its header.
pub(super) const PAYLOAD_AT: usize = LONGEST_HEADER;

/// The bytes that are read and discarded at a time while a WebSocket closes.
const CLOSING_READ: usize = 4 * 1024;

/// The longest frame that is read and discarded from a client without a relay: a TLS ClientHello has
/// less than 2 KiB.
const MAX_DISCARDED_FRAME: usize = 16 * 1024;

/// The connection to one client.
pub(super) struct RelayClient<S> {
    pub(super) transport: S,
    pub(super) inbound: Inbound,
    /// The bytes that were received with the upgrade request.
    early: Bytes,
    sending: Option<Sending>,
    /// True if written data may still be buffered in the transport.
    unflushed: bool,
    /// The bytes that the transport has accepted, to detect stalls.
    pub(super) taken: u64,
}

/// The frame that is being sent.
enum Sending {
    Data(BufferLease, Range<usize>),
    Control(Vec<u8>, usize),
}

impl<S: Transport> RelayClient<S> {
    pub(super) fn new(transport: S, early: Bytes, longest_frame: usize) -> Self {
        Self {
            transport,
            inbound: Inbound::new(longest_frame),
            early,
            sending: None,
            unflushed: false,
            taken: 0,
        }
    }

    /// Completes when there may be data to receive.
    pub(super) fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.early.is_empty() {
            self.transport.poll_readable(cx)
        } else {
            Poll::Ready(Ok(()))
        }
    }

    /// Receives into `space`, and returns the number of bytes and the range of the payload in them.
    ///
    /// A frame that ends the relay is stored in `inbound`, because the payload before it still counts.
    pub(super) fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        space: &mut [u8],
    ) -> Poll<Result<(usize, Range<usize>), RelayEnding>> {
        let count = ready!(self.poll_read(cx, space)).map_err(lost)?;
        if count == 0 {
            return Poll::Ready(Err(RelayEnding::ClientLost(
                "no closing handshake".to_owned(),
            )));
        }
        let bytes = space.get_mut(..count).unwrap_or_default();
        Poll::Ready(Ok((count, self.inbound.absorb(bytes))))
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, space: &mut [u8]) -> Poll<io::Result<usize>> {
        if !self.early.is_empty() {
            let count = self.early.len().min(space.len());
            self.early
                .copy_to_slice(space.get_mut(..count).unwrap_or_default());
            if self.early.is_empty() {
                // An empty slice would keep the buffer that it is a part of.
                self.early = Bytes::new();
            }
            return Poll::Ready(Ok(count));
        }
        let mut space = ReadBuf::new(space);
        ready!(Pin::new(&mut self.transport).poll_read(cx, &mut space))?;
        Poll::Ready(Ok(space.filled().len()))
    }

    /// Begins to send a message whose payload lies in `buffer` from [`PAYLOAD_AT`] on.
    ///
    /// To be called after [`poll_send`](Self::poll_send) has completed.
    pub(super) fn begin_data(&mut self, mut buffer: BufferLease, length: usize) {
        let mut start = PAYLOAD_AT;
        if let Some(space) = buffer.first_chunk_mut::<LONGEST_HEADER>() {
            start -= header(Opcode::Binary, length, space);
        }
        self.sending = Some(Sending::Data(buffer, start..PAYLOAD_AT + length));
    }

    /// Begins to send a control frame, under the same condition.
    pub(super) fn begin_control(&mut self, opcode: Opcode, payload: &[u8]) {
        self.sending = Some(Sending::Control(control(opcode, payload), 0));
    }

    /// Sends the current frame, and pongs if due. Completes when all is sent and flushed.
    pub(super) fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            while let Some(sending) = &mut self.sending {
                let bytes = match sending {
                    Sending::Data(buffer, range) => buffer.get(range.clone()),
                    Sending::Control(frame, sent) => frame.get(*sent..),
                };
                let bytes = bytes.unwrap_or_default();
                let count = ready!(Pin::new(&mut self.transport).poll_write(cx, bytes))?;
                if count == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.taken += count as u64;
                self.unflushed = true;
                let done = count == bytes.len();
                match sending {
                    Sending::Data(_, range) => range.start += count,
                    Sending::Control(_, sent) => *sent += count,
                }
                if done {
                    self.sending = None;
                }
            }
            match self.inbound.take_ping() {
                Some(payload) => self.begin_control(Opcode::Pong, &payload),
                None => break,
            }
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.transport).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Closes the WebSocket with the code of `ending`, within `limit`. Resets the connection of a
    /// client that does not read.
    pub(super) async fn close(mut self, ending: &RelayEnding, limit: Duration) {
        match ending.close_payload() {
            Some(payload) => {
                self.close_gracefully(&payload, ending.ends_reading(), limit)
                    .await;
            }
            None => self.transport.abandon(),
        }
    }

    /// Sends a close frame, and waits within `limit` for the client's close frame and the end of the
    /// connection. `answered` means that the client sends no close frame any more.
    async fn close_gracefully(mut self, payload: &[u8], answered: bool, limit: Duration) {
        let closing = async {
            poll_fn(|cx| self.poll_send(cx)).await?;
            self.begin_control(Opcode::Close, payload);
            poll_fn(|cx| self.poll_send(cx)).await?;
            let mut space = vec![0; CLOSING_READ];
            // The client's close frame may follow much data that was already under way.
            while !answered && !self.inbound.has_ended() {
                let received = poll_fn(|cx| self.poll_receive(cx, &mut space)).await;
                if received.is_err() {
                    return Ok(());
                }
            }
            // [RFC 6455 §7.1.1]: the server closes first. It then reads on until the client closes,
            // because the kernel resets a connection that is closed with unread data.
            poll_fn(|cx| Pin::new(&mut self.transport).poll_shutdown(cx)).await?;
            while poll_fn(|cx| self.poll_read(cx, &mut space)).await? > 0 {}
            io::Result::Ok(())
        };
        // The relay is over: an error here changes nothing.
        let _ = timeout(limit, closing).await;
    }
}

/// Closes a WebSocket that carries no relay with `code` and `reason`, within `limit`. `early` are the
/// bytes that the client sent directly after its request.
pub(crate) async fn close_gracefully<S: Transport>(
    transport: S,
    early: Bytes,
    code: CloseCode,
    reason: String,
    limit: Duration,
) {
    let payload = close_payload(code.number(), &reason);
    RelayClient::new(transport, early, MAX_DISCARDED_FRAME)
        .close_gracefully(&payload, false, limit)
        .await;
}

/// Returns the ending for an error of the client's transport.
pub(super) fn lost(error: io::Error) -> RelayEnding {
    RelayEnding::ClientLost(error.to_string())
}
