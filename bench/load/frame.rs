//! Frames of the WebSocket protocol [RFC 6455 §5.2]: written with a mask, and read without.

use anyhow::{Result, bail};

/// The mask of every frame. It is constant: no proxy here needs protection from the client, and masking
/// must not slow it down.
const MASK: [u8; 4] = [0x9e, 0x37, 0x79, 0xb9];

const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xa;

/// The header of a received frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub(crate) opcode: u8,
    /// The bytes of the payload.
    pub(crate) length: u64,
    /// The bytes of the header itself.
    pub(crate) size: usize,
}

/// Builds a client's frame.
pub(crate) fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![FINAL | opcode];
    let length = payload.len();
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => frame.push(MASKED | short),
        (_, Ok(middle)) => {
            frame.push(MASKED | 126);
            frame.extend(middle.to_be_bytes());
        }
        (_, Err(_)) => {
            frame.push(MASKED | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(o, m)| o ^ m));
    frame
}

impl FrameHeader {
    /// Parses the header at the beginning of `bytes`. Returns `None` if it is incomplete.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Option<Self>> {
        let [first, second, rest @ ..] = bytes else {
            return Ok(None);
        };
        if second & MASKED != 0 {
            bail!("a relay must not mask");
        }
        let (length, size) = match second {
            126 => match rest.first_chunk::<2>() {
                Some(length) => (u16::from_be_bytes(*length).into(), 4),
                None => return Ok(None),
            },
            127 => match rest.first_chunk::<8>() {
                Some(length) => (u64::from_be_bytes(*length), 10),
                None => return Ok(None),
            },
            short => (u64::from(*short), 2),
        };
        Ok(Some(Self {
            opcode: first & 0xf,
            length,
            size,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Removes the mask from a client's frame, as a server does; the parser here refuses masks.
    fn unmasked(mut frame: Vec<u8>) -> (FrameHeader, Vec<u8>) {
        frame[1] &= !MASKED;
        let header = FrameHeader::decode(&frame).unwrap().unwrap();
        let (mask, payload) = frame[header.size..].split_at(MASK.len());
        let plain = payload.iter().zip(mask.iter().cycle()).map(|(o, m)| o ^ m);
        (header, plain.collect())
    }

    #[test]
    fn frames_of_all_three_lengths_are_parsed_as_they_were_written() {
        for (length, size) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let payload: Vec<u8> = (0..=250).cycle().take(length).collect();
            let (header, plain) = unmasked(masked(BINARY, &payload));
            assert_eq!(header.opcode, BINARY);
            assert_eq!(header.length, length as u64);
            // RFC 6455 §5.2 requires the shortest form.
            assert_eq!(header.size, size);
            assert_eq!(plain, payload);
        }
    }

    #[test]
    fn an_incomplete_header_is_awaited_and_a_mask_refused() {
        let mut frame = masked(BINARY, &[0; 300]);
        assert!(FrameHeader::decode(&frame).is_err());
        frame[1] &= !MASKED;
        for short in 0..4 {
            assert_eq!(FrameHeader::decode(&frame[..short]).unwrap(), None);
        }
    }
}
