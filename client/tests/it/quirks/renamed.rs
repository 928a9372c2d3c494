//! Q18: all unique-ids have changed, because the maildrop has moved to another server.

use restante_client::api::settings::Encryption;

use super::{GREETING, QUIT, USER_PASS, capa, done, listing, unique_ids};
use crate::scripted::Script;

/// Three messages, each with header and text. The last two have the same size.
const MESSAGES: [(&str, &str); 3] = [
    ("Message-ID: <one@example.org>\nSubject: 1\n", "first\n"),
    ("Message-ID: <two@example.org>\nSubject: 2\n", "second\n"),
    ("Message-ID: <owt@example.org>\nSubject: 3\n", "th..ird"),
];

/// Returns the size of a message in bytes, as a server counts it.
fn size((header, text): (&str, &str)) -> u64 {
    let octets = format!("{header}\n{text}");
    let lines = octets.lines().map(|line| line.len() + 2);
    lines.sum::<usize>() as u64
}

fn said(text: &str) -> String {
    let lines = text.lines().map(|line| format!("S: {line}\n"));
    lines.collect()
}

fn retr(number: usize, (header, text): (&str, &str)) -> String {
    let text = said(&format!("{header}\n{text}"));
    format!("C: RETR {number}\nS: +OK\n{text}S: .\n")
}

fn top(number: usize, text: &str) -> String {
    format!("C: TOP {number} 0\nS: +OK\n{}S: .\n", said(text))
}

/// Returns a header as `TOP` sends it.
fn header((header, _): (&str, &str)) -> String {
    format!("{header}\n")
}

fn login() -> String {
    let capa = capa(&["USER", "UIDL", "TOP"]);
    format!("{GREETING}{capa}{USER_PASS}{capa}")
}

/// Returns a session in which all messages are new, with these unique-ids.
fn first(names: [&str; 3]) -> String {
    let listed: Vec<_> = names.into_iter().zip(MESSAGES.map(size)).collect();
    let texts: String = (1..).zip(MESSAGES).map(|(n, m)| retr(n, m)).collect();
    format!("{}{}{texts}{QUIT}", login(), listing(&listed))
}

const OLD: [&str; 3] = ["old-1", "old-2", "old-3"];

#[tokio::test]
async fn q18_stored_messages_are_recognised_after_a_change_of_all_unique_ids() {
    let [one, two, three] = MESSAGES;
    let new = ("Message-ID: <new@example.org>\nSubject: 4\n", "th..ird");
    assert_eq!(size(new), size(three));
    let listed = [
        ("new-3", size(three)),
        ("new-4", size(new)),
        ("new-5", 9),
        ("new-2", size(two)),
        ("new-1", size(one)),
        ("twin-1", size(one)),
    ];
    let moved = [
        login(),
        listing(&listed),
        top(1, &header(three)),
        // The same size, but another message.
        top(2, &header(new)),
        top(4, &header(two)),
        top(5, &header(one)),
        // A message that is stored once is recognised once.
        top(6, &header(one)),
        retr(2, new),
        retr(3, ("x\n", "y")),
        retr(6, one),
        QUIT.to_owned(),
    ];
    let names = listed.map(|(name, _)| name);
    let again = format!("{}{}{QUIT}", login(), unique_ids(&names));
    let script = Script::start([first(OLD), moved.concat(), again]).await;
    let mut visitor = script.visitor(Encryption::None);
    for new_messages in [3, 3, 0] {
        assert_eq!(visitor.check().await, done(new_messages, 0));
    }
    let kept: Vec<_> = visitor.kept.messages();
    let kept: Vec<&str> = kept.into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        kept,
        ["new-4", "new-5", "old-1", "old-2", "old-3", "twin-1"]
    );
    script.played().await;
}

#[tokio::test]
async fn q18_top_is_pipelined_after_the_first_header() {
    let [one, two, three] = MESSAGES;
    let capa = capa(&["USER", "UIDL", "TOP", "PIPELINING"]);
    let login = format!("{GREETING}{capa}{USER_PASS}{capa}");
    let answer = |message| format!("S: +OK\n{}S: .\n", said(&header(message)));
    let moved = [
        login.clone(),
        listing(&[("a", size(one)), ("b", size(two)), ("c", size(three))]),
        top(1, &header(one)),
        "C: TOP 2 0\nC: TOP 3 0\n".to_owned(),
        answer(two),
        answer(three),
        QUIT.to_owned(),
    ];
    let script = Script::start([first(OLD), moved.concat()]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(3, 0));
    assert_eq!(visitor.check().await, done(0, 0));
    script.played().await;
}

