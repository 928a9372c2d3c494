//! Q1 to Q6: deviations from the framing that the standards define.

use restante_client::api::settings::Encryption;
use restante_shared::pop3::quirk::Quirk;

use super::{QUIT, done, listing, login, unique_ids};
use crate::scripted::Script;

#[tokio::test]
async fn q05_wrong_sizes_lose_no_data_and_progress_may_exceed_the_total() {
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
async fn q02_q03_bare_lf_missing_stuffing_and_a_missing_line_break_lose_no_data() {
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
async fn q04_long_lines_and_nul_arrive_unchanged() {
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
async fn q06_unusual_unique_ids_and_8_bit_text_are_accepted() {
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

#[tokio::test]
async fn q03_a_missing_line_break_in_the_last_message_costs_seconds_if_its_size_is_right() {
    for (octets, kept) in [
        (r"text.\r\n", "text"),
        (r"text\r\n.", "text\r\n"),
        (r"text\r\n.\r", "text\r\n"),
        ("text\\r\\nend..\\r\\n", "text\r\nend."),
    ] {
        let size = "Subject: a\r\n\r\n".len() + kept.len();
        let script = Script::start([format!(
            "{}{}
            C: RETR 1
            R: +OK\\r\\nSubject: a\\r\\n\\r\\n{octets}
            [wait 6000 ms]
            C: NOOP
            S: +OK
            {QUIT}",
            login(),
            listing(&[("one", size as u64)])
        )])
        .await;
        let mut visitor = script.visitor(Encryption::None);
        assert_eq!(visitor.check().await, done(1, 0), "{octets}");
        let expected = format!("Subject: a\r\n\r\n{kept}");
        assert_eq!(visitor.kept.messages(), [("one", expected.as_bytes())]);
        assert!(visitor.met(Quirk::BareTerminator));
        assert!(!visitor.met(Quirk::WrongSize));
        script.played().await;
    }
}

#[tokio::test]
async fn q03_a_message_that_ends_in_a_dot_is_not_truncated_before_its_terminator_arrives() {
    // The dot belongs to the announced size, or the sizes are only estimates.
    for size in [21, 19, 4000] {
        let script = Script::start([format!(
            "{}{}
            C: RETR 1
            R: +OK\\r\\nSubject: a\\r\\n\\r\\ntext.\\r\\n
            [wait 50000 ms]
            S: .
            {QUIT}",
            login(),
            listing(&[("one", size)])
        )])
        .await;
        let mut visitor = script.visitor(Encryption::None);
        assert_eq!(visitor.check().await, done(1, 0), "{size}");
        let expected: &[u8] = b"Subject: a\r\n\r\ntext.\r\n";
        assert_eq!(visitor.kept.messages(), [("one", expected)]);
        assert!(!visitor.met(Quirk::BareTerminator));
        script.played().await;
    }
}

#[tokio::test]
async fn q03_a_message_that_continues_after_its_apparent_end_is_fetched_again() {
    for rest in ["S: more\nS: .\nS: +OK\n", "S: .\nS: +OK\n"] {
        let stalled = format!(
            "{}{}
            C: RETR 1
            R: +OK\\r\\nSubject: a\\r\\n\\r\\ntext.\\r\\n
            [wait 6000 ms]
            C: NOOP
            {rest}
            [close]",
            login(),
            listing(&[("one", 18)])
        );
        let whole = format!(
            "{}{}
            C: RETR 1
            S: +OK
            S: Subject: a
            S:
            S: text.
            S: more
            S: .
            {QUIT}",
            login(),
            listing(&[("one", 18)])
        );
        let script = Script::start([stalled, whole]).await;
        let mut visitor = script.visitor(Encryption::None);
        assert_eq!(visitor.check().await, done(1, 0), "{rest}");
        let expected: &[u8] = b"Subject: a\r\n\r\ntext.\r\nmore\r\n";
        assert_eq!(visitor.kept.messages(), [("one", expected)]);
        script.played().await;
    }
}
