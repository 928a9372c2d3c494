//! A message as lines on screen: as many as fit, each as long as it may be.

use restante_shared::pop3::transcript::Step;

use crate::api::transcript::TranscriptLine;
use crate::engine::diagnostics::journal::untimed;

/// How many lines of one answer are shown.
const MAX_LINES: usize = 2000;

/// How many octets of one answer are shown.
const MAX_OCTETS: usize = 256 * 1024;

/// How many octets of one line are shown.
const MAX_LINE_OCTETS: usize = 1000;

/// Turns octets into lines.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// The line that has begun.
    line: Vec<u8>,
    /// How many octets of it are not in `line`.
    cut: u64,
    lines: usize,
    octets: usize,
    /// How many octets are not shown.
    rest: u64,
    shown: Vec<TranscriptLine>,
}

impl Body {
    /// Takes octets of the message, byte-stuffing undone, and returns the lines that ended.
    pub(super) fn push(&mut self, octets: &[u8]) -> Vec<TranscriptLine> {
        for piece in octets.split_inclusive(|octet| *octet == b'\n') {
            if self.is_full() {
                self.rest += piece.len() as u64;
                continue;
            }
            let room = MAX_LINE_OCTETS.saturating_sub(self.line.len());
            let (fits, over) = piece.split_at(piece.len().min(room));
            self.line.extend_from_slice(fits);
            self.cut += over.len() as u64;
            if piece.ends_with(b"\n") {
                self.end_line();
            }
        }
        std::mem::take(&mut self.shown)
    }

    /// Ends the message and says what was not shown.
    pub(super) fn end(mut self) -> Vec<TranscriptLine> {
        if !self.line.is_empty() {
            self.end_line();
        }
        if self.rest > 0 {
            self.comment(format!("# {} more octets are not shown", self.rest));
        }
        self.shown
    }

    fn is_full(&self) -> bool {
        self.lines >= MAX_LINES || self.octets >= MAX_OCTETS
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        let cut = std::mem::take(&mut self.cut);
        self.lines += 1;
        self.octets += line.len();
        let is_lf_only = !line.ends_with(b"\r\n") && line.ends_with(b"\n");
        while line
            .pop_if(|octet| matches!(octet, b'\r' | b'\n'))
            .is_some()
        {}
        // As it came over the wire.
        if line.first() == Some(&b'.') {
            line.insert(0, b'.');
        }
        let step = if is_lf_only {
            line.push(b'\n');
            Step::Raw(line)
        } else {
            Step::Server(line)
        };
        self.shown.push(untimed(step.to_string()));
        if cut > 0 {
            self.comment(format!("# {cut} more octets of this line are not shown"));
        }
    }

    fn comment(&mut self, text: String) {
        self.shown.push(untimed(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: Vec<TranscriptLine>) -> Vec<String> {
        lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn lines_are_the_same_however_the_octets_come() {
        let octets = "Subject: caf\u{e9}\r\n\r\n.a dot\r\nbare\nno end".as_bytes();
        let expected = [
            "S: Subject: caf\\xc3\\xa9",
            "S: ",
            "S: ..a dot",
            "R: bare\\n",
            "S: no end",
        ];
        for size in [1, 7, 1000] {
            let mut body = Body::default();
            let mut shown = Vec::new();
            for piece in octets.chunks(size) {
                shown.extend(texts(body.push(piece)));
            }
            shown.extend(texts(body.end()));
            assert_eq!(shown, expected, "{size}");
        }
    }

    #[test]
    fn a_flood_is_cut_and_that_is_said() {
        let mut body = Body::default();
        let mut shown = Vec::new();
        for _ in 0..10_000 {
            shown.extend(body.push(b"twelve octets\r\n"));
        }
        shown.extend(body.end());
        assert_eq!(shown.len(), MAX_LINES + 1);
        assert_eq!(
            shown.last().unwrap().text,
            "# 120000 more octets are not shown"
        );
    }

    #[test]
    fn a_line_without_an_end_takes_no_memory() {
        let mut body = Body::default();
        for _ in 0..1000 {
            assert!(body.push(&[b'x'; 10_000]).is_empty());
            assert!(body.line.len() <= MAX_LINE_OCTETS);
        }
        let shown = texts(body.end());
        assert_eq!(shown.len(), 2);
        assert_eq!(shown[1], "# 9999000 more octets of this line are not shown");
    }
}
