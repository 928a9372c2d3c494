//! What the relay makes of a client's frames: payload is for the target, the rest is for the bridge.

use std::ops::Range;

use super::ending::Ending;
use crate::websocket::{Control, Decoder, Event, FrameError, Kind};

/// The rules of the relay's contract for what a client sends.
#[derive(Debug)]
pub(super) struct Intake {
    decoder: Decoder,
    /// The payload of the last ping that was not answered: [RFC 6455 §5.5.3] lets one pong answer
    /// all pings before it, so a flood of them needs no room.
    ping: Option<Vec<u8>>,
    ending: Option<Ending>,
}

impl Intake {
    pub(super) fn new(longest_frame: usize) -> Self {
        Self {
            decoder: Decoder::new(longest_frame),
            ping: None,
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
            let rest = octets.get_mut(at..).unwrap_or_default();
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
                Event::Payload(count) if run.is_empty() => run = at - count..at,
                Event::Payload(count) => {
                    octets.copy_within(at - count..at, run.end);
                    run.end += count;
                }
                Event::Control(Control::Ping(payload)) => self.ping = Some(payload),
                Event::Control(Control::Close(code)) => {
                    self.ending = Some(Ending::ClientClosed(code));
                }
            }
        }
        run
    }

    /// What the next pong has to carry, if one is due.
    pub(super) fn take_ping(&mut self) -> Option<Vec<u8>> {
        self.ping.take()
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
    fn one_pong_answers_a_flood() {
        let mut intake = Intake::new(1024);
        let mut flood: Vec<u8> = (0..=99).flat_map(|n| [0x89, 0x81, 0, 0, 0, 0, n]).collect();
        assert!(intake.absorb(&mut flood).is_empty());
        assert_eq!(intake.take_ping(), Some(vec![99]));
        assert_eq!(intake.take_ping(), None);
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
