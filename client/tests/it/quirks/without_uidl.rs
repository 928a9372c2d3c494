//! RFC 1939 §7: `UIDL` is optional. Without it, headers or texts identify messages.

use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::Encryption;
use restante_shared::pop3::quirk::Quirk;

use super::{GREETING, QUIT, USER_PASS, capa, done};
use crate::scripted::Script;

/// A message: its header and its text.
type Message = (&'static str, &'static str);

const ONE: Message = ("Message-ID: <1@a>\nSubject: one\n", "first");
const TWO: Message = ("Message-ID: <2@a>\nSubject: two\n", "second");
const THREE: Message = ("Subject: unnamed\n", "third");

fn login(capabilities: &[&str]) -> String {
    let capa = capa(capabilities);
    format!("{GREETING}{capa}{USER_PASS}{capa}")
}

/// Returns `LIST` of messages in this order, with sizes that are `more` bytes too large.
fn list(messages: &[Message], more: usize) -> String {
    let lines = (1..).zip(messages).map(|(number, (header, text))| {
        let lines = header.lines().chain(["", text]);
        let octets = lines.map(|line| line.len() + 2).sum::<usize>() + more;
        format!("S: {number} {octets}\n")
    });
    format!("C: LIST\nS: +OK\n{}S: .\n", lines.collect::<String>())
}

fn said(text: &str) -> String {
    text.lines().map(|line| format!("S: {line}\n")).collect()
}

fn top(number: usize, (header, _): Message, added: &str) -> String {
    let header = said(&format!("{header}{added}\n"));
    format!("C: TOP {number} 0\nS: +OK\n{header}S: .\n")
}

fn retr(number: usize, (header, text): Message, added: &str) -> String {
    let message = said(&format!("{header}{added}\n{text}"));
    format!("C: RETR {number}\nS: +OK\n{message}S: .\n")
}

/// Returns the dialogue that detects a server without `UIDL`.
fn probe(messages: &[Message]) -> String {
    let refused = "S: -ERR unknown command\n";
    format!(
        "C: UIDL\n{refused}{}C: UIDL 1\n{refused}",
        list(messages, 0)
    )
}

fn subjects(messages: &[(&str, &[u8])]) -> Vec<String> {
    let subject = |octets: &[u8]| {
        let text = String::from_utf8_lossy(octets).into_owned();
        let mut lines = text.lines();
        lines.find_map(|line| line.strip_prefix("Subject: ").map(str::to_owned))
    };
    let mut subjects: Vec<_> = messages.iter().filter_map(|(_, m)| subject(m)).collect();
    subjects.sort();
    subjects
}

#[tokio::test]
async fn rfc1939_messages_are_identified_by_headers_without_uidl() {
    let login = login(&["USER", "TOP"]);
    let first = [
        login.clone(),
        probe(&[ONE, TWO]),
        top(1, ONE, ""),
        top(2, TWO, ""),
        retr(1, ONE, ""),
        retr(2, TWO, ""),
        QUIT.to_owned(),
    ];
    // The server has changed sizes by marking messages as seen, changed the order, and has a new
    // message.
    let seen = "Status: RO\n";
    let second = [
        login.clone(),
        list(&[TWO, THREE, ONE], 12),
        top(1, TWO, seen),
        top(2, THREE, ""),
        top(3, ONE, seen),
        retr(2, THREE, ""),
        QUIT.to_owned(),
    ];
    let third = [login, list(&[ONE], 12), top(1, ONE, seen), QUIT.to_owned()];
    let script = Script::start([first.concat(), second.concat(), third.concat()]).await;
    let mut visitor = script.visitor(Encryption::None);
    for new_messages in [2, 1, 0] {
        assert_eq!(visitor.check().await, done(new_messages, 0));
    }
    let kept = visitor.kept.messages();
    assert_eq!(subjects(&kept), ["one", "two", "unnamed"]);
    assert!(visitor.met(Quirk::IdentifiedByHeader));
    assert!(!visitor.met(Quirk::DuplicateUniqueId));
    script.played().await;
}

