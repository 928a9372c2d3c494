//! Finds messages that contain another reply.
//!
//! If the line break before the terminator is missing, the terminator looks like text. The next reply
//! to a pipelined command is then taken for a part of the same message, and every later reply for the
//! one before it. Only messages that are longer than announced are suspected, because mail may quote
//! such lines.

use memchr::memmem;

/// The beginning of a status line after any other line.
const STATUS: &[u8] = b"\n+OK";

/// The number of bytes kept from the pieces before: one of any value, a dot, a CR, and all of
/// [`STATUS`] but its last byte.
const KEPT: usize = 3 + STATUS.len() - 1;

/// Searches a message, piece by piece, for a status line after a terminator without a line break.
#[derive(Debug)]
pub(in crate::engine) struct SwallowedReply {
    before: Vec<u8>,
    found: bool,
}

impl Default for SwallowedReply {
    /// Begins before the first line, which begins like any other.
    fn default() -> Self {
        Self {
            before: b"\n".to_vec(),
            found: false,
        }
    }
}

impl SwallowedReply {
    /// Searches the next piece of a message.
    pub(in crate::engine) fn push(&mut self, piece: &[u8]) {
        let front = piece.get(..KEPT).unwrap_or(piece);
        self.before.extend_from_slice(front);
        self.found = self.found || is_in(&self.before) || is_in(piece);
        if piece.len() > KEPT {
            self.before.clear();
            let end = piece.get(piece.len() - KEPT..);
            self.before.extend_from_slice(end.unwrap_or_default());
        }
        let surplus = self.before.len().saturating_sub(KEPT);
        self.before.drain(..surplus);
    }

    /// Returns true if a status line was found.
    pub(in crate::engine) fn is_found(&self) -> bool {
        self.found
    }
}

/// Returns true if a piece contains a status line after a dot. A line with only a dot that ends in
/// CRLF was byte-stuffed, or it would have ended the message. A dot at the beginning of the piece is
/// found together with the bytes before.
fn is_in(piece: &[u8]) -> bool {
    memmem::find_iter(piece, STATUS).any(|at| {
        let line = piece.get(..at).unwrap_or_default();
        match line.strip_suffix(b".\r") {
            Some(text) => text.last().is_some_and(|before| *before != b'\n'),
            None => line.ends_with(b"."),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> bool {
        let mut search = SwallowedReply::default();
        for piece in pieces {
            search.push(piece);
        }
        search.is_found()
    }

    #[test]
    fn a_status_line_after_a_dot_is_found_however_it_is_split() {
        for (text, found) in [
            ("the end.\r\n+OK 12 octets\r\nmore", true),
            ("the end.\n+OK", true),
            (".\r\n+OK", false),
            ("text\r\n.\r\n+OK", false),
            ("text\r\n..\r\n+OK", true),
            (".\n+OK", true),
            ("the end\r\n+OK", false),
            ("the end. +OK", false),
            ("the end.\r\n+O", false),
        ] {
            let text = text.as_bytes();
            for at in 0..=text.len() {
                let (front, back) = text.split_at(at);
                assert_eq!(finds([front, back]), found, "{text:?} at {at}");
            }
            assert_eq!(finds(text.chunks(1)), found, "{text:?} byte by byte");
        }
    }
}
