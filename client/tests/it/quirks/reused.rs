//! Q17: a server reuses a unique-id for another message.

use restante_client::api::settings::Encryption;
use restante_shared::pop3::quirk::Quirk;

use super::{GREETING, QUIT, USER_PASS, capa, done, listing, unique_ids};
use crate::scripted::Script;

fn login() -> String {
    let capa = capa(&["USER", "UIDL", "TOP"]);
    format!("{GREETING}{capa}{USER_PASS}{capa}")
}

/// Returns a header with its blank line.
fn header(name: char) -> String {
    format!("S: Message-ID: <{name}@example>\nS:\n")
}

fn retr(number: u32, name: char, text: &str) -> String {
    format!(
        "C: RETR {number}\nS: +OK\n{}S: {text}\nS: .\n",
        header(name)
    )
}

fn top(number: u32, name: char) -> String {
    format!("C: TOP {number} 0\nS: +OK\n{}S: .\n", header(name))
}

/// Returns the size in bytes of a message with this text.
fn size(text: &str) -> u64 {
    let octets = "Message-ID: <a@example>\r\n\r\n".len() + text.len() + 2;
    octets as u64
}

/// Returns a session in which two messages arrive.
fn first(names: [&str; 2]) -> String {
    let [one, two] = names;
    [
        login(),
        listing(&[(one, size("1")), (two, size("22"))]),
        retr(1, 'a', "1"),
        retr(2, 'b', "22"),
        QUIT.to_owned(),
    ]
    .concat()
}

#[tokio::test]
async fn q17_one_of_several_messages_with_the_same_unique_id_may_be_replaced() {
    let second = [
        login(),
        listing(&[("same", size("1")), ("same", size("4444"))]),
        top(2, 'c'),
        retr(2, 'c', "4444"),
        QUIT.to_owned(),
    ];
    let third = [
        login(),
        listing(&[("same", size("4444")), ("same", size("1"))]),
        QUIT.to_owned(),
    ];
    let script = Script::start([first(["same", "same"]), second.concat(), third.concat()]).await;
    let mut visitor = script.visitor(Encryption::None);
    for new_messages in [2, 1, 0] {
        assert_eq!(visitor.check().await, done(new_messages, 0));
    }
    assert_eq!(visitor.kept.messages().len(), 3);
    script.played().await;
}

#[tokio::test]
async fn q17_a_reused_unique_id_is_detected_by_its_size() {
    // The second message is gone, and its unique-id now belongs to another message.
    let second = [
        login(),
        listing(&[("a", size("1")), ("b", size("4444")), ("c", size("1"))]),
        top(2, 'c'),
        retr(2, 'c', "4444"),
        retr(3, 'd', "1"),
        QUIT.to_owned(),
    ];
    let script = Script::start([first(["a", "b"]), second.concat()]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert!(!visitor.met(Quirk::DuplicateUniqueId));
    assert_eq!(visitor.check().await, done(2, 0));
    assert!(visitor.met(Quirk::DuplicateUniqueId));
    assert!(!visitor.met(Quirk::WrongSize));
    script.played().await;
}

#[tokio::test]
async fn q17_unique_ids_that_are_message_numbers_hide_no_message_after_a_deletion() {
    // The first message is gone, so the second has its unique-id, and a new message has that of the
    // second.
    let second = [
        login(),
        listing(&[("1", size("22")), ("2", size("4444")), ("3", size("1"))]),
        top(1, 'b'),
        top(2, 'c'),
        retr(2, 'c', "4444"),
        retr(3, 'd', "1"),
        QUIT.to_owned(),
    ];
    let script = Script::start([first(["1", "2"]), second.concat()]).await;
    let mut visitor = script.visitor(Encryption::None);
    for _ in 0..2 {
        assert_eq!(visitor.check().await, done(2, 0));
    }
    assert!(!visitor.met(Quirk::WrongSize));
    script.played().await;
}

#[tokio::test]
async fn q17_a_stored_message_with_a_changed_size_is_not_fetched_again() {
    // Some servers write `Status: RO` into messages. After one was recognised, the client looks at
    // no other.
    let second = [
        login(),
        listing(&[
            ("a", size("1") + 12),
            ("b", size("22") + 12),
            ("c", size("1")),
        ]),
        "C: TOP 1 0\nS: +OK\nS: Status: RO\n".to_owned() + &header('a') + "S: .\n",
        retr(3, 'c', "1"),
        QUIT.to_owned(),
    ];
    let third = [
        login(),
        listing(&[("a", 7), ("b", 9), ("c", 9), ("d", size("1"))]),
        retr(4, 'd', "1"),
        QUIT.to_owned(),
    ];
    let script = Script::start([first(["a", "b"]), second.concat(), third.concat()]).await;
    let mut visitor = script.visitor(Encryption::None);
    for new_messages in [2, 1, 1] {
        assert_eq!(visitor.check().await, done(new_messages, 0));
    }
    assert!(visitor.met(Quirk::WrongSize));
    script.played().await;
}

#[tokio::test]
async fn q17_indistinguishable_messages_are_not_fetched_again() {
    let unnamed = "S: X: y\nS:\n";
    let first = [
        login(),
        listing(&[("a", size("1")), ("b", 11)]),
        retr(1, 'a', "1"),
        format!("C: RETR 2\nS: +OK\n{unnamed}S: z\nS: .\n"),
        QUIT.to_owned(),
    ];
    // The first has the same size; the second has no Message-ID that could prove it to be another
    // message.
    let second = [
        login(),
        listing(&[("a", size("9")), ("b", 99), ("c", size("1"))]),
        format!("C: TOP 2 0\nS: +OK\n{unnamed}S: .\n"),
        retr(3, 'c', "1"),
        QUIT.to_owned(),
    ];
    let third = format!("{}{}{QUIT}", login(), unique_ids(&["a", "b", "c"]));
    let script = Script::start([first.concat(), second.concat(), third]).await;
    let mut visitor = script.visitor(Encryption::None);
    for new_messages in [2, 1, 0] {
        assert_eq!(visitor.check().await, done(new_messages, 0));
    }
    script.played().await;
}

#[tokio::test]
async fn q17_an_undeliverable_message_with_a_known_unique_id_is_skipped_like_any_other() {
    let listed = listing(&[("a", size("1")), ("b", size("4444")), ("c", size("1"))]);
    let broken = |rest: &str| {
        let cut = "C: RETR 2\nS: +OK\n[close]\n";
        [&login(), &listed, &top(2, 'c'), rest, cut].concat()
    };
    let second = broken("");
    let third = broken(&retr(3, 'd', "1"));
    let fourth = [&login(), &listed, &top(2, 'c'), QUIT].concat();
    let script = Script::start([first(["a", "b"]), second, third, fourth]).await;
    let mut visitor = script.visitor(Encryption::None);
    for (new_messages, skipped) in [(2, 0), (1, 1), (0, 1)] {
        assert_eq!(visitor.check().await, done(new_messages, skipped));
    }
    script.played().await;
}
