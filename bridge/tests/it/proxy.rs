//! Proxies in front of the bridge: which are believed, and what becomes of the others.

use std::time::Duration;

use restante_bridge::Settings;
use restante_bridge::client_address::Proxies;
use restante_bridge::limits::Limits;
use restante_bridge::origin::TlsMode;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::log::Log;
use crate::wire::{asks, connect_from, handshake, is_served, secure, to_end};
use crate::world::Bridge;

/// The proxy is 127.0.0.1; each of its clients may have one connection.
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

/// Opens a connection of the proxy's which begins with `header`.
async fn speaks(bridge: &Bridge, header: &[u8]) -> TcpStream {
    let mut stream = connect_from("127.0.0.1", bridge.address).await;
    stream.write_all(header).await.unwrap();
    stream
}

#[tokio::test]
async fn behind_a_proxy_nobody_else_is_served() {
    let (log, _guard) = Log::capture();
    let bridge = Bridge::start(settings(TlsMode::Proxy, false)).await;
    assert!(is_served("127.0.0.1", &bridge).await);
    assert!(!is_served("127.0.0.2", &bridge).await);
    let line = log.line("trusted_proxies").await;
    assert!(line.contains("127.0.0.2"), "{line}");
    // A proxy has the connections of all its clients.
    let mut first = connect_from("127.0.0.1", bridge.address).await;
    assert!(asks(&mut first).await && is_served("127.0.0.1", &bridge).await);
}

#[tokio::test]
async fn the_proxy_protocol_says_whose_connection_it_is() {
    let bridge = Bridge::start(settings(TlsMode::Plain, true)).await;
    let v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\x7f\0\0\x01\x12\x67\x01\xbb";
    let mut first = speaks(&bridge, b"PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n").await;
    assert!(asks(&mut first).await);
    // The same client, and another.
    assert!(!asks(&mut speaks(&bridge, v2).await).await);
    let other = b"PROXY TCP6 2001:db8::7 ::1 4711 443\r\n";
    assert!(asks(&mut speaks(&bridge, other).await).await);
}

#[tokio::test]
async fn a_proxy_may_speak_for_itself() {
    let bridge = Bridge::start(settings(TlsMode::Proxy, true)).await;
    let local = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0".as_slice();
    for header in [local, b"PROXY UNKNOWN\r\n"] {
        assert!(asks(&mut speaks(&bridge, header).await).await, "{header:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_should_speak_the_protocol_and_does_not_is_refused() {
    let (log, _guard) = Log::capture();
    let bridge = Bridge::start(settings(TlsMode::Plain, true)).await;
    assert!(!is_served("127.0.0.1", &bridge).await);
    log.line("invalid PROXY protocol header").await;
    // Nor one that takes its time.
    assert!(
        to_end(&mut speaks(&bridge, b"PROXY TCP4 192.0").await)
            .await
            .is_empty()
    );
    log.line("handshake_seconds").await;
}

#[tokio::test]
async fn from_anybody_else_the_proxy_protocol_is_no_http() {
    let bridge = Bridge::start(settings(TlsMode::Plain, true)).await;
    let mut stream = connect_from("127.0.0.2", bridge.address).await;
    let header = b"PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n\r\n";
    stream.write_all(header).await.unwrap();
    assert!(to_end(&mut stream).await.starts_with(b"HTTP/1.1 400 "));
    assert!(is_served("127.0.0.2", &bridge).await);
}

#[tokio::test]
async fn the_proxy_protocol_comes_before_tls() {
    let (settings, roots) = secure(&["--trusted-proxies", "127.0.0.1", "--proxy-protocol"]);
    let bridge = Bridge::start(settings).await;
    let stream = speaks(&bridge, b"PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n").await;
    let mut stream = handshake(stream, roots, "http/1.1").await.unwrap();
    assert!(asks(&mut stream).await);
}