#[tokio::test]
async fn q18_ambiguous_messages_are_fetched_again() {
    let [one, two, three] = MESSAGES;
    let all = listing(&[("a", size(one)), ("b", size(two)), ("c", size(three))]);
    let texts: String = (1..).zip(MESSAGES).map(|(n, m)| retr(n, m)).collect();
    let headers = |change: fn(&str) -> String| -> String {
        let changed = (1..).zip(MESSAGES).map(|(n, m)| top(n, &change(m.0)));
        changed.collect()
    };
    for answers in [
        // `TOP` fails, returns nothing, ends within the header, or returns a different header.
        "C: TOP 1 0\nS: -ERR no\n".to_owned(),
        top(1, ""),
        headers(|header| header.lines().next().unwrap().to_owned()),
        headers(|header| format!("Received: by another\n{header}")),
        headers(|header| header.replace("Subject", "Status: RO\n subject")),
        // The headers of other messages than the stored ones.
        top(1, &header(two)) + &top(2, &header(one)) + &top(3, &header(one)),
    ] {
        let moved = format!("{}{all}{answers}{texts}{QUIT}", login());
        let script = Script::start([first(OLD), moved]).await;
        let mut visitor = script.visitor(Encryption::None);
        assert_eq!(visitor.check().await, done(3, 0), "{answers}");
        assert_eq!(visitor.check().await, done(3, 0), "{answers}");
        script.played().await;
    }
}

#[tokio::test]
async fn q18_additional_headers_or_text_do_not_prevent_recognition() {
    let [one, two, three] = MESSAGES;
    let listed = listing(&[("a", size(one)), ("b", size(two)), ("c", size(three))]);
    let capa = capa(&["USER", "UIDL", "TOP", "PIPELINING"]);
    let moved = [
        format!("{GREETING}{capa}{USER_PASS}{capa}{listed}"),
        // The server sends the whole message, so the client requests no header in advance.
        top(1, &format!("{}\n{}", one.0, one.1)),
        top(2, &format!("Status: RO\n{}", header(two))),
        top(3, three.0),
        QUIT.to_owned(),
    ];
    let script = Script::start([first(OLD), moved.concat()]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(3, 0));
    assert_eq!(visitor.check().await, done(0, 0));
    script.played().await;
}

#[tokio::test]
async fn q18_a_message_without_a_message_id_is_not_recognised_by_its_header() {
    let unnamed = ("Subject: 1\n", "first\n");
    let session = |name, is_known| {
        let listed = listing(&[(name, size(unnamed))]);
        let asked = if is_known {
            top(1, unnamed.0)
        } else {
            String::new()
        };
        format!("{}{listed}{asked}{}{QUIT}", login(), retr(1, unnamed))
    };
    let script = Script::start([session("a", false), session("b", true)]).await;
    let mut visitor = script.visitor(Encryption::None);
    for _ in 0..2 {
        assert_eq!(visitor.check().await, done(1, 0));
    }
    script.played().await;
}

#[tokio::test]
async fn q18_a_server_that_closes_on_top_gets_one_more_top_only() {
    let [one, two, three] = MESSAGES;
    let listing = listing(&[("a", size(one)), ("b", size(two)), ("c", size(three))]);
    let broken = format!("{}{listing}C: TOP 1 0\n[close]", login());
    let script = Script::start([first(OLD), broken.clone(), broken, first(["a", "b", "c"])]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(3, 0));
    assert_eq!(visitor.check().await, done(3, 0));
    assert!(visitor.profile.top_broke.is_some());
    script.played().await;
}

#[tokio::test]
async fn q18_a_single_lost_connection_causes_no_repeated_fetches() {
    let [one, two, three] = MESSAGES;
    let listing = listing(&[("a", size(one)), ("b", size(two)), ("c", size(three))]);
    let before = format!("{}{listing}{}C: TOP 2 0\n[close]", login(), top(1, one.0));
    let after = format!(
        "{}{listing}{}{}{QUIT}",
        login(),
        top(2, two.0),
        top(3, three.0)
    );
    let script = Script::start([first(OLD), before, after]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(3, 0));
    assert_eq!(visitor.check().await, done(0, 0));
    assert_eq!(visitor.profile.top_broke, None);
    script.played().await;
}

#[tokio::test]
async fn q18_new_mail_beside_known_mail_is_fetched_without_its_header_first() {
    let [_, two, three] = MESSAGES;
    let before = format!(
        "{}{}{}{}{QUIT}",
        login(),
        listing(&[("a", size(two)), ("b", 9)]),
        retr(1, two),
        retr(2, ("x\n", "y"))
    );
    // The first message is gone from the server, and another one has its size.
    let after = format!(
        "{}{}{}{QUIT}",
        login(),
        listing(&[("b", 9), ("c", size(three))]),
        retr(2, three)
    );
    let script = Script::start([before, after]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert_eq!(visitor.check().await, done(1, 0));
    script.played().await;
}
