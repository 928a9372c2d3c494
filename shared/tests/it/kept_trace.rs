//! The trace of a session, which is complete, has no secrets and can be replayed; and the quirks
//! that the session records.

use std::collections::BTreeSet;

use bytes::Bytes;
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::raw::{RawCommand, RawReplyForm};
use restante_shared::pop3::session::{Event, MisuseError, Request, Session};
use restante_shared::pop3::transcript::Transcript;
use restante_shared::sasl::{Mechanism, SaslResponse};

use crate::play::session_after;

fn kept(mut session: Session) -> String {
    let steps = session.take_trace();
    let text = Transcript { steps }.to_string();
    let read: Transcript = text.parse().unwrap();
    assert_eq!(read.to_string(), text);
    text
}

fn kept_after(conversation: &str) -> String {
    kept(session_after(conversation))
}

fn receive(session: &mut Session, bytes: &[u8]) -> Vec<Event> {
    session.receive(Bytes::copy_from_slice(bytes));
    std::iter::from_fn(|| session.next_event().ok().flatten()).collect()
}

#[test]
fn the_trace_is_complete_except_for_secrets_and_mail() {
    assert_eq!(
        kept_after(
            "S: +OK ready <1@b>\nC: USER mrose\nS: +OK\nC: PASS tanstaaf\nS: +OK 1 message\n\
             C: LIST\nS: +OK\nS: 1 31\nS: .\nC: RETR 1\nS: +OK\nS: Subject: private\nS:\n\
             S: ..dot\nS: .\nC: QUIT\nS: +OK bye"
        ),
        "S: +OK ready <1@b>\nC: USER mrose\nS: +OK\nC: PASS ***\nS: +OK 1 message\n\
         C: LIST\nS: +OK\nS: 1 31\nS: .\nC: RETR 1\nS: +OK\n[26 octets]\nS: .\nC: QUIT\nS: +OK bye\n"
    );
}

#[test]
fn no_login_leaves_its_secret_in_the_trace() {
    for (login, line) in [
        (
            "APOP mrose c4c9334bac560ecc979e58001b3e22fb",
            "APOP mrose ***",
        ),
        ("AUTH PLAIN AG1yb3NlAHRhbnN0YWFm", "AUTH PLAIN ***"),
        ("AUTH SCRAM-SHA-256", "AUTH SCRAM-SHA-256"),
    ] {
        let text = kept_after(&format!("S: +OK\nC: {login}\nS: -ERR {login}"));
        let shown = text.strip_prefix("S: +OK\n").unwrap();
        assert_eq!(shown, format!("C: {line}\nS: -ERR {line}\n"), "{login}");
    }
    assert_eq!(
        kept_after(
            "S: +OK\nC: AUTH LOGIN\nS: + VXNlcm5hbWU6\nC: bXJvc2U=\nS: +\n\
             C: dGFuc3RhYWY=\nS: -ERR tanstaaf and dGFuc3RhYWY= are wrong"
        ),
        "S: +OK\nC: AUTH LOGIN\nS: + ***\nC: ***\nS: +\nC: ***\nS: -ERR *** and *** are wrong\n"
    );
    let mut session = session_after("S: +OK\nC: AUTH LOGIN\nS: +");
    session.cancel_auth().unwrap();
    assert!(kept(session).ends_with("C: AUTH LOGIN\nS: +\nC: *\n"));
}

#[test]
fn a_registered_secret_reaches_no_event_before_it_is_sent_or_after_stls() {
    let mut session = Session::new();
    session.register(b"tanstaaf");
    // From an earlier session, the server knows the response of PLAIN.
    let said = b"+OK <tanstaaf@example.org>\r\n";
    let mut events = receive(&mut session, said);
    assert_eq!(
        session.timestamp().unwrap().as_str(),
        "<tanstaaf@example.org>"
    );
    session.send(Command::Capa).unwrap();
    let capa = b"+OK tanstaaf\r\nIMPLEMENTATION tanstaaf\r\nX-TANSTAAF\r\n\
                 SASL PLAIN TANSTAAF AG1yb3NlAHRhbnN0YWFm\r\nX AG1yb3NlAHRhbnN0YWFm\r\n\
                 LOGIN-DELAY 300\r\n..tanstaaf\r\n.\r\n";
    events.extend(receive(&mut session, capa));
    session.send(Command::Stls).unwrap();
    events.extend(receive(&mut session, b"+OK\r\n"));
    let mut session = session.into_upgrade().unwrap().secured();
    session.send(Command::Lang(None)).unwrap();
    events.extend(receive(
        &mut session,
        b"+OK\r\nen tanstaaf\r\ntanstaaf\r\n.\r\n",
    ));
    let printed = format!("{events:?} {session:?}").to_lowercase();
    assert!(!printed.contains("tanstaaf"), "{printed}");
    assert!(!printed.contains("ag1yb3"), "{printed}");
    let sasl = Capability::Sasl(vec![Mechanism::Plain.into()]);
    assert!(events.contains(&Event::Capability(sasl)));
    let delay = Capability::parse(b"LOGIN-DELAY 300");
    assert!(events.contains(&Event::Capability(delay)));
    let text = kept(session);
    assert!(text.contains("S: IMPLEMENTATION ***\nS: X-***\nS: SASL PLAIN *** ***\n"));
    assert!(text.contains("S: en ***\n"), "{text}");
}

