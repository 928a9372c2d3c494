//! The lines of a message as the console shows them, limited in number and length.

use restante_shared::pop3::transcript::Step;

use crate::api::transcript::TranscriptLine;

/// The most lines of one reply that are shown.
const MAX_LINES: usize = 2000;

/// The most bytes of one reply that are shown.
const MAX_BYTES: usize = 256 * 1024;

/// The most bytes of one line that are shown.
const MAX_LINE_BYTES: usize = 1000;

/// Splits the bytes of a message into lines.
#[derive(Debug, Default)]
pub(super) struct MessageLines {
    /// The current line, as far as it is shown.
    line: Vec<u8>,
    /// The number of bytes of the current line that are not shown.
    cut: u64,
    lines: usize,
    bytes: usize,
    /// The number of bytes after the limit, which are not shown.
    rest: u64,
    ready: Vec<TranscriptLine>,
}

impl MessageLines {
    /// Takes bytes of the message, without byte-stuffing, and returns the lines that they complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<TranscriptLine> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.is_full() {
                self.rest += piece.len() as u64;
                continue;
            }
            let room = MAX_LINE_BYTES.saturating_sub(self.line.len());
            let (fits, over) = piece.split_at(piece.len().min(room));
            self.line.extend_from_slice(fits);
            self.cut += over.len() as u64;
            if piece.ends_with(b"\n") {
                self.end_line();
            }
        }
        std::mem::take(&mut self.ready)
    }

    /// Ends the message. Returns the last line, and the size of the part that is not shown.
    pub(super) fn end(mut self) -> Vec<TranscriptLine> {
        if !self.line.is_empty() {
            self.end_line();
        }
        if self.rest > 0 {
            let bytes = self.rest;
            self.ready.push(TranscriptLine::MessageCut { bytes });
        }
        self.ready
    }

    fn is_full(&self) -> bool {
        self.lines >= MAX_LINES || self.bytes >= MAX_BYTES
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        let cut = std::mem::take(&mut self.cut);
        self.lines += 1;
        self.bytes += line.len();
        let is_lf_only = !line.ends_with(b"\r\n") && line.ends_with(b"\n");
        while line.pop_if(|byte| matches!(byte, b'\r' | b'\n')).is_some() {}
        // A transcript shows lines as they are on the wire, with byte-stuffing.
        if line.first() == Some(&b'.') {
            line.insert(0, b'.');
        }
        let step = if is_lf_only {
            line.push(b'\n');
            Step::Raw(line)
        } else {
            Step::Server(line)
        };
        self.ready.push(step.into());
        if cut > 0 {
            self.ready.push(TranscriptLine::LineCut { bytes: cut });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(line: &str) -> TranscriptLine {
        Step::Server(line.into()).into()
    }

    #[test]
    fn lines_do_not_depend_on_how_the_bytes_are_split() {
        let bytes = "Subject: caf\u{e9}\r\n\r\n.a dot\r\nbare\nno end".as_bytes();
        let expected = [
            server("Subject: caf\u{e9}"),
            server(""),
            server("..a dot"),
            Step::Raw(b"bare\n".to_vec()).into(),
            server("no end"),
        ];
        for size in [1, 7, 1000] {
            let mut message = MessageLines::default();
            let mut lines = Vec::new();
            for piece in bytes.chunks(size) {
                lines.extend(message.push(piece));
            }
            lines.extend(message.end());
            assert_eq!(lines, expected, "{size}");
        }
    }

    #[test]
    fn a_long_message_is_cut_and_the_cut_is_reported() {
        let mut message = MessageLines::default();
        let mut lines = Vec::new();
        for _ in 0..10_000 {
            lines.extend(message.push(b"twelve octets\r\n"));
        }
        lines.extend(message.end());
        assert_eq!(lines.len(), MAX_LINES + 1);
        let cut = TranscriptLine::MessageCut { bytes: 120_000 };
        assert_eq!(lines.last(), Some(&cut));
    }

    #[test]
    fn a_line_without_an_end_takes_no_memory() {
        let mut message = MessageLines::default();
        for _ in 0..1000 {
            assert!(message.push(&[b'x'; 10_000]).is_empty());
            assert!(message.line.len() <= MAX_LINE_BYTES);
        }
        let lines = message.end();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1], TranscriptLine::LineCut { bytes: 9_999_000 });
    }
}
