//! Whatever a server sends: no panic, no loop, and the same events however it is split.

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

/// What is common in replies, and what is not.
fn octets() -> impl Strategy<Value = Bytes> {
    let piece = prop_oneof![
        4 => proptest::sample::select(WORDS).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..9),
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat().into())
}

/// What a session reports: events but for octets, how many octets, how it ended.
type Outcome = (Vec<Event>, Vec<u8>, Option<PeerError>);

fn outcome(mut session: Session, octets: &Bytes, size: usize) -> Outcome {
    let mut shown = Vec::new();
    let mut body = Vec::new();
    // Each octet can end one line, and each line takes three events at the most.
    let mut left = 3 * octets.len() + 100;
    for piece in pieces(octets.clone(), &[size]) {
        session.receive(piece);
        loop {
            left = left.checked_sub(1).unwrap();
            match session.next_event() {
                Ok(Some(Event::Body(octets))) => body.extend_from_slice(&octets),
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
    fn nothing_that_answers_commands_is_read_differently_when_split(
        octets in octets(), size in 1_usize..30,
    ) {
        let one = MessageNumber::new(1).unwrap();
        let commands = [
            Command::Uidl(None), Command::Capa, Command::Stat, Command::Lang(None),
            Command::Raw(RawCommand::new("X", RawReplyForm::Body).unwrap()), Command::List(Some(one)),
            Command::Uidl(Some(one)), Command::Retr(one), Command::Quit,
        ];
        let session = || transaction(commands.clone());
        prop_assert_eq!(outcome(session(), &octets, size), outcome(session(), &octets, usize::MAX));
    }

    #[test]
    fn nothing_that_answers_what_goes_alone_is_read_differently_when_split(
        octets in octets(), size in 1_usize..30,
    ) {
        for conversation in ["", "S: +OK\nC: AUTH LOGIN", "S: +OK\nC: AUTH", "S: +OK\nC: STLS"] {
            let session = || session_after(conversation);
            prop_assert_eq!(
                outcome(session(), &octets, size),
                outcome(session(), &octets, usize::MAX)
            );
        }
        let session = || transaction([Command::Xtnd(Xtnd::XBboards(None))]);
        prop_assert_eq!(outcome(session(), &octets, size), outcome(session(), &octets, usize::MAX));
    }
}
