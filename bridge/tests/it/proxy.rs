//! Reverse proxies: which peers are trusted, and how the others are treated.

use std::time::Duration;

use restante_bridge::Settings;
use restante_bridge::client_address::Proxies;
use restante_bridge::limits::Limits;
use restante_bridge::origin::TlsMode;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::log::CapturedLog;
use crate::wire::{asks, connect_from, handshake, is_served, secure, to_end};
use crate::world::TestBridge;

/// The proxy is 127.0.0.1. Each of its clients may have one connection.
fn settings(tls_mode: TlsMode, proxy_protocol: bool) -> Settings {
    Settings {
        tls_mode,
        proxies: Proxies {
            trusted: vec!["127.0.0.1".parse().unwrap()],
            proxy_protocol,
        },
        limits: Limits {
            connections_per_client: 1,
            handshake_time: Duration::from_secs(1),
            ..Limits::default()
        },
        ..Settings::default()
    }
}

/// Opens a connection from the proxy that begins with `header`.
async fn speaks(bridge: &TestBridge, header: &[u8]) -> TcpStream {
    let mut stream = connect_from("127.0.0.1", bridge.address).await;
    stream.write_all(header).await.unwrap();
    stream
}

#[tokio::test]
async fn with_a_proxy_other_peers_are_refused() {
    let (log, _guard) = CapturedLog::capture();
    let bridge = TestBridge::start(settings(TlsMode::Proxy, false)).await;
    assert!(is_served("127.0.0.1", &bridge).await);
    assert!(!is_served("127.0.0.2", &bridge).await);
    let line = log.line("trusted_proxies").await;
    assert!(line.contains("127.0.0.2"), "{line}");
    // A proxy carries the connections of all its clients.
    let mut first = connect_from("127.0.0.1", bridge.address).await;
    assert!(asks(&mut first).await && is_served("127.0.0.1", &bridge).await);
}

#[tokio::test]
async fn the_proxy_protocol_names_the_client_of_a_connection() {
    let bridge = TestBridge::start(settings(TlsMode::Plain, true)).await;
    let v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\x7f\0\0\x01\x12\x67\x01\xbb";
    let mut first = speaks(&bridge, b"PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n").await;
    assert!(asks(&mut first).await);
    // The same client, and another one.
    assert!(!asks(&mut speaks(&bridge, v2).await).await);
    let other = b"PROXY TCP6 2001:db8::7 ::1 4711 443\r\n";
    assert!(asks(&mut speaks(&bridge, other).await).await);
}

#[tokio::test]
async fn a_proxy_may_speak_for_itself() {
    let bridge = TestBridge::start(settings(TlsMode::Proxy, true)).await;
    let local = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0".as_slice();
    for header in [local, b"PROXY UNKNOWN\r\n"] {
        assert!(asks(&mut speaks(&bridge, header).await).await, "{header:?}");
    }
}

#[tokio::test]
async fn a_proxy_without_the_proxy_protocol_is_refused() {
    let (log, _guard) = CapturedLog::capture();
    let bridge = TestBridge::start(settings(TlsMode::Plain, true)).await;
    assert!(!is_served("127.0.0.1", &bridge).await);
    log.line("invalid PROXY protocol header").await;
    // So is one that is too slow.
    assert!(
        to_end(&mut speaks(&bridge, b"PROXY TCP4 192.0").await)
            .await
            .is_empty()
    );
    log.line("handshake_seconds").await;
}

#[tokio::test]
async fn the_proxy_protocol_of_another_peer_is_invalid_http() {
    let bridge = TestBridge::start(settings(TlsMode::Plain, true)).await;
    let mut stream = connect_from("127.0.0.2", bridge.address).await;
    let header = b"PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n\r\n";
    stream.write_all(header).await.unwrap();
    assert!(to_end(&mut stream).await.starts_with(b"HTTP/1.1 400 "));
    assert!(is_served("127.0.0.2", &bridge).await);
}

#[tokio::test]
async fn the_proxy_protocol_comes_before_tls() {
    let (settings, roots) = secure(&["--trusted-proxies", "127.0.0.1", "--proxy-protocol"]);
    let bridge = TestBridge::start(settings).await;
    let stream = speaks(&bridge, b"PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n").await;
    let mut stream = handshake(stream, roots, "http/1.1").await.unwrap();
    assert!(asks(&mut stream).await);
}
