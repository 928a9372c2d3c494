//! What servers in the wild send, and how the session lives with it.

use bytes::Bytes;
use restante_shared::pop3::session::{PeerError, Request, Session, State};

use crate::trace::{play, session_after};

const TRANSACTION: &str = "
    S: +OK
    C: USER a
    S: +OK
    C: PASS b
    S: +OK
";

const LOGIN: &str = "
    S: +OK
    E: accepted the greeting
    E: completed the greeting
    C: USER a
    S: +OK
    E: accepted USER
    E: completed USER
    C: PASS b
    S: +OK
    E: accepted PASS
    E: completed PASS
";

fn logged_in(rest: &str) {
    play(&format!("{LOGIN}{rest}"));
}

fn error_after(conversation: &str, octets: &[u8]) -> PeerError {
    let mut session = session_after(conversation);
    session.receive(Bytes::copy_from_slice(octets));
    loop {
        match session.next_event() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("no error from {octets:?}"),
            Err(error) => {
                assert_eq!(session.next_event(), Err(error.clone()), "the error stays");
                return error;
            }
        }
    }
}

#[test]
fn bare_line_feeds_and_missing_stuffing_are_read() {
    logged_in(
        r"
        C: RETR 1
        S: +OK\n
        S: a\n
        S: .b\n
        S: ..c\n
        S: .\n
        E: accepted RETR 1
        E: octets a\n.b\n.c\n
        E: completed RETR 1
        C: UIDL
        S: +OK\n
        S: 1 x\n
        S: .\n
        E: accepted UIDL
        E: message 1 is x
        E: completed UIDL",
    );
}

#[test]
fn listings_with_odd_lines_stay_in_step() {
    logged_in(
        r"
        C: UIDL
        S: +OK
        S: 1    x
        S: +OK 2 y
        S: 9 a b
        S: 10
        S: 11 caf\xE9
        S: .
        E: accepted UIDL
        E: message 1 is x
        E: message 2 is y
        E: message 9 is a b
        E: unreadable 10
        E: message 11 is café
        E: completed UIDL
        C: UIDL 9
        S: +OK zzz
        E: accepted UIDL 9
        E: message 9 is zzz
        E: completed UIDL 9
        C: LIST
        S: +OK
        S: 1 120 octets
        S: many
        S: .
        E: accepted LIST
        E: message 1 has 120 octets
        E: unreadable many
        E: completed LIST
        C: STAT
        S: +OK lots
        E: accepted STAT
        E: unreadable  lots
        E: completed STAT",
    );
}

#[test]
fn exchange_challenges_with_ok() {
    play(
        r"
        S: +OK
        E: accepted the greeting
        E: completed the greeting
        C: AUTH PLAIN
        S: +OK
        E: challenge []
        C: respond AGEAYg==
        S: +OK
        E: accepted AUTH
        E: completed AUTH",
    );
}

#[test]
fn status_lines_may_be_long_lower_case_and_not_utf8() {
    let long = "x".repeat(2000);
    play(&format!(
        r"
        S: +ok {long}
        E: accepted the greeting
        E: completed the greeting
        C: USER caf
        S: -err caf\xE9
        E: refused USER: café",
    ));
}

#[test]
fn what_is_not_pop3_is_told_by_its_first_octets() {
    for octets in [
        b"220 smtp.example.org ESMTP\r\n".as_slice(),
        b"* OK IMAP4rev1\r\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\x15\x03\x01\x00\x02",
        b"+HELLO\r\n",
        &[b'+'; 10_000],
    ] {
        let mut session = Session::new();
        session.receive(Bytes::copy_from_slice(octets));
        assert_eq!(session.next_event(), Err(PeerError::NotPop3), "{octets:?}");
    }
}

#[test]
fn replies_without_status_are_the_servers_fault() {
    assert_eq!(
        error_after(&format!("{TRANSACTION}C: NOOP"), b"OK\r\n"),
        PeerError::NoStatus(Request::Noop)
    );
    assert_eq!(
        error_after(&format!("{TRANSACTION}C: NOOP"), b"+ go on\r\n"),
        PeerError::NoStatus(Request::Noop)
    );
    assert_eq!(
        error_after(
            &format!("{TRANSACTION}C: UIDL"),
            &[b"+OK\r\n".as_slice(), &[b'1'; 9000]].concat()
        ),
        PeerError::LineTooLong(Request::Uidl(None))
    );
}

#[test]
fn a_server_that_hangs_up_unasked_is_quoted() {
    assert_eq!(
        error_after(TRANSACTION, b"-ERR Disconnected for inactivity.\r\n"),
        PeerError::Unasked("-ERR Disconnected for inactivity.".into())
    );
}

#[test]
fn an_early_end_says_what_was_missing() {
    let mut session = session_after(TRANSACTION);
    assert_eq!(session.end_of_input(), Ok(()));
    let mut session = session_after(&format!("{TRANSACTION}C: NOOP"));
    assert_eq!(
        session.end_of_input(),
        Err(PeerError::ClosedEarly(Request::Noop))
    );
    let mut session = session_after(&format!("{TRANSACTION}C: UIDL\nS: +OK\nS: 1 a"));
    assert_eq!(
        session.end_of_input(),
        Err(PeerError::ClosedMidReply(Request::Uidl(None)))
    );
    let mut session = Session::new();
    assert_eq!(
        session.end_of_input(),
        Err(PeerError::ClosedEarly(Request::Greeting))
    );
}

#[test]
fn nothing_is_heard_after_good_bye() {
    let mut session = session_after(&format!("{TRANSACTION}C: QUIT\nS: +OK bye"));
    assert_eq!(session.state(), State::Closed);
    session.receive(Bytes::from_static(b"chatter\r\n"));
    assert_eq!(session.next_event(), Ok(None));
    assert_eq!(session.end_of_input(), Ok(()));
}
