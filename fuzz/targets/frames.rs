//! However a client's frames are split, the bridge understands the same by them, in no more octets than
//! came. The input is what a client sends after the handshake.

#![no_main]

use libfuzzer_sys::fuzz_target;

// This module alone: it is without I/O, and the rest of the bridge would take minutes to compile.
#[allow(dead_code, unused_imports, reason = "the bridge uses all of it")]
#[path = "../../bridge/src/websocket/mod.rs"]
mod websocket;

use websocket::{Control, Decoder, Event, FrameError, Kind, LONGEST_CONTROL, unmask};

/// Shorter than an input may be, so that some frames are too long.
const LONGEST: usize = 1024;

fuzz_target!(|octets: &[u8]| {
    let whole = decode([octets]);
    assert_eq!(decode(octets.chunks(1)), whole);
    let middle = octets.len() / 2;
    assert_eq!(decode(octets.chunks(middle.max(1))), whole);
    assert_eq!(decode(octets.chunks(7)), whole);
});

/// What frames mean, with runs of payload put together.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    Begin(Kind),
    Payload(Vec<u8>),
    End,
    Control(Control),
}

fn decode<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Meaning>, Result<(), FrameError>) {
    let mut decoder = Decoder::new(LONGEST);
    let mut meanings = Vec::new();
    let mut open = false;
    for piece in pieces {
        let mut piece = piece.to_vec();
        let mut at = 0;
        loop {
            let (used, event) = match decoder.decode(&piece[at..]) {
                Ok(decoded) => decoded,
                Err(error) => return (meanings, Err(error)),
            };
            at += used;
            match event {
                Event::More => break,
                Event::Begin(kind) => {
                    assert!(!open, "a message in a message");
                    open = true;
                    meanings.push(Meaning::Begin(kind));
                }
                Event::Payload(count, mask) => {
                    assert!(open && (1..=used).contains(&count));
                    let run = &mut piece[at - count..at];
                    unmask(run, mask);
                    match meanings.last_mut() {
                        Some(Meaning::Payload(octets)) => octets.extend_from_slice(run),
                        _ => meanings.push(Meaning::Payload(run.to_vec())),
                    }
                }
                Event::End => {
                    assert!(open, "the end of nothing");
                    open = false;
                    meanings.push(Meaning::End);
                }
                Event::Control(control) => {
                    if let Control::Ping(payload) = &control {
                        assert!(payload.len() <= LONGEST_CONTROL);
                    }
                    meanings.push(Meaning::Control(control));
                }
            }
        }
        assert_eq!(at, piece.len(), "octets that nobody has used");
    }
    (meanings, Ok(()))
}
