//! Identifies a message without its unique-id: by a digest of its header, or of all of it.
//!
//! Fields that servers add or change while they store a message do not count. The size counts only if
//! the message has no `Message-ID`, since such a change may change the size too.

use std::fmt;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use restante_shared::pop3::argument::MessageNumber;
use ring::digest::{Context, SHA256, SHA256_OUTPUT_LEN};

/// The number of bytes of a header that count. Headers of mail have some kilobytes.
pub(in crate::engine) const MAX_HEADER_BYTES: usize = 64 * 1024;

/// The number of messages that are asked for at a time. The commands fit into one TCP segment.
pub(in crate::engine) const AT_A_TIME: usize = 100;

/// The prefix of names that are made of fingerprints.
pub(in crate::engine) const PREFIX: &str = "sha256:";

/// The fields that do not count.
const CHANGING: [&[u8]; 10] = [
    b"Status",
    b"X-Status",
    b"X-Keywords",
    b"X-UID",
    b"X-UIDL",
    b"X-IMAP",
    b"X-IMAPbase",
    b"X-Mozilla-Status",
    b"Content-Length",
    b"Lines",
];

/// A listed message, and its size in bytes.
pub(in crate::engine) type Listed = (MessageNumber, u64);

/// The digest that identifies a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) struct Fingerprint {
    digest: [u8; SHA256_OUTPUT_LEN],
    /// True if it contains a `Message-ID`.
    pub(in crate::engine) is_named: bool,
}

impl Fingerprint {
    /// Returns the fingerprint of the header at the beginning of a message of `size` bytes; `None` if
    /// the header is empty.
    pub(in crate::engine) fn of_header(beginning: &[u8], size: u64) -> Option<Self> {
        let mut reading = FingerprintBuilder::default();
        reading.push(beginning);
        reading.finish(size)
    }
}

impl fmt::Display for Fingerprint {
    /// Writes a name for the message, in the characters of unique-ids.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(self.digest))
    }
}

/// Computes the fingerprint of a message from its pieces.
#[derive(Default)]
pub(super) struct FingerprintBuilder {
    header: Vec<u8>,
    has_ended: bool,
    /// The digest of the text after the header, if that counts.
    text: Option<Context>,
    bytes: u64,
}

impl FingerprintBuilder {
    /// Begins a message. With `by_text`, all of it counts, not only its header.
    pub(super) fn new(by_text: bool) -> Self {
        Self {
            text: by_text.then(|| Context::new(&SHA256)),
            ..Self::default()
        }
    }

    /// Adds a piece of the message.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let mut text = bytes;
        if !self.has_ended {
            let before = self.header.len();
            let room = MAX_HEADER_BYTES - before;
            self.header
                .extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            let end = end_of_header(&self.header, before.saturating_sub(2));
            self.has_ended = end.is_some() || self.header.len() == MAX_HEADER_BYTES;
            self.header.truncate(end.unwrap_or(MAX_HEADER_BYTES));
            text = bytes
                .get(self.header.len() - before.min(self.header.len())..)
                .unwrap_or_default();
        }
        if let Some(context) = &mut self.text {
            context.update(text);
        }
    }

    /// Returns the number of bytes so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns true if there was more than a header.
    pub(super) fn has_text(&self) -> bool {
        self.bytes > self.header.len() as u64
    }

    /// Returns the fingerprint of a message of `size` bytes; `None` if its header is empty.
    pub(super) fn finish(self, size: u64) -> Option<Fingerprint> {
        let mut context = Context::new(&SHA256);
        let (mut counts, mut is_named, mut is_empty) = (true, false, true);
        for line in self.header.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.starts_with(b" ") && !line.starts_with(b"\t") {
                let name = line.split(|byte| *byte == b':').next();
                let is =
                    |other: &[u8]| name.is_some_and(|n| n.trim_ascii().eq_ignore_ascii_case(other));
                counts = !CHANGING.iter().any(|other| is(other));
                is_named |= is(b"Message-ID");
            }
            if counts && !line.is_empty() {
                context.update(line);
                context.update(b"\n");
                is_empty = false;
            }
        }
        match self.text {
            Some(text) => context.update(text.finish().as_ref()),
            // A size alone identifies nothing.
            None if is_empty => return None,
            None if is_named => {}
            None => context.update(&size.to_be_bytes()),
        }
        Some(Fingerprint {
            digest: context.finish().as_ref().try_into().ok()?,
            is_named,
        })
    }
}

