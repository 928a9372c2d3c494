//! A side that does not read stops the other side, with a bounded number of octets in between.

use std::time::Duration;

use futures::SinkExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

use crate::world::{Target, octets, relay_to, within};

/// What may be under way: the bridge's one message each way, and four kernel buffers that Linux lets
/// grow to 6 MiB (receiving) and 4 MiB (sending).
const MOST_UNDER_WAY: usize = 2 * (6 + 4) * 1024 * 1024 + 2 * 1024 * 1024;

/// A writer that makes no progress for so long has been stopped.
const STALLED: Duration = Duration::from_millis(500);

const CHUNK: usize = 64 * 1024;

#[tokio::test]
async fn a_client_that_does_not_read_stops_the_target() {
    let target = Target::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    let chunk = octets(CHUNK);
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
    let target = Target::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    let chunk = octets(CHUNK);
    let mut sent = 0;
    loop {
        let message = Message::Binary(chunk.clone().into());
        if tokio::time::timeout(STALLED, client.socket.feed(message))
            .await
            .is_err()
        {
            break;
        }
        sent += CHUNK;
        if tokio::time::timeout(STALLED, client.socket.flush())
            .await
            .is_err()
        {
            break;
        }
        assert!(sent < MOST_UNDER_WAY, "{sent} octets and no end");
    }

    let mut received = vec![0; sent];
    let read = server.read_exact(&mut received);
    let (read, flushed) = within(futures::future::join(read, client.socket.flush())).await;
    read.unwrap();
    flushed.unwrap();
    assert!(received.chunks(CHUNK).all(|part| part == chunk));
}
