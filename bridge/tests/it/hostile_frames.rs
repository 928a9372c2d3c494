//! Hostile frames: each client is refused, or its cost is bounded.

use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use restante_bridge::Settings;
use restante_bridge::limits::Limits;
use restante_shared::relay::CloseCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::world::{PATIENCE, TestBridge, TestClient, TestTarget, bytes, relay_to, within};

/// Returns a masked client frame.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x5a, 1, 0, 0xff];
    let mut frame = vec![first];
    let length = payload.len();
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => frame.push(0x80 | short),
        (_, Ok(middle)) => {
            frame.push(0xfe);
            frame.extend(middle.to_be_bytes());
        }
        (_, Err(_)) => {
            frame.push(0xff);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(o, m)| o ^ m));
    frame
}

/// Writes to the connection below the client's own WebSocket.
async fn write(client: &mut TestClient, bytes: &[u8]) {
    within(client.socket.get_mut().write_all(bytes))
        .await
        .unwrap();
}

async fn read(server: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    within(server.read_exact(&mut bytes)).await.unwrap();
    bytes
}

/// A bridge with these limits, and a relay to `target`.
async fn limited(target: &TestTarget, limits: Limits) -> (TestBridge, TestClient, TcpStream) {
    let settings = Settings {
        limits,
        ..Settings::default()
    };
    let bridge = TestBridge::start(settings.allow_loopback([target.port])).await;
    let client = bridge.open("127.0.0.1", target.port).await;
    let server = target.accept().await;
    (bridge, client, server)
}

#[tokio::test]
async fn a_frame_may_arrive_byte_by_byte() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    for byte in frame(0x82, &bytes(300)) {
        write(&mut client, &[byte]).await;
    }
    assert_eq!(read(&mut server, 300).await, bytes(300));
}

#[tokio::test]
async fn bytes_of_a_frame_do_not_wait_for_its_end() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    let whole = frame(0x82, &bytes(1000));
    write(&mut client, &whole[..whole.len() - 1]).await;
    assert_eq!(read(&mut server, 999).await, bytes(1000)[..999]);
}

#[tokio::test]
async fn fragments_with_pings_between_them_are_one_stream() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    write(&mut client, &frame(0x02, b"US")).await;
    for part in ["ER", "", " m"] {
        write(&mut client, &frame(0x89, b"there?")).await;
        write(&mut client, &frame(0x00, part.as_bytes())).await;
    }
    write(&mut client, &frame(0x80, b"e\r\n")).await;
    assert_eq!(read(&mut server, 9).await, b"USER me\r\n");
}

#[tokio::test]
async fn a_message_of_a_million_fragments_is_not_buffered() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, server) = relay_to(&target).await;
    let (mut reader, _writer) = server.into_split();
    let reading = tokio::spawn(async move {
        let mut bytes = vec![0; 1_000_000];
        reader.read_exact(&mut bytes).await.unwrap();
        bytes
    });
    write(&mut client, &frame(0x02, b"")).await;
    let thousand: Vec<u8> = (0..1000).flat_map(|_| frame(0x00, b"x")).collect();
    for _ in 0..1000 {
        write(&mut client, &thousand).await;
    }
    let received = within(reading).await.unwrap();
    assert!(received.iter().all(|byte| *byte == b'x'));
}

#[tokio::test]
async fn a_violation_ends_the_relay_after_the_data_before_it() {
    let close_999 = frame(0x88, &999_u16.to_be_bytes());
    let bad_reason = frame(0x88, b"\x03\xe8\xff\xfe");
    let long_ping = frame(0x89, &[b'x'; 126]);
    let begun_twice = [frame(0x02, b""), frame(0x82, b"")].concat();
    let deflated = frame(0xc2, b"compressed, as nobody agreed to");
    let text_with_bit = frame(0xc1, b"");
    for (bytes, code) in [
        (close_999.as_slice(), 1002),
        (&bad_reason, 1007),
        (&long_ping, 1002),
        (&begun_twice, 1002),
        (&deflated, 1002),
        (&text_with_bit, 1002),
        (&frame(0x80, b"continues nothing"), 1002),
        (&frame(0x8b, b""), 1002),
        (&frame(0x81, b"text"), 1003),
        (b"\x82\x04data", 1002),
        (b"\x88\x81\0\0\0\0\0", 1002),
        // A length of 2^63, and one just over the limit, without payload.
        (b"\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0", 1002),
        (b"\x82\xff\0\0\0\0\0\x10\0\x01\0\0\0\0", 1009),
    ] {
        let target = TestTarget::start().await;
        let (_bridge, mut client, mut server) = relay_to(&target).await;
        write(&mut client, &[&frame(0x82, b"NOOP"), bytes].concat()).await;
        assert_eq!(client.close_code().await, code, "{bytes:?}");
        let mut received = Vec::new();
        within(server.read_to_end(&mut received)).await.unwrap();
        assert_eq!(received, b"NOOP", "{bytes:?}");
    }
}

