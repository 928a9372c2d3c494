//! Relayed data arrives unchanged, byte for byte.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use restante_bridge::Settings;
use restante_bridge::policy::Policy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;

use crate::world::{GatedResolver, TestBridge, TestTarget, bytes, relay_to, within};

#[tokio::test]
async fn a_greeting_arrives_before_the_client_has_sent_anything() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    server.write_all(b"+OK ready\r\n").await.unwrap();
    assert_eq!(client.receive(11).await, b"+OK ready\r\n");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_reply_written_in_parts_is_not_delayed() {
    const COMMANDS: u32 = 100;
    // The time for which the kernel delays an acknowledgement.
    const HELD_BACK: Duration = Duration::from_millis(40);
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    // Like servers that do not set TCP_NODELAY.
    server.set_nodelay(false).unwrap();
    let serving = tokio::spawn(async move {
        let mut command = [0; 6];
        for _ in 0..COMMANDS {
            server.read_exact(&mut command).await.unwrap();
            for part in [b"+OK\r\n".as_slice(), b"text\r\n", b".\r\n"] {
                server.write_all(part).await.unwrap();
            }
        }
        server
    });
    let begun = Instant::now();
    for _ in 0..COMMANDS {
        client.send(b"NEXT\r\n".as_slice()).await;
        assert_eq!(client.receive(14).await, b"+OK\r\ntext\r\n.\r\n");
    }
    let taken = begun.elapsed();
    assert!(taken < HELD_BACK * COMMANDS / 2, "{taken:?}");
    serving.await.unwrap();
}

#[tokio::test]
async fn large_data_is_identical_both_ways_at_once() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, server) = relay_to(&target).await;
    let data = bytes(16 * 1024 * 1024);
    let (mut reader, mut writer) = server.into_split();
    let echo = tokio::spawn(async move { tokio::io::copy(&mut reader, &mut writer).await });
    let sent = data.clone();
    let (mut sink, mut stream) = (&mut client.socket).split();
    let send = async {
        for chunk in sent.chunks(70_001) {
            let message = Message::Binary(chunk.to_vec().into());
            sink.send(message).await.unwrap();
        }
    };
    let receive = async {
        let mut received = Vec::new();
        while received.len() < data.len() {
            match stream.next().await {
                Some(Ok(Message::Binary(more))) => received.extend_from_slice(&more),
                other => panic!("{other:?}"),
            }
        }
        received
    };
    let ((), received) = within(futures::future::join(send, receive)).await;
    assert!(received == data);
    echo.abort();
}

#[tokio::test]
async fn bulk_data_arrives_in_large_messages() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    let data = bytes(8 * 1024 * 1024);
    let count = data.len();
    let writing = tokio::spawn(async move { server.write_all(&data).await });
    let (mut received, mut messages) = (0, 0);
    while received < count {
        match within(client.socket.next()).await {
            Some(Ok(Message::Binary(more))) => {
                assert!(more.len() <= 256 * 1024);
                received += more.len();
                messages += 1;
            }
            other => panic!("after {received} bytes: {other:?}"),
        }
    }
    assert!(received / messages > 32 * 1024, "{messages} messages");
    writing.await.unwrap().unwrap();
}

#[tokio::test]
async fn message_boundaries_have_no_meaning() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    for byte in b"CAPA\r\n" {
        client.send(vec![*byte]).await;
        client.send(Vec::new()).await;
    }
    let mut line = [0; 6];
    within(server.read_exact(&mut line)).await.unwrap();
    assert_eq!(&line, b"CAPA\r\n");
}

#[tokio::test]
async fn data_sent_before_the_target_is_connected_arrives_first() {
    let target = TestTarget::start().await;
    let (open, gate) = watch::channel(false);
    let rule = format!("localhost:{}", target.port).parse().unwrap();
    let bridge = TestBridge::start(Settings {
        policy: Policy::default().allow(rule),
        resolver: Arc::new(GatedResolver(gate)),
        ..Settings::default()
    })
    .await;
    let mut client = bridge.open("localhost", target.port).await;
    let early = bytes(50_000);
    for chunk in early.chunks(1000) {
        client.send(chunk.to_vec()).await;
    }
    open.send(true).unwrap();
    let mut server = target.accept().await;
    client.send("late").await;
    let mut received = vec![0; early.len() + 4];
    within(server.read_exact(&mut received)).await.unwrap();
    assert!(received == [early.as_slice(), b"late"].concat());
}

#[tokio::test]
async fn a_ping_is_answered_and_not_relayed() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    let ping = Message::Ping("are you there".into());
    client.socket.send(ping).await.unwrap();
    match within(client.socket.next()).await {
        Some(Ok(Message::Pong(text))) => assert_eq!(text, "are you there"),
        other => panic!("{other:?}"),
    }
    client.send("x").await;
    assert_eq!(within(server.read_u8()).await.unwrap(), b'x');
}
