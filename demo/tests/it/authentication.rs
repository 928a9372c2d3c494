//! Logging in, in each of the four ways, and TLS by `STLS`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

use crate::client::Pop3Client;
use crate::start;

fn apop_digest(greeting: &str, password: &str) -> String {
    let timestamp = greeting.split(' ').next_back().unwrap();
    assert!(
        timestamp.starts_with('<') && timestamp.ends_with('>'),
        "{greeting}"
    );
    format!("{:x}", Md5::digest(format!("{timestamp}{password}")))
}

#[tokio::test]
async fn user_and_pass_open_the_maildrop_over_tls_and_in_the_clear() {
    let running = start().await;
    for mut client in [
        Pop3Client::over_tls(&running).await,
        Pop3Client::in_the_clear(running.demo.stls).await,
    ] {
        client.expect_ok("user visitor").await;
        client.expect_ok("pass till-called-for").await;
        client.expect_ok("STAT").await;
    }
}

#[tokio::test]
async fn wrong_credentials_have_a_response_code_and_may_be_retried() {
    let running = start().await;
    let mut client = Pop3Client::over_tls(&running).await;
    for (user, password) in [
        ("visitor", "Till-called-for"),
        ("Visitor", "till-called-for"),
        ("root", "x"),
    ] {
        client.expect_ok(&format!("USER {user}")).await;
        let refusal = client.expect_err(format!("PASS {password}")).await;
        assert!(refusal.starts_with("-ERR [AUTH] "), "{refusal}");
        client.expect_err("STAT").await;
    }
    client.expect_ok("USER visitor").await;
    client.expect_ok("PASS till-called-for").await;
}

#[tokio::test]
async fn a_password_counts_only_directly_after_its_user_name() {
    let running = start().await;
    let mut client = Pop3Client::over_tls(&running).await;
    client.expect_err("PASS till-called-for").await;
    client.expect_ok("USER visitor").await;
    client.expect_err("NOOP").await;
    client.expect_err("PASS till-called-for").await;
    client.expect_err("STAT").await;
}

#[tokio::test]
async fn apop_requires_the_timestamp_of_this_greeting() {
    let running = start().await;
    let other = Pop3Client::over_tls(&running).await;
    let mut client = Pop3Client::in_the_clear(running.demo.stls).await;
    assert_ne!(other.greeting, client.greeting);

    for wrong in [
        apop_digest(&other.greeting, "till-called-for"),
        apop_digest(&client.greeting, "poste"),
        "0".repeat(32),
    ] {
        let refusal = client.expect_err(format!("APOP visitor {wrong}")).await;
        assert!(refusal.starts_with("-ERR [AUTH] "), "{refusal}");
    }
    let right = apop_digest(&client.greeting, "till-called-for");
    client.expect_err(format!("APOP postmaster {right}")).await;
    client.expect_ok(&format!("APOP visitor {right}")).await;
    client.expect_ok("STAT").await;
}

#[tokio::test]
async fn auth_plain_accepts_its_response_initially_or_after_the_challenge() {
    let running = start().await;
    let right = STANDARD.encode("\0visitor\0till-called-for");
    let with_identity = STANDARD.encode("visitor\0visitor\0till-called-for");
    for response in [&right, &with_identity] {
        let mut client = Pop3Client::over_tls(&running).await;
        client.expect_ok(&format!("AUTH PLAIN {response}")).await;
        client.expect_ok("STAT").await;

        let mut client = Pop3Client::over_tls(&running).await;
        assert_eq!(client.ask("auth plain").await, "+ ");
        client.expect_ok(response).await;
        client.expect_ok("STAT").await;
    }
}

#[tokio::test]
async fn auth_plain_refuses_wrong_credentials_and_ends_its_exchange() {
    let running = start().await;
    let mut client = Pop3Client::over_tls(&running).await;
    client.expect_err("AUTH CRAM-MD5").await;
    for wrong in [
        "*".to_owned(),
        "not base64!".to_owned(),
        STANDARD.encode("\0visitor\0wrong"),
        STANDARD.encode("postmaster\0visitor\0till-called-for"),
        STANDARD.encode("visitor till-called-for"),
        String::new(),
    ] {
        assert_eq!(client.ask("AUTH PLAIN").await, "+ ");
        client.expect_err(wrong).await;
        // The next line is a command again.
        client.expect_ok("CAPA").await;
        client.rest_of_body().await;
    }
    client.expect_err("STAT").await;
}

#[tokio::test]
async fn rare_commands_are_answered_and_change_nothing() {
    let running = start().await;
    let mut client = Pop3Client::over_tls(&running).await;
    assert_eq!(client.lines("AUTH").await, ["PLAIN"]);
    for line in ["UTF8", "LANG", "LANG en"] {
        client.expect_err(line).await;
    }
    client.expect_ok("USER visitor").await;
    client.expect_ok("PASS till-called-for").await;
    for line in ["AUTH", "UTF8", "LANG", "XTND BBOARDS", "XTND ARCHIVE a"] {
        client.expect_err(line).await;
    }
    client.expect_ok("STAT").await;
}

#[tokio::test]
async fn stls_discards_the_state_before_it_and_is_offered_only_where_it_works() {
    let running = start().await;
    let mut client = Pop3Client::in_the_clear(running.demo.stls).await;
    assert!(client.lines("CAPA").await.contains(&"STLS".to_owned()));
    client.expect_ok("USER visitor").await;
    client.expect_ok("PASS till-called-for").await;
    assert!(!client.lines("CAPA").await.contains(&"STLS".to_owned()));
    client.expect_err("STLS").await;

    let mut client = Pop3Client::after_stls(&running).await;
    assert!(!client.lines("CAPA").await.contains(&"STLS".to_owned()));
    client.expect_err("STLS").await;
    client.expect_err("STAT").await;
    client.expect_ok("USER visitor").await;
    client.expect_ok("PASS till-called-for").await;
    client.expect_ok("STAT").await;

    let mut client = Pop3Client::over_tls(&running).await;
    assert!(!client.lines("CAPA").await.contains(&"STLS".to_owned()));
    client.expect_err("STLS").await;
}

#[tokio::test]
async fn data_sent_with_stls_is_refused_as_an_injection() {
    let running = start().await;
    let mut client = Pop3Client::in_the_clear(running.demo.stls).await;
    client.send("STLS\r\nUSER visitor\r\n").await;
    assert!(client.line().await.starts_with("-ERR "));
    assert_eq!(client.octets_to_end().await, 0);
}
