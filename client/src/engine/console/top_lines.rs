//! The check that `TOP` returns as many lines as requested.

/// Counts the body lines in a reply to `TOP`. Fewer lines than requested prove nothing: the body may
/// be shorter.
#[derive(Debug)]
pub(super) struct TopLines {
    wanted: u32,
    lines: u64,
    in_body: bool,
    /// True if the current line has no text so far.
    is_empty: bool,
}

impl TopLines {
    /// Returns a counter for a request of `wanted` lines.
    pub(super) fn new(wanted: u32) -> Self {
        Self {
            wanted,
            lines: 0,
            in_body: false,
            is_empty: true,
        }
    }

    /// Takes bytes of the reply, without byte-stuffing.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let text = piece.trim_ascii_end();
            self.is_empty &= text.is_empty();
            if !piece.ends_with(b"\n") {
                continue;
            }
            if self.in_body {
                self.lines += 1;
            }
            self.in_body |= self.is_empty;
            self.is_empty = true;
        }
    }

    /// Returns true if there were more lines than requested.
    pub(super) fn are_too_many(&self) -> bool {
        self.lines > self.wanted.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_lines_are_counted_however_the_bytes_are_split() {
        let answer = b"Subject: a\r\n b\r\n\r\none\r\n\r\nthree\r\n";
        for (wanted, too_many) in [(0, true), (2, true), (3, false), (10, false)] {
            for at in 0..answer.len() {
                let (first, second) = answer.split_at(at);
                let mut lines = TopLines::new(wanted);
                lines.push(first);
                lines.push(second);
                assert_eq!(lines.are_too_many(), too_many, "{wanted} at {at}");
            }
        }
    }
}
