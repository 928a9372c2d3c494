//! Whether `TOP` gave as many lines as were asked for.

/// Counts the lines of the body in an answer to `TOP`. Fewer than asked for prove nothing: there may
/// be no more.
#[derive(Debug)]
pub(super) struct TopLines {
    wanted: u32,
    lines: u64,
    in_body: bool,
    /// Whether the line that has begun has no text so far.
    is_empty: bool,
}

impl TopLines {
    pub(super) fn new(wanted: u32) -> Self {
        Self {
            wanted,
            lines: 0,
            in_body: false,
            is_empty: true,
        }
    }

    /// Takes octets of the answer, byte-stuffing undone.
    pub(super) fn push(&mut self, octets: &[u8]) {
        for piece in octets.split_inclusive(|octet| *octet == b'\n') {
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

    /// Whether there were more than asked for.
    pub(super) fn are_too_many(&self) -> bool {
        self.lines > self.wanted.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_body_are_counted_however_they_come() {
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
