//! HTTPS by the bridge itself, and behind a proxy.

use std::sync::Arc;

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Empty};
use hyper::http;
use hyper_util::rt::{TokioExecutor, TokioIo};
use restante_bridge::Settings;
use restante_bridge::client_address::Proxies;
use restante_bridge::limits::Limits;
use restante_bridge::origin::TlsMode;
use restante_bridge::policy::Policy;
use restante_shared::relay::{CloseCode, SUBPROTOCOL};
use rustls::RootCertStore;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;

use crate::tls_client::{Pair, PemFiles, connect, roots, try_connect};
use crate::world::{
    GatedResolver, TestBridge, TestTarget, bytes, fetch, field, load_config, within,
};

/// Settings with a certificate for `localhost`, and a client's trust in it.
pub(crate) fn secure_settings() -> (Settings, RootCertStore) {
    let pair = Pair::new();
    let files = PemFiles::of(&pair);
    let (cert, key) = (files.cert.display(), files.key.display());
    let (cert, key) = (cert.to_string(), key.to_string());
    let arguments = ["restante-bridge", "--tls-cert", &cert, "--tls-key", &key];
    let settings = load_config(arguments).unwrap().settings().unwrap();
    (settings, roots([&pair.der]))
}

/// A bridge with that certificate.
async fn secure_bridge() -> (TestBridge, RootCertStore) {
    let (settings, roots) = secure_settings();
    (TestBridge::start(settings).await, roots)
}

fn get(uri: &str) -> http::Request<()> {
    http::Request::builder()
        .uri(uri)
        .header("Host", "localhost")
        .body(())
        .unwrap()
}

#[tokio::test]
async fn assets_are_served_over_http_2_with_strict_transport_security() {
    let (bridge, roots) = secure_bridge().await;
    let stream = connect(&bridge, &roots, "h2").await;
    let handshake =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    for (method, body) in [("GET", "ok\n"), ("HEAD", "")] {
        let request = http::Request::builder()
            .method(method)
            .uri("https://localhost/healthz")
            .body(Empty::<Bytes>::new())
            .unwrap();
        let answer = within(sender.send_request(request)).await.unwrap();
        assert_eq!(answer.version(), http::Version::HTTP_2);
        assert!(answer.headers()["strict-transport-security"].len() > 10);
        let bytes = within(answer.into_body().collect()).await.unwrap();
        assert_eq!(bytes.to_bytes(), body);
    }
}

