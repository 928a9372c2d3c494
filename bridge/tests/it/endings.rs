//! Every ending of a relay, and its close code.

use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use restante_bridge::Settings;
use restante_bridge::limits::Limits;
use restante_bridge::policy::{Policy, Rule};
use restante_shared::relay::{CloseCode, Target};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::Message;

use crate::world::{
    Names, SilentResolver, TestBridge, TestTarget, bytes, public_pop3, relay_to, within,
};

fn with_limits(limits: Limits) -> Settings {
    Settings {
        limits,
        ..public_pop3()
    }
}

#[tokio::test]
async fn the_targets_last_data_arrives_before_its_close() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    let data = bytes(3_000_000);
    let words = data.clone();
    let speaking = tokio::spawn(async move {
        server.write_all(&words).await.unwrap();
        server.shutdown().await.unwrap();
    });
    let (received, code) = client.until_closed().await;
    assert!(received == data);
    assert_eq!(code, 1000);
    speaking.await.unwrap();
}

#[tokio::test]
async fn the_clients_last_command_arrives_although_it_left_much_unread() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, server) = relay_to(&target).await;
    let (mut reader, mut writer) = server.into_split();
    let flood = tokio::spawn(async move { writer.write_all(&bytes(32 * 1024 * 1024)).await });
    client.receive(1).await;
    client.send("QUIT\r\n").await;
    within(client.socket.close(None)).await.unwrap();
    // Data that the bridge has not read must not turn its orderly close into a reset.
    let mut received = Vec::new();
    within(reader.read_to_end(&mut received)).await.unwrap();
    assert_eq!(received, b"QUIT\r\n");
    within(flood).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_disappears_ends_the_targets_side() {
    let target = TestTarget::start().await;
    let (_bridge, client, mut server) = relay_to(&target).await;
    drop(client);
    let mut received = Vec::new();
    within(server.read_to_end(&mut received)).await.unwrap();
    assert!(received.is_empty());
}

#[tokio::test]
async fn a_target_that_resets_breaks_the_relay() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, server) = relay_to(&target).await;
    server.set_zero_linger().unwrap();
    drop(server);
    assert_eq!(client.close_code().await, CloseCode::Broken.number());
}

#[tokio::test]
async fn a_text_message_is_refused() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, mut server) = relay_to(&target).await;
    client.socket.send(Message::text("USER me")).await.unwrap();
    assert_eq!(client.close_code().await, 1003);
    let mut received = Vec::new();
    within(server.read_to_end(&mut received)).await.unwrap();
    assert!(received.is_empty());
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_refused() {
    let target = TestTarget::start().await;
    let (_bridge, mut client, _server) = relay_to(&target).await;
    let (mut sink, mut stream) = (&mut client.socket).split();
    let message = Message::Binary(bytes(1024 * 1024 + 1).into());
    let closed = async {
        match stream.next().await {
            Some(Ok(Message::Close(Some(frame)))) => u16::from(frame.code),
            other => panic!("{other:?}"),
        }
    };
    let (_, code) = within(futures::future::join(sink.send(message), closed)).await;
    assert_eq!(code, 1009);
}

#[tokio::test]
async fn frames_that_violate_the_protocol_are_refused() {
    for frame in [
        // Unmasked, with a reserved bit, with a reserved opcode, and a fragmented ping.
        b"\x82\x01A".as_slice(),
        b"\xc2\x81\0\0\0\0A",
        b"\x83\x81\0\0\0\0A",
        b"\x09\x81\0\0\0\0A",
    ] {
        let target = TestTarget::start().await;
        let (_bridge, mut client, mut server) = relay_to(&target).await;
        client.socket.get_mut().write_all(frame).await.unwrap();
        assert_eq!(client.close_code().await, 1002, "{frame:?}");
        let mut received = Vec::new();
        within(server.read_to_end(&mut received)).await.unwrap();
        assert!(received.is_empty());
    }
}

