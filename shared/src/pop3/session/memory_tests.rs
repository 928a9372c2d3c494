//! The memory of a session is bounded, whatever the server sends.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{Event, Session, SessionState};
use crate::pop3::argument::MessageNumber;
use crate::pop3::command::{Auth, Command};
use crate::pop3::limits::TRACED_BYTES;
use crate::sasl::{MAX_SASL_LINE_BYTES, Mechanism, SaslResponse};

/// Reads all events and responds to every challenge.
fn drain(session: &mut Session) {
    while let Ok(Some(event)) = session.next_event() {
        if let Event::Challenge(text) = event {
            let _ = session.respond(&SaslResponse::new(text.to_vec()).unwrap());
        }
    }
    let _ = session.take_output();
}

/// Checks the size of the buffers. During an upgrade, the session also keeps the `last` piece that
/// arrived.
fn assert_bounded(session: &Session, last: usize) {
    let last = if session.state() == SessionState::Upgrade {
        last
    } else {
        0
    };
    assert!(session.framer.waiting().len() <= MAX_SASL_LINE_BYTES + last);
    assert!(session.trace.size() <= TRACED_BYTES);
    assert!(session.secrets.len() <= 16);
}

fn commands() -> [Command; 8] {
    let message = MessageNumber::new(1).unwrap();
    [
        Command::Auth(Auth::new(Mechanism::Plain.into())),
        Command::Stls,
        Command::Capa,
        Command::Uidl(None),
        Command::Uidl(Some(message)),
        Command::Retr(message),
        Command::Noop,
        Command::Quit,
    ]
}

proptest! {
    #[test]
    fn a_session_holds_no_more_than_a_line_and_a_bounded_trace(
        pieces in vec(
            (
                0_usize..16,
                1_usize..3000,
                proptest::sample::select(
                    ["+OK", "-ERR x", "+ ", "\r\n", "+OK\r\n", ".\r\n", "text.", "1 a\r\n", "\n"]
                        .as_slice(),
                ),
            ),
            0..200,
        ),
    ) {
        let mut session = Session::new();
        for (command, times, text) in pieces {
            if let Some(command) = commands().get(command) {
                let _ = session.send(command.clone());
            }
            let bytes = text.repeat(times);
            let last = bytes.len();
            session.receive(Bytes::from(bytes));
            drain(&mut session);
            assert_bounded(&session, last);
        }
    }
}

#[test]
fn a_session_that_has_failed_or_waits_for_tls_keeps_no_input() {
    for received in ["chatter\r\n", "+OK\r\n"] {
        let mut session = Session::new();
        session.receive(Bytes::from_static(b"+OK\r\n"));
        drain(&mut session);
        session.send(Command::Stls).unwrap();
        session.receive(Bytes::from_static(received.as_bytes()));
        drain(&mut session);
        for _ in 0..100 {
            session.receive(Bytes::from_static(&[b'x'; 4096]));
            drain(&mut session);
            assert_bounded(&session, 4096);
        }
    }
}
