//! The commands of the TRANSACTION state, as RFC 1939 and RFC 2449 describe them.

use std::collections::HashSet;
use std::time::Duration;

use md5::{Digest as _, Md5};

use crate::client::Pop3Client;
use crate::{options, start, start_with};

/// The two numbers of a status line such as `+OK 2 320`.
fn numbers(line: &str) -> (usize, usize) {
    let mut words = line.split(' ').skip(1);
    let mut number = || words.next().unwrap().parse().unwrap();
    (number(), number())
}

/// The session of RFC 1939 §10, with this maildrop's numbers.
#[tokio::test]
async fn the_sample_session_of_rfc_1939_runs_to_its_end() {
    let running = start().await;
    let mut client = Pop3Client::over_tls(&running).await;
    let timestamp = client.greeting.split(' ').next_back().unwrap();
    let digest = format!("{:x}", Md5::digest(format!("{timestamp}till-called-for")));
    let welcome = client.expect_ok(&format!("APOP visitor {digest}")).await;

    let (messages, bytes) = numbers(&client.expect_ok("STAT").await);
    assert_eq!(
        welcome,
        format!("+OK maildrop has {messages} messages ({bytes} octets)")
    );
    let listing = client.lines("LIST").await;
    assert_eq!(listing.len(), messages);
    for number in [1, 2] {
        let (listed, size) = numbers(&format!("+OK {}", listing[number - 1]));
        assert_eq!(listed, number);
        assert_eq!(
            client.expect_ok(&format!("RETR {number}")).await,
            format!("+OK {size} octets")
        );
        assert_eq!(client.rest_of_body().await.len(), size);
        let deleted = client.expect_ok(&format!("DELE {number}")).await;
        assert_eq!(deleted, format!("+OK message {number} deleted"));
    }
    client.expect_ok("QUIT").await;
    assert_eq!(client.octets_to_end().await, 0);
}

#[tokio::test]
async fn every_size_is_the_number_of_octets_that_retr_sends() {
    let running = start().await;
    let mut client = Pop3Client::logged_in(&running).await;
    let mut total = 0;
    for line in client.lines("LIST").await {
        let (number, size) = numbers(&format!("+OK {line}"));
        assert_eq!(client.body(&format!("RETR {number}")).await.len(), size);
        assert_eq!(
            client.expect_ok(&format!("LIST {number}")).await,
            format!("+OK {line}")
        );
        total += size;
    }
    assert_eq!(numbers(&client.expect_ok("STAT").await).1, total);
}

#[tokio::test]
async fn capabilities_name_what_the_server_can_do() {
    let running = start().await;
    let mut client = Pop3Client::in_the_clear(running.demo.stls).await;
    let capabilities = client.lines("CAPA").await;
    for capability in [
        "TOP",
        "UIDL",
        "USER",
        "SASL PLAIN",
        "STLS",
        "PIPELINING",
        "RESP-CODES",
        "AUTH-RESP-CODE",
        "EXPIRE NEVER",
    ] {
        assert!(
            capabilities.contains(&capability.to_owned()),
            "{capability}: {capabilities:?}"
        );
    }
    assert!(
        capabilities
            .iter()
            .any(|line| line.starts_with("IMPLEMENTATION "))
    );
}

#[tokio::test]
async fn commands_are_refused_in_the_wrong_state() {
    let running = start().await;
    let mut client = Pop3Client::over_tls(&running).await;
    for command in [
        "STAT", "LIST", "LIST 1", "UIDL", "RETR 1", "TOP 1 0", "DELE 1", "NOOP", "RSET",
    ] {
        client.expect_err(command).await;
    }
    client.expect_ok("USER visitor").await;
    client.expect_ok("PASS till-called-for").await;
    for command in [
        "USER visitor",
        "PASS till-called-for",
        "AUTH PLAIN",
        "APOP visitor c4c9334bac560ecc979e58001b3e22fb",
        "STLS",
    ] {
        client.expect_err(command).await;
    }
    assert_eq!(client.expect_ok("NOOP").await, "+OK");

    let mut client = Pop3Client::over_tls(&running).await;
    client.expect_ok("QUIT").await;
    assert_eq!(client.octets_to_end().await, 0);
}

#[tokio::test]
async fn deletions_last_for_one_session() {
    let running = start().await;
    let mut client = Pop3Client::logged_in(&running).await;
    let whole = client.expect_ok("STAT").await;
    let (messages, bytes) = numbers(&whole);
    let size = client.body("RETR 2").await.len();

    client.expect_ok("DELE 2").await;
    for command in ["DELE 2", "RETR 2", "TOP 2 0", "LIST 2", "UIDL 2"] {
        assert_eq!(
            client.expect_err(command).await,
            "-ERR message already deleted"
        );
    }
    assert_eq!(
        numbers(&client.expect_ok("STAT").await),
        (messages - 1, bytes - size)
    );
    for listing in ["LIST", "UIDL"] {
        let lines = client.lines(listing).await;
        assert_eq!(lines.len(), messages - 1);
        assert!(
            lines[0].starts_with("1 ") && lines[1].starts_with("3 "),
            "{lines:?}"
        );
    }
    client.expect_ok("RSET").await;
    assert_eq!(client.expect_ok("STAT").await, whole);

    client.expect_ok("DELE 2").await;
    client.expect_ok("QUIT").await;
    let mut client = Pop3Client::logged_in(&running).await;
    assert_eq!(client.expect_ok("STAT").await, whole);
}

