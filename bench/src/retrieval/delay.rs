//! A TCP proxy that simulates a long line: it forwards all data half a round trip later.
//!
//! It adds nothing but delay. Each direction has a thread that reads and notes when a piece is due, and
//! one that writes the piece then. The queue between them has room for the data that a fast line carries
//! in that time, so that the delay does not limit the throughput.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use restante_ports::loopback;

/// The most bytes of one read.
const PIECE: usize = 256 * 1024;

/// The most pieces that a direction holds. Servers write TLS records of 16 KB, so this is at least
/// 32 MB: 1.6 GB/s over a round trip of 40 ms.
const PIECES: usize = 2048;

/// A line to a port of this machine. It accepts no connections after it is dropped.
pub(crate) struct DelayLine {
    address: SocketAddr,
    closed: Arc<AtomicBool>,
}

/// A run of bytes, and the time when it is due at the other end.
struct Piece {
    bytes: Vec<u8>,
    due: Instant,
}

impl DelayLine {
    /// Opens a line to a port of this machine.
    pub(crate) fn open(target: u16, round_trip: Duration) -> Result<Self> {
        let listener = TcpListener::bind(loopback(0)).context("the delaying proxy")?;
        let address = listener.local_addr().context("the delaying proxy")?;
        let closed = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&closed);
        thread::spawn(move || {
            for client in listener.incoming() {
                if flag.load(Ordering::Relaxed) {
                    return;
                }
                if let Ok(client) = client {
                    // The client notices a connection that fails.
                    thread::spawn(move || carry(client, target, round_trip));
                }
            }
        });
        Ok(Self { address, closed })
    }

    /// Returns the port to connect to.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for DelayLine {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts connections.
        let _ = TcpStream::connect(self.address);
    }
}

/// Forwards one connection, which takes a round trip to open, like TCP's handshake.
fn carry(client: TcpStream, target: u16, round_trip: Duration) -> io::Result<()> {
    thread::sleep(round_trip);
    let server = TcpStream::connect(loopback(target))?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let there = direction(client.try_clone()?, server.try_clone()?, round_trip / 2);
    let back = direction(server, client, round_trip / 2);
    for thread in there.into_iter().chain(back) {
        let _ = thread.join();
    }
    Ok(())
}

fn direction(from: TcpStream, to: TcpStream, delay: Duration) -> [thread::JoinHandle<()>; 2] {
    let (sender, receiver) = sync_channel(PIECES);
    let source = from.try_clone();
    [
        thread::spawn(move || take_in(from, &sender, delay)),
        thread::spawn(move || {
            let written = give_out(&to, &receiver);
            // The end is delayed like the bytes before it. A peer that is gone ends the other side.
            let _ = to.shutdown(Shutdown::Write);
            if let (Err(_), Ok(source)) = (written, source) {
                let _ = source.shutdown(Shutdown::Both);
            }
        }),
    ]
}

/// Reads until the end, which closes the channel: the writer still gets all pieces before it.
fn take_in(mut from: TcpStream, sender: &SyncSender<Piece>, delay: Duration) {
    let mut buffer = vec![0; PIECE];
    loop {
        let read = match from.read(&mut buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => 0,
        };
        let piece = Piece {
            bytes: buffer.get(..read).unwrap_or_default().to_vec(),
            due: Instant::now() + delay,
        };
        if sender.send(piece).is_err() || read == 0 {
            return;
        }
    }
}

