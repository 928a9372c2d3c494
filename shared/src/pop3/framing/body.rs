//! Bodies: the bytes of messages without byte-stuffing, up to the terminator ([RFC 1939 §3]).

use bytes::Bytes;

use super::Framer;
use crate::pop3::quirk::Quirk;

/// A piece of a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BodyPiece {
    /// Bytes without byte-stuffing, never empty.
    Data(Bytes),
    /// The terminator: a dot and its line end.
    End,
}

/// The position of the next byte in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyPosition {
    /// At the start of a line.
    LineStart,
    /// After a dot that begins a line.
    Dot,
    /// After a dot that begins a line, and a CR.
    DotCr,
    /// Before the second of two dots that begin a line.
    Stuffed,
    /// Within a line.
    InLine,
    /// After this number of bytes, which are held back because they may be a terminator.
    Held(usize),
}

impl Framer {
    /// Begins a body.
    pub(crate) fn begin_body(&mut self) {
        self.position = BodyPosition::LineStart;
    }

    /// Returns the next piece of a body, or `None` until more bytes arrive.
    ///
    /// Servers without byte-stuffing are supported: a dot is removed only where two dots begin a
    /// line. A dot and a bare LF end the body only if the status line of the reply ended in a bare
    /// LF, too. Otherwise a message with bare LFs could end early, and the rest of it would be
    /// taken for the next replies.
    ///
    /// Bytes that may be a terminator [without a line break](Framer::end_at_bare_terminator) are
    /// held back until more bytes arrive.
    pub(crate) fn body(&mut self) -> Option<BodyPiece> {
        loop {
            let chunk = self.chunks.front_mut()?;
            let Some(next) = chunk.first().copied() else {
                self.chunks.pop_front();
                continue;
            };
            let text = match (self.position, next) {
                (BodyPosition::Held(_), _) => match self.release_held() {
                    None => continue,
                    Some(text) => text,
                },
                (BodyPosition::InLine | BodyPosition::Stuffed, _) => match self.text() {
                    None => continue,
                    Some(text) => return Some(BodyPiece::Data(text)),
                },
                (BodyPosition::LineStart, b'.') => {
                    self.step(BodyPosition::Dot);
                    continue;
                }
                (BodyPosition::LineStart, _) => {
                    self.position = BodyPosition::InLine;
                    continue;
                }
                (BodyPosition::Dot, b'\r') => {
                    self.step(BodyPosition::DotCr);
                    continue;
                }
                (BodyPosition::Dot, b'\n') if self.bare_lf => return Some(self.end_body(true)),
                (BodyPosition::DotCr, b'\n') => return Some(self.end_body(false)),
                (BodyPosition::Dot, b'.') => {
                    self.position = BodyPosition::Stuffed;
                    continue;
                }
                (BodyPosition::Dot, _) => self.unstuffed(b"."),
                (BodyPosition::DotCr, _) => self.unstuffed(b".\r"),
            };
            return Some(BodyPiece::Data(Bytes::from_static(text)));
        }
    }

    /// Ends a body at a terminator without a line break before it or after it. Returns true if
    /// there is one.
    ///
    /// `text.` and a line end are text, or text and the terminator of a server that omits the last
    /// line end. A dot without a line end is ambiguous, too. Only silence after it shows that it is
    /// a terminator.
    pub(crate) fn end_at_bare_terminator(&mut self) -> bool {
        let Some(pending_line_end) = self.pending_terminator_end() else {
            return false;
        };
        self.pending_line_end = pending_line_end;
        self.position = BodyPosition::LineStart;
        self.quirks.insert(Quirk::BareTerminator);
        true
    }

