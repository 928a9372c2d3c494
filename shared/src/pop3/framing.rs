//! Cuts what a server sends into lines and bodies, whatever the pieces it arrives in.
//!
//! Framing comes first and parsing second: a line that makes no sense is still one line, so the
//! session stays in step. A line end is CRLF or a bare LF. A body's octets are handed on as slices
//! of what arrived; only lines cut in two by the pieces are copied.

use std::collections::VecDeque;

use bytes::Bytes;
use memchr::memmem::Finder;

/// The longest status or listing line that is read, in octets. The standards say 512, and servers
/// in the wild pass that; the lines of messages have no limit, since they are never collected.
pub(crate) const MAX_LINE_OCTETS: usize = 8192;

/// The line has passed [`MAX_LINE_OCTETS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineTooLong;

/// A piece of a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BodyPiece {
    /// Octets with byte-stuffing undone, never empty.
    Octets(Bytes),
    /// The termination octet and its line end.
    End,
}

/// Where in a body the next octet stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    LineStart,
    /// Behind a dot that began a line.
    Dot,
    /// Behind a dot that began a line and a CR.
    DotCr,
    InLine,
}

/// What has arrived and is not yet read.
pub(crate) struct Framer {
    chunks: VecDeque<Bytes>,
    /// The beginning of a line whose end has not arrived.
    partial: Vec<u8>,
    /// Whether the last whole line ended in a bare LF.
    bare_lf: bool,
    position: Position,
    /// Finds the only two octets in a body that need a closer look.
    dot_line: Finder<'static>,
}

impl Framer {
    pub(crate) fn new() -> Self {
        Self {
            chunks: VecDeque::new(),
            partial: Vec::new(),
            bare_lf: false,
            position: Position::LineStart,
            dot_line: Finder::new(b"\n."),
        }
    }