#[tokio::test]
async fn offered_compression_is_declined() {
    let target = TestTarget::start().await;
    let settings = Settings::default().allow_loopback([target.port]);
    let bridge = TestBridge::start(settings).await;
    let mut request = bridge.request(&format!("host=127.0.0.1&port={}", target.port));
    let offer = "permessage-deflate; client_max_window_bits";
    let headers = request.headers_mut();
    headers.insert("Sec-WebSocket-Extensions", offer.parse().unwrap());
    let stream = TcpStream::connect(bridge.address).await.unwrap();
    let opened = tokio_tungstenite::client_async(request, stream);
    let (_, response) = within(opened).await.unwrap();
    assert!(!response.headers().contains_key("sec-websocket-extensions"));
}

#[tokio::test]
async fn a_close_frame_is_answered_with_its_code_and_then_the_end() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    let farewell = [frame(0x82, b"QUIT\r\n"), frame(0x88, b"\x0f\xa1bye")].concat();
    write(&mut client, &farewell).await;
    let mut answer = Vec::new();
    within(client.socket.get_mut().read_to_end(&mut answer))
        .await
        .unwrap();
    assert_eq!(answer, b"\x88\x02\x0f\xa1");
    let mut received = Vec::new();
    within(server.read_to_end(&mut received)).await.unwrap();
    assert_eq!(received, b"QUIT\r\n");
}

