//! The pump: moves bytes in both directions between a client and its target.
//!
//! Each direction waits for data, borrows a buffer, reads, writes, and returns the buffer. To the client,
//! the data becomes one frame, whose header is placed in front of the payload so that one write sends
//! both. From the client, payload is unmasked in place and moved to the front. A direction reads again
//! only after all data was written, so a side that does not read stops the bridge from reading the other.
//!
//! A relay therefore occupies at most one [`BUFFER`](super::pool::BUFFER) for each direction while a side
//! does not read, a control frame each way, and the kernel's socket buffers. All relays together occupy
//! at most [`Limits::queued_octets`](crate::limits::Limits::queued_octets). An idle relay holds no buffer.
//! A side that accepts no data for too long is given up, and earlier if other relays wait for a buffer
//! (see `clock`).

use std::future::poll_fn;
use std::io;
use std::ops::{Deref, Range};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, Sleep, sleep_until, timeout};

use super::client::{PAYLOAD_AT, RelayClient, lost};
use super::clock::{Due, RelayClock};
use super::ending::RelayEnding;
use super::pool::{Borrower, BufferLease, BufferPool};
use super::transport::Transport;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::websocket::Opcode;

/// The sizes of reads from a target after which more data is gathered. A smaller read is a reply that the
/// client waits for, and a larger one makes a frame that is large enough.
const GATHERED: Range<usize> = 8 * 1024..64 * 1024;

/// The time for gathering. A server writes TLS records of 16 KiB as fast as they are read, and a browser
/// spends about 60 µs on a message of any size.
const GATHER_TIME: Duration = Duration::from_millis(1);

/// Bytes from the client that the target has not accepted yet.
pub(super) enum PendingBytes {
    /// The data that the client sent before the target was connected.
    Early(Vec<u8>),
    /// The data of the last read.
    BufferLease(BufferLease),
}

impl Deref for PendingBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Early(bytes) => bytes,
            Self::BufferLease(buffer) => buffer,
        }
    }
}

/// One relay between connecting and closing.
pub(super) struct Pump<'a, S> {
    pub(super) client: &'a mut RelayClient<S>,
    pub(super) target: &'a mut TcpStream,
    pub(super) clock: &'a mut RelayClock,
    limits: &'a Limits,
    metrics: &'a Metrics,
    pool: &'a BufferPool,
    for_client: Borrower,
    for_target: Borrower,
    held: Option<(PendingBytes, Range<usize>)>,
    target_reads: bool,
    /// The time until which data for the next frame is gathered.
    gathers_until: Option<Instant>,
}

/// `Ready(Ok)` means that there was progress, and that more may be possible.
type PumpStep = Poll<Result<(), RelayEnding>>;

impl<'a, S: Transport> Pump<'a, S> {
    /// Creates a pump that sends `early` to the target first.
    pub(super) fn new(
        client: &'a mut RelayClient<S>,
        target: &'a mut TcpStream,
        early: Vec<u8>,
        clock: &'a mut RelayClock,
        limits: &'a Limits,
        metrics: &'a Metrics,
        pool: &'a std::sync::Arc<BufferPool>,
    ) -> Self {
        let length = early.len();
        Self {
            client,
            target,
            clock,
            limits,
            metrics,
            for_client: pool.for_client(),
            for_target: pool.for_target(),
            pool,
            held: Some((PendingBytes::Early(early), 0..length)),
            target_reads: true,
            gathers_until: None,
        }
    }

    /// Relays until one side or a timeout ends it.
    pub(super) async fn run(mut self) -> RelayEnding {
        let mut timer = pin!(sleep_until(Instant::now()));
        let mut gathering = pin!(sleep_until(Instant::now()));
        poll_fn(|cx| self.poll(cx, timer.as_mut(), gathering.as_mut())).await
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut timer: Pin<&mut Sleep>,
        mut gathering: Pin<&mut Sleep>,
    ) -> Poll<RelayEnding> {
        loop {
            // Alternately, so that neither direction starves the other.
            match (self.poll_up(cx), self.poll_down(cx, gathering.as_mut())) {
                (Poll::Ready(Err(ending)), _) | (_, Poll::Ready(Err(ending))) => {
                    return Poll::Ready(ending);
                }
                (Poll::Pending, Poll::Pending) => break,
                (Poll::Ready(Ok(())), _) | (_, Poll::Ready(Ok(()))) => {}
            }
        }
        if let Some(stuck_until) = self.clock.stuck_until(self.limits)
            && stuck_until < timer.deadline()
        {
            timer.as_mut().reset(stuck_until);
        }
        while timer.as_mut().poll(cx).is_ready() {
            match self
                .clock
                .due(Instant::now(), self.limits, self.pool.is_short())
            {
                Due::Later(next) => timer.as_mut().reset(next),
                Due::End(ending) => return Poll::Ready(ending),
                Due::Ping => {
                    self.client.begin_control(Opcode::Ping, b"");
                    if let Poll::Ready(Err(ending)) = self.poll_send(cx) {
                        return Poll::Ready(ending);
                    }
                }
            }
        }
        Poll::Pending
    }

