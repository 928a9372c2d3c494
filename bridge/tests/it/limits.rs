//! Limits that refuse or end something: exactly at their value, and not permanently.

use std::sync::Arc;
use std::time::Duration;

use restante_bridge::Settings;
use restante_bridge::limits::Limits;
use restante_bridge::metrics::Metrics;
use restante_shared::relay::CloseCode;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite;

use crate::log::CapturedLog;
use crate::wire::{asks, connect_from, is_served, until_served};
use crate::world::{TestBridge, TestClient};

fn with(limits: Limits) -> (Settings, Arc<Metrics>) {
    let settings = Settings {
        limits,
        ..Settings::default()
    };
    let metrics = Arc::clone(&settings.metrics);
    (settings, metrics)
}

/// Returns true if `reason` was counted `times` times.
fn was_refused(metrics: &Metrics, reason: &str, times: u32) -> bool {
    let line = format!("refusals_total{{reason=\"{reason}\"}} {times}\n");
    metrics.text().contains(&line)
}

/// Opens this many connections from `client`, which are served and kept open.
async fn hold(bridge: &TestBridge, client: &str, count: usize) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for _ in 0..count {
        let mut stream = connect_from(client, bridge.address).await;
        assert!(asks(&mut stream).await);
        held.push(stream);
    }
    held
}

#[tokio::test]
async fn one_client_cannot_take_all_connections() {
    let (log, _guard) = CapturedLog::capture();
    let (settings, metrics) = with(Limits {
        connections: 4,
        connections_per_client: 3,
        ..Limits::default()
    });
    let bridge = TestBridge::start(settings).await;
    let mut held = hold(&bridge, "127.0.0.1", 3).await;
    assert!(log.lines("limit reached").is_empty());
    assert!(!is_served("127.0.0.1", &bridge).await);
    assert!(is_served("127.0.0.2", &bridge).await);
    let line = log.line("max_connections_per_client").await;
    assert!(line.contains("limit reached"), "{line}");
    assert!(
        line.contains("\"max_connections_per_client\" client=127.0.0.1"),
        "{line}"
    );
    assert!(was_refused(&metrics, "connections_per_client", 1));
    // Existing connections are still served, and freed ones can be used again.
    assert!(asks(&mut held[0]).await);
    held.pop();
    until_served("127.0.0.1", &bridge).await;
}

#[tokio::test]
async fn at_the_limit_of_all_connections_the_next_client_waits() {
    let (log, _guard) = CapturedLog::capture();
    let (settings, metrics) = with(Limits {
        connections: 2,
        ..Limits::default()
    });
    let bridge = TestBridge::start(settings).await;
    let mut held = hold(&bridge, "127.0.0.1", 2).await;
    assert!(log.lines("limit reached").is_empty());
    let mut next = connect_from("127.0.0.2", bridge.address).await;
    let line = log.line("max_connections").await;
    assert!(line.contains("limit reached"), "{line}");
    assert!(
        line.contains("\"max_connections\" client=127.0.0.2"),
        "{line}"
    );
    assert!(was_refused(&metrics, "connections", 1));
    held.pop();
    assert!(asks(&mut next).await);
}

/// Requests a relay that the policy refuses, and returns the close code.
async fn refused_relay(bridge: &TestBridge, client: &str) -> u16 {
    let stream = connect_from(client, bridge.address).await;
    let request = bridge.request("host=127.0.0.1&port=25");
    let (socket, _) = tokio_tungstenite::client_async(request, stream)
        .await
        .unwrap();
    TestClient { socket }.close_code().await
}

#[tokio::test]
async fn the_relays_of_a_client_are_limited_per_minute() {
    let (log, _guard) = CapturedLog::capture();
    let (settings, metrics) = with(Limits {
        relays_per_minute: 3,
        ..Limits::default()
    });
    let bridge = TestBridge::start(settings).await;
    let (refused, too_many) = (CloseCode::Policy.number(), CloseCode::TooMany.number());
    for _ in 0..3 {
        assert_eq!(refused_relay(&bridge, "127.0.0.1").await, refused);
    }
    assert!(log.lines("limit reached").is_empty());
    assert_eq!(refused_relay(&bridge, "127.0.0.1").await, too_many);
    assert_eq!(refused_relay(&bridge, "127.0.0.2").await, refused);
    let line = log.line("max_relays_per_minute").await;
    assert!(line.contains("limit reached"), "{line}");
    assert!(
        line.contains("\"max_relays_per_minute\" client=127.0.0.1"),
        "{line}"
    );
    assert!(was_refused(&metrics, "relays_per_minute", 1));
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(20)).await;
    tokio::time::resume();
    assert_eq!(refused_relay(&bridge, "127.0.0.1").await, refused);
}

#[tokio::test]
async fn a_flood_does_not_flood_the_log() {
    let (log, _guard) = CapturedLog::capture();
    let (settings, metrics) = with(Limits {
        connections_per_client: 1,
        handshake_time: Duration::from_secs(60),
        ..Limits::default()
    });
    let bridge = TestBridge::start(settings).await;
    let _held = hold(&bridge, "127.0.0.1", 1).await;
    for _ in 0..100 {
        assert!(!is_served("127.0.0.1", &bridge).await);
    }
    assert_eq!(log.lines("max_connections_per_client").len(), 1);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(10)).await;
    let line = log.line("more=").await;
    assert!(
        line.contains("max_connections_per_client") && line.contains("more=99"),
        "{line}"
    );
    assert!(was_refused(&metrics, "connections_per_client", 100));
    assert_eq!(log.lines("max_connections_per_client").len(), 2);
}

/// An upgraded connection does not count as one any more. So the number of rejected clients must be
/// limited too: each takes a descriptor, and waits for a close frame that may never arrive.
#[tokio::test]
async fn rejected_clients_that_stay_connected_are_limited() {
    let (settings, metrics) = with(Limits {
        relays_per_minute: 1,
        close_time: Duration::from_secs(60),
        ..Limits::default()
    });
    let bridge = TestBridge::start(settings).await;
    assert_eq!(
        refused_relay(&bridge, "127.0.0.1").await,
        CloseCode::Policy.number()
    );
    let mut told_by_code = Vec::new();
    for attempt in 0..100 {
        let stream = connect_from("127.0.0.1", bridge.address).await;
        let request = bridge.request("host=127.0.0.1&port=25");
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => told_by_code.push(socket),
            Err(tungstenite::Error::Http(answer)) => assert_eq!(answer.status(), 403),
            Err(error) => panic!("{attempt}: {error}"),
        }
    }
    assert_eq!(told_by_code.len(), 8);
    assert!(was_refused(&metrics, "relays_per_minute", 100));
    // Other clients are rejected as usual.
    assert_eq!(
        refused_relay(&bridge, "127.0.0.2").await,
        CloseCode::Policy.number()
    );
}

#[tokio::test]
async fn a_flood_of_foreign_pages_does_not_flood_the_log() {
    let (log, _guard) = CapturedLog::capture();
    let bridge = TestBridge::start(Settings::default()).await;
    let origin = format!("https://{}.example", "evil".repeat(500));
    for _ in 0..100 {
        let mut request = bridge.request("host=127.0.0.1&port=25");
        let headers = request.headers_mut();
        headers.insert("Origin", origin.parse().unwrap());
        let _ = bridge.send(request).await;
    }
    let lines = log.lines("page refused");
    assert_eq!(lines.len(), 20);
    assert!(lines.iter().all(|line| line.len() < 500), "{}", lines[0]);
}