#[tokio::test]
async fn a_listed_name_without_an_address_is_not_found() {
    let names = Names::default().with("empty.example", &[]);
    let listed = |host| Rule::new(Target::new(host, 995).unwrap());
    let settings = Settings {
        policy: Policy::default()
            .allow(listed("empty.example"))
            .allow(listed("missing.example")),
        resolver: Arc::new(names),
        ..Settings::default()
    };
    let bridge = TestBridge::start(settings).await;
    for host in ["empty.example", "missing.example"] {
        let mut client = bridge.open(host, 995).await;
        assert_eq!(client.close_code().await, CloseCode::NameNotFound.number());
    }
}

#[tokio::test]
async fn strangers_cannot_tell_names_of_the_network_from_names_that_do_not_exist() {
    let names = Names::default()
        .with("private.example", &["10.0.0.1"])
        .with("loopback.example", &["127.0.0.1"])
        .with("metadata.example", &["169.254.169.254"])
        .with("mixed.example", &["192.0.2.1", "10.0.0.1"])
        .with("empty.example", &[]);
    let settings = Settings {
        resolver: Arc::new(names),
        ..public_pop3()
    };
    let bridge = TestBridge::start(settings).await;
    let mut answers = Vec::new();
    for (host, port) in [
        ("private.example", 995),
        ("loopback.example", 995),
        ("metadata.example", 995),
        ("mixed.example", 995),
        ("empty.example", 995),
        ("missing.example", 995),
        ("private.example", 25),
        ("10.0.0.1", 995),
        ("localhost", 110),
    ] {
        let mut client = bridge.open(host, port).await;
        let (_, code, reason) = client.until_reason().await;
        answers.push((code, reason));
    }
    answers.dedup();
    let sentence = "the target is unknown or not allowed".to_owned();
    assert_eq!(answers, [(CloseCode::Policy.number(), sentence)]);
}

#[tokio::test]
async fn a_port_without_a_server_is_refused() {
    // Bound and not listening: the port refuses connections, and no other program is given it.
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = closed.local_addr().unwrap().port();
    let bridge = TestBridge::start(Settings::default().allow_loopback([port])).await;
    let mut client = bridge.open("localhost", port).await;
    assert_eq!(client.close_code().await, CloseCode::Refused.number());
}

#[tokio::test]
async fn a_lookup_without_an_answer_times_out() {
    let settings = Settings {
        resolver: Arc::new(SilentResolver),
        ..with_limits(Limits {
            dial_time: Duration::from_millis(50),
            ..Limits::default()
        })
    };
    let bridge = TestBridge::start(settings).await;
    let mut client = bridge.open("slow.example", 995).await;
    assert_eq!(client.close_code().await, CloseCode::TimedOut.number());
}

#[tokio::test]
async fn a_target_that_does_not_answer_times_out() {
    // A full queue of one connection: the kernel then drops further attempts.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let deaf = socket.listen(1).unwrap();
    let address = deaf.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(stream) = tokio::time::timeout(
        Duration::from_millis(200),
        tokio::net::TcpStream::connect(address),
    )
    .await
    {
        queue.push(stream.unwrap());
        assert!(queue.len() < 10);
    }
    let settings = with_limits(Limits {
        dial_time: Duration::from_millis(50),
        ..Limits::default()
    });
    let bridge = TestBridge::start(settings.allow_loopback([address.port()])).await;
    let mut client = bridge.open("127.0.0.1", address.port()).await;
    assert_eq!(client.close_code().await, CloseCode::TimedOut.number());
}

#[tokio::test]
async fn a_client_that_leaves_while_its_target_is_dialled_frees_its_relay() {
    let settings = Settings {
        resolver: Arc::new(SilentResolver),
        ..with_limits(Limits {
            relays: 1,
            ..Limits::default()
        })
    };
    let bridge = TestBridge::start(settings).await;
    let mut first = bridge.open("slow.example", 995).await;
    within(first.socket.close(None)).await.unwrap();
    while within(first.socket.next()).await.is_some() {}
    let mut request = bridge.request("host=other.example&port=25");
    loop {
        let mut next = bridge.send(request.clone()).await.unwrap();
        if next.close_code().await == CloseCode::Policy.number() {
            break;
        }
        request = bridge.request("host=other.example&port=25");
    }
}

