//! Q22, Q23 and Q26: sessions that end while a message is fetched, and the recovery from that.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use restante_client::api::check::CheckOutcome;
use restante_client::api::settings::Encryption;
use restante_client::clock::SystemClock;
use restante_client::engine::mailboxes::server_profile::Pipelining;
use restante_shared::pop3::quirk::Quirk;

use crate::scripted::{self, Answer, Script, list, say, usual};
use crate::visit::{Visitor, unencrypted};

const DONE: [CheckOutcome; 3] = [done(3, 0), done(2, 1), done(0, 1)];

const fn done(new_messages: u32, skipped: u32) -> CheckOutcome {
    CheckOutcome::Done {
        new_messages,
        skipped,
    }
}

/// The commands that a server has received, by connection.
type Heard = Arc<Mutex<Vec<Vec<String>>>>;

/// Starts a server with three messages. `overrides` may override an answer. Its arguments are the number
/// of the connection, counted from 1, and the command.
async fn start(
    pipelining: bool,
    overrides: impl Fn(usize, &str) -> Option<Answer> + Send + 'static,
) -> (Visitor<SystemClock>, Heard) {
    let heard = Heard::default();
    let hearing = Arc::clone(&heard);
    let script = move |command: &str| {
        let mut heard = hearing.lock().unwrap();
        if command.is_empty() {
            heard.push(Vec::new());
        }
        let connection = heard.len();
        heard.last_mut().unwrap().push(command.to_owned());
        overrides(connection, command).unwrap_or_else(|| match command {
            "CAPA" if !pipelining => list(&["USER", "UIDL"]),
            "UIDL" => list(&["1 one", "2 two", "3 three"]),
            "LIST" => list(&["1 7", "2 8", "3 7"]),
            "RETR 1" => list(&["first"]),
            "RETR 2" => list(&["second"]),
            "RETR 3" => list(&["third"]),
            _ => usual(command),
        })
    };
    let settings = unencrypted(scripted::start(script).await);
    (Visitor::new(settings, SystemClock), heard)
}

/// Returns the unique-ids of the fetched messages.
fn arrived(visitor: &Visitor<SystemClock>) -> Vec<String> {
    let messages = visitor.kept.messages();
    messages.iter().map(|(id, _)| (*id).to_owned()).collect()
}

fn quirks(visitor: &Visitor<SystemClock>) -> BTreeSet<Quirk> {
    visitor.profile.quirks.clone()
}

#[tokio::test]
async fn q26_a_message_that_ends_the_session_is_skipped_and_the_others_arrive() {
    for pipelining in [false, true] {
        let (mut visitor, heard) = start(pipelining, |_, command| match command {
            "RETR 2" => Some(Answer::SayAndClose("+OK\r\nhalf of it\r\n".to_owned())),
            _ => None,
        })
        .await;
        assert_eq!(visitor.check().await, DONE[1], "pipelining: {pipelining}");
        assert_eq!(arrived(&visitor), ["one", "three"]);
        assert!(!visitor.kept.is_in_message());
        assert!(quirks(&visitor).contains(&Quirk::UndeliverableMessage));
        assert!(!quirks(&visitor).contains(&Quirk::BrokenPipelining));
        let bad = visitor.profile.undeliverable["two"].clone();
        assert_eq!(bad.attempts, 2);
        assert!(bad.reason.contains("in the middle"), "{}", bad.reason);

        let sessions = heard.lock().unwrap().len();
        assert_eq!(visitor.check().await, DONE[2], "the retry is not due yet");
        let heard = heard.lock().unwrap();
        assert_eq!(heard.len(), sessions + 1);
        assert!(!heard.last().unwrap().contains(&"RETR 2".to_owned()));
    }
}

