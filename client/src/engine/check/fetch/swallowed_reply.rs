//! Whether a message has another reply inside of it.
//!
//! A terminator that is glued to the last line of a text looks like text, so what the server says
//! next to commands sent ahead is taken for the same message, and every later reply for the one
//! before it. Only a message that is longer than announced is doubted for it: mail may quote such
//! lines.

use memchr::memmem;

/// The beginning of a status line behind any line.
const STATUS: &[u8] = b"\n+OK";

/// How many octets are kept of what came before: any one, a dot, and CR, and all of [`STATUS`] but its
/// end.
const KEPT: usize = 3 + STATUS.len() - 1;

/// A look for a status line behind a glued terminator, piece by piece.
#[derive(Debug)]
pub(in crate::engine) struct Seam {
    before: Vec<u8>,
    found: bool,
}

impl Default for Seam {
    /// Before the first line, which begins as any other does.
    fn default() -> Self {
        Self {
            before: b"\n".to_vec(),
            found: false,
        }
    }
}

impl Seam {
    /// Looks at the next piece of a message.
    pub(in crate::engine) fn push(&mut self, octets: &[u8]) {
        let front = octets.get(..KEPT).unwrap_or(octets);
        self.before.extend_from_slice(front);
        self.found = self.found || is_in(&self.before) || is_in(octets);
        if octets.len() > KEPT {
            self.before.clear();
            let end = octets.get(octets.len() - KEPT..);
            self.before.extend_from_slice(end.unwrap_or_default());
        }
        let surplus = self.before.len().saturating_sub(KEPT);
        self.before.drain(..surplus);
    }

    /// Whether there was one.
    pub(in crate::engine) fn is_found(&self) -> bool {
        self.found
    }
}

/// A line that is a dot alone and ends in CRLF was stuffed, or it would have ended the message. What
/// is before a dot that comes first is seen in another look.
fn is_in(octets: &[u8]) -> bool {
    memmem::find_iter(octets, STATUS).any(|at| {
        let line = octets.get(..at).unwrap_or_default();
        match line.strip_suffix(b".\r") {
            Some(text) => text.last().is_some_and(|before| *before != b'\n'),
            None => line.ends_with(b"."),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> bool {
        let mut seam = Seam::default();
        for piece in pieces {
            seam.push(piece);
        }
        seam.is_found()
    }

    #[test]
    fn a_status_line_behind_a_dot_is_found_however_it_is_split() {
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
                assert_eq!(is_found([front, back]), found, "{text:?} at {at}");
            }
            assert_eq!(is_found(text.chunks(1)), found, "{text:?} by octets");
        }
    }
}
