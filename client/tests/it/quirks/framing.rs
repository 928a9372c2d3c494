//! Q1 to Q6: octets that are not where the standards have them.

use restante_client::engine::command::Encryption;

use super::{QUIT, done, listing, login, unique_ids};
use crate::scripted::Script;

#[tokio::test]
async fn q05_sizes_that_are_wrong_lose_nothing_and_progress_passes_the_total() {
    let script = Script::start([format!(
        "{}{}
        C: RETR 1
        S: +OK 1024 octets
        S: Subject: a
        S:
        S: .
        C: RETR 2
        S: +OK 1 octets
        [3000 octets]
        S: .
        {QUIT}",
        login(),
        listing(&[("rounded", 1024), ("compressed", 1)])
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    let octets = |(_, octets): &(&str, &[u8])| octets.len();
    let octets: Vec<usize> = visitor.kept.messages().iter().map(octets).collect();
    assert_eq!(octets, [3000, 14]);
    let last = visitor.progress.last().unwrap();
    assert_eq!((last.octets_done, last.octets_total), (3014, 1025));
    script.played().await;
}

#[tokio::test]
async fn q02_q03_bare_lf_missing_stuffing_and_a_glued_terminator_lose_nothing() {
    let script = Script::start([format!(
        "{}{}
        C: RETR 1
        R: +OK\\nSubject: a\\n\\n.profile\\n..\\n.\\n
        C: RETR 2
        R: +OK\\r\\nSubject: b\\r\\n\\r\\ntext.\\r\\n
        [split]
        R: .
        [split]
        R: \\r\\n
        {QUIT}",
        login(),
        listing(&[("lf", 30), ("split", 30)])
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    let kept = visitor.kept.messages();
    assert_eq!(kept[0].1, b"Subject: a\n\n.profile\n.\n");
    assert_eq!(kept[1].1, b"Subject: b\r\n\r\ntext.\r\n");
    script.played().await;
}

#[tokio::test]
async fn q04_endless_lines_and_nul_arrive_as_they_are() {
    let long = "x".repeat(70_000);
    let script = Script::start([format!(
        "{}{}
        C: RETR 1
        S: +OK
        S: no header\\x00 at all
        S: {long}
        S: .
        {QUIT}",
        login(),
        listing(&[("long", 70_000)])
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(1, 0));
    let expected = format!("no header\0 at all\r\n{long}\r\n");
    assert_eq!(visitor.kept.messages(), [("long", expected.as_bytes())]);
    script.played().await;
}

#[tokio::test]
async fn q06_odd_unique_ids_and_eight_bit_text_are_taken_as_they_are() {
    let long = "u".repeat(100);
    let transcript = format!(
        "{}{}
        C: RETR 1
        S: +OK gr\\xfc\\xdfe
        S: Subject: a
        S: .
        C: RETR 2
        S: +OK
        S: Subject: b
        S: .
        {QUIT}",
        login(),
        listing(&[("with two blanks", 14), (&long, 14)])
    );
    let again = format!(
        "{}{}{QUIT}",
        login(),
        unique_ids(&["with two blanks", &long])
    );
    let script = Script::start([transcript, again]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert_eq!(visitor.check().await, done(0, 0));
    script.played().await;
}