#[tokio::test]
async fn an_idle_relay_is_closed() {
    let target = TestTarget::start().await;
    let settings = with_limits(Limits {
        idle_time: Duration::from_millis(50),
        ..Limits::default()
    });
    let bridge = TestBridge::start(settings.allow_loopback([target.port])).await;
    let mut client = bridge.open("127.0.0.1", target.port).await;
    let _server = target.accept().await;
    assert_eq!(client.close_code().await, CloseCode::Expired.number());
}

#[tokio::test]
async fn a_quiet_client_is_pinged_and_kept_while_it_answers() {
    let target = TestTarget::start().await;
    let settings = with_limits(Limits {
        // An answer may take twice this time, and every answer here is sent by this thread.
        ping_interval: Duration::from_millis(500),
        ..Limits::default()
    });
    let bridge = TestBridge::start(settings.allow_loopback([target.port])).await;
    let mut client = bridge.open("127.0.0.1", target.port).await;
    let mut server = target.accept().await;
    // A client that does not answer would be given up after the second one.
    for _ in 0..5 {
        match within(client.socket.next()).await {
            Some(Ok(Message::Ping(_))) => {}
            other => panic!("{other:?}"),
        }
    }
    server.write_all(b"+OK").await.unwrap();
    assert_eq!(client.receive(3).await, b"+OK");
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_given_up() {
    let target = TestTarget::start().await;
    let settings = with_limits(Limits {
        ping_interval: Duration::from_millis(20),
        ..Limits::default()
    });
    let bridge = TestBridge::start(settings.allow_loopback([target.port])).await;
    let _client = bridge.open("127.0.0.1", target.port).await;
    let mut server = target.accept().await;
    let mut received = Vec::new();
    within(server.read_to_end(&mut received)).await.unwrap();
}

#[tokio::test]
async fn too_many_relays_are_refused_until_one_ends() {
    for limits in [
        Limits {
            relays: 2,
            ..Limits::default()
        },
        Limits {
            relays_per_client: 2,
            ..Limits::default()
        },
    ] {
        let target = TestTarget::start().await;
        let bridge = TestBridge::start(with_limits(limits).allow_loopback([target.port])).await;
        let mut first = bridge.open("127.0.0.1", target.port).await;
        let _second = bridge.open("127.0.0.1", target.port).await;
        let (one, two) = (target.accept().await, target.accept().await);
        let mut third = bridge.open("127.0.0.1", target.port).await;
        assert_eq!(third.close_code().await, CloseCode::TooMany.number());

        within(first.socket.close(None)).await.unwrap();
        drop((one, two));
        let reached = async {
            loop {
                let mut next = bridge.open("127.0.0.1", target.port).await;
                next.send("x").await;
                tokio::select! {
                    code = next.close_code() => assert_eq!(code, CloseCode::TooMany.number()),
                    _ = target.accept() => break,
                }
            }
        };
        within(reached).await;
    }
}

#[tokio::test]
async fn a_stopping_bridge_closes_its_relays_and_ends() {
    let target = TestTarget::start().await;
    let settings = with_limits(Limits {
        drain_time: Duration::ZERO,
        ..Limits::default()
    });
    let mut bridge = TestBridge::start(settings.allow_loopback([target.port])).await;
    let mut client = bridge.open("127.0.0.1", target.port).await;
    let server = target.accept().await;
    bridge.tell_to_stop();
    assert_eq!(client.close_code().await, CloseCode::ShuttingDown.number());
    drop((client, server));
    let address = bridge.address;
    bridge.stopped().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_bridge_stops_even_if_no_peer_reads_or_answers() {
    let target = TestTarget::start().await;
    let settings = with_limits(Limits {
        close_time: Duration::from_millis(100),
        drain_time: Duration::ZERO,
        ..Limits::default()
    });
    let mut bridge = TestBridge::start(settings.allow_loopback([target.port])).await;
    let _deaf = bridge.open("127.0.0.1", target.port).await;
    let _server = target.accept().await;
    let _idle = tokio::net::TcpStream::connect(bridge.address)
        .await
        .unwrap();
    bridge.tell_to_stop();
    bridge.stopped().await;
}
