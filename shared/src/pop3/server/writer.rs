//! Writes replies: status lines, listings, and messages with byte-stuffing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};

use crate::pop3::argument::{ApopTimestamp, MessageNumber, UniqueId};
use crate::pop3::capability::Capability;
use crate::pop3::limits::MAX_STATUS_BYTES;
use crate::pop3::listing::{BoardListing, LanguageListing};
use crate::pop3::reply::ResponseCode;
use crate::sasl::MechanismName;

/// A buffer that collects replies until they are [taken](ReplyWriter::take).
#[derive(Debug, Default)]
pub struct ReplyWriter {
    out: BytesMut,
}

impl ReplyWriter {
    /// Creates a writer with an empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the bytes to send, and empties the buffer.
    #[must_use = "bytes that are not sent are lost"]
    pub fn take(&mut self) -> Bytes {
        self.out.split().freeze()
    }

    /// Returns the number of bytes in the buffer.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Returns true if the buffer is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Writes the greeting. A timestamp advertises `APOP` ([RFC 1939 §§4, 7]).
    pub fn greeting(&mut self, text: &str, apop: Option<&ApopTimestamp>) {
        match apop {
            Some(timestamp) => self.ok(&format!("{text} {}", timestamp.as_str())),
            None => self.ok(text),
        }
    }

    /// Writes `+OK text`.
    ///
    /// Control characters become blanks, so that no text can end its line early, and the line is cut at
    /// [`MAX_STATUS_BYTES`].
    pub fn ok(&mut self, text: &str) {
        self.status("+OK", text);
    }

    /// Writes `-ERR text`, with the same precautions as [`ok`](ReplyWriter::ok).
    pub fn err(&mut self, text: &str) {
        self.status("-ERR", text);
    }

    /// Writes `-ERR [CODE] text`, for a server that advertises `RESP-CODES`.
    pub fn err_with_code(&mut self, code: &ResponseCode, text: &str) {
        self.status("-ERR", &format!("[{}] {text}", code.name()));
    }

    /// Writes a SASL challenge, which may be empty ([RFC 5034 §4]).
    pub fn challenge(&mut self, challenge: &[u8]) {
        self.line(&format!("+ {}", STANDARD.encode(challenge)));
    }

    /// Writes the drop listing that answers `STAT` ([RFC 1939 §5]).
    pub fn drop_listing(&mut self, messages: u32, octets: u64) {
        self.ok(&format!("{messages} {octets}"));
    }

    /// Writes the scan listing that answers `LIST msg`.
    pub fn scan_listing(&mut self, message: MessageNumber, octets: u64) {
        self.ok(&format!("{message} {octets}"));
    }

    /// Writes the scan listings that answer `LIST`: message number and exact size in bytes.
    pub fn scan_listings(
        &mut self,
        text: &str,
        listings: impl IntoIterator<Item = (MessageNumber, u64)>,
    ) {
        let lines = listings.into_iter();
        self.listing(
            text,
            lines.map(|(message, octets)| format!("{message} {octets}")),
        );
    }

    /// Writes the unique-id listing that answers `UIDL msg`.
    pub fn unique_id_listing(&mut self, message: MessageNumber, unique_id: &UniqueId) {
        self.ok(&format!("{message} {unique_id}"));
    }

    /// Writes the unique-id listings that answer `UIDL`.
    pub fn unique_id_listings<'a>(
        &mut self,
        text: &str,
        listings: impl IntoIterator<Item = (MessageNumber, &'a UniqueId)>,
    ) {
        let lines = listings.into_iter();
        self.listing(text, lines.map(|(message, id)| format!("{message} {id}")));
    }

