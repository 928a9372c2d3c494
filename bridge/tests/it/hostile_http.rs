//! Hostile HTTP clients, with and without TLS: each is ended, and others are served.

use std::time::Duration;

use restante_bridge::Settings;
use restante_bridge::limits::Limits;
use restante_bridge::site::{Asset, Site};
use rustls::RootCertStore;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use crate::log::CapturedLog;
use crate::wire::{connect_from, handshake, is_served, secure, to_end};
use crate::world::{TestBridge, load_config, within};

/// More than the sockets' buffers on both sides hold.
const LARGE: usize = 32 * 1024 * 1024;

static ASSETS: &[Asset] = &[Asset {
    path: "large",
    content_type: "application/octet-stream",
    digest: "1",
    immutable: true,
    identity: &[7; LARGE],
    gzip: None,
    brotli: None,
}];

/// One connection at a time and short timeouts: another client is served only after the first is ended.
fn strict() -> Limits {
    Limits {
        connections: 1,
        handshake_time: Duration::from_secs(1),
        send_time: Duration::from_secs(1),
        close_time: Duration::from_millis(50),
        ..Limits::default()
    }
}

async fn bridge() -> TestBridge {
    TestBridge::start(Settings {
        limits: strict(),
        site: Site::new(ASSETS, ""),
        ..Settings::default()
    })
    .await
}

/// Connects with HTTP/2 to a new bridge.
async fn over_http_2() -> (TestBridge, TlsStream<TcpStream>, RootCertStore) {
    let (settings, roots) = secure(&[]);
    let bridge = TestBridge::start(Settings {
        limits: strict(),
        site: Site::new(ASSETS, ""),
        ..settings
    })
    .await;
    let stream = connect_from("127.0.0.1", bridge.address).await;
    let stream = handshake(stream, roots.clone(), "h2").await.unwrap();
    (bridge, stream, roots)
}

