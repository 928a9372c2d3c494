//! A side that does not read stops the other side, with a bounded amount of data in between.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use restante_bridge::Settings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

use crate::world::{
    SilentResolver, TestBridge, TestClient, TestTarget, bytes, public_pop3, relay_to, within,
};

/// The most data in flight: one message of the bridge each way, and four kernel buffers, which Linux lets
/// grow to 6 MiB (receiving) and 4 MiB (sending).
const MOST_UNDER_WAY: usize = 2 * (6 + 4) * 1024 * 1024 + 2 * 1024 * 1024;

/// The time without progress after which a writer counts as stopped.
const STALLED: Duration = Duration::from_millis(500);

const CHUNK: usize = 64 * 1024;

#[tokio::test]
async fn a_client_that_does_not_read_stops_the_target() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    let chunk = bytes(CHUNK);
    let mut written = 0;
    while let Ok(result) =
        tokio::time::timeout(STALLED, server.write(&chunk[written % CHUNK..])).await
    {
        written += result.unwrap();
        assert!(written < MOST_UNDER_WAY, "{written} octets and no end");
    }

    let finish = async {
        server.write_all(&chunk[written % CHUNK..]).await.unwrap();
        server.shutdown().await.unwrap();
    };
    let (received, ()) = within(futures::future::join(client.until_closed(), finish)).await;
    assert_eq!(received.0.len() % CHUNK, 0);
    assert!(received.0.len() >= written);
    assert!(received.0.chunks(CHUNK).all(|part| part == chunk));
    assert_eq!(received.1, 1000);
}

#[tokio::test]
async fn a_target_that_does_not_read_stops_the_client() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    let chunk = bytes(CHUNK);
    let sent = send_until_stalled(&mut client, &chunk).await;

    let mut received = vec![0; sent];
    let read = server.read_exact(&mut received);
    let (read, flushed) = within(futures::future::join(read, client.socket.flush())).await;
    read.unwrap();
    flushed.unwrap();
    assert!(received.chunks(CHUNK).all(|part| part == chunk));
}

#[tokio::test]
async fn a_target_that_is_not_connected_yet_stops_the_client() {
    let bridge = TestBridge::start(Settings {
        resolver: Arc::new(SilentResolver),
        ..public_pop3()
    })
    .await;
    let mut client = bridge.open("slow.example", 995).await;
    send_until_stalled(&mut client, &bytes(CHUNK)).await;
}

/// Sends `chunk` repeatedly until the bridge accepts no more, and returns the number of bytes.
async fn send_until_stalled(client: &mut TestClient, chunk: &[u8]) -> usize {
    let mut sent = 0;
    while sent < MOST_UNDER_WAY {
        let message = Message::Binary(chunk.to_vec().into());
        let fed = tokio::time::timeout(STALLED, client.socket.feed(message)).await;
        if fed.is_err() {
            return sent;
        }
        sent += chunk.len();
        let flushed = tokio::time::timeout(STALLED, client.socket.flush()).await;
        if flushed.is_err() {
            return sent;
        }
    }
    panic!("{sent} octets and no end");
}

/// A message has a fixed cost in a browser, and a mail server writes one TLS record after the other.
#[tokio::test(flavor = "multi_thread")]
async fn consecutive_records_share_frames() {
    const RECORD: usize = 16 * 1024;
    const RECORDS: usize = 128;
    /// Slower than the bridge reads, and much faster than it sends frames.
    const PACE: Duration = Duration::from_micros(50);
    let target = TestTarget::start().await;
    let (_bridge, mut client, server) = relay_to(&target).await;
    let mut server = server.into_std().unwrap();
    server.set_nonblocking(false).unwrap();
    let writing = std::thread::spawn(move || {
        for _ in 0..RECORDS {
            std::io::Write::write_all(&mut server, &[7; RECORD]).unwrap();
            let written = Instant::now();
            while written.elapsed() < PACE {
                std::hint::spin_loop();
            }
        }
        server
    });
    let (mut bytes, mut frames) = (0, 0);
    while bytes < RECORD * RECORDS {
        match within(client.socket.next()).await {
            Some(Ok(Message::Binary(more))) => bytes += more.len(),
            other => panic!("after {bytes} bytes: {other:?}"),
        }
        frames += 1;
    }
    assert!(
        frames <= RECORDS / 4,
        "{frames} frames for {RECORDS} records"
    );
    drop(writing.join().unwrap());
}