    /// Writes the capability list that answers `CAPA`.
    pub fn capabilities<'a>(&mut self, capabilities: impl IntoIterator<Item = &'a Capability>) {
        self.listing(
            "Capability list follows",
            capabilities.into_iter().map(ToString::to_string),
        );
    }

    /// Writes the mechanisms that answer `AUTH` without arguments, one on each line.
    pub fn mechanisms<'a>(&mut self, mechanisms: impl IntoIterator<Item = &'a MechanismName>) {
        let lines = mechanisms.into_iter();
        self.listing(
            "Supported mechanisms follow",
            lines.map(|mechanism| mechanism.as_str().to_owned()),
        );
    }

    /// Writes the languages that answer `LANG` ([RFC 6856 §3]).
    pub fn languages<'a>(&mut self, listings: impl IntoIterator<Item = &'a LanguageListing>) {
        let lines = listings.into_iter();
        self.listing(
            "Language listing follows:",
            lines.map(|LanguageListing { tag, name }| format!("{tag} {name}")),
        );
    }

    /// Writes the discussion groups that answer `XTND BBOARDS` ([RFC 1082]).
    pub fn boards<'a>(&mut self, listings: impl IntoIterator<Item = &'a BoardListing>) {
        let lines = listings.into_iter();
        self.listing(
            "XTND",
            lines.map(|BoardListing { name, highest }| format!("{name} {highest}")),
        );
    }

    /// Writes `+OK text`, a whole message with byte-stuffing, and the terminator.
    ///
    /// To answer `TOP`, pass the result of [`top`]. To send a message in pieces, write the status
    /// line with [`ok`](ReplyWriter::ok) and the pieces with a [`BodyWriter`].
    pub fn message(&mut self, text: &str, message: &[u8]) {
        self.ok(text);
        let mut body = BodyWriter::new();
        body.push(message, self);
        body.finish(self);
    }

    fn status(&mut self, indicator: &str, text: &str) {
        let mut line = format!("{indicator} {text}").replace(char::is_control, " ");
        line.truncate(line.floor_char_boundary(MAX_STATUS_BYTES - 2));
        self.line(line.trim_end());
    }

    fn listing(&mut self, text: &str, lines: impl Iterator<Item = String>) {
        self.ok(text);
        let mut body = BodyWriter::new();
        for line in lines {
            body.push(line.replace(char::is_control, " ").as_bytes(), self);
            body.push(b"\r\n", self);
        }
        body.finish(self);
    }

    fn line(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }
}

/// The state of a multi-line response that is written in pieces.
///
/// It doubles a dot that begins a line, ends a last line that has no line end, and adds the terminator
/// ([RFC 1939 §3]). It does not change line ends: a message with bare LFs is sent with bare LFs.
#[derive(Debug)]
#[must_use = "a body that is not finished leaves its client waiting"]
pub struct BodyWriter {
    /// The last two bytes that were written. A body begins as if after a line end.
    tail: [u8; 2],
}

impl Default for BodyWriter {
    fn default() -> Self {
        Self { tail: *b"\r\n" }
    }
}

impl BodyWriter {
    /// Begins a body, at the start of a line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes the next bytes, split anywhere.
    pub fn push(&mut self, bytes: &[u8], writer: &mut ReplyWriter) {
        if bytes.is_empty() {
            return;
        }
        let out = &mut writer.out;
        if self.tail[1] == b'\n' && bytes.first() == Some(&b'.') {
            out.extend_from_slice(b".");
        }
        let mut rest = bytes;
        while let Some(at) = memchr::memmem::find(rest, b"\n.") {
            let (line, next) = rest.split_at(at + 1);
            out.extend_from_slice(line);
            out.extend_from_slice(b".");
            rest = next;
        }
        out.extend_from_slice(rest);
        self.tail = match bytes {
            [.., before, last] => [*before, *last],
            [last] => [self.tail[1], *last],
            [] => self.tail,
        };
    }

    /// Ends the body with a CRLF, if the last line has none, and the terminator.
    pub fn finish(self, writer: &mut ReplyWriter) {
        if self.tail != *b"\r\n" {
            writer.out.extend_from_slice(b"\r\n");
        }
        writer.out.extend_from_slice(b".\r\n");
    }
}

