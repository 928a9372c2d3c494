//! Decoding the frames of a client, from bytes in pieces of any size.

use thiserror::Error;

use super::frame::{LONGEST_CONTROL, Opcode, turned, unmask};

/// The longest header of a client's frame: [RFC 6455 §5.2], with its mask.
const LONGEST_MASKED_HEADER: usize = 14;

/// The type of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// Text, which should be UTF-8.
    Text,
    /// Bytes.
    Binary,
}

/// A complete control frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// A ping, to be answered with a pong of the same payload.
    Ping(Vec<u8>),
    /// A pong.
    Pong,
    /// The last frame of a client, with its close code if there is one.
    Close(Option<u16>),
}

/// The meaning of the bytes that [`Decoder::decode`] has consumed.
#[derive(Debug, PartialEq, Eq)]
pub enum FrameEvent {
    /// Nothing yet: all input was consumed, and more is needed.
    More,
    /// The beginning of a message.
    Begin(MessageKind),
    /// Masked payload: this many of the last consumed bytes, with this mask.
    Payload(usize, [u8; 4]),
    /// The end of a message.
    End,
    /// A control frame, which may occur between the frames of a message.
    Control(Control),
}

/// A violation of the protocol by a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// [RFC 6455 §5.1]: a client must mask its frames.
    #[error("unmasked frame")]
    Unmasked,
    /// [RFC 6455 §5.2]: the bit belongs to an extension, and none was negotiated.
    #[error("reserved bit set")]
    ReservedBit,
    /// [RFC 6455 §5.2]: the opcode is reserved.
    #[error("reserved opcode")]
    ReservedOpcode,
    /// [RFC 6455 §5.2]: the length has its highest bit set, or is not in its shortest form.
    #[error("invalid payload length")]
    Length,
    /// [RFC 6455 §5.5]: a control frame must not be fragmented, and must be short.
    #[error("control frame that is fragmented or longer than {LONGEST_CONTROL} bytes")]
    Control,
    /// [RFC 6455 §5.4]: a continuation needs a message that has begun.
    #[error("continuation frame without a message")]
    NothingToContinue,
    /// [RFC 6455 §5.4]: a message must not begin inside another one.
    #[error("new message inside a fragmented message")]
    Interleaved,
    /// [RFC 6455 §7.4]: the close code must not be sent.
    #[error("invalid close code")]
    CloseCode,
    /// [RFC 6455 §5.5.1]: the reason of a close frame must be UTF-8.
    #[error("close reason is not UTF-8")]
    CloseReason,
    /// The frame exceeds the limit of the decoder.
    #[error("frame too long")]
    TooLong,
}

/// The decoder of one connection.
#[derive(Debug)]
pub struct Decoder {
    longest_frame: u64,
    /// The bytes of an incomplete header.
    header: [u8; LONGEST_MASKED_HEADER],
    header_length: usize,
    state: DecoderState,
    /// True inside a message.
    in_message: bool,
    /// The payload of an incomplete control frame.
    control: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum DecoderState {
    Header,
    Data {
        left: u64,
        mask: [u8; 4],
        fin: bool,
    },
    Control {
        frame: Opcode,
        left: usize,
        mask: [u8; 4],
    },
}

impl Decoder {
    /// Creates a decoder for frames of at most `longest_frame` bytes. The length of messages is not limited.
    #[must_use]
    pub fn new(longest_frame: usize) -> Self {
        Self {
            longest_frame: longest_frame as u64,
            header: [0; LONGEST_MASKED_HEADER],
            header_length: 0,
            state: DecoderState::Header,
            in_message: false,
            control: Vec::new(),
        }
    }

