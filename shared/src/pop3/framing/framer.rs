//! The framer, and the lines that it finds.

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use memchr::memmem::Finder;

use super::body::BodyPosition;
use crate::pop3::quirk::Quirk;

/// A line is longer than its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineTooLong;

/// The received bytes that are not yet read.
pub(crate) struct Framer {
    pub(super) chunks: VecDeque<Bytes>,
    /// The beginning of a line whose end has not arrived.
    pub(super) partial: Vec<u8>,
    /// True if the last complete line ended in a bare LF.
    pub(super) bare_lf: bool,
    pub(super) position: BodyPosition,
    /// The line end that may still follow a terminator that was accepted without it.
    pub(super) pending_line_end: &'static [u8],
    /// A search for the only two bytes in a body that need a closer look.
    pub(super) dot_line: Finder<'static>,
    pub(super) quirks: BTreeSet<Quirk>,
}

impl Framer {
    pub(crate) fn new() -> Self {
        Self {
            chunks: VecDeque::new(),
            partial: Vec::new(),
            bare_lf: false,
            position: BodyPosition::LineStart,
            pending_line_end: b"",
            dot_line: Finder::new(b"\n."),
            quirks: BTreeSet::new(),
        }
    }

    pub(crate) fn push(&mut self, mut bytes: Bytes) {
        while let Some((next, rest)) = self.pending_line_end.split_first()
            && let Some(first) = bytes.first()
        {
            if first == next {
                let _ = bytes.split_to(1);
                self.pending_line_end = rest;
            } else {
                self.pending_line_end = b"";
            }
        }
        if !bytes.is_empty() {
            self.chunks.push_back(bytes);
        }
    }

    /// Discards all bytes.
    pub(crate) fn clear(&mut self) {
        self.chunks.clear();
        self.partial = Vec::new();
        self.position = BodyPosition::LineStart;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.partial.is_empty()
    }

    /// Returns true if the last complete line ended in a bare LF.
    pub(crate) fn bare_lf(&self) -> bool {
        self.bare_lf
    }

    /// Returns the quirks of the framing since the last call, and clears them.
    pub(crate) fn take_quirks(&mut self) -> BTreeSet<Quirk> {
        std::mem::take(&mut self.quirks)
    }

    /// Returns all bytes that are not yet read.
    pub(crate) fn waiting(&self) -> Vec<u8> {
        let held: &[u8] = match self.position {
            BodyPosition::LineStart | BodyPosition::InLine | BodyPosition::Stuffed => b"",
            BodyPosition::Dot => b".",
            BodyPosition::DotCr => b".\r",
            BodyPosition::Held(held) => self.bare_terminator().get(..held).unwrap_or_default(),
        };
        let mut bytes = held.to_vec();
        bytes.extend_from_slice(&self.partial);
        for chunk in &self.chunks {
            bytes.extend_from_slice(chunk);
        }
        bytes
    }

    /// Returns the first byte of the next line, if it has arrived.
    pub(crate) fn first_byte(&self) -> Option<u8> {
        let next = || self.chunks.front().and_then(|chunk| chunk.first());
        self.partial.first().or_else(next).copied()
    }

    /// Returns the next line without its line end, or `None` until it is complete. The `limit` in
    /// bytes includes the line end.
    pub(crate) fn line(&mut self, limit: usize) -> Result<Option<Bytes>, LineTooLong> {
        while let Some(mut chunk) = self.chunks.pop_front() {
            let found = memchr::memchr(b'\n', &chunk);
            let here = found.map_or(chunk.len(), |at| at + 1);
            if self.partial.len() + here > limit {
                self.chunks.push_front(chunk);
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
            if self.bare_lf {
                self.quirks.insert(Quirk::BareLf);
            } else {
                line.truncate(line.len() - 1);
            }
            return Ok(Some(line));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pop3::limits::MAX_LINE_OCTETS;

    #[test]
    fn a_line_has_the_same_limit_in_pieces_of_any_size() {
        let fits = [b"x".repeat(MAX_LINE_OCTETS - 2).as_slice(), b"\r\n"].concat();
        let exceeds = [b"x".repeat(MAX_LINE_OCTETS - 1).as_slice(), b"\r\n"].concat();
        for size in [1, 1000, 10_000] {
            let read = |wire: &[u8]| {
                let mut framer = Framer::new();
                for piece in wire.chunks(size) {
                    framer.push(Bytes::copy_from_slice(piece));
                    if let Some(line) = framer.line(MAX_LINE_OCTETS)? {
                        return Ok(Some(line.len()));
                    }
                }
                Ok(None)
            };
            assert_eq!(read(&fits), Ok(Some(MAX_LINE_OCTETS - 2)));
            assert_eq!(read(&exceeds), Err(LineTooLong));
        }
    }
}
