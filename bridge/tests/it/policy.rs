//! Targets that the bridge must not reach: each test has a listener that would notice.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use restante_bridge::Settings;
use restante_bridge::origin::Origin;
use restante_bridge::policy::{Policy, Rule};
use restante_shared::relay::{CloseCode, Target as RelayTarget};
use tokio_tungstenite::tungstenite::{self, http};

use crate::world::{Names, TestBridge, TestTarget, public_pop3};

/// A bridge whose policy allows the port of `canary`, so that only the address can be refused.
async fn bridge_beside(canary: &TestTarget, names: Names) -> TestBridge {
    let policy = ["inside.example", "mixed.example", "mapped.example"]
        .into_iter()
        .fold(Policy::default(), |policy, host| {
            policy.allow(Rule::new(RelayTarget::new(host, canary.port).unwrap()))
        });
    let settings = Settings {
        policy,
        resolver: Arc::new(names),
        ..Settings::default()
    };
    TestBridge::start(settings).await
}

#[tokio::test]
async fn a_name_that_resolves_to_loopback_is_not_dialled() {
    let canary = TestTarget::start().await;
    let names = Names::default()
        .with("inside.example", &["127.0.0.1"])
        .with("mixed.example", &["1.1.1.1", "127.0.0.1"])
        .with("mapped.example", &["::ffff:127.0.0.1"]);
    let bridge = bridge_beside(&canary, names).await;
    for host in ["inside.example", "mixed.example", "mapped.example"] {
        let mut client = bridge.open(host, canary.port).await;
        assert_eq!(client.close_code().await, CloseCode::Policy.number());
    }
    assert!(!canary.was_reached().await);
}

#[tokio::test]
async fn addresses_that_are_not_public_are_refused_on_the_pop3_ports() {
    let bridge = TestBridge::start(public_pop3()).await;
    for host in [
        "127.0.0.1",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fd00:ec2::254]",
        "localhost",
    ] {
        for port in [110, 995] {
            let mut client = bridge.open(host, port).await;
            let code = client.close_code().await;
            assert_eq!(code, CloseCode::Policy.number(), "{host}");
        }
    }
}

#[tokio::test]
async fn other_ports_and_invalid_queries_reach_nothing() {
    let canary = TestTarget::start().await;
    let bridge = TestBridge::start(public_pop3()).await;
    let port = canary.port;
    for query in [
        String::new(),
        format!("host=127.0.0.1&port={port}"),
        format!("host=localhost&port={port}"),
        format!("host=127.0.0.1:{port}&port=995"),
        format!("host=127.0.0.1&port=995&port={port}"),
        format!("host=pop.example&host=127.0.0.1&port={port}"),
        format!("host=127.1&port={port}"),
        format!("host=0x7f000001&port={port}"),
        format!("host=2130706433&port={port}"),
        format!("host=017700000001&port={port}"),
        format!("host=127.0.0.1%00&port={port}"),
        format!("host=pop.example%0d%0a&port={port}"),
        format!("host=user@127.0.0.1&port={port}"),
        format!("host=127.0.0.1/&port={port}"),
        format!("host=&port={port}"),
        "host=127.0.0.1&port=".to_owned(),
        "host=127.0.0.1&port=-1".to_owned(),
        "host=127.0.0.1&port=65536".to_owned(),
        format!("host={}&port=995", "a".repeat(4000)),
    ] {
        let mut client = bridge.open_query(&query).await;
        let code = client.close_code().await;
        assert_eq!(code, CloseCode::Policy.number(), "{query}");
    }
    assert!(!canary.was_reached().await);
}

#[tokio::test]
async fn a_pinned_name_is_dialled_without_being_resolved() {
    let target = TestTarget::start().await;
    let relay_target = RelayTarget::new("pop.test", target.port).unwrap();
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let settings = Settings {
        policy: Policy::default().allow(Rule::pinned_to(relay_target, loopback)),
        resolver: Arc::new(Names::default()),
        ..Settings::default()
    };
    let bridge = TestBridge::start(settings).await;
    let _client = bridge.open("pop.test", target.port).await;
    target.accept().await;
}

async fn status(bridge: &TestBridge, request: http::Request<()>) -> u16 {
    match bridge.send(request).await {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
        Ok(_) => 101,
    }
}

#[tokio::test]
async fn only_the_bridges_own_page_may_use_the_relay() {
    let canary = TestTarget::start().await;
    let settings = Settings::default().allow_loopback([canary.port]);
    let bridge = TestBridge::start(settings).await;
    let query = format!("host=127.0.0.1&port={}", canary.port);
    for origin in [
        None,
        Some("null".to_owned()),
        Some("http://evil.example".to_owned()),
        Some(format!("https://{}", bridge.address)),
        Some("http://127.0.0.1".to_owned()),
        Some(format!("http://localhost:{}", bridge.address.port())),
    ] {
        let mut request = bridge.request(&query);
        request.headers_mut().remove("Origin");
        if let Some(origin) = &origin {
            let headers = request.headers_mut();
            headers.insert("Origin", origin.parse().unwrap());
        }
        let mut client = bridge.send(request).await.unwrap();
        let code = client.close_code().await;
        assert_eq!(code, CloseCode::ForeignPage.number(), "{origin:?}");
    }
    let mut twice = bridge.request(&query);
    let own = twice.headers().get("Origin").unwrap().clone();
    twice.headers_mut().append("Origin", own);
    let mut client = bridge.send(twice).await.unwrap();
    assert_eq!(client.close_code().await, CloseCode::ForeignPage.number());
    assert!(!canary.was_reached().await);
}

#[tokio::test]
async fn a_name_rebound_to_this_machine_may_not_use_the_relay() {
    let bridge = TestBridge::start(Settings::default()).await;
    let mut request = bridge.request("host=pop.example&port=995");
    let name = format!("evil.example:{}", bridge.address.port());
    let headers = request.headers_mut();
    headers.insert("Host", name.parse().unwrap());
    headers.insert("Origin", format!("http://{name}").parse().unwrap());
    let mut client = bridge.send(request).await.unwrap();
    assert_eq!(client.close_code().await, CloseCode::ForeignPage.number());
}

#[tokio::test]
async fn an_allowed_origin_may_use_the_relay() {
    let allowed: Origin = "https://embedder.example".parse().unwrap();
    let settings = Settings {
        allowed_origins: vec![allowed],
        ..Settings::default()
    };
    let bridge = TestBridge::start(settings).await;
    let mut request = bridge.request("host=127.0.0.1&port=995");
    let headers = request.headers_mut();
    headers.insert("Origin", "https://embedder.example".parse().unwrap());
    let mut client = bridge.send(request).await.unwrap();
    assert_eq!(client.close_code().await, CloseCode::Policy.number());
}

#[tokio::test]
async fn a_client_with_another_subprotocol_is_refused_over_http() {
    let bridge = TestBridge::start(Settings::default()).await;
    let mut request = bridge.request("host=pop.example&port=995");
    let headers = request.headers_mut();
    headers.insert(
        "Sec-WebSocket-Protocol",
        "restante.relay.v0".parse().unwrap(),
    );
    assert_eq!(status(&bridge, request).await, 400);
}
