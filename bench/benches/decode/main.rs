//! Measures the decoding of messages, beside bare passes of `memchr` over the same bytes: one that stops
//! at every line end, and one that never stops, which is the fastest possible pass.
//!
//! `cargo bench -p restante-bench --bench decode` prints the rates. All passes read the same input: a
//! pipeline of `RETR` replies with realistic mail, byte-stuffed, in chunks of 64 KB as a WebSocket delivers
//! them. The session does all the work that it does in the client: framing, unstuffing, counting and
//! tracing. Its events are read and dropped. Each figure is the best of several passes, since other load
//! on the machine can only add time.

#![allow(clippy::print_stdout, reason = "printing is what this program is for")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::server::ReplyWriter;
use restante_shared::pop3::session::{Event, Session};

/// The bytes of one event of a transport.
const CHUNK_BYTES: usize = 64 * 1024;

/// The number of messages in the input.
const MESSAGES: u32 = 1000;

/// The number of passes of each measurement.
const PASSES: usize = 20;

fn main() {
    let wire = wire();
    let bytes: usize = wire.iter().map(Bytes::len).sum();
    let decoded = best(|| decode(&wire));
    println!("{MESSAGES} messages, {bytes} bytes on the wire");
    println!("decode                {:6.0} MB/s", speed(bytes, decoded));
    for (what, time) in [
        ("memchr, line ends", best(|| search(&wire, b'\n'))),
        ("memchr, never found", best(|| search(&wire, b'\0'))),
    ] {
        println!(
            "{what:<21} {:6.0} MB/s, ratio {:.2}",
            speed(bytes, time),
            time.as_secs_f64() / decoded.as_secs_f64()
        );
    }
}

/// Returns millions of bytes a second.
fn speed(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}

fn best(pass: impl Fn() -> usize) -> Duration {
    let time = |_| {
        let start = Instant::now();
        black_box(pass());
        start.elapsed()
    };
    (0..PASSES).map(time).min().unwrap_or_default()
}

/// Visits every occurrence of a byte.
fn search(wire: &[Bytes], byte: u8) -> usize {
    wire.iter()
        .flat_map(|chunk| memchr::memchr_iter(byte, chunk))
        .fold(0, |sum, at| sum ^ black_box(at))
}

/// Decodes every message.
fn decode(wire: &[Bytes]) -> usize {
    let mut session = Session::new();
    session.receive(Bytes::from_static(b"+OK\r\n"));
    drain(&mut session);
    for login in [b"USER mrose".as_slice(), b"PASS tanstaaf"] {
        session
            .send(Command::parse(login).expect("a command"))
            .expect("its place");
        session.receive(Bytes::from_static(b"+OK\r\n"));
        drain(&mut session);
    }
    for number in (1..=MESSAGES).filter_map(MessageNumber::new) {
        session.send(Command::Retr(number)).expect("its place");
    }
    drop(session.take_output());
    let mut bytes = 0;
    for chunk in wire {
        session.receive(chunk.clone());
        bytes += drain(&mut session);
    }
    assert_eq!(session.unanswered(), 0, "messages are missing");
    bytes
}

fn drain(session: &mut Session) -> usize {
    let mut bytes = 0;
    while let Some(event) = session.next_event().expect("a sound server") {
        if let Event::Body(piece) = black_box(event) {
            bytes += piece.len();
        }
    }
    bytes
}

/// Returns the replies to a pipeline of `RETR`, in chunks.
fn wire() -> Vec<Bytes> {
    let mut writer = ReplyWriter::new();
    for number in 0..MESSAGES {
        writer.message("message follows", &message(number));
    }
    let mut bytes = writer.take();
    let mut chunks = Vec::new();
    while !bytes.is_empty() {
        // Each chunk in a buffer of its own, as a transport delivers them.
        let chunk = bytes.split_to(bytes.len().min(CHUNK_BYTES));
        chunks.push(Bytes::copy_from_slice(&chunk));
    }
    chunks
}

/// Builds a message of 2 KB to 200 KB: a header, text with lines of different lengths, some of which begin
/// with a dot, and an attachment in every third message.
fn message(number: u32) -> Vec<u8> {
    let mut text = format!(
        "Received: from mail{number}.example.org (mail{number}.example.org [192.0.2.{}])\r\n\
         \tby mx.example.com with ESMTPS id {number:x}\r\n\
         From: Marshall <mrose@example.org>\r\nSubject: message {number}\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b{number}\"\r\n\r\n\
         --b{number}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
        number % 250
    );
    let words = "a message is kept at the post office until somebody calls for it. ";
    for line in 0..30 + number % 50 {
        let length = (number * 7 + line * 13) as usize % 76;
        if line % 40 == 39 {
            text.push_str(".\r\n");
        }
        text.extend(words.chars().cycle().skip(length).take(length));
        text.push_str("\r\n");
    }
    if number.is_multiple_of(3) {
        text.push_str("--b\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        for line in 0..(number * 37) % 2500 {
            let bytes: String = (0..76_u32)
                .map(|at| char::from(b'A' + u8::try_from((line * 31 + at * 17) % 26).unwrap_or(0)))
                .collect();
            text.push_str(&bytes);
            text.push_str("\r\n");
        }
    }
    text.push_str("--b--\r\n");
    text.into_bytes()
}