/// Returns the position after the blank line that ends a header. Searches from a position on.
fn end_of_header(header: &[u8], from: usize) -> Option<usize> {
    let blank_at = |at: usize| match header.get(at..)? {
        [b'\n', ..] => Some(at + 1),
        [b'\r', b'\n', ..] => Some(at + 2),
        _ => None,
    };
    let lines = memchr::memchr_iter(b'\n', header.get(from..)?);
    let mut starts = (from == 0)
        .then_some(0)
        .into_iter()
        .chain(lines.map(|at| from + at + 1));
    starts.find_map(blank_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Message-ID: <1@a>\r\nSubject: one\r\n\ttwo\r\n\r\n";

    fn fingerprint(message: &str, by_text: bool, size: u64) -> Option<Fingerprint> {
        let pieces = |length| {
            let mut reading = FingerprintBuilder::new(by_text);
            message
                .as_bytes()
                .chunks(length)
                .for_each(|piece| reading.push(piece));
            reading.finish(size)
        };
        let whole = pieces(1_000_000);
        for length in 1..5 {
            assert_eq!(pieces(length), whole, "{message:?} by {length}");
        }
        whole
    }

    #[test]
    fn fields_that_a_server_adds_do_not_count() {
        let expected = fingerprint(HEADER, false, 100);
        assert!(expected.is_some_and(|fingerprint| fingerprint.is_named));
        for other in [
            HEADER.replace("Subject", "Status: RO\r\nx-uidl: a\r\n b\r\nSubject"),
            HEADER.replace("\r\n", "\n"),
            HEADER.trim_end().to_owned(),
            format!("{HEADER}and text"),
        ] {
            assert_eq!(fingerprint(&other, false, 200), expected, "{other:?}");
        }
        let of_header = Fingerprint::of_header(HEADER.as_bytes(), 300);
        assert_eq!(of_header, expected);
    }

    #[test]
    fn any_other_difference_makes_another_message() {
        let all = [
            HEADER.to_owned(),
            HEADER.replace("<1@a>", "<2@a>"),
            HEADER.replace("\ttwo", "\tthree"),
            HEADER.replace("Subject", "Received: from b\r\nSubject"),
            // Ignoring one field does not ignore the next.
            HEADER.replace("Subject", "Status: RO\r\nX: a\r\n b\r\nSubject"),
        ];
        let mut fingerprints: Vec<_> = all
            .iter()
            .map(|message| fingerprint(message, false, 1))
            .collect();
        fingerprints.sort();
        fingerprints.dedup();
        assert_eq!(fingerprints.len(), all.len());
        let unnamed = HEADER.replace("Message-ID", "X-ID");
        assert_ne!(
            fingerprint(&unnamed, false, 1),
            fingerprint(&unnamed, false, 2)
        );
        for empty in ["", "\r\n", "\r\ntext", "Status: RO\r\n\r\n"] {
            assert_eq!(fingerprint(empty, false, 1), None, "{empty:?}");
        }
    }

    #[test]
    fn by_text_the_whole_message_counts() {
        let expected = fingerprint(&format!("{HEADER}text"), true, 1);
        let rewritten = HEADER.replace("Subject", "Status: RO\r\nSubject");
        assert_eq!(fingerprint(&format!("{rewritten}text"), true, 2), expected);
        assert_ne!(fingerprint(&format!("{HEADER}texts"), true, 1), expected);
        assert_ne!(
            fingerprint("\r\ntext", true, 1),
            fingerprint("\ntexts", true, 1)
        );
        let long = format!("X: {}", "x".repeat(2 * MAX_HEADER_BYTES));
        assert_ne!(
            fingerprint(&long, true, 1),
            fingerprint(&format!("{long}x"), true, 1)
        );
    }

    #[test]
    fn a_name_has_the_form_of_a_unique_id() {
        let name = fingerprint(HEADER, false, 1).unwrap().to_string();
        assert!(name.len() <= 70 && name.bytes().all(|byte| byte.is_ascii_graphic()));
    }
}
