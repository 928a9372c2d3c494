//! Moving octets both ways between a WebSocket and a TCP connection.
//!
//! Each direction is one loop that takes no more octets in before the last ones are out, so a side
//! that does not read makes the bridge stop reading from the other: what the bridge holds of a relay
//! is at most one message each way, and what the sockets' kernel buffers hold.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Bytes, BytesMut};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Message};

use super::ending::Ending;
use crate::limits::Limits;

/// The first read of a target, and what an idle conversation falls back to: a page of commands.
const SMALLEST_READ: usize = 8 * 1024;

/// The largest read, and so the largest message to a client. A browser spends about 60 µs on a
/// message whatever its size, so bulk goes in large ones.
pub(super) const LARGEST_READ: usize = 256 * 1024;

/// What one relay has carried, and when it last did.
#[derive(Debug)]
pub(super) struct Traffic {
    began: Instant,
    moved_at: AtomicU64,
    heard_at: AtomicU64,
    to_target: AtomicU64,
    to_client: AtomicU64,
}

impl Traffic {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            moved_at: AtomicU64::new(0),
            heard_at: AtomicU64::new(0),
            to_target: AtomicU64::new(0),
            to_client: AtomicU64::new(0),
        }
    }

    /// Octets from the client to the target.
    pub(super) fn to_target(&self) -> u64 {
        self.to_target.load(Ordering::Relaxed)
    }

    /// Octets from the target to the client.
    pub(super) fn to_client(&self) -> u64 {
        self.to_client.load(Ordering::Relaxed)
    }

    /// How long the relay has lasted, in milliseconds.
    pub(super) fn milliseconds(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn count(&self, direction: &AtomicU64, octets: usize) {
        direction.fetch_add(octets as u64, Ordering::Relaxed);
        self.moved_at.store(self.milliseconds(), Ordering::Relaxed);
    }

    fn hear(&self) {
        self.heard_at.store(self.milliseconds(), Ordering::Relaxed);
    }

    fn since(&self, mark: &AtomicU64) -> std::time::Duration {
        let mark = mark.load(Ordering::Relaxed);
        std::time::Duration::from_millis(self.milliseconds().saturating_sub(mark))
    }
}

/// Relays until one side ends it; `early` goes to the target first.
pub(super) async fn pump<S>(
    socket: &mut WebSocketStream<S>,
    target: &mut TcpStream,
    early: &[u8],
    limits: &Limits,
    traffic: &Traffic,
) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (sink, stream) = socket.split();
    let (reader, writer) = target.split();
    tokio::select! {
        ending = to_client(reader, sink, limits, traffic) => ending,
        ending = to_target(early, stream, writer, traffic) => ending,
        () = idle(limits, traffic) => Ending::Idle,
    }
}

async fn to_client<S>(
    reader: ReadHalf<'_>,
    mut sink: SplitSink<&mut WebSocketStream<S>, Message>,
    limits: &Limits,
    traffic: &Traffic,
) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut size = SMALLEST_READ;
    loop {
        match tokio::time::timeout(limits.ping_interval, reader.readable()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Ending::Broken(error),
            Err(_) => {
                if traffic.since(&traffic.heard_at) > 2 * limits.ping_interval {
                    return Ending::ClientSilent;
                }
                if let Err(error) = sink.send(Message::Ping(Bytes::new())).await {
                    return client_failed(error);
                }
                continue;
            }
        }
        // The buffer is made when there is something to put in it, so that waiting costs none.
        let mut octets = BytesMut::with_capacity(size);
        let read = match reader.try_read_buf(&mut octets) {
            Ok(0) => return Ending::TargetClosed,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(error) => return Ending::Broken(error),
        };
        size = if read >= size {
            (size * 2).min(LARGEST_READ)
        } else if read < size / 4 {
            (size / 2).max(SMALLEST_READ)
        } else {
            size
        };
        if let Err(error) = sink.send(Message::Binary(octets.freeze())).await {
            return client_failed(error);
        }
        traffic.count(&traffic.to_client, read);
    }
}

async fn to_target<S>(
    early: &[u8],
    mut stream: SplitStream<&mut WebSocketStream<S>>,
    mut writer: WriteHalf<'_>,
    traffic: &Traffic,
) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut target_reads = write(&mut writer, early, traffic).await;
    loop {
        match next_octets(&mut stream).await {
            Ok(Received::Octets(octets)) if target_reads => {
                target_reads = write(&mut writer, &octets, traffic).await;
            }
            // What a target said before it stopped reading still counts, so the other direction
            // ends this relay: with the target's close, or with its error.
            Ok(Received::Octets(_) | Received::SignOfLife) => {}
            Err(ending) => return ending,
        }
        traffic.hear();
    }
}

/// Writes to the target and says whether it still reads.
async fn write(writer: &mut WriteHalf<'_>, octets: &[u8], traffic: &Traffic) -> bool {
    if octets.is_empty() {
        return true;
    }
    let written = writer.write_all(octets).await.is_ok();
    if written {
        traffic.count(&traffic.to_target, octets.len());
    }
    written
}

/// What a client sends that does not end the relay.
pub(super) enum Received {
    /// A run of the stream.
    Octets(Bytes),
    /// A ping or a pong.
    SignOfLife,
}

/// Waits for the client's next message.
pub(super) async fn next_octets<T>(stream: &mut T) -> Result<Received, Ending>
where
    T: futures::Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
{
    match stream.next().await {
        Some(Ok(Message::Binary(octets))) => Ok(Received::Octets(octets)),
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {
            Ok(Received::SignOfLife)
        }
        Some(Ok(Message::Text(_))) => Err(Ending::Text),
        Some(Ok(Message::Close(_))) => Err(Ending::ClientClosed),
        None => Err(Ending::ClientLost("end of stream".to_owned())),
        Some(Err(error)) => Err(client_failed(error)),
    }
}

fn client_failed(error: tungstenite::Error) -> Ending {
    use tungstenite::Error;
    use tungstenite::error::ProtocolError;
    match error {
        Error::Capacity(_) => Ending::TooLarge,
        // A text message that is not UTF-8 is a text message all the same.
        Error::Utf8(_) => Ending::Text,
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            Ending::ClientLost("no closing handshake".to_owned())
        }
        Error::Protocol(error) => Ending::Protocol(error.to_string()),
        Error::ConnectionClosed | Error::AlreadyClosed => Ending::ClientClosed,
        other => Ending::ClientLost(other.to_string()),
    }
}

/// Completes when nothing was carried for [`Limits::idle_time`].
async fn idle(limits: &Limits, traffic: &Traffic) {
    loop {
        let idle = traffic.since(&traffic.moved_at);
        if idle >= limits.idle_time {
            return;
        }
        tokio::time::sleep(limits.idle_time - idle).await;
    }
}

/// Ends the target's side after the client has gone: says so, and takes what it still sends.
///
/// Closing with octets unread would send a reset, which may overtake the client's last command.
pub(super) async fn see_off(target: &mut TcpStream, limits: &Limits) {
    let last_words = async {
        target.shutdown().await?;
        let mut discarded = vec![0; SMALLEST_READ];
        while target.read(&mut discarded).await? > 0 {}
        std::io::Result::Ok(())
    };
    // Whatever goes wrong here concerns nobody any more.
    let _ = tokio::time::timeout(limits.close_time, last_words).await;
}
