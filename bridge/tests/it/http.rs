//! The header fields of responses, and invalid requests.

use std::time::Duration;

use restante_bridge::Settings;
use restante_bridge::client_address::Proxies;
use restante_bridge::limits::Limits;
use restante_bridge::origin::TlsMode;
use restante_bridge::site::Site;
use restante_shared::page::{DemoMaildrop, PageConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{TestBridge, field, within};

#[tokio::test]
async fn every_response_has_the_security_headers() {
    let bridge = TestBridge::start(Settings {
        site: Site::new(&[], " 'sha256-abc'"),
        ..Settings::default()
    })
    .await;
    for path in ["/", "/missing", "/config.json", "/relay"] {
        let answer = bridge.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-dns-prefetch-control", "off"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", ""),
        ] {
            assert_eq!(field(&answer, name), value, "{path} {name}");
        }
        assert!(field(&answer, "permissions-policy").contains("camera=()"));
        let policy = field(&answer, "content-security-policy");
        for directive in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval' 'sha256-abc'",
            "connect-src 'self'",
            "worker-src 'self'",
            "img-src 'self' data: blob: https:",
            "frame-ancestors 'none'",
            "base-uri about:",
            "form-action 'none'",
        ] {
            let mut directives = policy.split("; ");
            assert!(directives.any(|d| d == directive), "{directive}: {policy}");
        }
        let scripts = policy.split("; ").find(|d| d.starts_with("script-src"));
        assert!(!scripts.unwrap().contains("unsafe-inline"));
    }
}

#[tokio::test]
async fn the_page_is_offered_the_demo_mailbox() {
    let demo = DemoMaildrop {
        address: "visitor@example.org".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: 995,
        user: "visitor".to_owned(),
        password: "no secret".to_owned(),
        ca_pem: String::new(),
    };
    let page = PageConfig {
        demo: Some(demo),
        ..PageConfig::default()
    };
    let bridge = TestBridge::start(Settings {
        page: page.clone(),
        ..Settings::default()
    })
    .await;
    let answer = bridge.get("/config.json").await;
    assert_eq!(field(&answer, "content-type"), "application/json");
    assert_eq!(field(&answer, "cache-control"), "no-cache");
    let told: PageConfig = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(told, page);
}

#[tokio::test]
async fn a_request_for_a_relay_without_a_websocket_is_refused() {
    let bridge = TestBridge::start(Settings::default()).await;
    let own = format!("http://{}", bridge.address);
    let path = "/relay?host=pop.example&port=995";
    let answer = bridge.fetch("GET", path, &[("Origin", &own)]).await;
    assert_eq!(answer.status(), 426);
    assert_eq!(field(&answer, "upgrade"), "websocket");
    let answer = bridge.get(path).await;
    assert_eq!(answer.status(), 426);
}

