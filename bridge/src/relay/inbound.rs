//! The frames of a client: their payload is for the target, all else for the bridge.

use std::collections::VecDeque;
use std::ops::Range;

use super::ending::RelayEnding;
use crate::websocket::{Control, Decoder, FrameError, FrameEvent, MessageKind, unmask_back};

/// The most pings that wait for their pongs. [RFC 6455 §5.5.3] lets one pong answer all pings before it,
/// so a flood needs no more room, and a few pings are answered one by one.
const MAX_PINGS: usize = 16;

/// The state of the frames that a client sends, under the rules of the relay's contract.
#[derive(Debug)]
pub(super) struct Inbound {
    decoder: Decoder,
    /// The payloads of the latest pings without a pong.
    pings: VecDeque<Vec<u8>>,
    ending: Option<RelayEnding>,
}

impl Inbound {
    pub(super) fn new(longest_frame: usize) -> Self {
        Self {
            decoder: Decoder::new(longest_frame),
            pings: VecDeque::new(),
            ending: None,
        }
    }

    /// Decodes frames, and moves their payload together. Returns its range in `bytes`.
    ///
    /// The boundaries of frames and messages mean nothing to the target.
    pub(super) fn absorb(&mut self, bytes: &mut [u8]) -> Range<usize> {
        let mut at = 0;
        let mut run = 0..0;
        while self.ending.is_none() {
            let rest = bytes.get(at..).unwrap_or_default();
            let (used, event) = match self.decoder.decode(rest) {
                Ok(decoded) => decoded,
                Err(error) => {
                    self.ending = Some(wrong(error));
                    break;
                }
            };
            at += used;
            match event {
                FrameEvent::More => break,
                FrameEvent::Begin(MessageKind::Binary)
                | FrameEvent::End
                | FrameEvent::Control(Control::Pong) => {}
                FrameEvent::Begin(MessageKind::Text) => self.ending = Some(RelayEnding::Text),
                FrameEvent::Payload(count, mask) => {
                    if run.is_empty() {
                        run = at - count..at - count;
                    }
                    // A header separated these bytes from the payload before them.
                    let gap = at - count - run.end;
                    let rest = bytes.get_mut(run.end..at).unwrap_or_default();
                    unmask_back(rest, gap, mask);
                    run.end += count;
                }
                FrameEvent::Control(Control::Ping(payload)) => {
                    if self.pings.len() == MAX_PINGS {
                        self.pings.pop_front();
                    }
                    self.pings.push_back(payload);
                }
                FrameEvent::Control(Control::Close(code)) => {
                    self.ending = Some(RelayEnding::ClientClosed(code));
                }
            }
        }
        run
    }

    /// Returns the payload of the next pong, if one is due.
    pub(super) fn take_ping(&mut self) -> Option<Vec<u8>> {
        let payload = self.pings.pop_front();
        if self.pings.is_empty() {
            // An idle relay keeps no memory for rare events.
            self.pings = VecDeque::new();
        }
        payload
    }

    /// Returns true if the client has ended the relay, by a close frame or by an error. Nothing after that is
    /// for the target.
    pub(super) fn has_ended(&self) -> bool {
        self.ending.is_some()
    }

    /// Takes the ending that the client caused.
    pub(super) fn take_ending(&mut self) -> Option<RelayEnding> {
        self.ending.take()
    }
}

fn wrong(error: FrameError) -> RelayEnding {
    match error {
        FrameError::TooLong => RelayEnding::TooLarge,
        FrameError::CloseReason => RelayEnding::NotUtf8,
        FrameError::Unmasked
        | FrameError::ReservedBit
        | FrameError::ReservedOpcode
        | FrameError::Length
        | FrameError::Control
        | FrameError::NothingToContinue
        | FrameError::Interleaved
        | FrameError::CloseCode => RelayEnding::Protocol(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_is_contiguous_whatever_the_frames_were() {
        let mut inbound = Inbound::new(1024);
        let mut bytes = *b"\x02\x82\0\0\0\0US\x89\x81\0\0\0\0p\x00\x80\0\0\0\0\x80\x83\0\0\0\0ER \x82\x85\0\0\0\0me";
        let run = inbound.absorb(&mut bytes);
        assert_eq!(&bytes[run], b"USER me");
        assert_eq!(inbound.take_ping(), Some(b"p".to_vec()));
        assert!(!inbound.has_ended());
        let mut rest = *b"\r\nX\x81\x80\0\0\0\0";
        let run = inbound.absorb(&mut rest);
        assert_eq!(&rest[run], b"\r\nX");
        assert!(matches!(inbound.take_ending(), Some(RelayEnding::Text)));
    }

    #[test]
    fn payload_of_frames_with_different_masks_is_contiguous() {
        let plain: Vec<u8> = (0..=250).cycle().take(3 * 100).collect();
        let mut bytes = Vec::new();
        for (part, mask) in plain
            .chunks(100)
            .zip([[1, 2, 3, 4], [50, 60, 70, 80], [9; 4]])
        {
            bytes.extend([0x82, 0x80 | 100]);
            bytes.extend(mask);
            bytes.extend(part.iter().zip(mask.iter().cycle()).map(|(o, m)| o ^ m));
        }
        for size in [1, 7, 99, 107, 250, bytes.len()] {
            let mut inbound = Inbound::new(1024);
            let mut came = Vec::new();
            for piece in bytes.clone().chunks_mut(size) {
                let run = inbound.absorb(piece);
                came.extend_from_slice(&piece[run]);
            }
            assert_eq!(came, plain, "in pieces of {size}");
        }
    }

    #[test]
    fn a_few_pings_are_all_answered_and_of_a_flood_only_the_latest() {
        let mut inbound = Inbound::new(1024);
        let mut flood: Vec<u8> = (0..=99).flat_map(|n| [0x89, 0x81, 0, 0, 0, 0, n]).collect();
        assert!(inbound.absorb(&mut flood).is_empty());
        for n in 84..=99 {
            assert_eq!(inbound.take_ping(), Some(vec![n]));
        }
        assert_eq!(inbound.take_ping(), None);
        let mut few = *b"\x89\x81\0\0\0\0a\x89\x81\0\0\0\0b";
        assert!(inbound.absorb(&mut few).is_empty());
        assert_eq!(inbound.take_ping(), Some(b"a".to_vec()));
        assert_eq!(inbound.take_ping(), Some(b"b".to_vec()));
    }

    #[test]
    fn data_after_a_close_frame_is_ignored() {
        let mut inbound = Inbound::new(1024);
        let mut bytes = *b"\x82\x81\0\0\0\0Q\x88\x80\0\0\0\0\x82\x81\0\0\0\0X";
        let run = inbound.absorb(&mut bytes);
        assert_eq!(&bytes[run], b"Q");
        assert!(
            inbound
                .absorb(&mut b"\x82\x81\0\0\0\0Y".to_owned())
                .is_empty()
        );
        assert!(matches!(
            inbound.take_ending(),
            Some(RelayEnding::ClientClosed(None))
        ));
    }
}