    /// Consumes bytes from the front of `input`. Returns their number and their meaning.
    ///
    /// To be called with the rest of the input until the event is [`FrameEvent::More`]. Only then all of it
    /// was consumed.
    ///
    /// # Errors
    /// The client's violation of the protocol, as early as it can be detected. The connection must be closed,
    /// because nothing after it can be decoded.
    pub fn decode(&mut self, input: &[u8]) -> Result<(usize, FrameEvent), FrameError> {
        let mut used = 0;
        loop {
            let rest = input.get(used..).unwrap_or_default();
            match self.state {
                DecoderState::Header => {
                    let Some((taken, event)) = self.decode_header(rest)? else {
                        return Ok((used + rest.len(), FrameEvent::More));
                    };
                    used += taken;
                    if let Some(kind) = event {
                        return Ok((used, FrameEvent::Begin(kind)));
                    }
                }
                DecoderState::Data { left: 0, fin, .. } => {
                    self.state = DecoderState::Header;
                    if fin {
                        self.in_message = false;
                        return Ok((used, FrameEvent::End));
                    }
                }
                DecoderState::Data { left, mask, fin } => {
                    let count =
                        usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()));
                    if count == 0 {
                        return Ok((used, FrameEvent::More));
                    }
                    self.state = DecoderState::Data {
                        left: left - count as u64,
                        mask: turned(mask, count),
                        fin,
                    };
                    return Ok((used + count, FrameEvent::Payload(count, mask)));
                }
                DecoderState::Control { frame, left, mask } => {
                    let part = rest.get(..left.min(rest.len())).unwrap_or_default();
                    self.control.extend_from_slice(part);
                    used += part.len();
                    let left = left - part.len();
                    if left > 0 {
                        self.state = DecoderState::Control { frame, left, mask };
                        return Ok((used, FrameEvent::More));
                    }
                    self.state = DecoderState::Header;
                    let mut payload = std::mem::take(&mut self.control);
                    unmask(&mut payload, mask);
                    return Ok((used, FrameEvent::Control(whole_control(frame, payload)?)));
                }
            }
        }
    }

    /// Continues a header. Returns `None` while it is incomplete; otherwise the number of consumed bytes, and
    /// the kind of message that begins with it.
    fn decode_header(
        &mut self,
        input: &[u8],
    ) -> Result<Option<(usize, Option<MessageKind>)>, FrameError> {
        let mut used = 0;
        for byte in input {
            if let Some(place) = self.header.get_mut(self.header_length) {
                *place = *byte;
                self.header_length += 1;
            }
            used += 1;
            if self.header_length >= 2 && self.header_length == self.expected_length()? {
                self.header_length = 0;
                return Ok(Some((used, self.begin_frame()?)));
            }
        }
        Ok(None)
    }

    /// Validates the first two bytes, and returns the length of the header.
    fn expected_length(&self) -> Result<usize, FrameError> {
        let [first, second, ..] = self.header;
        if first & 0x70 != 0 {
            return Err(FrameError::ReservedBit);
        }
        let opcode = Opcode::from_number(first & 0x0f).ok_or(FrameError::ReservedOpcode)?;
        if second & 0x80 == 0 {
            return Err(FrameError::Unmasked);
        }
        let length = second & 0x7f;
        let fin = first & 0x80 != 0;
        match opcode {
            Opcode::Close | Opcode::Ping | Opcode::Pong => {
                if !fin || usize::from(length) > LONGEST_CONTROL {
                    return Err(FrameError::Control);
                }
            }
            Opcode::Continuation if !self.in_message => return Err(FrameError::NothingToContinue),
            Opcode::Text | Opcode::Binary if self.in_message => {
                return Err(FrameError::Interleaved);
            }
            Opcode::Continuation | Opcode::Text | Opcode::Binary => {}
        }
        Ok(match length {
            126 => 8,
            127 => 14,
            _ => 6,
        })
    }

    /// Begins the frame whose header is complete.
    fn begin_frame(&mut self) -> Result<Option<MessageKind>, FrameError> {
        let [first, second, extended @ ..] = self.header;
        let [a, b, c, d, e, f, g, h, ..] = extended;
        let (length, mask) = match second & 0x7f {
            126 => (u64::from(u16::from_be_bytes([a, b])), [c, d, e, f]),
            127 => {
                let [.., i, j, k, l] = extended;
                (u64::from_be_bytes([a, b, c, d, e, f, g, h]), [i, j, k, l])
            }
            short => (u64::from(short), [a, b, c, d]),
        };
        let shortest = match second & 0x7f {
            126 => 126,
            127 => 0x1_0000,
            _ => 0,
        };
        if length < shortest || length >> 63 != 0 {
            return Err(FrameError::Length);
        }
        if length > self.longest_frame {
            return Err(FrameError::TooLong);
        }
        let kind = match Opcode::from_number(first & 0x0f).ok_or(FrameError::ReservedOpcode)? {
            frame @ (Opcode::Close | Opcode::Ping | Opcode::Pong) => {
                let left = usize::from(second & 0x7f);
                self.state = DecoderState::Control { frame, left, mask };
                return Ok(None);
            }
            Opcode::Continuation => None,
            Opcode::Text => Some(MessageKind::Text),
            Opcode::Binary => Some(MessageKind::Binary),
        };
        let fin = first & 0x80 != 0;
        self.in_message = true;
        self.state = DecoderState::Data {
            left: length,
            mask,
            fin,
        };
        Ok(kind)
    }
}

fn whole_control(frame: Opcode, payload: Vec<u8>) -> Result<Control, FrameError> {
    match frame {
        Opcode::Ping => return Ok(Control::Ping(payload)),
        Opcode::Pong | Opcode::Continuation | Opcode::Text | Opcode::Binary => {
            return Ok(Control::Pong);
        }
        Opcode::Close => {}
    }
    match payload.as_slice() {
        [] => Ok(Control::Close(None)),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                return Err(FrameError::CloseCode);
            }
            std::str::from_utf8(reason).map_err(|_| FrameError::CloseReason)?;
            Ok(Control::Close(Some(code)))
        }
        [_] => Err(FrameError::CloseCode),
    }
}

#[cfg(test)]
mod tests;
