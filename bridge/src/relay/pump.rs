//! Moving octets both ways between a client and its target.
//!
//! Each direction waits until there is something to read, borrows a buffer, reads what there is,
//! writes it out, and gives the buffer back. To the client that is one frame, whose header is put
//! into the room before the payload, so that one write sends both; from the client, payload is
//! unmasked in place, on its way to the front. No more is read before the last octet is out, so a
//! side that does not read makes the bridge stop reading from the other.
//!
//! What a relay can make the bridge hold is therefore one [`BUFFER`](super::pool::BUFFER) for each
//! direction while somebody does not read, a control frame each way, and what the kernel's socket
//! buffers take; and all relays together no more than
//! [`Limits::queued_octets`](crate::limits::Limits::queued_octets). An idle relay holds no buffer.
//! Who takes nothing for too long is given up, sooner where others wait for a buffer (see `clock`).

use std::future::poll_fn;
use std::io;
use std::ops::{Deref, Range};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, Sleep, sleep_until, timeout};

use super::client::{Client, PAYLOAD_AT, lost};
use super::clock::{Clock, Due};
use super::ending::Ending;
use super::pool::{Borrower, Lease, Pool};
use super::transport::Transport;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::websocket::Opcode;

/// Reads of a target after which more is gathered before the next: less is a reply that somebody
/// waits for, and more is a frame that is large enough.
const GATHERED: Range<usize> = 8 * 1024..64 * 1024;

/// How long is gathered. A server writes TLS records of 16 KiB as fast as they are read, and a browser
/// spends about 60 µs on a message whatever its size.
const GATHER_TIME: Duration = Duration::from_millis(1);

/// Octets of the client that the target has not taken.
pub(super) enum Held {
    /// What the client sent before the target was there.
    Early(Vec<u8>),
    /// What was read last.
    Lease(Lease),
}

impl Deref for Held {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Early(octets) => octets,
            Self::Lease(buffer) => buffer,
        }
    }
}

/// One relay while it lasts.
pub(super) struct Pump<'a, S> {
    pub(super) client: &'a mut Client<S>,
    pub(super) target: &'a mut TcpStream,
    pub(super) clock: &'a mut Clock,
    limits: &'a Limits,
    metrics: &'a Metrics,
    pool: &'a Pool,
    for_client: Borrower,
    for_target: Borrower,
    held: Option<(Held, Range<usize>)>,
    target_reads: bool,
    /// Until when more is gathered before the next frame to the client.
    gathers_until: Option<Instant>,
}

/// `Ready(Ok)` where something was done and there may be more to do.
type Step = Poll<Result<(), Ending>>;