#[test]
fn a_secret_that_equals_a_keyword_is_removed_only_from_shown_text() {
    for secret in ["300", "PLAIN", "UIDL", "whqtswO00WBw418f9t5JxYwZ"] {
        let mut session = session_after("S: +OK");
        session.register(secret.as_bytes());
        session.send(Command::Capa).unwrap();
        let events = receive(
            &mut session,
            b"+OK\r\nUIDL\r\nLOGIN-DELAY 300\r\nSASL PLAIN\r\n.\r\n",
        );
        let meant = ["UIDL", "LOGIN-DELAY 300", "SASL PLAIN"];
        let meant = meant.map(|line| Event::Capability(Capability::parse(line.as_bytes())));
        assert_eq!(events.get(1..4), Some(meant.as_slice()), "{secret}");
    }
    let mut session = session_after("S: +OK\nC: USER a\nS: +OK\nC: PASS same\nS: +OK");
    session.send(Command::Uidl(None)).unwrap();
    let events = receive(&mut session, b"+OK\r\n1 same-1\r\n2 same-2\r\n.\r\n");
    let ids = events.iter().filter_map(|event| match event {
        Event::UniqueId(listing) => Some(listing.unique_id.as_str()),
        _ => None,
    });
    assert_eq!(ids.collect::<Vec<_>>(), ["same-1", "same-2"]);
}

#[test]
fn a_repeated_secret_reaches_no_event_and_no_error() {
    let mut session = session_after("S: +OK\nC: USER mrose\nS: +OK\nC: PASS tanstaaf");
    let events = receive(&mut session, b"-ERR unknown command PASS Tanstaaf\r\n");
    assert!(
        matches!(events.as_slice(), [Event::Refused { text, .. }] if text.text == "unknown command PASS ***")
    );
    session.receive(Bytes::from_static(b"tanstaaf, said you\r\n"));
    let error = session.next_event().unwrap_err();
    assert!(error.to_string().contains("***, said you"), "{error}");
    let text = kept(session);
    assert!(!text.to_ascii_lowercase().contains("tanstaaf"), "{text}");
}

#[test]
fn secrets_are_removed_from_listings_and_garbage() {
    let mut session = session_after("S: +OK\nC: USER mrose\nS: +OK\nC: PASS tanstaaf\nS: +OK");
    session.send(Command::Capa).unwrap();
    receive(&mut session, b"+OK\r\nX-LAST tanstaaf\r\n.\r\n");
    session.send(Command::Noop).unwrap();
    receive(&mut session, b"what is tanstaaf");
    let text = kept(session);
    assert!(text.contains("S: X-LAST ***\n"), "{text}");
    assert!(text.ends_with("R: what is ***\n"), "{text}");
}

#[test]
fn an_incomplete_reply_is_traced_as_far_as_it_arrived() {
    const RETR: &str = "S: +OK\nC: USER a\nS: +OK\nC: PASS b\nS: +OK\nC: RETR 1";
    for (received, end) in [
        (b"+O".as_slice(), "C: RETR 1\nR: +O\n[close]\n"),
        (b"+OK\r\nfour\r\n.", "S: +OK\n[6 octets]\nR: .\n[close]\n"),
        (b"\xff\x01", "C: RETR 1\nR: \\xff\\x01\n[close]\n"),
        (&[b'+'; 9000], "+\n# 8,488 more bytes\n[close]\n"),
    ] {
        let mut session = session_after(RETR);
        receive(&mut session, received);
        assert!(session.end_of_input().is_err());
        let text = kept(session);
        assert!(text.ends_with(end), "{text}");
    }
}

#[test]
fn the_trace_continues_under_tls() {
    let session = session_after("S: +OK\nC: STLS\nS: +OK");
    let session = session.into_upgrade().unwrap().secured();
    assert_eq!(kept(session), "S: +OK\nC: STLS\nS: +OK\n[tls]\n");
}

