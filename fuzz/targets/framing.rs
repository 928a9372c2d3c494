//! However a server's octets are split, a session reports the same. The input is what the server says
//! from its greeting on.

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

fuzz_target!(|octets: &[u8]| {
    let whole = report([octets]);
    assert_eq!(report(octets.chunks(1)), whole);
    let middle = octets.len() / 2;
    assert_eq!(report(octets.chunks(middle.max(1))), whole);
});

/// What a session says of the pieces: events without mail, the mail, the end.
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
                Ok(Some(Event::Body(octets))) => {
                    assert!(!octets.is_empty());
                    mail.extend_from_slice(&octets);
                }
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(error) => return (events, mail, Err(error)),
            }
            if session.unanswered() == 0
                && let Some(line) = lines.next()
                && let Ok(command) = Command::parse(line.as_bytes())
            {
                // Refused where the server has not let this session in.
                let _ = session.send(command);
            }
        }
    }
    (events, mail, session.end_of_input())
}
