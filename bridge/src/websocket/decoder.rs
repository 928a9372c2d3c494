//! What a client sends, from octets in any pieces to what they mean.

use thiserror::Error;

use super::frame::{LONGEST_CONTROL, Opcode, turned, unmask};

/// The longest header of a frame that a client sends: [RFC 6455 §5.2], with its mask.
const LONGEST_MASKED_HEADER: usize = 14;

/// What a message is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, which should be UTF-8.
    Text,
    /// Octets.
    Binary,
}

/// A control frame, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// To be answered with a pong that has the same payload.
    Ping(Vec<u8>),
    /// A sign of life.
    Pong,
    /// The last frame of a client, with its code if it gave one.
    Close(Option<u16>),
}

/// What the octets meant that [`Decoder::decode`] has used.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// Nothing yet: everything was used, and there must come more.
    More,
    /// A message begins.
    Begin(Kind),
    /// The last octets of those that were used, so many of them, are payload, with this mask on.
    Payload(usize, [u8; 4]),
    /// The message ends.
    End,
    /// A control frame, which may stand between the frames of a message.
    Control(Control),
}

/// What a client may not send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// [RFC 6455 §5.1]: what a client sends is masked.
    #[error("a frame without a mask")]
    Unmasked,
    /// [RFC 6455 §5.2]: a bit that belongs to an extension, and none was agreed to.
    #[error("a reserved bit is set")]
    ReservedBit,
    /// [RFC 6455 §5.2]: an opcode that means nothing.
    #[error("a frame of an unknown kind")]
    ReservedOpcode,
    /// [RFC 6455 §5.2]: the length has its highest bit set, or was written longer than it had to be.
    #[error("a length that is written wrongly")]
    Length,
    /// [RFC 6455 §5.5]: a control frame is whole and short.
    #[error("a control frame in parts, or of more than {LONGEST_CONTROL} octets")]
    Control,
    /// [RFC 6455 §5.4]: more of a message that was not begun.
    #[error("a continuation of nothing")]
    NothingToContinue,
    /// [RFC 6455 §5.4]: a message begins inside another.
    #[error("a message inside a message")]
    Interleaved,
    /// [RFC 6455 §7.4]: a close code that nobody may send.
    #[error("a close code that does not exist")]
    CloseCode,
    /// [RFC 6455 §5.5.1]: the reason of a close frame is UTF-8.
    #[error("a reason to close that is not UTF-8")]
    CloseReason,
    /// The frame is longer than the limit that the decoder was given.
    #[error("a frame that is too long")]
    TooLong,
}

/// The reader of one connection.
#[derive(Debug)]
pub struct Decoder {
    longest_frame: u64,
    /// The octets of a header that is not complete.
    header: [u8; LONGEST_MASKED_HEADER],
    header_length: usize,
    state: State,
    /// Whether a message has begun and not ended.
    in_message: bool,
    /// The octets of a control frame that is not complete.
    control: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum State {
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
    /// Reads frames of at most `longest_frame` octets; how long a message may be has no bound.
    #[must_use]
    pub fn new(longest_frame: usize) -> Self {
        Self {
            longest_frame: longest_frame as u64,
            header: [0; LONGEST_MASKED_HEADER],
            header_length: 0,
            state: State::Header,
            in_message: false,
            control: Vec::new(),
        }
    }

    /// Uses octets from the front of `input`, and says how many and what they meant.
    ///
    /// To be called with what is left until the event is [`Event::More`]; only then has all been
    /// used.
    ///
    /// # Errors
    /// What the client did wrong, as early as it shows. Nothing after it can be understood, so the
    /// connection has to be closed.
    pub fn decode(&mut self, input: &[u8]) -> Result<(usize, Event), FrameError> {
        let mut used = 0;
        loop {
            let rest = input.get(used..).unwrap_or_default();
            match self.state {
                State::Header => {
                    let Some((taken, event)) = self.decode_header(rest)? else {
                        return Ok((used + rest.len(), Event::More));
                    };
                    used += taken;
                    if let Some(kind) = event {
                        return Ok((used, Event::Begin(kind)));
                    }
                }
                State::Data { left: 0, fin, .. } => {
                    self.state = State::Header;
                    if fin {
                        self.in_message = false;
                        return Ok((used, Event::End));
                    }
                }
                State::Data { left, mask, fin } => {
                    let count =
                        usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()));
                    if count == 0 {
                        return Ok((used, Event::More));
                    }
                    self.state = State::Data {
                        left: left - count as u64,
                        mask: turned(mask, count),
                        fin,
                    };
                    return Ok((used + count, Event::Payload(count, mask)));
                }
                State::Control { frame, left, mask } => {
                    let part = rest.get(..left.min(rest.len())).unwrap_or_default();
                    self.control.extend_from_slice(part);
                    used += part.len();
                    let left = left - part.len();
                    if left > 0 {
                        self.state = State::Control { frame, left, mask };
                        return Ok((used, Event::More));
                    }
                    self.state = State::Header;
                    let mut payload = std::mem::take(&mut self.control);
                    unmask(&mut payload, mask);
                    return Ok((used, Event::Control(whole_control(frame, payload)?)));
                }
            }
        }
    }

    /// Reads on in a header: nothing while it is not complete; otherwise how many octets were used,
    /// and the kind of message that begins with it.
    fn decode_header(&mut self, input: &[u8]) -> Result<Option<(usize, Option<Kind>)>, FrameError> {
        let mut used = 0;
        for octet in input {
            if let Some(place) = self.header.get_mut(self.header_length) {
                *place = *octet;
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

    /// Judges the first two octets, and says how many the header has.
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
    fn begin_frame(&mut self) -> Result<Option<Kind>, FrameError> {
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
                self.state = State::Control { frame, left, mask };
                return Ok(None);
            }
            Opcode::Continuation => None,
            Opcode::Text => Some(Kind::Text),
            Opcode::Binary => Some(Kind::Binary),
        };
        let fin = first & 0x80 != 0;
        self.in_message = true;
        self.state = State::Data {
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