/// Returns the part of a message that answers `TOP`: the header, the blank line, and `lines` lines
/// of the body.
#[must_use]
pub fn top(message: &[u8], lines: u32) -> &[u8] {
    let mut in_body = false;
    let mut left = lines;
    let mut end = 0;
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if in_body {
            if left == 0 {
                break;
            }
            left -= 1;
        }
        in_body |= matches!(line, b"\r\n" | b"\n");
        end += line.len();
    }
    message.get(..end).unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut ReplyWriter)) -> String {
        let mut writer = ReplyWriter::new();
        write(&mut writer);
        String::from_utf8(writer.take().to_vec()).unwrap()
    }

    fn number(n: u32) -> MessageNumber {
        MessageNumber::new(n).unwrap()
    }

    #[test]
    fn replies_are_encoded_as_in_the_standard() {
        let stamp = ApopTimestamp::new("<1896.697170952@dbc.mtview.ca.us>").unwrap();
        assert_eq!(
            written(|w| w.greeting("POP3 server ready", Some(&stamp))),
            "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n"
        );
        assert_eq!(written(|w| w.drop_listing(2, 320)), "+OK 2 320\r\n");
        assert_eq!(written(|w| w.scan_listing(number(2), 200)), "+OK 2 200\r\n");
        assert_eq!(
            written(|w| w.scan_listings(
                "2 messages (320 octets)",
                [(number(1), 120), (number(2), 200)]
            )),
            "+OK 2 messages (320 octets)\r\n1 120\r\n2 200\r\n.\r\n"
        );
        let id = UniqueId::new("QhdPYR:00WBw1Ph7x7").unwrap();
        assert_eq!(
            written(|w| w.unique_id_listing(number(2), &id)),
            "+OK 2 QhdPYR:00WBw1Ph7x7\r\n"
        );
        assert_eq!(
            written(|w| w.unique_id_listings("", [(number(2), &id)])),
            "+OK\r\n2 QhdPYR:00WBw1Ph7x7\r\n.\r\n"
        );
        assert_eq!(
            written(|w| w.capabilities(&[Capability::Top, Capability::Stls])),
            "+OK Capability list follows\r\nTOP\r\nSTLS\r\n.\r\n"
        );
        assert_eq!(
            written(|w| w.err_with_code(&ResponseCode::InUse, "maildrop locked")),
            "-ERR [IN-USE] maildrop locked\r\n"
        );
    }

    #[test]
    fn a_status_text_cannot_end_its_line_or_exceed_512_bytes() {
        assert_eq!(written(|w| w.err("a\r\n+OK b")), "-ERR a  +OK b\r\n");
        let long = written(|w| w.ok(&"é".repeat(600)));
        assert!(long.ends_with("é\r\n") && (511..=512).contains(&long.len()));
    }

    #[test]
    fn a_message_is_byte_stuffed_and_terminated_after_any_last_line() {
        for (message, wire) in [
            ("", "+OK\r\n.\r\n"),
            ("a\r\n", "+OK\r\na\r\n.\r\n"),
            ("a", "+OK\r\na\r\n.\r\n"),
            (".", "+OK\r\n..\r\n.\r\n"),
            (
                "a\r\n.\r\n..\r\n.b\r\n",
                "+OK\r\na\r\n..\r\n...\r\n..b\r\n.\r\n",
            ),
            ("a\n.b\n", "+OK\r\na\n..b\n\r\n.\r\n"),
            ("a\r", "+OK\r\na\r\r\n.\r\n"),
        ] {
            assert_eq!(written(|w| w.message("", message.as_bytes())), wire);
        }
    }

    #[test]
    fn a_message_in_pieces_is_the_same_message() {
        let message = b".a\r\n..\r\n\n.\nb\r\n.";
        let whole = written(|w| w.message("", message));
        for at in 0..=message.len() {
            let (front, back) = message.split_at(at);
            let pieces = written(|w| {
                w.ok("");
                let mut body = BodyWriter::new();
                body.push(front, w);
                body.push(back, w);
                body.finish(w);
            });
            assert_eq!(pieces, whole, "split at {at}");
        }
    }

    #[test]
    fn top_returns_the_header_and_some_lines() {
        let message = b"A: b\r\nC: d\r\n\r\none\r\n\r\nthree";
        assert_eq!(top(message, 0), b"A: b\r\nC: d\r\n\r\n");
        assert_eq!(top(message, 2), b"A: b\r\nC: d\r\n\r\none\r\n\r\n");
        assert_eq!(top(message, 9), message);
        assert_eq!(top(b"A: b", 3), b"A: b");
    }
}