#[tokio::test]
async fn q03_a_missing_line_break_under_pipelining_does_not_mix_up_messages() {
    let (mut visitor, heard) = start(true, |connection, command| match (connection, command) {
        (1, "RETR 1") => Some(say("+OK\r\nfirst.")),
        _ => None,
    })
    .await;
    assert_eq!(visitor.check().await, DONE[0]);
    assert_eq!(arrived(&visitor), ["one", "three", "two"]);
    for (id, text) in visitor.kept.messages() {
        let expected = match id {
            "one" => "first\r\n",
            "two" => "second\r\n",
            _ => "third\r\n",
        };
        assert_eq!(text, expected.as_bytes(), "{id}");
    }
    assert!(quirks(&visitor).contains(&Quirk::BrokenPipelining));
    assert_eq!(heard.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn q26_a_single_lost_connection_does_not_make_a_message_undeliverable() {
    let (mut visitor, heard) = start(true, |connection, command| match (connection, command) {
        (1, "RETR 2") => Some(Answer::SayAndClose("+OK\r\nhalf".to_owned())),
        _ => None,
    })
    .await;
    assert_eq!(visitor.check().await, DONE[0]);
    assert_eq!(arrived(&visitor), ["one", "three", "two"]);
    assert!(visitor.profile.undeliverable.is_empty());
    let heard = heard.lock().unwrap();
    let last: Vec<&str> = heard[1].iter().map(String::as_str).rev().take(3).collect();
    assert_eq!(last, ["QUIT", "RETR 2", "RETR 3"], "the suspect comes last");
}

#[tokio::test]
async fn q26_a_refused_message_is_retried_by_the_next_check() {
    let (mut visitor, _) = start(true, |connection, command| match (connection, command) {
        (1, "RETR 2") => Some(say("-ERR cannot open it")),
        _ => None,
    })
    .await;
    assert_eq!(visitor.check().await, DONE[1]);
    let reason = visitor.profile.undeliverable["two"].reason.clone();
    assert_eq!(reason, "cannot open it");
    assert_eq!(visitor.check().await, done(1, 0));
    assert!(visitor.profile.undeliverable.is_empty());
}

#[tokio::test]
async fn q23_an_out_of_step_server_gets_one_command_at_a_time_from_then_on() {
    let (mut visitor, heard) = start(true, |connection, command| match (connection, command) {
        (1, "RETR 2") => Some(Answer::Say("second\r\n.\r\n".to_owned())),
        _ => None,
    })
    .await;
    assert_eq!(visitor.check().await, DONE[0]);
    assert_eq!(arrived(&visitor), ["one", "three", "two"]);
    assert!(quirks(&visitor).contains(&Quirk::BrokenPipelining));
    let Pipelining { broken, .. } = visitor.profile.pipelining;
    assert!(broken);
    assert!(visitor.profile.undeliverable.is_empty());
    assert_eq!(heard.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn q23_pipelining_is_not_blamed_for_an_undeliverable_message() {
    let (mut visitor, _) = start(true, |_, command| match command {
        "RETR 2" => Some(say("what?")),
        _ => None,
    })
    .await;
    assert_eq!(visitor.check().await, DONE[1]);
    assert_eq!(arrived(&visitor), ["one", "three"]);
    assert!(!quirks(&visitor).contains(&Quirk::BrokenPipelining));
    assert!(!visitor.profile.pipelining.broken);
}

#[tokio::test]
async fn q02_a_message_truncated_at_an_unstuffed_dot_is_not_stored() {
    let (mut visitor, _) = start(false, |_, command| match command {
        "LIST" => Some(list(&["1 30", "2 8", "3 7"])),
        "RETR 1" => Some(Answer::Say(
            "+OK\r\nfirst\r\n.\r\nits rest\r\n.\r\n".to_owned(),
        )),
        _ => None,
    })
    .await;
    assert_eq!(visitor.check().await, DONE[1]);
    assert_eq!(arrived(&visitor), ["three", "two"]);
}

#[tokio::test]
async fn q02_several_messages_with_unstuffed_dots_are_all_skipped_in_one_check() {
    let (mut visitor, _) = start(false, |_, command| match command {
        "LIST" => Some(list(&["1 30", "2 8", "3 30"])),
        "RETR 1" | "RETR 3" => Some(Answer::Say(
            "+OK\r\nbegun\r\n.\r\nits rest\r\n.\r\n".to_owned(),
        )),
        _ => None,
    })
    .await;
    assert_eq!(visitor.check().await, done(1, 2));
    assert_eq!(arrived(&visitor), ["two"]);
}

#[tokio::test]
async fn q13_the_next_session_starts_as_soon_as_the_server_allows_it() {
    // The server closes the connection, or stalls until the client's timeout.
    for (delay, loss) in [(1, "[close]"), (60, "[wait 61000 ms]")] {
        let login = format!(
            "S: +OK\nC: CAPA\nS: +OK\nS: USER\nS: .\nC: USER reader\nS: +OK\nC: PASS ***\n\
             S: +OK\nC: CAPA\nS: +OK\nS: LOGIN-DELAY {delay}\nS: .\n\
             C: UIDL\nS: +OK\nS: 1 one\nS: .\nC: LIST\nS: +OK\nS: 1 6\nS: .\nC: RETR 1\n"
        );
        let script = Script::start([
            format!("{login}{loss}\n"),
            format!("{login}S: +OK\nS: text\nS: .\nC: QUIT\nS: +OK\n"),
        ])
        .await;
        let mut visitor = script.visitor(Encryption::None);
        assert_eq!(visitor.check().await, done(1, 0), "{delay} s");
        script.played().await;
    }
}

#[tokio::test]
async fn q23_a_server_that_stalls_gets_one_command_at_a_time() {
    let login = "S: +OK\nC: CAPA\nS: +OK\nS: PIPELINING\nS: USER\nS: .\nC: USER reader\nS: +OK\n\
        C: PASS ***\nS: +OK\nC: CAPA\nS: +OK\nS: PIPELINING\nS: USER\nS: UIDL\nS: .\n\
        C: UIDL\nS: +OK\nS: 1 one\nS: 2 two\nS: .\nC: LIST\nS: +OK\nS: 1 7\nS: 2 8\nS: .\n";
    let script = Script::start([
        format!("{login}C: RETR 1\nC: RETR 2\n[wait 61000 ms]\n"),
        format!(
            "{login}C: RETR 2\nS: +OK\nS: second\nS: .\nC: RETR 1\nS: +OK\nS: first\nS: .\n\
             C: QUIT\nS: +OK\n"
        ),
    ])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert!(visitor.profile.pipelining.broken);
    script.played().await;
}

#[tokio::test]
async fn q22_all_messages_of_partial_listings_are_fetched() {
    let fetched = Arc::new(Mutex::new(BTreeSet::<u32>::new()));
    let script = move |command: &str| {
        let mut fetched = fetched.lock().unwrap();
        let part = (1..=450).filter(|n| !fetched.contains(n)).take(200);
        let lines = |line: fn(u32) -> String| -> Vec<String> { part.map(line).collect() };
        let listed = |lines: Vec<String>| Answer::Say(format!("+OK\r\n{}.\r\n", lines.concat()));
        if let Some(number) = command.strip_prefix("RETR ") {
            fetched.insert(number.parse().unwrap());
            return list(&["text"]);
        }
        match command {
            "UIDL" => listed(lines(|n| format!("{n} u{n}\r\n"))),
            "LIST" => listed(lines(|n| format!("{n} 6\r\n"))),
            _ => usual(command),
        }
    };
    let settings = unencrypted(scripted::start(script).await);
    let mut visitor = Visitor::new(settings, SystemClock);
    assert_eq!(visitor.check().await, done(450, 0));
    assert_eq!(arrived(&visitor).len(), 450);
}

#[tokio::test]
async fn q07_unique_ids_are_requested_one_by_one_if_the_listing_is_refused() {
    let (mut visitor, _) = start(true, |_, command| match command {
        "CAPA" => Some(list(&["USER", "PIPELINING"])),
        "UIDL" => Some(say("-ERR unknown command")),
        "UIDL 1" => Some(say("+OK 1 one")),
        "UIDL 2" => Some(say("+OK two")),
        "UIDL 3" => Some(say("+OK 3 three")),
        _ => None,
    })
    .await;
    assert_eq!(visitor.check().await, DONE[0]);
    assert_eq!(arrived(&visitor), ["one", "three", "two"]);
    assert!(quirks(&visitor).contains(&Quirk::Unadvertised));
    assert_eq!(visitor.check().await, done(0, 0));
}
