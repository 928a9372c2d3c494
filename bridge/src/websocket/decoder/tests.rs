//! The decoder against examples of the RFC, every split, and another implementation.

use proptest::collection::vec;
use proptest::prelude::*;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control as Theirs, Data, OpCode};

use super::*;

const LONGEST: usize = 100_000;

/// The decoded events, with consecutive payload joined.
#[derive(Debug, Default, PartialEq, Eq)]
struct Decoded {
    messages: Vec<(Option<MessageKind>, Vec<u8>, bool)>,
    controls: Vec<Control>,
}

/// Decodes `bytes` in pieces of these sizes, in turn.
fn decode(bytes: &[u8], sizes: &[usize]) -> Result<Decoded, FrameError> {
    let mut decoder = Decoder::new(LONGEST);
    let mut decoded = Decoded::default();
    let mut rest = bytes;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = (*sizes.next().unwrap()).clamp(1, rest.len());
        let mut piece = rest[..size].to_vec();
        rest = &rest[size..];
        let mut at = 0;
        loop {
            let (used, event) = decoder.decode(&piece[at..])?;
            at += used;
            match event {
                FrameEvent::More => break,
                FrameEvent::Begin(kind) => decoded.messages.push((Some(kind), Vec::new(), false)),
                FrameEvent::Payload(count, mask) => {
                    unmask(&mut piece[at - count..at], mask);
                    let message = decoded.messages.last_mut().unwrap();
                    message.1.extend_from_slice(&piece[at - count..at]);
                }
                FrameEvent::End => decoded.messages.last_mut().unwrap().2 = true,
                FrameEvent::Control(control) => decoded.controls.push(control),
            }
        }
        assert_eq!(at, piece.len());
    }
    Ok(decoded)
}

#[test]
fn frames_of_the_rfc_are_decoded_exactly() {
    // RFC 6455 §5.7: a masked text message with "Hello", and the masked answer to a ping.
    let hello = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    let pong = b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    let both = [hello.as_slice(), pong].concat();
    for size in 1..=both.len() {
        let decoded = decode(&both, &[size]).unwrap();
        assert_eq!(
            decoded.messages,
            [(Some(MessageKind::Text), b"Hello".to_vec(), true)]
        );
        assert_eq!(decoded.controls, [Control::Pong]);
    }
}

#[test]
fn violations_are_detected_as_early_as_possible() {
    for (bytes, error) in [
        (b"\x82\x01".as_slice(), FrameError::Unmasked),
        (b"\xc2\x81", FrameError::ReservedBit),
        (b"\xa2\x81", FrameError::ReservedBit),
        (b"\x92\x81", FrameError::ReservedBit),
        (b"\x83\x81", FrameError::ReservedOpcode),
        (b"\x8f\x81", FrameError::ReservedOpcode),
        (b"\x09\x81", FrameError::Control),
        (b"\x89\xfe", FrameError::Control),
        (b"\x80\x81", FrameError::NothingToContinue),
        (b"\x02\x80\0\0\0\0\x82\x80", FrameError::Interleaved),
        (b"\x82\xfe\x00\x7d\0\0\0\0", FrameError::Length),
        (b"\x82\xff\0\0\0\0\0\0\xff\xff\0\0\0\0", FrameError::Length),
        (b"\x82\xff\x80\0\0\0\0\x01\0\0\0\0\0\0", FrameError::Length),
        (b"\x82\xff\0\0\0\0\0\x02\0\0\0\0\0\0", FrameError::TooLong),
        (b"\x88\x81\0\0\0\0\x03", FrameError::CloseCode),
        (b"\x88\x83\0\0\0\0\x03\xe8\xff", FrameError::CloseReason),
    ] {
        for size in 1..=bytes.len() {
            assert_eq!(decode(bytes, &[size]), Err(error), "{bytes:?}");
        }
        let almost = &bytes[..bytes.len() - 1];
        assert!(decode(almost, &[1]).is_ok(), "{bytes:?}");
    }
}

#[test]
fn only_valid_close_codes_are_accepted() {
    for code in 0..=u16::MAX {
        let [high, low] = code.to_be_bytes();
        let allowed = match code {
            // RFC 6455 §7.4.1 reserves three of these codes for local use.
            1004..=1006 => false,
            1000..=1014 | 3000..=4999 => true,
            _ => false,
        };
        let frame = [0x88, 0x82, 0, 0, 0, 0, high, low];
        assert_eq!(decode(&frame, &[8]).is_ok(), allowed, "{code}");
    }
}

/// Returns a frame that another implementation has encoded.
fn theirs(frame: Frame, mask: [u8; 4], bytes: &mut Vec<u8>) {
    let mut frame = frame;
    frame.header_mut().mask = Some(mask);
    frame.format(bytes).unwrap();
}

proptest! {
    #[test]
    fn frames_of_another_implementation_are_decoded(
        messages in vec((any::<bool>(), vec((vec(any::<u8>(), 0..300), any::<[u8; 4]>()), 1..4)), 0..4),
        large in 0_usize..70_000,
        sizes in vec(1_usize..5000, 1..8),
    ) {
        let (mut bytes, mut expected) = (Vec::new(), Decoded::default());
        for (is_text, parts) in &messages {
            let kind = if *is_text { MessageKind::Text } else { MessageKind::Binary };
            let mut whole = Vec::new();
            for (n, (part, mask)) in parts.iter().enumerate() {
                let data = match (n, is_text) {
                    (0, true) => Data::Text,
                    (0, false) => Data::Binary,
                    _ => Data::Continue,
                };
                let last = n + 1 == parts.len();
                theirs(Frame::message(part.clone(), OpCode::Data(data), last), *mask, &mut bytes);
                theirs(Frame::ping(part[..part.len().min(125)].to_vec()), *mask, &mut bytes);
                whole.extend_from_slice(part);
                expected.controls.push(Control::Ping(part[..part.len().min(125)].to_vec()));
            }
            expected.messages.push((Some(kind), whole, true));
        }
        let bulk: Vec<u8> = (0..=252).cycle().take(large).collect();
        let opcode = OpCode::Data(Data::Binary);
        theirs(Frame::message(bulk.clone(), opcode, true), [9, 8, 7, 6], &mut bytes);
        expected.messages.push((Some(MessageKind::Binary), bulk, true));
        prop_assert_eq!(decode(&bytes, &sizes), Ok(expected));
    }

    #[test]
    fn no_input_panics_and_splits_make_no_difference(
        bytes in vec(any::<u8>(), 0..400),
        sizes in vec(1_usize..50, 1..5),
    ) {
        prop_assert_eq!(decode(&bytes, &sizes), decode(&bytes, &[bytes.len().max(1)]));
    }

    #[test]
    fn another_implementation_decodes_our_headers(length in 0_usize..200_000) {
        let mut space = [0; super::super::LONGEST_HEADER];
        let count = super::super::header(Opcode::Binary, length, &mut space);
        let ours = &space[space.len() - count..];
        let mut frame = Vec::new();
        Frame::message(vec![0; length], OpCode::Data(Data::Binary), true).format(&mut frame).unwrap();
        prop_assert_eq!(ours, &frame[..count]);
        prop_assert_eq!(frame.len(), count + length);
        // Both implementations define the control frames.
        prop_assert_eq!(u8::from(OpCode::Control(Theirs::Ping)), Opcode::Ping.number());
    }
}
