//! Q1 to Q4: lines, messages and their ends.

use std::collections::BTreeSet;

use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::session::{PeerError, Request};

use super::{OPEN, logged_in, opened};
use crate::play::session_after;

#[test]
fn q01_a_terminator_split_over_reads_ends_the_message_and_a_lone_dot_does_not() {
    logged_in(
        r"
        C: RETR 1
        S: +OK
        S: text
        R: .
        [split]
        R: \r
        [split]
        R: \n
        #> accepted RETR 1
        #> octets text\r\n
        #> completed RETR 1",
        &[],
    );
    let mut session = opened("C: RETR 1\nS: +OK\nS: text\nR: .");
    assert_eq!(session.unanswered(), 1);
    assert_eq!(
        session.end_of_input(),
        Err(PeerError::ClosedMidReply(Request::Retr(
            "1".parse().unwrap()
        )))
    );
}

#[test]
fn q02_a_message_without_byte_stuffing_loses_no_dot() {
    logged_in(
        r"
        C: RETR 1
        S: +OK
        S: .x
        S: ..y
        S: .\rz
        S: .
        #> accepted RETR 1
        #> octets .x\r\n.y\r\n.\rz\r\n
        #> completed RETR 1",
        &[Quirk::NoByteStuffing],
    );
}

#[test]
fn q02_bare_line_feeds_end_lines_if_the_server_uses_them_everywhere() {
    logged_in(
        r"
        C: RETR 1
        R: +OK\n
        R: a\n
        R: ..b\n
        R: .\n
        #> accepted RETR 1
        #> octets a\n.b\n
        #> completed RETR 1
        C: UIDL
        R: +OK\n
        R: 1 x\n
        R: .\n
        #> accepted UIDL
        #> message 1 is x
        #> completed UIDL",
        &[Quirk::BareLf],
    );
}

#[test]
fn q02_bare_line_feeds_in_a_message_do_not_end_it_otherwise() {
    logged_in(
        r"
        C: RETR 1
        S: +OK
        R: a\n.\n+OK 2 octets\r\n
        S: .
        #> accepted RETR 1
        #> octets a\n.\n+OK 2 octets\r\n
        #> completed RETR 1",
        &[Quirk::NoByteStuffing],
    );
}

#[test]
fn q03_a_terminator_without_a_line_break_before_it_ends_the_message() {
    logged_in(
        r"
        C: RETR 1
        S: +OK
        S: first line.
        R: last line.\r\n
        [wait 60000 ms]
        #> accepted RETR 1
        #> octets first line.\r\nlast line
        #> completed RETR 1
        C: NOOP
        S: +OK
        #> accepted NOOP
        #> completed NOOP",
        &[Quirk::BareTerminator],
    );
    logged_in(
        r"
        C: RETR 1
        R: +OK\n
        R: last line.\n
        [wait 60000 ms]
        #> accepted RETR 1
        #> octets last line
        #> completed RETR 1",
        &[Quirk::BareLf, Quirk::BareTerminator],
    );
}

#[test]
fn q03_a_terminator_without_a_line_break_after_it_ends_the_message() {
    for (end, late) in [
        (r".\r", r"\n"),
        (r".\r", ""),
        (".", r"\r\n"),
        (".", r"\r"),
        (".", ""),
    ] {
        logged_in(
            &format!(
                r"
                C: RETR 1
                S: +OK
                S: text
                R: {end}
                [wait 60000 ms]
                R: {late}
                #> accepted RETR 1
                #> octets text\r\n
                #> completed RETR 1
                C: NOOP
                S: +OK
                #> accepted NOOP
                #> completed NOOP"
            ),
            &[Quirk::BareTerminator],
        );
    }
}

#[test]
fn q03_text_that_ends_in_a_dot_is_text_if_more_follows() {
    logged_in(
        r"
        C: RETR 1
        S: +OK
        S: one.
        S: two.
        S: ..
        S: x..
        R: .
        R: .\r\n
        R: three.\r\r\n
        S: .
        #> accepted RETR 1
        #> octets one.\r\ntwo.\r\n.\r\nx..\r\n.\r\nthree.\r\r\n
        #> completed RETR 1",
        &[],
    );
}

#[test]
fn q03_silence_ends_a_message_only_after_a_terminator() {
    const RETR: &str = "C: RETR 1\nS: +OK\n";
    for rest in [
        "S: text",
        "R: text.",
        r"R: text.\r",
        "S: ..",
        "R: ..",
        "S: text.\nR: x",
        "",
    ] {
        let mut session = opened(&format!("{RETR}{rest}"));
        assert!(!session.end_body_at_bare_terminator(), "{rest}");
        assert_eq!(session.next_event(), Ok(None));
    }
    // Another request is unanswered: its reply was taken for text.
    let mut session = opened("C: RETR 1\nC: RETR 2\nS: +OK\nS: one.\nS: +OK\nS: two.");
    assert!(!session.end_body_at_bare_terminator());
    let mut session = opened("C: UIDL\nS: +OK\nS: 1 x.");
    assert!(!session.end_body_at_bare_terminator());
}

#[test]
fn q04_lines_of_messages_may_have_any_length_and_any_bytes() {
    let long = "x".repeat(3000);
    let text =
        format!("{OPEN}C: RETR 1\nS: +OK\nS: {long}\nR: a\\x00b\\r\\r\\n\nS: no blank line\nS: .");
    let mut session = session_after(&text);
    assert_eq!(session.unanswered(), 0);
    assert_eq!(session.take_quirks(), BTreeSet::new());
    logged_in(
        r"
        C: RETR 1
        S: +OK
        S: nul \x00 and cr \r inside
        S: .
        #> accepted RETR 1
        #> octets nul \x00 and cr \r inside\r\n
        #> completed RETR 1",
        &[],
    );
}

#[test]
fn q04_status_and_listing_lines_may_be_long() {
    for length in [513, 2049, 8000] {
        let long = "x".repeat(length);
        let mut session = opened(&format!(
            "C: CAPA\nS: +OK {long}\nS: X-LONG {long}\nS: .\nC: NOOP\nS: -ERR {long}"
        ));
        assert_eq!(session.unanswered(), 0);
        assert_eq!(session.take_quirks(), BTreeSet::from([Quirk::LongLine]));
    }
}