#[tokio::test]
async fn rfc1939_messages_are_identified_by_text_without_uidl_and_top() {
    let login = login(&["USER"]);
    let same: Message = (ONE.0, "other text");
    let first = [
        login.clone(),
        probe(&[ONE, TWO]),
        "C: TOP 1 0\nS: -ERR unknown command\n".to_owned(),
        retr(1, ONE, ""),
        retr(2, TWO, ""),
        retr(1, ONE, ""),
        retr(2, TWO, ""),
        QUIT.to_owned(),
    ];
    let second = [
        login,
        list(&[ONE, same, TWO], 0),
        retr(1, ONE, "Status: RO\n"),
        retr(2, same, ""),
        "C: RETR 3\nS: -ERR it is broken\n".to_owned(),
        retr(2, same, ""),
        QUIT.to_owned(),
    ];
    let script = Script::start([first.concat(), second.concat()]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert_eq!(visitor.check().await, done(1, 1));
    let kept = visitor.kept.messages();
    assert_eq!(subjects(&kept), ["one", "one", "two"]);
    assert!(visitor.met(Quirk::IdentifiedByText));
    script.played().await;
}

#[tokio::test]
async fn rfc1939_identical_messages_each_arrive_without_uidl() {
    let login = login(&["USER", "TOP", "PIPELINING"]);
    let answer = format!("S: +OK\n{}S: .\n", said(&format!("{}\n", ONE.0)));
    let text = |number| retr(number, ONE, "");
    let whole = text(1).replace("C: RETR 1\n", "");
    let first = [
        login.clone(),
        probe(&[ONE; 3]),
        top(1, ONE, ""),
        format!("C: TOP 2 0\nC: TOP 3 0\n{answer}{answer}"),
        format!("C: RETR 1\nC: RETR 2\nC: RETR 3\n{whole}{whole}{whole}"),
        QUIT.to_owned(),
    ];
    let second = [
        login,
        list(&[ONE; 4], 0),
        top(1, ONE, ""),
        format!("C: TOP 2 0\nC: TOP 3 0\nC: TOP 4 0\n{answer}{answer}{answer}"),
        text(4),
        QUIT.to_owned(),
    ];
    let script = Script::start([first.concat(), second.concat()]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(3, 0));
    assert_eq!(visitor.check().await, done(1, 0));
    script.played().await;
}

#[tokio::test]
async fn rfc1939_messages_are_identified_by_text_if_the_server_closes_on_top() {
    let login = login(&["USER"]);
    let first = [
        login.clone(),
        probe(&[ONE]),
        "C: TOP 1 0\n[close]\n".to_owned(),
    ];
    let second = [
        login,
        probe(&[ONE]),
        retr(1, ONE, ""),
        retr(1, ONE, ""),
        QUIT.to_owned(),
    ];
    let script = Script::start([first.concat(), second.concat()]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(1, 0));
    script.played().await;
}

#[tokio::test]
async fn rfc1939_headers_still_identify_messages_after_a_single_lost_connection() {
    let login = login(&["USER", "TOP"]);
    let all = [ONE, TWO];
    let broken = format!(
        "{login}{}{}C: TOP 2 0\n[close]",
        probe(&all),
        top(1, ONE, "")
    );
    let again = [
        login,
        probe(&all),
        top(1, ONE, ""),
        top(2, TWO, ""),
        retr(1, ONE, ""),
        retr(2, TWO, ""),
        QUIT.to_owned(),
    ];
    let script = Script::start([broken, again.concat()]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert!(visitor.profile.undeliverable.is_empty());
    assert!(visitor.met(Quirk::IdentifiedByHeader));
    script.played().await;
}

#[tokio::test]
async fn q26_an_unidentified_message_that_ends_the_session_is_skipped_and_the_others_arrive() {
    let all = [ONE, TWO, THREE];
    for (capabilities, refused) in [
        (vec!["USER", "TOP"], ""),
        (vec!["USER"], "C: TOP 1 0\nS: -ERR unknown command\n"),
    ] {
        let by_text = !refused.is_empty();
        let read = |number, message| match by_text {
            true => retr(number, message, ""),
            false => top(number, message, ""),
        };
        let login = login(&capabilities);
        let known = format!("{login}{}{}", list(&all, 0), read(1, ONE));
        let new = format!("{login}{}{refused}{}", probe(&all), read(1, ONE));
        let bad = match by_text {
            true => "C: RETR 2\n[close]",
            false => "C: TOP 2 0\n[close]",
        };
        let broken = format!("{new}{bad}");
        let rest = read(3, THREE);
        let first = format!(
            "{new}{rest}{}{}{QUIT}",
            retr(1, ONE, ""),
            retr(3, THREE, "")
        );
        let later = format!("{known}{rest}{QUIT}");
        // A different message in the same position is fetched.
        let other = [ONE, THREE];
        let moved = format!(
            "{login}{}{}{}{QUIT}",
            list(&other, 0),
            read(1, ONE),
            read(2, THREE)
        );
        let script = Script::start([&broken, &broken, &first, &later, &moved]).await;
        let mut visitor = script.visitor(Encryption::None);
        assert_eq!(visitor.check().await, done(2, 1), "{broken}");
        assert_eq!(subjects(&visitor.kept.messages()), ["one", "unnamed"]);
        assert_eq!(visitor.profile.undeliverable.len(), 1);
        assert!(visitor.met(Quirk::UndeliverableMessage));
        assert_eq!(visitor.check().await, done(0, 1), "{later}");
        assert_eq!(visitor.check().await, done(0, 0), "{moved}");
        script.played().await;
    }
}

#[tokio::test]
async fn q26_a_check_with_only_an_unidentified_message_does_not_fail() {
    let login = login(&["USER", "TOP"]);
    let known = format!(
        "{login}{}{}{}{QUIT}",
        probe(&[ONE]),
        top(1, ONE, ""),
        retr(1, ONE, "")
    );
    let broken = format!("{login}{}C: TOP 1 0\n[close]", list(&[TWO], 0));
    let skipped = format!("{login}{}{QUIT}", list(&[TWO], 0));
    let script = Script::start([&known, &broken, &broken, &skipped]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(1, 0));
    assert_eq!(visitor.check().await, done(0, 1));
    script.played().await;
}

#[tokio::test]
async fn q07_messages_are_not_identified_otherwise_while_a_server_refuses_its_unique_ids() {
    let listed = list(&[ONE], 0);
    // `UIDL` was advertised, or worked before. Identified in another way, all stored messages would
    // be fetched again.
    let announced = format!(
        "{}C: UIDL\nS: -ERR not now\n{listed}C: UIDL 1\nS: -ERR not now",
        login(&["USER", "TOP", "UIDL"])
    );
    let before = format!(
        "{}C: UIDL\nS: +OK\nS: 1 a\nS: .\n{listed}{}{QUIT}",
        login(&["USER", "TOP"]),
        retr(1, ONE, "")
    );
    let after = format!("{}{}", login(&["USER", "TOP"]), probe(&[ONE]));
    let script = Script::start([announced, before, after]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.problem().await.kind, ProblemKind::ServerRefused);
    assert_eq!(visitor.check().await, done(1, 0));
    assert_eq!(visitor.problem().await.kind, ProblemKind::ServerRefused);
    script.played().await;
}

#[tokio::test]
async fn q23_headers_are_requested_one_by_one_after_out_of_step_answers() {
    let login = login(&["USER", "TOP", "PIPELINING"]);
    let messages = [ONE, TWO, THREE];
    let broken = [
        login.clone(),
        probe(&messages),
        top(1, ONE, ""),
        "C: TOP 2 0\nC: TOP 3 0\nS: what?\n[close]\n".to_owned(),
    ];
    let tops: String = (1..).zip(messages).map(|(n, m)| top(n, m, "")).collect();
    let texts: String = (1..).zip(messages).map(|(n, m)| retr(n, m, "")).collect();
    let again = [login, probe(&messages), tops, texts, QUIT.to_owned()];
    let script = Script::start([broken.concat(), again.concat()]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(3, 0));
    assert!(visitor.met(Quirk::BrokenPipelining));
    script.played().await;
}
