//! The client's side of a relay: its transport, what is being sent to it, and what it sends.

use std::future::poll_fn;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::ReadBuf;
use tokio::time::{Duration, timeout};

use super::ending::Ending;
use super::intake::Intake;
use super::pool::Lease;
use super::transport::Transport;
use crate::websocket::{LONGEST_HEADER, Opcode, control, header};

/// Where the payload of a frame begins in a buffer, so that its header has room before it.
pub(super) const PAYLOAD_AT: usize = LONGEST_HEADER;

/// What a client that is being left may still send at a time.
const LAST_WORDS: usize = 4 * 1024;

/// One client.
pub(super) struct Client<S> {
    pub(super) transport: S,
    pub(super) intake: Intake,
    /// What came with the request for the upgrade.
    early: Bytes,
    sending: Option<Sending>,
    /// Whether what was written may still wait in the transport.
    unflushed: bool,
    /// Counts what the transport has taken, so that a stall shows.
    pub(super) taken: u64,
}

/// The frame under way.
enum Sending {
    Data(Lease, Range<usize>),
    Control(Vec<u8>, usize),
}

impl<S: Transport> Client<S> {
    pub(super) fn new(transport: S, early: Bytes, longest_frame: usize) -> Self {
        Self {
            transport,
            intake: Intake::new(longest_frame),
            early,
            sending: None,
            unflushed: false,
            taken: 0,
        }
    }

    /// Completes when there may be something to receive.
    pub(super) fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.early.is_empty() {
            self.transport.poll_readable(cx)
        } else {
            Poll::Ready(Ok(()))
        }
    }

    /// Receives into `space`, and says how much came and where in it the payload lies.
    ///
    /// What ends the relay is left in the intake, since payload that came before it still counts.
    pub(super) fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        space: &mut [u8],
    ) -> Poll<Result<(usize, Range<usize>), Ending>> {
        let count = ready!(self.poll_read(cx, space)).map_err(lost)?;
        if count == 0 {
            return Poll::Ready(Err(Ending::ClientLost("no closing handshake".to_owned())));
        }
        let octets = space.get_mut(..count).unwrap_or_default();
        Poll::Ready(Ok((count, self.intake.absorb(octets))))
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
    pub(super) fn begin_data(&mut self, mut buffer: Lease, length: usize) {
        let mut start = PAYLOAD_AT;
        if let Some(space) = buffer.first_chunk_mut::<LONGEST_HEADER>() {
            start -= header(Opcode::Binary, length, space);
        }
        self.sending = Some(Sending::Data(buffer, start..PAYLOAD_AT + length));
    }

    /// Begins to send a control frame, likewise.
    pub(super) fn begin_control(&mut self, opcode: Opcode, payload: &[u8]) {
        self.sending = Some(Sending::Control(control(opcode, payload), 0));
    }

    /// Sends the frame under way, and a pong if one is due; completes when nothing is left.
    pub(super) fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            while let Some(sending) = &mut self.sending {
                let octets = match sending {
                    Sending::Data(buffer, range) => buffer.get(range.clone()),
                    Sending::Control(frame, sent) => frame.get(*sent..),
                };
                let octets = octets.unwrap_or_default();
                let count = ready!(Pin::new(&mut self.transport).poll_write(cx, octets))?;
                if count == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.taken += count as u64;
                self.unflushed = true;
                let done = count == octets.len();
                match sending {
                    Sending::Data(_, range) => range.start += count,
                    Sending::Control(_, sent) => *sent += count,
                }
                if done {
                    self.sending = None;
                }
            }
            match self.intake.take_ping() {
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

    /// Tells the client why, and waits within `limit` until it has answered and gone.
    pub(super) async fn close(mut self, ending: &Ending, limit: Duration) {
        let Some(payload) = ending.close_payload() else {
            self.transport.abandon();
            return;
        };
        let answered = ending.ends_reading();
        let goodbye = async {
            poll_fn(|cx| self.poll_send(cx)).await?;
            self.begin_control(Opcode::Close, &payload);
            poll_fn(|cx| self.poll_send(cx)).await?;
            let mut space = vec![0; LAST_WORDS];
            // Its answer may stand behind much that was under way.
            while !answered && !self.intake.has_ended() {
                let received = poll_fn(|cx| self.poll_receive(cx, &mut space)).await;
                if received.is_err() {
                    return Ok(());
                }
            }
            // [RFC 6455 §7.1.1]: the server closes first, and then takes what still comes, since
            // octets that nobody reads would make a reset of it.
            poll_fn(|cx| Pin::new(&mut self.transport).poll_shutdown(cx)).await?;
            while poll_fn(|cx| self.poll_read(cx, &mut space)).await? > 0 {}
            io::Result::Ok(())
        };
        // Whatever goes wrong here concerns nobody any more.
        let _ = timeout(limit, goodbye).await;
    }
}

/// The client's transport failed.
pub(super) fn lost(error: io::Error) -> Ending {
    Ending::ClientLost(error.to_string())
}