#[test]
fn bare_line_feeds_are_traced_as_received() {
    assert_eq!(
        kept_after(
            "R: +OK\\n\nC: USER a\nR: +OK\\n\nC: PASS b\nR: +OK\\n\nC: UIDL\n\
             R: +OK\\n\nR: 1 x\\n\nR: .\\n"
        ),
        "R: +OK\\n\nC: USER a\nR: +OK\\n\nC: PASS ***\nR: +OK\\n\nC: UIDL\n\
         R: +OK\\n\nR: 1 x\\n\nR: .\\n\n"
    );
}

#[test]
fn each_quirk_is_recorded_once() {
    const OPEN: &str = "S: +OK\nC: USER a\nS: +OK\nC: PASS b\nS: +OK\n";
    let long = "x".repeat(509);
    let id = "x".repeat(71);
    for (rest, quirks) in [
        (
            "C: LIST\nS: +OK\nS: 1 120\nS: 2 200 octets\nS: .\nC: UIDL 1\nS: +OK 1 x",
            vec![],
        ),
        ("C: RETR 1\nS: +OK\nS: ..a\nS: .", vec![]),
        ("C: NOOP\nR: +OK\\n", vec![Quirk::BareLf]),
        (
            "C: RETR 1\nS: +OK\nS: .a\nS: .",
            vec![Quirk::NoByteStuffing],
        ),
        (&format!("C: NOOP\nS: -ERR {long}"), vec![Quirk::LongLine]),
        ("C: NOOP\nS: -ERR caf\\xE9", vec![Quirk::EightBitText]),
        (
            "C: LIST\nS: +OK\nS: 1  2\nS: .",
            vec![Quirk::IrregularListing],
        ),
        (
            "C: LIST\nS: +OK\nS: +OK 1 2\nS: .",
            vec![Quirk::IrregularListing],
        ),
        ("C: UIDL 1\nS: +OK x", vec![Quirk::IrregularListing]),
        (
            "C: UIDL\nS: +OK\nS: 1 a b\nS: .",
            vec![Quirk::IrregularUniqueId],
        ),
        (
            &format!("C: UIDL 1\nS: +OK 1 {id}"),
            vec![Quirk::IrregularUniqueId],
        ),
    ] {
        let mut session = session_after(&format!("{OPEN}{rest}"));
        assert_eq!(session.take_quirks(), BTreeSet::from_iter(quirks), "{rest}");
        assert_eq!(session.take_quirks(), BTreeSet::new());
    }
    let mut session = session_after("S: +OK\nC: AUTH PLAIN\nS: +OK");
    assert!(session.take_quirks().contains(&Quirk::ChallengeAsOk));
}

#[test]
fn the_reply_to_a_typed_line_is_read_in_the_given_form() {
    const OPEN: &str = "S: +OK\nC: USER a\nS: +OK\nC: PASS b\nS: +OK\n";
    for (reply, received, items) in [
        (RawReplyForm::OneLine, b"+OK yes\r\n".as_slice(), vec![]),
        (
            RawReplyForm::Listing,
            b"+OK\r\na\r\n..c\r\n.\r\n",
            vec![
                Event::Line(Bytes::from_static(b"a")),
                Event::Line(Bytes::from_static(b".c")),
            ],
        ),
        (
            RawReplyForm::Body,
            b"+OK\r\na\r\n.\r\n",
            vec![Event::Body(Bytes::from_static(b"a\r\n"))],
        ),
    ] {
        let mut session = session_after(OPEN);
        let raw = RawCommand::new("XSENDER 1", reply).unwrap();
        session.send(Command::Raw(raw)).unwrap();
        assert_eq!(session.take_output(), b"XSENDER 1\r\n");
        let events = receive(&mut session, received);
        let request = Request::Raw(reply);
        assert!(
            matches!(events.first(), Some(Event::Accepted { request: r, .. }) if *r == request)
        );
        assert_eq!(events.last(), Some(&Event::Completed { request }));
        assert_eq!(events.get(1..events.len() - 1), Some(items.as_slice()));
        assert!(kept(session).contains("C: XSENDER 1\n"));
    }
    let raw = RawCommand::new("XSENDER 1", RawReplyForm::OneLine).unwrap();
    assert_eq!(
        session_after("S: +OK").send(Command::Raw(raw)),
        Err(MisuseError::WrongState(Request::Raw(RawReplyForm::OneLine)))
    );
}

#[test]
fn a_long_token_is_sent_as_a_response() {
    let token = format!("user=mrose\x01auth=Bearer {}\x01\x01", "t".repeat(5000));
    let mut session = session_after("S: +OK\nC: AUTH XOAUTH2\nS: +");
    let response = SaslResponse::new(token).unwrap();
    session.respond(&response).unwrap();
    assert!(session.take_output().len() > 6000);
    assert!(kept(session).ends_with("S: +\nC: ***\n"));
}