impl<'a, S: Transport> Pump<'a, S> {
    /// A pump that gives `early` to the target first.
    pub(super) fn new(
        client: &'a mut Client<S>,
        target: &'a mut TcpStream,
        early: Vec<u8>,
        clock: &'a mut Clock,
        limits: &'a Limits,
        metrics: &'a Metrics,
        pool: &'a std::sync::Arc<Pool>,
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
            held: Some((Held::Early(early), 0..length)),
            target_reads: true,
            gathers_until: None,
        }
    }

    /// Relays until one side or the time ends it.
    pub(super) async fn run(mut self) -> Ending {
        let mut timer = pin!(sleep_until(Instant::now()));
        let mut gathering = pin!(sleep_until(Instant::now()));
        poll_fn(|cx| self.poll(cx, timer.as_mut(), gathering.as_mut())).await
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut timer: Pin<&mut Sleep>,
        mut gathering: Pin<&mut Sleep>,
    ) -> Poll<Ending> {
        loop {
            // In turns, so that neither direction can starve the other.
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

    /// From the client to the target.
    fn poll_up(&mut self, cx: &mut Context<'_>) -> Step {
        if let Some((octets, range)) = &mut self.held {
            while self.target_reads && range.start < range.end {
                let rest = octets.get(range.clone()).unwrap_or_default();
                match Pin::new(&mut *self.target).poll_write(cx, rest) {
                    Poll::Ready(Ok(count @ 1..)) => {
                        range.start += count;
                        self.clock.count_to_target(count, Instant::now());
                        self.metrics.to_target(count as u64);
                    }
                    // What a target said before it stopped reading still counts, so the other
                    // direction ends this relay: with the target's close, or with its error.
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
        if let Some(ending) = self.client.intake.take_ending() {
            return Poll::Ready(Err(ending));
        }
        ready!(self.client.poll_readable(cx)).map_err(lost)?;
        let mut buffer = ready!(self.for_target.poll_borrow(cx));
        let (count, run) = ready!(self.client.poll_receive(cx, &mut buffer))?;
        self.clock.hear(count, Instant::now());
        if !run.is_empty() {
            self.held = Some((Held::Lease(buffer), run));
        }
        self.within_limit()
    }

    /// From the target to the client.
    fn poll_down(&mut self, cx: &mut Context<'_>, mut gathering: Pin<&mut Sleep>) -> Step {
        ready!(self.poll_send(cx))?;
        if let Some(until) = self.gathers_until {
            if gathering.deadline() != until {
                gathering.as_mut().reset(until);
            }
            ready!(gathering.as_mut().poll(cx));
            self.gathers_until = None;
        }
        ready!(self.target.poll_read_ready(cx)).map_err(Ending::Broken)?;
        let mut buffer = ready!(self.for_client.poll_borrow(cx));
        let mut space = ReadBuf::new(buffer.get_mut(PAYLOAD_AT..).unwrap_or_default());
        ready!(Pin::new(&mut *self.target).poll_read(cx, &mut space)).map_err(Ending::Broken)?;
        let count = space.filled().len();
        if count == 0 {
            return Poll::Ready(Err(Ending::TargetClosed));
        }
        self.client.begin_data(buffer, count);
        let now = Instant::now();
        if GATHERED.contains(&count) {
            self.gathers_until = Some(now + GATHER_TIME);
        }
        self.clock.count_to_client(count, now);
        self.metrics.to_client(count as u64);
        let sent = self.poll_send(cx);
        // Not before: it sends a packet, which the client would wait for.
        self.acknowledge();
        ready!(sent)?;
        self.within_limit()
    }

    /// Has the kernel acknowledge at once what the target has sent.
    ///
    /// Many servers write a status line and the text behind it apart, and their kernel holds the text
    /// back until the line is acknowledged (Nagle), which this one does after 40 ms: with commands one by
    /// one, that is 25 messages a second at the most. The kernel forgets this after a while.
    fn acknowledge(&self) {
        // Where it is refused, nothing but time is lost.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let _ = self.target.set_quickack(true);
    }

    /// Sends what is under way to the client; completes when nothing is left.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Step {
        let before = self.client.taken;
        let sent = self.client.poll_send(cx);
        if self.client.taken > before {
            self.clock.speak(Instant::now());
        }
        match sent {
            Poll::Pending => self.clock.client_is_stuck(Instant::now()),
            Poll::Ready(_) => self.clock.client_is_not_stuck(),
        }
        sent.map_err(lost)
    }

    fn within_limit(&self) -> Step {
        Poll::Ready(if self.clock.octets() > self.limits.relay_octets {
            Err(Ending::TooMuch)
        } else {
            Ok(())
        })
    }
}

/// Ends the target's side after the client has gone: says so, and takes what it still sends.
///
/// Closing with octets unread would send a reset, which may overtake the client's last command.
pub(super) async fn see_off(target: &mut TcpStream, limits: &Limits) {
    let last_words = async {
        target.shutdown().await?;
        let mut discarded = vec![0; 8 * 1024];
        while target.read(&mut discarded).await? > 0 {}
        io::Result::Ok(())
    };
    // Whatever goes wrong here concerns nobody any more.
    let _ = timeout(limits.close_time, last_words).await;
}