/// Sends bytes and returns the status line of the response, or nothing if there is none.
async fn first_line(bridge: &TestBridge, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(bridge.address).await.unwrap();
    // The bridge may have closed the connection before all of it is written.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = within(stream.read_to_end(&mut answer)).await;
    let text = String::from_utf8_lossy(&answer).into_owned();
    text.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_header_that_does_not_end_is_cut() {
    let bridge = TestBridge::start(Settings::default()).await;
    let mut request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ".to_vec();
    request.resize(200_000, b'x');
    assert!(
        first_line(&bridge, &request)
            .await
            .starts_with("HTTP/1.1 431")
    );

    let mut request = b"GET / HTTP/1.1\r\nHost: a\r\n".to_vec();
    for number in 0..1000 {
        request.extend_from_slice(format!("X-{number}: x\r\n").as_bytes());
    }
    request.extend_from_slice(b"\r\n");
    let line = first_line(&bridge, &request).await;
    assert!(line.starts_with("HTTP/1.1 4"), "{line}");
}

#[tokio::test]
async fn a_header_that_takes_too_long_is_cut() {
    let bridge = TestBridge::start(Settings {
        limits: Limits {
            handshake_time: Duration::from_millis(50),
            ..Limits::default()
        },
        ..Settings::default()
    })
    .await;
    for bytes in ["", "GET / HTTP/1.1\r\nHost: a\r\n"] {
        let line = first_line(&bridge, bytes.as_bytes()).await;
        assert!(!line.contains(" 200"), "{line}");
    }
}

#[tokio::test]
async fn data_that_is_not_http_is_not_answered_with_a_page() {
    let bridge = TestBridge::start(Settings::default()).await;
    for bytes in [
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n".as_slice(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"USER me\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ] {
        let line = first_line(&bridge, bytes).await;
        assert!(!line.contains(" 200"), "{line}");
    }
}

/// A reverse proxy may have routed by the other one.
#[tokio::test]
async fn a_request_without_a_host_or_with_two_is_refused() {
    let bridge = TestBridge::start(Settings::default()).await;
    for (fields, served) in [
        ("", false),
        ("Host: a\r\n", true),
        ("Host: a\r\nHost: b\r\n", false),
        ("Host: a\r\nhost: a\r\n", false),
    ] {
        let request = format!("GET /healthz HTTP/1.1\r\n{fields}Connection: close\r\n\r\n");
        let line = first_line(&bridge, request.as_bytes()).await;
        let status = if served { " 200" } else { " 400" };
        assert!(line.contains(status), "{fields:?}: {line}");
    }
    for (fields, status) in [
        ("", " 200"),
        ("Host: a\r\n", " 200"),
        ("Host: a\r\nHost: b\r\n", " 400"),
    ] {
        let request = format!("GET /healthz HTTP/1.0\r\n{fields}\r\n");
        let line = first_line(&bridge, request.as_bytes()).await;
        assert!(line.contains(status), "{fields:?}: {line}");
    }
}

#[tokio::test]
async fn at_the_limit_of_connections_the_next_one_waits() {
    let bridge = TestBridge::start(Settings {
        limits: Limits {
            connections: 1,
            handshake_time: Duration::from_millis(200),
            ..Limits::default()
        },
        ..Settings::default()
    })
    .await;
    let _first = TcpStream::connect(bridge.address).await.unwrap();
    // The first one is silent and times out; then the second one is served.
    assert_eq!(bridge.get("/healthz").await.status(), 200);
}

/// A proxy with another notion of the length would take the rest for another client's request.
#[tokio::test]
async fn an_unexpected_body_ends_the_connection_and_hides_no_request() {
    let bridge = TestBridge::start(Settings::default()).await;
    let hidden = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    let chunked = format!("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}");
    let both = format!("Content-Length: 5\r\n{chunked}");
    let counted = format!("Content-Length: {}\r\n\r\n{hidden}", hidden.len());
    let websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                     Sec-WebSocket-Protocol: restante.relay.v1\r\n";
    for (line, fields) in [
        ("GET /healthz", &chunked),
        ("GET /healthz", &both),
        ("GET /healthz", &counted),
        ("POST /access", &chunked),
        ("POST /access", &both),
        (
            "GET /relay?host=a.example&port=995",
            &format!("{websocket}{chunked}"),
        ),
        (
            "GET /relay?host=a.example&port=995",
            &format!("{websocket}{counted}"),
        ),
    ] {
        let mut stream = TcpStream::connect(bridge.address).await.unwrap();
        let request = format!("{line} HTTP/1.1\r\nHost: a\r\n{fields}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = within(stream.read_to_end(&mut answer)).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{request}\n{answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{request}\n{answer}");
    }
}

#[tokio::test]
async fn browsers_are_bound_to_https_if_a_proxy_terminates_tls() {
    let bridge = TestBridge::start(Settings {
        tls_mode: TlsMode::Proxy,
        proxies: Proxies {
            trusted: vec!["127.0.0.1".parse().unwrap()],
            ..Proxies::default()
        },
        ..Settings::default()
    })
    .await;
    let answer = bridge.get("/config.json").await;
    assert_eq!(
        field(&answer, "strict-transport-security"),
        "max-age=63072000"
    );
}
