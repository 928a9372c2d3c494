//! The bridge decodes the same messages from the frames of a client after every split, and never
//! more bytes than arrived. The input is the data of a client after the handshake.

#![no_main]

use libfuzzer_sys::fuzz_target;

// Only this module, which has no I/O. The rest of the bridge would take minutes to compile.
#[allow(dead_code, unused_imports, reason = "the bridge uses all of it")]
#[path = "../../bridge/src/websocket/mod.rs"]
mod websocket;

use websocket::{Control, Decoder, Event, FrameError, Kind, LONGEST_CONTROL, unmask};

/// The limit of a message. It is less than the size of an input, so that some frames are too long.
const LONGEST: usize = 1024;

fuzz_target!(|bytes: &[u8]| {
    let whole = decode([bytes]);
    assert_eq!(decode(bytes.chunks(1)), whole);
    let middle = bytes.len() / 2;
    assert_eq!(decode(bytes.chunks(middle.max(1))), whole);
    assert_eq!(decode(bytes.chunks(7)), whole);
});

/// The decoded events, with consecutive pieces of payload joined.
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
                    assert!(!open, "a message within a message");
                    open = true;
                    meanings.push(Meaning::Begin(kind));
                }
                Event::Payload(count, mask) => {
                    assert!(open && (1..=used).contains(&count));
                    let run = &mut piece[at - count..at];
                    unmask(run, mask);
                    match meanings.last_mut() {
                        Some(Meaning::Payload(bytes)) => bytes.extend_from_slice(run),
                        _ => meanings.push(Meaning::Payload(run.to_vec())),
                    }
                }
                Event::End => {
                    assert!(open, "an end without a message");
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
        assert_eq!(at, piece.len(), "unused bytes");
    }
    (meanings, Ok(()))
}