#[tokio::test]
async fn there_is_no_message_beyond_the_last() {
    let running = start().await;
    let mut client = Pop3Client::logged_in(&running).await;
    let (messages, _) = numbers(&client.expect_ok("STAT").await);
    for number in [messages + 1, 4_294_967_295] {
        for command in ["RETR {}", "TOP {} 0", "DELE {}", "LIST {}", "UIDL {}"] {
            let command = command.replace("{}", &number.to_string());
            assert_eq!(client.expect_err(command).await, "-ERR no such message");
        }
    }
    client.expect_ok(&format!("DELE {messages}")).await;
}

#[tokio::test]
async fn unique_ids_differ_and_stay_from_start_to_start() {
    let running = start().await;
    let mut client = Pop3Client::logged_in(&running).await;
    let listing = client.lines("UIDL").await;
    let ids: HashSet<&str> = listing
        .iter()
        .map(|l| l.split_once(' ').unwrap().1)
        .collect();
    assert_eq!(ids.len(), listing.len());
    assert_eq!(
        client.expect_ok("UIDL 3").await,
        format!("+OK {}", listing[2])
    );

    let mut later = options();
    later.now += Duration::from_secs(86_400 * 3 + 4711);
    let running = start_with(later).await;
    let mut other = Pop3Client::logged_in(&running).await;
    assert_eq!(other.lines("UIDL").await, listing);
    // Only the dates have moved.
    assert_ne!(other.body("RETR 1").await, client.body("RETR 1").await);
}

#[tokio::test]
async fn top_sends_the_header_and_the_requested_number_of_lines() {
    let running = start().await;
    let mut client = Pop3Client::logged_in(&running).await;
    let message = client.body("RETR 1").await;
    let header = message.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    for lines in [0, 1, 7] {
        let top = client.body(&format!("TOP 1 {lines}")).await;
        assert_eq!(
            top.iter().skip(header).filter(|o| **o == b'\n').count(),
            lines
        );
        assert!(top.len() >= header && message.starts_with(&top));
    }
    assert_eq!(client.body("TOP 1 4000000000").await, message);
}

#[tokio::test]
async fn pipelined_commands_are_answered_in_order_however_they_are_split() {
    let running = start().await;
    let commands = "CAPA\r\nUSER visitor\r\nPASS till-called-for\r\nSTAT\r\nUIDL 1\r\nRETR 1\r\nTOP 2 0\r\n\
                    RETR 9999\r\nNOOP\r\nDELE 1\r\nRETR 1\r\nQUIT\r\n";
    for piece in [commands.len(), 7, 1] {
        let mut client = Pop3Client::over_tls(&running).await;
        for bytes in commands.as_bytes().chunks(piece) {
            client.send(bytes).await;
        }
        assert_eq!(client.line().await, "+OK Capability list follows");
        client.rest_of_body().await;
        client.line().await;
        assert!(client.line().await.starts_with("+OK maildrop has "));
        numbers(&client.line().await);
        assert!(client.line().await.starts_with("+OK 1 "));
        let status = client.line().await;
        let bytes = client.rest_of_body().await.len();
        assert_eq!(status, format!("+OK {bytes} octets"));
        assert!(client.line().await.starts_with("+OK "));
        client.rest_of_body().await;
        assert_eq!(client.line().await, "-ERR no such message");
        assert_eq!(client.line().await, "+OK");
        assert_eq!(client.line().await, "+OK message 1 deleted");
        assert_eq!(client.line().await, "-ERR message already deleted");
        assert!(client.line().await.starts_with("+OK signing off"));
        assert_eq!(client.octets_to_end().await, 0);
    }
}

#[tokio::test]
async fn dots_that_begin_a_line_are_doubled_on_the_wire() {
    let running = start().await;
    let mut client = Pop3Client::logged_in(&running).await;
    let (messages, _) = numbers(&client.expect_ok("STAT").await);
    for number in 1..=messages {
        client.expect_ok(&format!("RETR {number}")).await;
        let mut wire = Vec::new();
        while wire.last().map(Vec::as_slice) != Some(b".\r\n") {
            wire.push(client.raw_line().await);
        }
        if wire
            .iter()
            .any(|line| line.starts_with(b"Message-ID: <dots@"))
        {
            let dots: Vec<_> = wire
                .into_iter()
                .filter(|line| line.starts_with(b"."))
                .collect();
            let lines = [
                "..\r\n",
                "...\r\n",
                "....\r\n",
                ".....\r\n",
                "..hidden files begin like this\r\n",
                "...and parent folders like this\r\n",
                ".\r\n",
            ];
            assert_eq!(dots, lines.map(|line| line.as_bytes().to_vec()));
            return;
        }
    }
    panic!("the message about full stops is missing");
}
