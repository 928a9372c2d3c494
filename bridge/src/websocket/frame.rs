//! Encoding the headers and control frames of a server, and the masks of clients.

/// The longest header of a server's frame: [RFC 6455 §5.2], without a mask.
pub const LONGEST_HEADER: usize = 10;

/// The longest payload of a control frame: [RFC 6455 §5.5].
pub const LONGEST_CONTROL: usize = 125;

/// The type of a frame: [RFC 6455 §5.2].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// More of the current message.
    Continuation,
    /// The beginning of a text message.
    Text,
    /// The beginning of a binary message.
    Binary,
    /// The end of the connection.
    Close,
    /// A request for a pong.
    Ping,
    /// An answer to a ping, or an unsolicited sign of life.
    Pong,
}

impl Opcode {
    /// Returns the number in the header, 0 to 15.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    /// Returns the opcode for a header's number, or `None` for a reserved one.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }
}

/// Writes the header of a complete, unmasked message of `length` bytes at the end of `space`, directly
/// before the payload. Returns the length of the header: 2, 4 or 10.
#[must_use]
pub fn header(opcode: Opcode, length: usize, space: &mut [u8; LONGEST_HEADER]) -> usize {
    let first = 0x80 | opcode.number();
    let length = length as u64;
    let long = length.to_be_bytes();
    let [.., high, low] = long;
    match length {
        0..=125 => {
            let [.., a, b] = space;
            (*a, *b) = (first, low);
            2
        }
        126..=0xffff => {
            let [.., a, b, c, d] = space;
            (*a, *b, *c, *d) = (first, 126, high, low);
            4
        }
        _ => {
            let [a, b, rest @ ..] = space;
            (*a, *b, *rest) = (first, 127, long);
            LONGEST_HEADER
        }
    }
}

/// Encodes a control frame. A payload that is too long is truncated.
#[must_use]
pub fn control(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let payload = payload.get(..LONGEST_CONTROL).unwrap_or(payload);
    let mut space = [0; LONGEST_HEADER];
    let length = header(opcode, payload.len(), &mut space);
    let mut frame = Vec::with_capacity(length + payload.len());
    frame.extend(space.iter().skip(LONGEST_HEADER - length));
    frame.extend_from_slice(payload);
    frame
}

/// Encodes the payload of a close frame: [RFC 6455 §5.5.1].
#[must_use]
pub fn close_payload(code: u16, reason: &str) -> Vec<u8> {
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(reason.as_bytes());
    payload
}

/// Masks or unmasks payload: [RFC 6455 §5.3].
pub fn unmask(bytes: &mut [u8], mask: [u8; 4]) {
    unmask_back(bytes, 0, mask);
}

/// Unmasks the bytes after the first `gap`, and moves them to the front. This overwrites the gap, and
/// leaves arbitrary content in the last `gap` bytes.
pub fn unmask_back(bytes: &mut [u8], gap: usize, mask: [u8; 4]) {
    // Wide enough that the compiler uses the widest registers available.
    const WIDE: usize = 64;
    let mut wide = [0; WIDE];
    for (place, byte) in wide.iter_mut().zip(mask.iter().cycle()) {
        *place = *byte;
    }
    let mut rest = bytes;
    // The whole block is read before any of it is written, because the two may overlap.
    while let Some(mut block) = rest.get(gap..).and_then(|from| from.first_chunk()).copied() {
        for (byte, key) in block.iter_mut().zip(&wide) {
            *byte ^= key;
        }
        let Some((to, behind)) = rest.split_first_chunk_mut::<WIDE>() else {
            return;
        };
        *to = block;
        rest = behind;
    }
    for (at, key) in (0..rest.len().saturating_sub(gap)).zip(&wide) {
        rest.copy_within(at + gap..=at + gap, at);
        if let Some(byte) = rest.get_mut(at) {
            *byte ^= key;
        }
    }
}

/// Returns the mask for the next payload of the same frame, after `count` bytes.
pub(super) fn turned(mut mask: [u8; 4], count: usize) -> [u8; 4] {
    mask.rotate_left(count % 4);
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_as_short_as_they_can_be() {
        for (length, expected) in [
            (0, b"\x82\x00".as_slice()),
            (125, b"\x82\x7d"),
            (126, b"\x82\x7e\x00\x7e"),
            (0xffff, b"\x82\x7e\xff\xff"),
            (0x1_0000, b"\x82\x7f\0\0\0\0\0\x01\0\0"),
        ] {
            let mut space = [0; LONGEST_HEADER];
            let count = header(Opcode::Binary, length, &mut space);
            assert_eq!(&space[LONGEST_HEADER - count..], expected, "{length}");
        }
    }

    #[test]
    fn frames_of_the_rfc_are_encoded_exactly() {
        // RFC 6455 §5.7: an unmasked ping with "Hello".
        assert_eq!(
            control(Opcode::Ping, b"Hello"),
            b"\x89\x05\x48\x65\x6c\x6c\x6f"
        );
        let close = control(Opcode::Close, &close_payload(1000, "bye"));
        assert_eq!(close, b"\x88\x05\x03\xe8bye");
        assert_eq!(control(Opcode::Pong, &[b'x'; 200]).len(), 127);
    }

    #[test]
    fn payload_is_unmasked_in_pieces_of_any_size() {
        let mask = [1, 2, 3, 4];
        let plain: Vec<u8> = (0..1000).map(|n| (n % 251) as u8).collect();
        let masked: Vec<u8> = plain
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, key)| byte ^ key)
            .collect();
        for size in [1, 2, 3, 5, 7, 63, 64, 65, 127, 999, 1000] {
            let mut bytes = masked.clone();
            let mut mask_then = mask;
            for piece in bytes.chunks_mut(size) {
                unmask(piece, mask_then);
                mask_then = turned(mask_then, piece.len());
            }
            assert_eq!(bytes, plain, "in pieces of {size}");
        }
    }

    #[test]
    fn payload_is_unmasked_while_it_is_moved() {
        let plain: Vec<u8> = (0..=250).cycle().take(1000).collect();
        for gap in [0, 1, 6, 8, 14, 63, 64, 65, 200] {
            for length in [0, 1, 3, 63, 64, 65, 127, 128, 129, 1000] {
                let mut bytes = [vec![0xff; gap], plain[..length].to_vec()].concat();
                unmask(&mut bytes[gap..], [1, 2, 3, 4]);
                unmask_back(&mut bytes, gap, [1, 2, 3, 4]);
                assert_eq!(bytes[..length], plain[..length], "{length} after {gap}");
            }
        }
        // Nothing but a gap.
        unmask_back(&mut [1, 2, 3], 4, [1, 2, 3, 4]);
    }

    #[test]
    fn opcodes_and_their_numbers_are_inverse() {
        for number in 0..=255 {
            if let Some(opcode) = Opcode::from_number(number) {
                assert_eq!(opcode.number(), number);
            }
        }
    }
}
