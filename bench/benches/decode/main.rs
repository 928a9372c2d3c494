//! How fast messages are decoded, beside a bare pass of `memchr` over the same octets: one that stops
//! at every line end, and one that never stops, which is as fast as octets can be looked at.
//!
//! `cargo bench -p restante-bench --bench decode` prints it. All go over the same wire: a pipeline of
//! `RETR` replies with realistic mail, byte-stuffed, in chunks of 64 KB as a WebSocket brings them. The
//! session does all that it does in the client: it frames, undoes the stuffing, counts and traces; its
//! events are looked at and let go. Each figure is the best of several passes, since everything else
//! on the machine only ever adds time.

#![allow(clippy::print_stdout, reason = "printing is what this program is for")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::server::ReplyWriter;
use restante_shared::pop3::session::{Event, Session};

/// How many octets one event of a transport has.
const CHUNK_OCTETS: usize = 64 * 1024;

/// How many messages are on the wire.
const MESSAGES: u32 = 1000;

/// How many times each is measured.
const PASSES: usize = 20;

fn main() {
    let wire = wire();
    let octets: usize = wire.iter().map(Bytes::len).sum();
    let decoded = best(|| decode(&wire));
    println!("{MESSAGES} messages, {octets} octets on the wire");
    println!("decode                {:6.0} MB/s", speed(octets, decoded));
    for (what, time) in [
        ("memchr, line ends", best(|| search(&wire, b'\n'))),
        ("memchr, never found", best(|| search(&wire, b'\0'))),
    ] {
        println!(
            "{what:<21} {:6.0} MB/s, ratio {:.2}",
            speed(octets, time),
            time.as_secs_f64() / decoded.as_secs_f64()
        );
    }
}

/// Millions of octets a second.
fn speed(octets: usize, time: Duration) -> f64 {
    octets as f64 / 1e6 / time.as_secs_f64()
}

fn best(pass: impl Fn() -> usize) -> Duration {
    let time = |_| {
        let start = Instant::now();
        black_box(pass());
        start.elapsed()
    };
    (0..PASSES).map(time).min().unwrap_or_default()
}

/// Visits every place of an octet.
fn search(wire: &[Bytes], octet: u8) -> usize {
    wire.iter()
        .flat_map(|chunk| memchr::memchr_iter(octet, chunk))
        .fold(0, |sum, at| sum ^ black_box(at))
}

/// Reads every message.
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
    let mut octets = 0;
    for chunk in wire {
        session.receive(chunk.clone());
        octets += drain(&mut session);
    }
    assert_eq!(session.unanswered(), 0, "messages are missing");
    octets
}

fn drain(session: &mut Session) -> usize {
    let mut octets = 0;
    while let Some(event) = session.next_event().expect("a sound server") {
        if let Event::Body(piece) = black_box(event) {
            octets += piece.len();
        }
    }
    octets
}

/// The replies to a pipeline of `RETR`, cut into chunks.
fn wire() -> Vec<Bytes> {
    let mut writer = ReplyWriter::new();
    for number in 0..MESSAGES {
        writer.message("message follows", &message(number));
    }
    let mut octets = writer.take();
    let mut chunks = Vec::new();
    while !octets.is_empty() {
        // Each in a buffer of its own, as they come from a transport.
        let chunk = octets.split_to(octets.len().min(CHUNK_OCTETS));
        chunks.push(Bytes::copy_from_slice(&chunk));
    }
    chunks
}

/// A message with a header, text whose lines differ in length, some of which begin with a dot, and
/// for every third message an attachment; 2 KB to 200 KB.
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
            let octets: String = (0..76_u32)
                .map(|at| char::from(b'A' + u8::try_from((line * 31 + at * 17) % 26).unwrap_or(0)))
                .collect();
            text.push_str(&octets);
            text.push_str("\r\n");
        }
    }
    text.push_str("--b--\r\n");
    text.into_bytes()
}