fn give_out(mut to: &TcpStream, receiver: &Receiver<Piece>) -> io::Result<()> {
    for piece in receiver {
        thread::sleep(piece.due.saturating_duration_since(Instant::now()));
        to.write_all(&piece.bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use restante_ports::ReservedPort;

    /// Starts a server that calls `serve` with its only connection.
    fn server(serve: impl FnOnce(TcpStream) + Send + 'static) -> u16 {
        let listener = TcpListener::bind(loopback(0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || serve(listener.accept().unwrap().0));
        port
    }

    fn echo(mut stream: TcpStream) {
        let mut copy = stream.try_clone().unwrap();
        io::copy(&mut stream, &mut copy).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Returns bytes in which no stretch is like another.
    fn bytes(count: usize) -> Vec<u8> {
        let word = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
        (0..).flat_map(word).take(count).collect()
    }

    #[test]
    fn opening_takes_a_round_trip_and_so_does_every_question() {
        const ROUND_TRIP: Duration = Duration::from_millis(60);
        let line = DelayLine::open(server(echo), ROUND_TRIP).unwrap();
        let begun = Instant::now();
        let mut client = TcpStream::connect(loopback(line.port())).unwrap();
        for asked in 1..=3 {
            client.write_all(b"question").unwrap();
            client.read_exact(&mut [0; 8]).unwrap();
            let least = ROUND_TRIP * (asked + 1);
            assert!(begun.elapsed() >= least, "after {asked} questions");
        }
        // A machine that is busy adds to it; a line that delayed twice would take 720 ms.
        assert!(begun.elapsed() < Duration::from_millis(600));
    }

    #[test]
    fn pieces_that_are_sent_together_arrive_together() {
        const ROUND_TRIP: Duration = Duration::from_millis(100);
        let line = DelayLine::open(server(echo), ROUND_TRIP).unwrap();
        let mut client = TcpStream::connect(loopback(line.port())).unwrap();
        let begun = Instant::now();
        for _ in 0..50 {
            client.write_all(b"x").unwrap();
        }
        client.read_exact(&mut [0; 50]).unwrap();
        // One after the other they would take 5 s.
        assert!(begun.elapsed() < Duration::from_secs(2));
    }

    #[test]
    fn every_byte_arrives_in_its_place_and_then_the_end() {
        for delay in [0, 20] {
            let line = DelayLine::open(server(echo), Duration::from_millis(delay)).unwrap();
            let mut client = TcpStream::connect(loopback(line.port())).unwrap();
            let sent = bytes(8 * 1024 * 1024 + 1);
            let mut writer = client.try_clone().unwrap();
            let copy = sent.clone();
            let writing = thread::spawn(move || {
                for piece in copy.chunks(70_001) {
                    writer.write_all(piece).unwrap();
                }
                writer.shutdown(Shutdown::Write).unwrap();
            });
            let mut received = Vec::new();
            client.read_to_end(&mut received).unwrap();
            writing.join().unwrap();
            assert!(received == sent, "over {delay} ms");
        }
    }

    #[test]
    fn a_delay_does_not_limit_throughput() {
        const BYTES: usize = 64 * 1024 * 1024;
        for delay in [0, 40] {
            let line = DelayLine::open(
                server(|mut stream| stream.write_all(&vec![b'x'; BYTES]).unwrap()),
                Duration::from_millis(delay),
            )
            .unwrap();
            let begun = Instant::now();
            let mut client = TcpStream::connect(loopback(line.port())).unwrap();
            let mut received = Vec::new();
            client.read_to_end(&mut received).unwrap();
            assert_eq!(received.len(), BYTES);
            // A window of 64 KB a round trip would take 41 s.
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{:?} over {delay} ms",
                begun.elapsed()
            );
        }
    }

    #[test]
    fn a_missing_server_ends_the_connection() {
        let unused = ReservedPort::new().unwrap();
        let line = DelayLine::open(unused.number(), Duration::ZERO).unwrap();
        let mut client = TcpStream::connect(loopback(line.port())).unwrap();
        assert_eq!(client.read(&mut [0; 1]).unwrap_or(0), 0);
    }

    #[test]
    fn the_server_notices_a_client_that_leaves() {
        let (left, has_left) = sync_channel(1);
        let port = server(move |mut stream| {
            while stream.write_all(&[0; PIECE]).is_ok() {}
            left.send(()).unwrap();
        });
        let line = DelayLine::open(port, Duration::ZERO).unwrap();
        let mut client = TcpStream::connect(loopback(line.port())).unwrap();
        client.read_exact(&mut [0; 1]).unwrap();
        drop(client);
        has_left.recv_timeout(Duration::from_secs(20)).unwrap();
    }
}