    pub(crate) fn push(&mut self, octets: Bytes) {
        if !octets.is_empty() {
            self.chunks.push_back(octets);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.partial.is_empty()
    }

    /// The first octet of the next line, where it has arrived.
    pub(crate) fn first_octet(&self) -> Option<u8> {
        let next = || self.chunks.front().and_then(|chunk| chunk.first());
        self.partial.first().or_else(next).copied()
    }

    /// Takes a line without its line end.
    pub(crate) fn line(&mut self) -> Result<Option<Bytes>, LineTooLong> {
        while let Some(mut chunk) = self.chunks.pop_front() {
            let found = memchr::memchr(b'\n', &chunk);
            let here = found.map_or(chunk.len(), |at| at + 1);
            if self.partial.len() + here > MAX_LINE_OCTETS {
                return Err(LineTooLong);
            }
            let front = chunk.split_to(here);
            if !chunk.is_empty() {
                self.chunks.push_front(chunk);
            }
            if found.is_none() {
                self.partial.extend_from_slice(&front);
                continue;
            }
            let mut line = if self.partial.is_empty() {
                front
            } else {
                self.partial.extend_from_slice(&front);
                Bytes::from(std::mem::take(&mut self.partial))
            };
            line.truncate(line.len() - 1);
            self.bare_lf = line.last() != Some(&b'\r');
            if !self.bare_lf {
                line.truncate(line.len() - 1);
            }
            return Ok(Some(line));
        }
        Ok(None)
    }

    /// Takes a line of a listing, byte-stuffing undone, or its end as `Some(None)`.
    pub(crate) fn listing_line(&mut self) -> Result<Option<Option<Bytes>>, LineTooLong> {
        Ok(self.line()?.map(|mut line| match line.as_ref() {
            b"." => None,
            [b'.', b'.', ..] => Some(line.split_off(1)),
            _ => Some(line),
        }))
    }

    /// Stands at the start of a body.
    pub(crate) fn begin_body(&mut self) {
        self.position = Position::LineStart;
    }

    /// Takes the next piece of a body, as long as octets are there.
    ///
    /// Servers that do not byte-stuff are met halfway: a dot goes only where two are. `.` and a bare
    /// LF end the body only where the reply's first line ended in a bare LF too; otherwise a message
    /// with bare LFs could cut itself short and pose as the replies behind it.
    pub(crate) fn body(&mut self) -> Option<BodyPiece> {
        loop {
            let chunk = self.chunks.front_mut()?;
            let next = chunk.first().copied();
            let dots = match (self.position, next) {
                (_, None) => {
                    self.chunks.pop_front();
                    continue;
                }
                (Position::InLine, Some(_)) => {
                    let (piece, position) = match self.dot_line.find(chunk) {
                        Some(at) => (chunk.split_to(at + 1), Position::LineStart),
                        None if chunk.last() == Some(&b'\n') => {
                            (std::mem::take(chunk), Position::LineStart)
                        }
                        None => (std::mem::take(chunk), Position::InLine),
                    };
                    self.drop_empty_front();
                    self.position = position;
                    return Some(BodyPiece::Octets(piece));
                }
                (Position::LineStart, Some(b'.')) => {
                    let _ = chunk.split_to(1);
                    self.position = Position::Dot;
                    continue;
                }
                (Position::LineStart, Some(_)) => {
                    self.position = Position::InLine;
                    continue;
                }
                (Position::Dot, Some(b'\r')) => {
                    let _ = chunk.split_to(1);
                    self.position = Position::DotCr;
                    continue;
                }
                (Position::Dot, Some(b'\n')) if self.bare_lf => return Some(self.end_body()),
                (Position::DotCr, Some(b'\n')) => return Some(self.end_body()),
                (Position::Dot, Some(b'.')) => {
                    self.position = Position::InLine;
                    continue;
                }
                (Position::Dot, Some(_)) => b".".as_slice(),
                (Position::DotCr, Some(_)) => b".\r".as_slice(),
            };
            self.position = Position::InLine;
            return Some(BodyPiece::Octets(Bytes::from_static(dots)));
        }
    }

    fn end_body(&mut self) -> BodyPiece {
        if let Some(chunk) = self.chunks.front_mut() {
            let _ = chunk.split_to(1);
        }
        self.drop_empty_front();
        self.position = Position::LineStart;
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

    /// Reads a status line and a body, and returns the body and what is left behind it.
    fn read(pieces: &[&[u8]]) -> (Option<Vec<u8>>, Vec<u8>) {
        let mut framer = Framer::new();
        let mut body = Vec::new();
        let mut line = None;
        let mut ended = false;
        for piece in pieces {
            framer.push(Bytes::copy_from_slice(piece));
            if line.is_none() {
                line = framer.line().unwrap();
                framer.begin_body();
            }
            while line.is_some() && !ended {
                match framer.body() {
                    Some(BodyPiece::Octets(octets)) => {
                        assert!(!octets.is_empty());
                        body.extend_from_slice(&octets);
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
    fn bodies_are_the_same_however_they_are_split() {
        for (wire, body) in [
            ("+OK\r\n.\r\n", ""),
            ("+OK\r\na\r\n..b\r\n...\r\n.\r\n", "a\r\n.b\r\n..\r\n"),
            ("+OK\r\n..\r\n.\r\n", ".\r\n"),
            ("+OK\r\n\r\n.\r\n", "\r\n"),
            // Not byte-stuffed.
            ("+OK\r\n.x\r\n.\rx\r\n.\r\n", ".x\r\n.\rx\r\n"),
            ("+OK\r\n.\r\r\n.\r\n", ".\r\r\n"),
            // Bare LFs in the message, on a server that ends its own lines well.
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
            let octets: Vec<&[u8]> = input.chunks(1).collect();
            assert_eq!(read(&octets), expected, "{wire:?} by octets");
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
    fn a_body_arrives_in_slices_and_not_in_lines() {
        let mut framer = Framer::new();
        framer.position = Position::LineStart;
        let body = "many lines\r\n".repeat(5000);
        framer.push(Bytes::from(format!("{body}.\r\n")));
        assert_eq!(framer.body(), Some(BodyPiece::Octets(Bytes::from(body))));
        assert_eq!(framer.body(), Some(BodyPiece::End));
    }

    #[test]
    fn a_line_has_a_limit_however_it_arrives() {
        let fits = [b"x".repeat(MAX_LINE_OCTETS - 2).as_slice(), b"\r\n"].concat();
        let passes = [b"x".repeat(MAX_LINE_OCTETS - 1).as_slice(), b"\r\n"].concat();
        for size in [1, 1000, 10_000] {
            let read = |wire: &[u8]| {
                let mut framer = Framer::new();
                for piece in wire.chunks(size) {
                    framer.push(Bytes::copy_from_slice(piece));
                    if let Some(line) = framer.line()? {
                        return Ok(Some(line.len()));
                    }
                }
                Ok(None)
            };
            assert_eq!(read(&fits), Ok(Some(MAX_LINE_OCTETS - 2)));
            assert_eq!(read(&passes), Err(LineTooLong));
        }
    }
}
