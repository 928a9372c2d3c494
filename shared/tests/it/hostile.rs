//! Arbitrary input of a server: no panic, no endless loop, and the same events after every split.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::command::{Command, Xtnd};
use restante_shared::pop3::raw::{RawCommand, RawReplyForm};
use restante_shared::pop3::session::{Event, PeerError, Session};

use crate::inverse::{pieces, transaction};
use crate::play::session_after;

const WORDS: &[&[u8]] = &[
    b"+OK", b"-ERR", b"\r\n", b"\n", b"\r", b".", b"+ ", b"1 2", b"[AUTH]", b"***",
];

/// Generates input from parts that are common in replies, and from arbitrary bytes.
fn input() -> impl Strategy<Value = Bytes> {
    let piece = prop_oneof![
        4 => proptest::sample::select(WORDS).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..9),
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat().into())
}

/// The result of a session: its events without bodies, the joined bodies, and its error.
type Outcome = (Vec<Event>, Vec<u8>, Option<PeerError>);

fn outcome(mut session: Session, bytes: &Bytes, size: usize) -> Outcome {
    let mut shown = Vec::new();
    let mut body = Vec::new();
    // Each byte can end one line, and each line causes at most three events.
    let mut left = 3 * bytes.len() + 100;
    for piece in pieces(bytes.clone(), &[size]) {
        session.receive(piece);
        loop {
            left = left.checked_sub(1).unwrap();
            match session.next_event() {
                Ok(Some(Event::Body(bytes))) => body.extend_from_slice(&bytes),
                Ok(Some(event)) => shown.push(event),
                Ok(None) => break,
                Err(error) => return (shown, body, Some(error)),
            }
        }
    }
    (shown, body, session.end_of_input().err())
}

proptest! {
    #[test]
    fn replies_to_a_pipeline_give_the_same_events_after_every_split(
        bytes in input(), size in 1_usize..30,
    ) {
        let one = MessageNumber::new(1).unwrap();
        let commands = [
            Command::Uidl(None), Command::Capa, Command::Stat, Command::Lang(None),
            Command::Raw(RawCommand::new("X", RawReplyForm::Body).unwrap()), Command::List(Some(one)),
            Command::Uidl(Some(one)), Command::Retr(one), Command::Quit,
        ];
        let session = || transaction(commands.clone());
        prop_assert_eq!(outcome(session(), &bytes, size), outcome(session(), &bytes, usize::MAX));
    }

    #[test]
    fn replies_to_single_commands_give_the_same_events_after_every_split(
        bytes in input(), size in 1_usize..30,
    ) {
        for conversation in ["", "S: +OK\nC: AUTH LOGIN", "S: +OK\nC: AUTH", "S: +OK\nC: STLS"] {
            let session = || session_after(conversation);
            prop_assert_eq!(
                outcome(session(), &bytes, size),
                outcome(session(), &bytes, usize::MAX)
            );
        }
        let session = || transaction([Command::Xtnd(Xtnd::XBboards(None))]);
        prop_assert_eq!(outcome(session(), &bytes, size), outcome(session(), &bytes, usize::MAX));
    }
}