/// Sends a byte at intervals until the bridge closes the connection.
async fn drip(stream: &mut TcpStream, bytes: &[u8]) {
    let mut answer = [0; 64];
    within(async {
        for byte in bytes.iter().chain(std::iter::repeat(&b'x')) {
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
            let heard = timeout(Duration::from_millis(5), stream.read(&mut answer));
            if let Ok(Ok(0) | Err(_)) = heard.await {
                return;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_header_sent_slowly_is_ended() {
    let (log, _guard) = CapturedLog::capture();
    let bridge = bridge().await;
    let mut slow = connect_from("127.0.0.1", bridge.address).await;
    drip(&mut slow, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ").await;
    log.line("limit reached limit=\"handshake_seconds\" client=127.0.0.1")
        .await;
    assert!(is_served("127.0.0.2", &bridge).await);
}

#[tokio::test]
async fn a_tls_handshake_sent_slowly_is_ended() {
    let (log, _guard) = CapturedLog::capture();
    let (settings, roots) = secure(&[]);
    let bridge = TestBridge::start(Settings {
        limits: strict(),
        ..settings
    })
    .await;
    let mut slow = connect_from("127.0.0.1", bridge.address).await;
    // A handshake record of 256 bytes, which remains incomplete.
    drip(&mut slow, b"\x16\x03\x01\x01\x00\x01\x00\x00\xfc\x03\x03").await;
    let line = log.line("handshake_seconds").await;
    assert!(line.contains("limit reached"), "{line}");
    assert!(line.contains("handshake_seconds"), "{line}");
    let next = connect_from("127.0.0.1", bridge.address).await;
    assert!(handshake(next, roots, "h2").await.is_ok());
}

#[tokio::test]
async fn half_open_connections_are_ended() {
    let bridge = bridge().await;
    for bytes in [b"".as_slice(), b"GET / HTTP/1.1\r\n"] {
        let mut half = connect_from("127.0.0.1", bridge.address).await;
        half.write_all(bytes).await.unwrap();
        half.shutdown().await.unwrap();
        assert!(is_served("127.0.0.2", &bridge).await);
        to_end(&mut half).await;
    }
}

#[tokio::test]
async fn headers_that_are_too_long_or_too_many_are_refused() {
    let (log, _guard) = CapturedLog::capture();
    let bridge = bridge().await;
    let begin = "GET / HTTP/1.1\r\nHost: localhost\r\n";
    let many = |count| begin.to_owned() + &"X: x\r\n".repeat(count) + "\r\n";
    let long = format!("{begin}X: {}\r\n\r\n", "x".repeat(64 * 1024));
    for (request, status) in [(many(63), "404"), (many(64), "431"), (long, "431")] {
        let mut stream = connect_from("127.0.0.1", bridge.address).await;
        let request = request.replacen("GET / ", "GET /missing ", 1);
        // The bridge may have closed the connection before all of it is written.
        let _ = stream.write_all(request.as_bytes()).await;
        let _ = stream.shutdown().await;
        let answer = String::from_utf8(to_end(&mut stream).await).unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
    }
    log.line("limit=\"header size (fixed)\" client=127.0.0.1")
        .await;
}

#[tokio::test]
async fn a_client_that_stops_reading_is_ended() {
    let (log, _guard) = CapturedLog::capture();
    let bridge = bridge().await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let mut deaf = within(socket.connect(bridge.address)).await.unwrap();
    let request = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n";
    deaf.write_all(request).await.unwrap();
    let line = log.line("time to read a response").await;
    assert!(line.contains("limit reached"), "{line}");
    assert!(line.contains("time to read a response"), "{line}");
    assert!(is_served("127.0.0.2", &bridge).await);
    assert!(to_end(&mut deaf).await.len() < LARGE);
}

#[tokio::test]
async fn a_client_that_reads_gets_the_whole_response() {
    let bridge = bridge().await;
    assert_eq!(bridge.get("/large").await.body().len(), LARGE);
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// `GET https://localhost/large`, encoded with HPACK.
const FIELDS: &[u8] = b"\x82\x87\x04\x06/large\x41\x09localhost";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
/// The header of an ordinary request: its last fields, and no body.
const END: u8 = 0x5;

fn frame(kind: u8, flags: u8, stream: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let head = [length[1], length[2], length[3], kind, flags];
    [&head[..], &stream.to_be_bytes(), body].concat()
}

/// Returns true if `bytes`, frames of a server, end with GOAWAY for excessive load.
fn told_to_calm_down(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let [a, b, c, kind, _, _, _, _, _, after @ ..] = rest {
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        let Some((body, next)) = after.split_at_checked(length) else {
            return false;
        };
        if *kind == 7 && body.get(4..8) == Some(&[0, 0, 0, 0xb]) {
            return true;
        }
        rest = next;
    }
    false
}

#[tokio::test]
async fn too_many_requests_that_are_reset_at_once_end_the_connection() {
    let settings = load_config(["restante-bridge"]).unwrap();
    let (log, _guard) = CapturedLog::capture_by(settings.log_filter().unwrap());
    let (bridge, mut stream, roots) = over_http_2().await;
    let mut flood = PREFACE.to_vec();
    for number in 0..1000 {
        flood.extend(frame(HEADERS, END, 2 * number + 1, FIELDS));
        flood.extend(frame(RST_STREAM, 0, 2 * number + 1, &[0, 0, 0, 8]));
    }
    let _ = stream.write_all(&flood).await;
    assert!(told_to_calm_down(&to_end(&mut stream).await));
    log.line("limit=\"http/2 resets and frames (fixed)\" client=127.0.0.1")
        .await;
    // The rate of this line is limited, but that of h2's own would not be.
    assert_eq!(log.lines("h2::"), [""; 0]);
    drop(stream);
    let next = connect_from("127.0.0.2", bridge.address).await;
    assert!(handshake(next, roots, "h2").await.is_ok());
}

#[tokio::test]
async fn endless_header_fields_are_cut() {
    let (_bridge, mut stream, _) = over_http_2().await;
    let mut flood = PREFACE.to_vec();
    flood.extend(frame(HEADERS, 0, 1, FIELDS));
    for _ in 0..10_000 {
        flood.extend(frame(CONTINUATION, 0, 1, b"\x0f\x01\x01x"));
    }
    let _ = stream.write_all(&flood).await;
    assert!(told_to_calm_down(&to_end(&mut stream).await));
}

/// Writes `bytes` repeatedly until the connection is closed, and reads nothing.
async fn pour(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) {
    within(async { while stream.write_all(bytes).await.is_ok() {} }).await;
}

#[tokio::test]
async fn frames_without_a_request_are_ended_in_time() {
    for flood in [
        frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 1]).repeat(100),
        frame(PING, 0, 0, b"pingpong").repeat(100),
    ] {
        let (log, _guard) = CapturedLog::capture();
        let (_bridge, mut stream, _) = over_http_2().await;
        stream.write_all(PREFACE).await.unwrap();
        pour(&mut stream, &flood).await;
        log.line("handshake_seconds").await;
    }
}

#[tokio::test]
async fn a_client_that_stops_reading_one_stream_is_ended() {
    let (log, _guard) = CapturedLog::capture();
    let (_bridge, mut stream, _) = over_http_2().await;
    let request = [PREFACE, &frame(HEADERS, END, 1, FIELDS)].concat();
    stream.write_all(&request).await.unwrap();
    // Reads all data, but never extends the window.
    let received = to_end(&mut stream).await;
    assert!(
        (65_535..100_000).contains(&received.len()),
        "{}",
        received.len()
    );
    log.line("time to read a response").await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_without_a_log_line() {
    let (log, _guard) = CapturedLog::capture();
    let (_bridge, mut stream, _) = over_http_2().await;
    let window = frame(8, 0, 0, &[0x7f, 0, 0, 0]);
    let streams = frame(8, 0, 1, &[0x7f, 0, 0, 0]);
    let request = frame(HEADERS, END, 1, FIELDS);
    stream
        .write_all(&[PREFACE, &window, &request, &streams].concat())
        .await
        .unwrap();
    assert!(to_end(&mut stream).await.len() > LARGE);
    assert!(log.lines("limit reached").is_empty());
}
