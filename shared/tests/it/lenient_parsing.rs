//! Input of real servers that deviates from the standards, and violations of the protocol.

use bytes::Bytes;
use restante_shared::pop3::reply::ResponseCode;
use restante_shared::pop3::session::{Event, PeerError, Request, Session, SessionState};

use crate::play::{play, session_after};

const TRANSACTION: &str = "
    S: +OK
    C: USER a
    S: +OK
    C: PASS b
    S: +OK
";

fn error_after(conversation: &str, bytes: &[u8]) -> PeerError {
    let mut session = session_after(conversation);
    session.receive(Bytes::copy_from_slice(bytes));
    loop {
        match session.next_event() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("no error from {bytes:?}"),
            Err(error) => {
                assert_eq!(
                    session.next_event(),
                    Err(error.clone()),
                    "the error persists"
                );
                return error;
            }
        }
    }
}

#[test]
fn status_lines_may_be_long_lower_case_and_not_utf8() {
    let long = "x".repeat(2000);
    play(&format!(
        r"
        S: +ok {long}
        #> accepted the greeting
        #> completed the greeting
        C: USER caf
        S: -err caf\xE9
        #> refused USER: café",
    ));
}

#[test]
fn another_protocol_is_recognised_by_its_first_bytes() {
    for bytes in [
        b"220 smtp.example.org ESMTP\r\n".as_slice(),
        b"* OK IMAP4rev1\r\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\x15\x03\x01\x00\x02",
        b"+HELLO\r\n",
        &[b'+'; 10_000],
    ] {
        let mut session = Session::new();
        session.receive(Bytes::copy_from_slice(bytes));
        assert_eq!(session.next_event(), Err(PeerError::NotPop3), "{bytes:?}");
    }
}

#[test]
fn replies_without_a_status_indicator_end_the_session() {
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
fn a_challenge_may_fill_its_line_and_no_more() {
    let challenge = |length: usize| [b"+ ".as_slice(), &vec![b'A'; length], b"\r\n"].concat();
    const AUTH: &str = "S: +OK\nC: AUTH GSSAPI";
    let mut session = session_after(AUTH);
    session.receive(challenge(12_284).into());
    assert!(
        matches!(session.next_event(), Ok(Some(Event::Challenge(text))) if text.len() == 12_284)
    );
    assert_eq!(
        error_after(AUTH, &challenge(12_285)),
        PeerError::LineTooLong(Request::Auth)
    );
}

#[test]
fn response_codes_are_valid_only_if_the_server_advertises_them() {
    for (capabilities, advertised) in [
        ("", false),
        ("C: CAPA\nS: +OK\nS: RESP-CODES\nS: .", true),
        (
            "C: CAPA\nS: +OK\nS: RESP-CODES\nS: .\nC: CAPA\nS: +OK\nS: .",
            false,
        ),
        (
            "C: CAPA\nS: +OK\nS: RESP-CODES\nS: .\nC: CAPA\nS: -ERR",
            true,
        ),
    ] {
        let mut session = session_after(&format!("{TRANSACTION}\n{capabilities}\nC: NOOP"));
        session.receive(Bytes::from_static(b"-ERR [SYS/TEMP] later\r\n"));
        let Ok(Some(Event::Refused { text, .. })) = session.next_event() else {
            panic!("not refused");
        };
        assert_eq!(text.code, Some(ResponseCode::SysTemp));
        assert_eq!(
            session.response_code(&text).is_some(),
            advertised,
            "{capabilities}"
        );
    }
}

#[test]
fn an_unsolicited_line_is_quoted() {
    assert_eq!(
        error_after(TRANSACTION, b"-ERR Disconnected for inactivity.\r\n"),
        PeerError::Unsolicited("-ERR Disconnected for inactivity.".into())
    );
}

#[test]
fn an_early_end_names_the_unanswered_request() {
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
fn everything_after_the_reply_to_quit_is_ignored() {
    let mut session = session_after(&format!("{TRANSACTION}C: QUIT\nS: +OK bye"));
    assert_eq!(session.state(), SessionState::Closed);
    session.receive(Bytes::from_static(b"chatter\r\n"));
    assert_eq!(session.next_event(), Ok(None));
    assert_eq!(session.end_of_input(), Ok(()));
}
