//! Stopping without cutting relays: what continues, what is refused, and what ends the drain.

use std::time::Duration;

use restante_bridge::Settings;
use restante_bridge::lifecycle::Lifecycle;
use restante_bridge::limits::Limits;
use restante_shared::relay::CloseCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::{PATIENCE, TestBridge, TestClient, TestTarget, within};

/// A bridge with a relay in use.
struct Busy {
    bridge: TestBridge,
    lifecycle: Lifecycle,
    client: TestClient,
    server: TcpStream,
    target: TestTarget,
}

/// Starts a bridge with this drain time.
async fn busy(drain_time: Duration) -> Busy {
    let target = TestTarget::start().await;
    let settings = Settings {
        limits: Limits {
            drain_time,
            ..Limits::default()
        },
        ..Settings::default()
    };
    let lifecycle = settings.lifecycle.clone();
    let bridge = TestBridge::start(settings.allow_loopback([target.port])).await;
    let mut client = bridge.open("127.0.0.1", target.port).await;
    let server = target.accept().await;
    client.send("STAT\r\n").await;
    Busy {
        bridge,
        lifecycle,
        client,
        server,
        target,
    }
}

/// Stops the bridge, and waits until it drains.
async fn drain(bridge: &mut TestBridge, lifecycle: &Lifecycle) {
    bridge.tell_to_stop();
    within(lifecycle.drains()).await;
}

#[tokio::test]
async fn a_relay_continues_to_its_end_and_then_the_bridge_has_stopped() {
    let Busy {
        mut bridge,
        lifecycle,
        mut client,
        mut server,
        ..
    } = busy(10 * PATIENCE).await;
    drain(&mut bridge, &lifecycle).await;
    within(server.read_exact(&mut [0; 6])).await.unwrap();
    server.write_all(b"+OK 2 320\r\n").await.unwrap();
    assert_eq!(client.receive(11).await, b"+OK 2 320\r\n");
    client.send("QUIT\r\n").await;
    within(server.read_exact(&mut [0; 6])).await.unwrap();
    drop(server);
    assert_eq!(client.close_code().await, 1000);
    bridge.stopped().await;
}

#[tokio::test]
async fn a_relay_that_outlasts_the_drain_is_closed_for_a_reconnect() {
    let Busy {
        mut bridge,
        mut client,
        server: _server,
        ..
    } = busy(Duration::from_millis(50)).await;
    bridge.tell_to_stop();
    assert_eq!(client.close_code().await, CloseCode::ShuttingDown.number());
    bridge.stopped().await;
}

#[tokio::test]
async fn the_drain_can_be_cut_short() {
    let mut busy = busy(10 * PATIENCE).await;
    drain(&mut busy.bridge, &busy.lifecycle).await;
    busy.lifecycle.end();
    let code = busy.client.close_code().await;
    assert_eq!(code, CloseCode::ShuttingDown.number());
    busy.bridge.stopped().await;
}

#[tokio::test]
async fn a_relay_requested_during_the_drain_is_closed_and_dials_nothing() {
    let mut busy = busy(10 * PATIENCE).await;
    let bridge = &busy.bridge;
    // Accepted before the drain, but with a later request.
    let stream = TcpStream::connect(bridge.address).await.unwrap();
    let known = bridge.get("/healthz").await;
    assert_eq!(known.status(), 200);
    drain(&mut busy.bridge, &busy.lifecycle).await;
    let query = format!("host=127.0.0.1&port={}", busy.target.port);
    let request = busy.bridge.request(&query);
    let opened = within(tokio_tungstenite::client_async(request, stream)).await;
    let (socket, _) = opened.unwrap();
    let mut late = TestClient { socket };
    assert_eq!(late.close_code().await, CloseCode::ShuttingDown.number());
    assert!(!busy.target.was_reached().await);
}

#[tokio::test]
async fn a_client_accepted_just_before_is_answered_and_idle_connections_end() {
    let mut busy = busy(10 * PATIENCE).await;
    let bridge = &busy.bridge;
    let mut fresh = TcpStream::connect(bridge.address).await.unwrap();
    let mut idle = TcpStream::connect(bridge.address).await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    idle.write_all(request).await.unwrap();
    let mut answer = vec![0; 12];
    within(idle.read_exact(&mut answer)).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 200");
    drain(&mut busy.bridge, &busy.lifecycle).await;
    // Kept open for another request, which can go to the next bridge.
    within(idle.read_to_end(&mut Vec::new())).await.unwrap();
    fresh.write_all(request).await.unwrap();
    let mut answer = String::new();
    within(fresh.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.ends_with("\r\n\r\nok\n"), "{answer}");
}