#[tokio::test]
async fn a_client_with_http_1_is_served_too() {
    let (bridge, roots) = secure_bridge().await;
    let stream = connect(&bridge, &roots, "http/1.1").await;
    let answer = fetch(stream, get("/healthz")).await;
    assert_eq!(answer.body(), "ok\n");
    assert!(field(&answer, "strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn a_secure_page_may_use_the_relay_and_a_plain_one_may_not() {
    let (bridge, roots) = secure_bridge().await;
    for (origin, code) in [
        ("https://localhost", CloseCode::Policy),
        ("http://localhost", CloseCode::ForeignPage),
    ] {
        let mut request = bridge.request("host=127.0.0.1&port=995");
        let headers = request.headers_mut();
        headers.insert("Host", "localhost".parse().unwrap());
        headers.insert("Origin", origin.parse().unwrap());
        let stream = connect(&bridge, &roots, "http/1.1").await;
        let opened = within(tokio_tungstenite::client_async(request, stream)).await;
        let (mut socket, response) = opened.unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], SUBPROTOCOL);
        match within(socket.next()).await {
            Some(Ok(Message::Close(Some(frame)))) => {
                assert_eq!(u16::from(frame.code), code.number(), "{origin}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_protocol_is_negotiated() {
    let (bridge, roots) = secure_bridge().await;
    let agreed = async |offers: &[&str]| {
        let stream = try_connect(bridge.address, &roots, offers).await?;
        let protocol = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        Ok::<_, std::io::Error>(protocol.map(|name| String::from_utf8(name).unwrap()))
    };
    // A browser offers both for a page, and only the old one for a WebSocket.
    let both = agreed(&["h2", "http/1.1"]).await.unwrap();
    assert_eq!(both.as_deref(), Some("h2"));
    let both = agreed(&["http/1.1", "h2"]).await.unwrap();
    assert_eq!(both.as_deref(), Some("h2"));
    let old = agreed(&["http/1.1"]).await.unwrap();
    assert_eq!(old.as_deref(), Some("http/1.1"));
    assert_eq!(agreed(&[]).await.unwrap(), None);
    // Without an authority there are no challenges to answer.
    for none in ["acme-tls/1", "spdy/3"] {
        assert!(agreed(&[none]).await.is_err(), "{none}");
    }
}

#[tokio::test]
async fn plain_http_on_the_secure_port_is_not_answered() {
    let (bridge, _) = secure_bridge().await;
    let stream = TcpStream::connect(bridge.address).await.unwrap();
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    let request = get("/healthz").map(|()| Empty::<Bytes>::new());
    assert!(within(sender.send_request(request)).await.is_err());
}

#[tokio::test]
async fn behind_a_proxy_clients_are_counted_by_the_address_that_it_adds() {
    let target = TestTarget::start().await;
    let settings = Settings {
        tls_mode: TlsMode::Proxy,
        proxies: Proxies {
            trusted: vec!["127.0.0.1".parse().unwrap()],
            ..Proxies::default()
        },
        limits: Limits {
            relays_per_client: 1,
            ..Limits::default()
        },
        ..Settings::default()
    };
    let bridge = TestBridge::start(settings.allow_loopback([target.port])).await;
    let open = async |forwarded: &[&str]| {
        let mut request = bridge.request(&format!("host=127.0.0.1&port={}", target.port));
        let headers = request.headers_mut();
        headers.insert("Host", "mail.example.org".parse().unwrap());
        headers.insert("Origin", "https://mail.example.org".parse().unwrap());
        for addresses in forwarded {
            headers.append("X-Forwarded-For", addresses.parse().unwrap());
        }
        bridge.send(request).await.unwrap()
    };
    let _first = open(&["192.0.2.1"]).await;
    let _one = target.accept().await;
    let _second = open(&["192.0.2.2"]).await;
    let _two = target.accept().await;
    // The client's own claim precedes the address that the proxy saw.
    let fields: [&[&str]; 2] = [&["203.0.113.9", "192.0.2.1"], &["203.0.113.9, 192.0.2.1"]];
    for forwarded in fields {
        let mut third = open(forwarded).await;
        assert_eq!(third.close_code().await, CloseCode::TooMany.number());
    }
}

/// Data that is already decrypted but not yet read does not make the socket readable.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn all_early_data_reaches_the_target() {
    // One byte more than may wait for the target, so that a record is read in part.
    const RECORD: usize = 10 * 1024;
    const RECORDS: usize = 7;
    let target = TestTarget::start().await;
    let (open, opened) = watch::channel(false);
    let (settings, roots) = secure_settings();
    let rule = format!("pop.test:{}=127.0.0.0/8", target.port);
    let settings = Settings {
        policy: Policy::default().allow(rule.parse().unwrap()),
        resolver: Arc::new(GatedResolver(opened)),
        ..settings
    };
    let bridge = TestBridge::start(settings).await;
    let query = format!("host=pop.test&port={}", target.port);
    let mut request = bridge.request(&query);
    let headers = request.headers_mut();
    headers.insert("Host", "localhost".parse().unwrap());
    headers.insert("Origin", "https://localhost".parse().unwrap());
    let stream = connect(&bridge, &roots, "http/1.1").await;
    let here = stream.get_ref().0.local_addr().unwrap();
    let (mut client, _) = within(tokio_tungstenite::client_async(request, stream))
        .await
        .unwrap();
    let sent = bytes(RECORD * RECORDS);
    for record in sent.chunks(RECORD) {
        let message = Message::Binary(record.to_vec().into());
        within(client.send(message)).await.unwrap();
        // The bridge has read it all, and keeps the part that it has no room for.
        within(async {
            let sent = || crate::wire::queues(here, bridge.address).unwrap().0;
            let unread = || crate::wire::queues(bridge.address, here).unwrap().1;
            while sent() > 0 || unread() > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    open.send(true).unwrap();
    let mut server = target.accept().await;
    let mut received = vec![0; sent.len()];
    within(server.read_exact(&mut received)).await.unwrap();
    assert!(received == sent);
}
