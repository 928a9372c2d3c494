//! A session reports the same events after every split of a server's bytes. The input is the data
//! of the server from its greeting on.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::{Event, PeerError, Session};

const LINES: [&str; 10] = [
    "USER a",
    "PASS tanstaaf",
    "RETR 1",
    "UIDL",
    "CAPA",
    "TOP 2 0",
    "STAT",
    "LIST",
    "NOOP",
    "QUIT",
];

fuzz_target!(|bytes: &[u8]| {
    let whole = report([bytes]);
    assert_eq!(report(bytes.chunks(1)), whole);
    let middle = bytes.len() / 2;
    assert_eq!(report(bytes.chunks(middle.max(1))), whole);
});

/// Returns the result of a session: the events without mail, the mail, and the error at the end.
fn report<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Event>, Vec<u8>, Result<(), PeerError>) {
    let mut lines = LINES.iter();
    let mut session = Session::new();
    let mut events = Vec::new();
    let mut mail = Vec::new();
    for piece in pieces {
        session.receive(Bytes::copy_from_slice(piece));
        loop {
            match session.next_event() {
                Ok(Some(Event::Body(bytes))) => {
                    assert!(!bytes.is_empty());
                    mail.extend_from_slice(&bytes);
                }
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(error) => return (events, mail, Err(error)),
            }
            if session.unanswered() == 0
                && let Some(line) = lines.next()
                && let Ok(command) = Command::parse(line.as_bytes())
            {
                // The session refuses the command if the server has not accepted the login.
                let _ = session.send(command);
            }
        }
    }
    (events, mail, session.end_of_input())
}