    /// Moves data from the client to the target.
    fn poll_up(&mut self, cx: &mut Context<'_>) -> PumpStep {
        if let Some((bytes, range)) = &mut self.held {
            while self.target_reads && range.start < range.end {
                let rest = bytes.get(range.clone()).unwrap_or_default();
                match Pin::new(&mut *self.target).poll_write(cx, rest) {
                    Poll::Ready(Ok(count @ 1..)) => {
                        range.start += count;
                        self.clock.count_to_target(count, Instant::now());
                        self.metrics.to_target(count as u64);
                    }
                    // Data that the target sent before it stopped reading still counts, so the other direction
                    // ends the relay: at the target's close, or with its error.
                    Poll::Ready(Ok(0) | Err(_)) => self.target_reads = false,
                    Poll::Pending => {
                        self.clock.target_is_stuck(Instant::now());
                        return Poll::Pending;
                    }
                }
            }
            self.held = None;
            self.clock.target_is_not_stuck();
        }
        if let Some(ending) = self.client.inbound.take_ending() {
            return Poll::Ready(Err(ending));
        }
        ready!(self.client.poll_readable(cx)).map_err(lost)?;
        let mut buffer = ready!(self.for_target.poll_borrow(cx));
        let (count, run) = ready!(self.client.poll_receive(cx, &mut buffer))?;
        self.clock.record_received(count, Instant::now());
        if !run.is_empty() {
            self.held = Some((PendingBytes::BufferLease(buffer), run));
        }
        self.within_limit()
    }

    /// Moves data from the target to the client.
    fn poll_down(&mut self, cx: &mut Context<'_>, mut gathering: Pin<&mut Sleep>) -> PumpStep {
        ready!(self.poll_send(cx))?;
        if let Some(until) = self.gathers_until {
            if gathering.deadline() != until {
                gathering.as_mut().reset(until);
            }
            ready!(gathering.as_mut().poll(cx));
            self.gathers_until = None;
        }
        ready!(self.target.poll_read_ready(cx)).map_err(RelayEnding::Broken)?;
        let mut buffer = ready!(self.for_client.poll_borrow(cx));
        let mut space = ReadBuf::new(buffer.get_mut(PAYLOAD_AT..).unwrap_or_default());
        ready!(Pin::new(&mut *self.target).poll_read(cx, &mut space))
            .map_err(RelayEnding::Broken)?;
        let count = space.filled().len();
        if count == 0 {
            return Poll::Ready(Err(RelayEnding::TargetClosed));
        }
        self.client.begin_data(buffer, count);
        let now = Instant::now();
        if GATHERED.contains(&count) {
            self.gathers_until = Some(now + GATHER_TIME);
        }
        self.clock.count_to_client(count, now);
        self.metrics.to_client(count as u64);
        let sent = self.poll_send(cx);
        // After sending, because this sends a packet that would delay the client's.
        self.acknowledge();
        ready!(sent)?;
        self.within_limit()
    }

    /// Makes the kernel acknowledge the target's data immediately.
    ///
    /// Many servers write a status line and the text after it separately. Their kernel holds the text back
    /// until the line is acknowledged (Nagle), which this kernel otherwise does after 40 ms. With one command
    /// at a time, that permits 25 messages a second at most. The kernel resets the option after a while.
    fn acknowledge(&self) {
        // A failure costs only time.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let _ = self.target.set_quickack(true);
    }

    /// Sends the current frame to the client; completes when all is sent.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> PumpStep {
        let before = self.client.taken;
        let sent = self.client.poll_send(cx);
        if self.client.taken > before {
            self.clock.record_accepted(Instant::now());
        }
        match sent {
            Poll::Pending => self.clock.client_is_stuck(Instant::now()),
            Poll::Ready(_) => self.clock.client_is_not_stuck(),
        }
        sent.map_err(lost)
    }

    fn within_limit(&self) -> PumpStep {
        Poll::Ready(if self.clock.bytes() > self.limits.relay_octets {
            Err(RelayEnding::TooMuch)
        } else {
            Ok(())
        })
    }
}

/// Closes the target's side after the client has gone: shuts it down, and discards what it still sends.
///
/// Closing with unread data would send a reset, which may overtake the client's last command.
pub(super) async fn close_target_gracefully(target: &mut TcpStream, limits: &Limits) {
    let last_words = async {
        target.shutdown().await?;
        let mut discarded = vec![0; 8 * 1024];
        while target.read(&mut discarded).await? > 0 {}
        io::Result::Ok(())
    };
    // The relay is over: an error here changes nothing.
    let _ = timeout(limits.close_time, last_words).await;
}