#[tokio::test]
async fn a_flood_of_pings_is_answered_by_few_pongs() {
    const PINGS: usize = 200_000;
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    // The client reads nothing: a pong for each ping would fill every buffer on the way.
    let some: Vec<u8> = (0..1000).flat_map(|_| frame(0x89, &[b'x'; 125])).collect();
    for _ in 0..PINGS / 1000 {
        write(&mut client, &some).await;
    }
    write(&mut client, &frame(0x89, b"last")).await;
    client.send("NOOP").await;
    assert_eq!(read(&mut server, 4).await, b"NOOP");
    let mut pongs = 0;
    loop {
        match within(client.socket.next()).await {
            Some(Ok(Message::Pong(payload))) => {
                pongs += 1;
                if payload == "last" {
                    break;
                }
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(pongs < PINGS / 10, "{pongs} pongs");
}

#[tokio::test]
async fn a_client_that_stops_reading_is_given_up_and_its_target_freed() {
    let target = TestTarget::start().await;
    let limits = Limits {
        ping_interval: Duration::from_millis(100),
        ..Limits::default()
    };
    let settings = Settings {
        limits,
        ..Settings::default()
    };
    let metrics = Arc::clone(&settings.metrics);
    let bridge = TestBridge::start(settings.allow_loopback([target.port])).await;
    let mut client = bridge.open("127.0.0.1", target.port).await;
    let server = target.accept().await;
    // It still answers pings, which is not enough.
    let (mut reader, mut writer) = server.into_split();
    let flood = async {
        let chunk = bytes(64 * 1024);
        while writer.write_all(&chunk).await.is_ok() {}
    };
    let gone = async {
        let mut received = Vec::new();
        let _ = reader.read_to_end(&mut received).await;
    };
    let signs_of_life = async {
        while client.socket.send(Message::Pong("".into())).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let freed = async {
        tokio::select! {
            () = flood => {}
            () = gone => {}
        }
    };
    within(futures::future::join(freed, signs_of_life)).await;
    let ended = "relays_ended_total{reason=\"client_stuck\"} 1\n";
    assert!(metrics.text().contains(ended), "{}", metrics.text());
}

#[tokio::test]
async fn buffers_of_stalled_relays_are_freed_for_waiting_ones() {
    let target = TestTarget::start().await;
    let limits = Limits {
        // One buffer each way, and a long timeout for stalled sides while no relay waits.
        queued_octets: 1,
        ping_interval: PATIENCE / 2,
        ..Limits::default()
    };
    let (bridge, stuck, mut flooding) = limited(&target, limits).await;
    let chunk = bytes(64 * 1024);
    while let Ok(written) =
        tokio::time::timeout(Duration::from_millis(200), flooding.write_all(&chunk)).await
    {
        written.unwrap();
    }
    let mut other = bridge.open("127.0.0.1", target.port).await;
    let mut server = target.accept().await;
    server.write_all(b"+OK").await.unwrap();
    // Alone it would have the whole timeout; now it has a tenth of it.
    let served = tokio::time::timeout(PATIENCE / 2, other.receive(3)).await;
    assert_eq!(served.unwrap(), b"+OK");
    drop(stuck);
}

#[tokio::test]
async fn a_buffer_in_use_for_too_long_is_freed_for_a_waiting_relay() {
    let target = TestTarget::start().await;
    let limits = Limits {
        queued_octets: 1,
        // A side that accepts a byte now and then is not stalled, however long that takes.
        ping_interval: PATIENCE * 100,
        send_time: Duration::from_millis(200),
        ..Limits::default()
    };
    let (bridge, _slow, mut flooding) = limited(&target, limits).await;
    let chunk = bytes(64 * 1024);
    let flood = async { while flooding.write_all(&chunk).await.is_ok() {} };
    let other = async {
        let mut other = bridge.open("127.0.0.1", target.port).await;
        let mut server = target.accept().await;
        server.write_all(b"+OK").await.unwrap();
        other.receive(3).await
    };
    let ((), served) = within(futures::future::join(flood, other)).await;
    assert_eq!(served, b"+OK");
}

#[tokio::test]
async fn a_stalled_relay_does_not_delay_others() {
    let target = TestTarget::start().await;
    let (bridge, _stuck, mut flooding) = limited(&target, Limits::default()).await;
    let chunk = bytes(64 * 1024);
    while let Ok(written) =
        tokio::time::timeout(Duration::from_millis(200), flooding.write_all(&chunk)).await
    {
        written.unwrap();
    }
    let mut other = bridge.open("127.0.0.1", target.port).await;
    let mut server = target.accept().await;
    other.send("CAPA").await;
    assert_eq!(read(&mut server, 4).await, b"CAPA");
    server.write_all(b"+OK").await.unwrap();
    assert_eq!(other.receive(3).await, b"+OK");
}

#[tokio::test]
async fn a_relay_ends_at_its_maximum_age_or_amount_of_data() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = limited(
        &target,
        Limits {
            relay_octets: 1000,
            ..Limits::default()
        },
    )
    .await;
    server.write_all(&bytes(900)).await.unwrap();
    client.receive(900).await;
    client.send(bytes(200)).await;
    assert_eq!(client.close_code().await, CloseCode::Expired.number());

    let relay_time = Duration::from_millis(100);
    let limits = Limits {
        relay_time,
        ..Limits::default()
    };
    let (_bridge, mut client, _server) = limited(&target, limits).await;
    assert_eq!(client.close_code().await, CloseCode::Expired.number());
}

#[tokio::test]
async fn a_frame_under_way_is_finished_before_the_close() {
    let target = TestTarget::start().await;
    let limits = Limits {
        drain_time: Duration::ZERO,
        // Megabytes are in flight, which a slow machine takes a while to read.
        close_time: PATIENCE,
        ..Limits::default()
    };
    let (mut bridge, mut client, mut server) = limited(&target, limits).await;
    let chunk = bytes(64 * 1024);
    let mut written = 0;
    while let Ok(Ok(count)) = tokio::time::timeout(
        Duration::from_millis(200),
        server.write(&chunk[written % 65536..]),
    )
    .await
    {
        written += count;
    }
    bridge.tell_to_stop();
    let (received, code) = client.until_closed().await;
    assert_eq!(code, CloseCode::ShuttingDown.number());
    assert!(
        received
            .chunks(chunk.len())
            .all(|part| chunk.starts_with(part))
    );
}
