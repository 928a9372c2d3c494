//! What the relay makes of a client's frames: payload is for the target, the rest is for the bridge.

use std::collections::VecDeque;
use std::ops::Range;

use super::ending::Ending;
use crate::websocket::{Control, Decoder, Event, FrameError, Kind, unmask_back};

/// How many pings may wait for their pongs. [RFC 6455 §5.5.3] lets one pong answer all pings before
/// it, so a flood of them needs no more room; who asks a few times gets each answer.
const MOST_PINGS: usize = 16;

/// The rules of the relay's contract for what a client sends.
#[derive(Debug)]
pub(super) struct Intake {
    decoder: Decoder,
    /// The payloads of the last pings that were not answered.
    pings: VecDeque<Vec<u8>>,
    ending: Option<Ending>,
}

impl Intake {
    pub(super) fn new(longest_frame: usize) -> Self {
        Self {
            decoder: Decoder::new(longest_frame),
            pings: VecDeque::new(),
            ending: None,
        }
    }

    /// Reads frames, and says where in `octets` their payload now lies, in one run.
    ///
    /// Boundaries of frames and messages mean nothing to a target.
    pub(super) fn absorb(&mut self, octets: &mut [u8]) -> Range<usize> {
        let mut at = 0;
        let mut run = 0..0;
        while self.ending.is_none() {
            let rest = octets.get(at..).unwrap_or_default();
            let (used, event) = match self.decoder.decode(rest) {
                Ok(decoded) => decoded,
                Err(error) => {
                    self.ending = Some(wrong(error));
                    break;
                }
            };
            at += used;
            match event {
                Event::More => break,
                Event::Begin(Kind::Binary) | Event::End | Event::Control(Control::Pong) => {}
                Event::Begin(Kind::Text) => self.ending = Some(Ending::Text),
                Event::Payload(count, mask) => {
                    if run.is_empty() {
                        run = at - count..at - count;
                    }
                    // What stands between the run and these octets was a header.
                    let gap = at - count - run.end;
                    let rest = octets.get_mut(run.end..at).unwrap_or_default();
                    unmask_back(rest, gap, mask);
                    run.end += count;
                }
                Event::Control(Control::Ping(payload)) => {
                    if self.pings.len() == MOST_PINGS {
                        self.pings.pop_front();
                    }
                    self.pings.push_back(payload);
                }
                Event::Control(Control::Close(code)) => {
                    self.ending = Some(Ending::ClientClosed(code));
                }
            }
        }
        run
    }

    /// What the next pong has to carry, if one is due.
    pub(super) fn take_ping(&mut self) -> Option<Vec<u8>> {
        let payload = self.pings.pop_front();
        if self.pings.is_empty() {
            // An idle relay keeps no room for what comes seldom.
            self.pings = VecDeque::new();
        }
        payload
    }

    /// Whether the client has ended the relay, by word or by mistake, so that nothing that follows
    /// is for the target.
    pub(super) fn has_ended(&self) -> bool {
        self.ending.is_some()
    }

    /// How the client has ended the relay, once.
    pub(super) fn take_ending(&mut self) -> Option<Ending> {
        self.ending.take()
    }
}

fn wrong(error: FrameError) -> Ending {
    match error {
        FrameError::TooLong => Ending::TooLarge,
        FrameError::CloseReason => Ending::NotUtf8,
        FrameError::Unmasked
        | FrameError::ReservedBit
        | FrameError::ReservedOpcode
        | FrameError::Length
        | FrameError::Control
        | FrameError::NothingToContinue
        | FrameError::Interleaved
        | FrameError::CloseCode => Ending::Protocol(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_is_one_run_whatever_the_frames_were() {
        let mut intake = Intake::new(1024);
        let mut octets = *b"\x02\x82\0\0\0\0US\x89\x81\0\0\0\0p\x00\x80\0\0\0\0\x80\x83\0\0\0\0ER \x82\x85\0\0\0\0me";
        let run = intake.absorb(&mut octets);
        assert_eq!(&octets[run], b"USER me");
        assert_eq!(intake.take_ping(), Some(b"p".to_vec()));
        assert!(!intake.has_ended());
        let mut rest = *b"\r\nX\x81\x80\0\0\0\0";
        let run = intake.absorb(&mut rest);
        assert_eq!(&rest[run], b"\r\nX");
        assert!(matches!(intake.take_ending(), Some(Ending::Text)));
    }

    #[test]
    fn frames_of_different_masks_become_one_run() {
        let plain: Vec<u8> = (0..=250).cycle().take(3 * 100).collect();
        let mut octets = Vec::new();
        for (part, mask) in plain
            .chunks(100)
            .zip([[1, 2, 3, 4], [50, 60, 70, 80], [9; 4]])
        {
            octets.extend([0x82, 0x80 | 100]);
            octets.extend(mask);
            octets.extend(part.iter().zip(mask.iter().cycle()).map(|(o, m)| o ^ m));
        }
        for size in [1, 7, 99, 107, 250, octets.len()] {
            let mut intake = Intake::new(1024);
            let mut came = Vec::new();
            for piece in octets.clone().chunks_mut(size) {
                let run = intake.absorb(piece);
                came.extend_from_slice(&piece[run]);
            }
            assert_eq!(came, plain, "in pieces of {size}");
        }
    }

    #[test]
    fn each_of_a_few_pings_is_answered_and_only_the_last_of_a_flood() {
        let mut intake = Intake::new(1024);
        let mut flood: Vec<u8> = (0..=99).flat_map(|n| [0x89, 0x81, 0, 0, 0, 0, n]).collect();
        assert!(intake.absorb(&mut flood).is_empty());
        for n in 84..=99 {
            assert_eq!(intake.take_ping(), Some(vec![n]));
        }
        assert_eq!(intake.take_ping(), None);
        let mut few = *b"\x89\x81\0\0\0\0a\x89\x81\0\0\0\0b";
        assert!(intake.absorb(&mut few).is_empty());
        assert_eq!(intake.take_ping(), Some(b"a".to_vec()));
        assert_eq!(intake.take_ping(), Some(b"b".to_vec()));
    }

    #[test]
    fn what_follows_a_close_is_for_nobody() {
        let mut intake = Intake::new(1024);
        let mut octets = *b"\x82\x81\0\0\0\0Q\x88\x80\0\0\0\0\x82\x81\0\0\0\0X";
        let run = intake.absorb(&mut octets);
        assert_eq!(&octets[run], b"Q");
        assert!(
            intake
                .absorb(&mut b"\x82\x81\0\0\0\0Y".to_owned())
                .is_empty()
        );
        assert!(matches!(
            intake.take_ending(),
            Some(Ending::ClientClosed(None))
        ));
    }
}
