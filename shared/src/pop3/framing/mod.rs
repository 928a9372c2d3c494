//! Cuts what a server sends into lines and bodies, whatever the pieces it arrives in.
//!
//! Framing comes first and parsing second: a line that makes no sense is still one line, so the
//! session stays in step. A line end is CRLF or a bare LF. A body's octets are handed on as slices
//! of what arrived; only lines cut in two by the pieces are copied.

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use memchr::memmem::Finder;

use super::quirk::Quirk;

mod body;

pub(crate) use body::BodyPiece;
use body::BodyPosition;

/// The line has passed its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineTooLong;

/// What has arrived and is not yet read.
pub(crate) struct Framer {
    chunks: VecDeque<Bytes>,
    /// The beginning of a line whose end has not arrived.
    partial: Vec<u8>,
    /// Whether the last whole line ended in a bare LF.
    bare_lf: bool,
    position: BodyPosition,
    /// What may still come of a terminator that was taken without its line end.
    pending_line_end: &'static [u8],
    /// Finds the only two octets in a body that need a closer look.
    dot_line: Finder<'static>,
    quirks: BTreeSet<Quirk>,
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

    pub(crate) fn push(&mut self, mut octets: Bytes) {
        while let Some((next, rest)) = self.pending_line_end.split_first()
            && let Some(octet) = octets.first()
        {
            if octet == next {
                let _ = octets.split_to(1);
                self.pending_line_end = rest;
            } else {
                self.pending_line_end = b"";
            }
        }
        if !octets.is_empty() {
            self.chunks.push_back(octets);
        }
    }

    /// Forgets what has arrived.
    pub(crate) fn clear(&mut self) {
        self.chunks.clear();
        self.partial = Vec::new();
        self.position = BodyPosition::LineStart;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.partial.is_empty()
    }

    /// Whether the last whole line ended in a bare LF.
    pub(crate) fn bare_lf(&self) -> bool {
        self.bare_lf
    }

    /// What was odd about the framing since the last time.
    pub(crate) fn take_quirks(&mut self) -> BTreeSet<Quirk> {
        std::mem::take(&mut self.quirks)
    }

    /// Everything that has arrived and is not yet read.
    pub(crate) fn waiting(&self) -> Vec<u8> {
        let begun: &[u8] = match self.position {
            BodyPosition::LineStart | BodyPosition::InLine | BodyPosition::Stuffed => b"",
            BodyPosition::Dot => b".",
            BodyPosition::DotCr => b".\r",
            BodyPosition::Held(held) => self.bare_terminator().get(..held).unwrap_or_default(),
        };
        let mut octets = begun.to_vec();
        octets.extend_from_slice(&self.partial);
        for chunk in &self.chunks {
            octets.extend_from_slice(chunk);
        }
        octets
    }

    /// The first octet of the next line, where it has arrived.
    pub(crate) fn first_byte(&self) -> Option<u8> {
        let next = || self.chunks.front().and_then(|chunk| chunk.first());
        self.partial.first().or_else(next).copied()
    }

    /// Takes a line without its line end, which may have so many octets with it.
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
    fn a_line_has_a_limit_however_it_arrives() {
        let fits = [b"x".repeat(MAX_LINE_OCTETS - 2).as_slice(), b"\r\n"].concat();
        let passes = [b"x".repeat(MAX_LINE_OCTETS - 1).as_slice(), b"\r\n"].concat();
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
            assert_eq!(read(&passes), Err(LineTooLong));
        }
    }
}