    /// Returns the line end that may still follow, if the received bytes end in a terminator
    /// without a line break.
    pub(crate) fn pending_terminator_end(&self) -> Option<&'static [u8]> {
        match self.position {
            _ if self.chunks.iter().any(|chunk| !chunk.is_empty()) => None,
            BodyPosition::Held(held) if held == self.bare_terminator().len() => Some(b""),
            BodyPosition::Dot if self.bare_lf => Some(b"\n"),
            BodyPosition::Dot => Some(b"\r\n"),
            BodyPosition::DotCr => Some(b"\n"),
            BodyPosition::Held(_)
            | BodyPosition::LineStart
            | BodyPosition::Stuffed
            | BodyPosition::InLine => None,
        }
    }

    /// Returns a terminator without a line break before it.
    pub(super) fn bare_terminator(&self) -> &'static [u8] {
        if self.bare_lf { b".\n" } else { b".\r\n" }
    }

    /// Returns text up to the next bytes that need a closer look.
    fn text(&mut self) -> Option<Bytes> {
        let glued = self.bare_terminator();
        let chunk = self.chunks.front_mut()?;
        if let Some(at) = self.dot_line.find(chunk) {
            self.position = BodyPosition::LineStart;
            return Some(chunk.split_to(at + 1));
        }
        // A byte-stuffed dot begins its line, so there is no text before it.
        let dots = usize::from(self.position == BodyPosition::Stuffed);
        let ends = |held: &usize| {
            let end = glued.get(..*held).unwrap_or_default();
            chunk.len() >= held + dots && chunk.ends_with(end)
        };
        let held = (1..=glued.len()).rev().find(ends).unwrap_or_default();
        self.position = match chunk.last() {
            _ if held > 0 => BodyPosition::Held(held),
            Some(b'\n') => BodyPosition::LineStart,
            Some(_) | None => BodyPosition::InLine,
        };
        let text = chunk.split_to(chunk.len() - held);
        self.chunks.pop_front();
        (!text.is_empty()).then_some(text)
    }

    /// Decides whether the bytes that are held back are text. They stay held back only while all
    /// bytes after them continue a terminator.
    fn release_held(&mut self) -> Option<&'static [u8]> {
        let BodyPosition::Held(held) = self.position else {
            return None;
        };
        let (text, rest) = self.bare_terminator().split_at_checked(held)?;
        let chunk = self.chunks.front()?;
        if !rest.is_empty() && rest.starts_with(chunk) {
            self.position = BodyPosition::Held(held + chunk.len());
            self.chunks.pop_front();
            return None;
        }
        self.position = if rest.is_empty() {
            BodyPosition::LineStart
        } else {
            BodyPosition::InLine
        };
        Some(text)
    }

    fn unstuffed(&mut self, text: &'static [u8]) -> &'static [u8] {
        self.position = BodyPosition::InLine;
        self.quirks.insert(Quirk::NoByteStuffing);
        text
    }

    /// Skips one byte.
    fn step(&mut self, position: BodyPosition) {
        if let Some(chunk) = self.chunks.front_mut() {
            let _ = chunk.split_to(1);
        }
        self.drop_empty_front();
        self.position = position;
    }

    fn end_body(&mut self, bare_lf: bool) -> BodyPiece {
        self.bare_lf = bare_lf;
        self.step(BodyPosition::LineStart);
        BodyPiece::End
    }

    fn drop_empty_front(&mut self) {
        if self.chunks.front().is_some_and(Bytes::is_empty) {
            self.chunks.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pop3::limits::MAX_LINE_OCTETS;

    /// Reads a status line and a body. Returns the body and the bytes after it.
    fn read(pieces: &[&[u8]]) -> (Option<Vec<u8>>, Vec<u8>) {
        let mut framer = Framer::new();
        let mut body = Vec::new();
        let mut line = None;
        let mut ended = false;
        for piece in pieces {
            framer.push(Bytes::copy_from_slice(piece));
            if line.is_none() {
                line = framer.line(MAX_LINE_OCTETS).unwrap();
                framer.begin_body();
            }
            while line.is_some() && !ended {
                match framer.body() {
                    Some(BodyPiece::Data(bytes)) => {
                        assert!(!bytes.is_empty());
                        body.extend_from_slice(&bytes);
                    }
                    Some(BodyPiece::End) => ended = true,
                    None => break,
                }
            }
        }
        let rest = framer.partial.into_iter();
        let rest = rest.chain(framer.chunks.into_iter().flatten()).collect();
        (ended.then_some(body), rest)
    }

    #[test]
    fn the_same_bodies_are_read_after_every_split() {
        for (wire, body) in [
            ("+OK\r\n.\r\n", ""),
            ("+OK\r\na\r\n..b\r\n...\r\n.\r\n", "a\r\n.b\r\n..\r\n"),
            ("+OK\r\n..\r\n.\r\n", ".\r\n"),
            ("+OK\r\n\r\n.\r\n", "\r\n"),
            // Without byte-stuffing.
            ("+OK\r\n.x\r\n.\rx\r\n.\r\n", ".x\r\n.\rx\r\n"),
            ("+OK\r\n.\r\r\n.\r\n", ".\r\r\n"),
            // Bare LFs in the message, on a server that ends its lines in CRLF.
            ("+OK\r\na\n.\nb\n..c\n.\r\n", "a\n.\nb\n.c\n"),
            // Bare LFs everywhere.
            ("+OK\na\n..b\n.\n", "a\n.b\n"),
            ("+OK\r\na\0b\u{e9}\r\n.\r\n", "a\0b\u{e9}\r\n"),
        ] {
            let expected = (Some(body.as_bytes().to_vec()), b"+OK".to_vec());
            let input = [wire.as_bytes(), b"+OK"].concat();
            for at in 0..=input.len() {
                let (front, back) = input.split_at(at);
                assert_eq!(read(&[front, back]), expected, "{wire:?} at {at}");
            }
            let bytes: Vec<&[u8]> = input.chunks(1).collect();
            assert_eq!(read(&bytes), expected, "{wire:?} byte by byte");
        }
    }

    #[test]
    fn a_body_without_its_end_is_not_ended() {
        for wire in [
            "+OK\r\n",
            "+OK\r\na\r\n.",
            "+OK\r\na\r\n.\r",
            "+OK\r\na.\r\n",
        ] {
            assert_eq!(read(&[wire.as_bytes()]).0, None, "{wire:?}");
        }
    }

    #[test]
    fn a_body_is_returned_in_slices_and_not_in_lines() {
        let mut framer = Framer::new();
        framer.position = BodyPosition::LineStart;
        let body = "many lines\r\n".repeat(5000);
        framer.push(Bytes::from(format!("{body}.\r\n")));
        assert_eq!(framer.body(), Some(BodyPiece::Data(Bytes::from(body))));
        assert_eq!(framer.body(), Some(BodyPiece::End));
    }
}
