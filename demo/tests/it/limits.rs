//! Hostile and absent-minded clients, and the end of the maildrop.

use std::time::Duration;

use restante_demo::DemoOptions;
use tokio::net::{TcpListener, TcpStream};

use crate::client::Pop3Client;
use crate::{options, start, start_with};

#[tokio::test]
async fn invalid_commands_are_refused_and_the_session_continues() {
    let running = start().await;
    let mut client = Pop3Client::logged_in(&running).await;
    let long = "x".repeat(300);
    let lines: [&[u8]; 16] = [
        b"",
        b" ",
        b"NOOP\0",
        b"\xff\xfe\xfd",
        b"RETR",
        b"RETR 0",
        b"RETR -1",
        b"RETR 1 2",
        b"RETR 99999999999999999999",
        b"RETR \xd9\xa1",
        b"TOP 1",
        b"TOP 1 99999999999",
        b"LIST 1\0",
        b"DELE 1\rDELE 2",
        b"GET / HTTP/1.1",
        long.as_bytes(),
    ];
    for line in lines {
        client.expect_err(line).await;
    }
    let stat = client.expect_ok("STAT").await;
    let messages = client.lines("LIST").await.len();
    assert!(stat.starts_with(&format!("+OK {messages} ")), "{stat}");
}

#[tokio::test]
async fn an_endless_line_is_discarded_up_to_its_end() {
    let running = start().await;
    let mut client = Pop3Client::logged_in(&running).await;
    for _ in 0..64 {
        client.send(vec![b'x'; 65_536]).await;
    }
    assert_eq!(client.ask("").await, "-ERR the line is too long");
    client.expect_ok("NOOP").await;
}

#[tokio::test]
async fn a_silent_session_is_closed_without_a_message() {
    let running = start_with(DemoOptions {
        idle: Duration::from_millis(50),
        ..options()
    })
    .await;
    let mut client = Pop3Client::in_the_clear(running.demo.stls).await;
    assert_eq!(client.octets_to_end().await, 0);
}

#[tokio::test]
async fn a_client_that_never_reads_is_dropped_and_does_not_fill_the_memory() {
    let running = start_with(DemoOptions {
        idle: Duration::from_millis(200),
        ..options()
    })
    .await;
    let mut client = Pop3Client::in_the_clear(running.demo.stls).await;
    client.expect_ok("USER visitor").await;
    client.expect_ok("PASS till-called-for").await;
    let stat = client.expect_ok("STAT").await;
    let bytes: usize = stat.rsplit(' ').next().unwrap().parse().unwrap();
    let messages = client.lines("LIST").await.len();
    // The whole maildrop twenty times over, asked for in one go.
    let commands: String = (1..=messages).map(|n| format!("RETR {n}\r\n")).collect();
    client.send(commands.repeat(20)).await;
    // Sessions are closed by silence alone here, so this one is over before anything is read from it.
    let mut other = Pop3Client::in_the_clear(running.demo.stls).await;
    other.octets_to_end().await;
    let mut other = Pop3Client::in_the_clear(running.demo.stls).await;
    other.octets_to_end().await;
    assert!(client.octets_to_end().await < 20 * bytes);
}

#[tokio::test]
async fn sessions_beyond_the_limit_wait_for_one_to_end() {
    let running = start().await;
    let mut sessions = Vec::new();
    for _ in 0..64 {
        sessions.push(Pop3Client::in_the_clear(running.demo.stls).await);
    }
    // The kernel accepts on the server's behalf; the greeting tells when the server does.
    let waiting = TcpStream::connect(running.demo.stls).await.unwrap();
    let mut bytes = [0; 1];
    let nothing = tokio::time::timeout(Duration::from_millis(100), waiting.peek(&mut bytes)).await;
    assert!(nothing.is_err());
    let mut ended = sessions.pop().unwrap();
    ended.expect_ok("QUIT").await;
    waiting.readable().await.unwrap();
    assert_eq!(waiting.peek(&mut bytes).await.unwrap(), 1);
}

#[tokio::test]
async fn sessions_and_listeners_end_at_shutdown() {
    let running = start().await;
    let mut tls = Pop3Client::logged_in(&running).await;
    let mut clear = Pop3Client::in_the_clear(running.demo.stls).await;
    running.stop.send(()).unwrap();
    running.demo.task.await.unwrap();
    assert_eq!(tls.octets_to_end().await, 0);
    assert_eq!(clear.octets_to_end().await, 0);
    assert!(TcpStream::connect(running.demo.tls).await.is_err());
    assert!(TcpStream::connect(running.demo.stls).await.is_err());
}

#[tokio::test]
async fn a_requested_port_in_use_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let options = DemoOptions {
        tls_port: Some(port),
        ..options()
    };
    let error = restante_demo::start(options, std::future::pending())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}

#[tokio::test]
async fn a_second_demo_finds_other_ports_when_the_default_ones_are_taken() {
    let by_default = || DemoOptions {
        tls_port: None,
        stls_port: None,
        ..options()
    };
    let first = start_with(by_default()).await;
    let second = start_with(by_default()).await;
    assert_ne!(first.demo.tls, second.demo.tls);
    assert_ne!(first.demo.stls, second.demo.stls);
    Pop3Client::logged_in(&second).await.expect_ok("STAT").await;
}
