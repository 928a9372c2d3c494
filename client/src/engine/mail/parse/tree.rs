//! The parts of a message ([RFC 2046 §5.1]), found in one pass per level of nesting.

use memchr::memmem::Finder;

use super::content::ContentField;
use super::headers::{Headers, line_end};
use super::transfer::Encoding;

/// The maximum depth of nested multiparts; deeper ones are shown as text. Honest mail has at most
/// five levels, and each level costs another pass.
const DEEPEST: usize = 12;
/// The maximum number of parts; the last one contains the rest. Otherwise, mail with many tiny
/// parts would take far more memory than its size.
const MOST_PARTS: usize = 1_000;

/// A part of a message; the message itself is the first one.
#[derive(Debug)]
pub(in crate::engine) struct Part<'a> {
    pub(in crate::engine) headers: Headers<'a>,
    pub(in crate::engine) content_type: ContentField,
    pub(in crate::engine) disposition: ContentField,
    encoding: Encoding,
    /// The bytes, as the sender encoded them.
    octets: &'a [u8],
    /// The parts of a multipart, as indexes into [`Tree::parts`]; empty for a leaf.
    pub(in crate::engine) children: Vec<usize>,
}

impl Part<'_> {
    /// Returns the decoded bytes.
    pub(in crate::engine) fn decoded(&self) -> std::borrow::Cow<'_, [u8]> {
        self.encoding.decode(self.octets)
    }

    /// Returns the encoded length in bytes.
    pub(in crate::engine) fn length(&self) -> usize {
        self.octets.len()
    }

    /// Decodes the first `octets` encoded bytes, or fewer to end at a line break.
    pub(in crate::engine) fn decoded_start(&self, octets: usize) -> std::borrow::Cow<'_, [u8]> {
        self.encoding.decode(start(self.octets, octets))
    }

    /// Returns the decoded length in bytes.
    pub(in crate::engine) fn decoded_length(&self) -> usize {
        self.encoding.decoded_length(self.octets)
    }

    /// Returns the media type: `text/plain` if none is declared or it is invalid ([RFC 2045 §5.2]).
    pub(in crate::engine) fn media_type(&self) -> &str {
        let value = &self.content_type.value;
        match value.as_str() {
            "" | "text" => "text/plain",
            // A multipart without a boundary is text.
            _ if value.starts_with("multipart/") && self.children.is_empty() => "text/plain",
            _ => value,
        }
    }

    /// Returns the content-id without its brackets ([RFC 2392]).
    pub(in crate::engine) fn content_id(&self) -> Option<String> {
        let field = self.headers.field("content-id")?;
        let id = String::from_utf8_lossy(&field).into_owned();
        let id = id.trim().trim_start_matches('<').trim_end_matches('>');
        (!id.is_empty()).then(|| id.to_owned())
    }

    /// Returns true if the part is declared as an attachment.
    pub(in crate::engine) fn is_attachment(&self) -> bool {
        self.disposition.value == "attachment"
    }
}

/// A parsed message.
#[derive(Debug)]
pub(in crate::engine) struct Tree<'a> {
    /// All parts. Never empty: the first one is the message itself.
    pub(in crate::engine) parts: Vec<Part<'a>>,
}

impl<'a> Tree<'a> {
    pub(in crate::engine) fn parse(message: &'a [u8]) -> Self {
        let mut tree = Self { parts: Vec::new() };
        tree.add(message, 0, "text/plain");
        tree
    }

    /// Returns the message itself.
    pub(in crate::engine) fn root(&self) -> Option<&Part<'a>> {
        self.parts.first()
    }

    /// Adds a part and its descendants. Returns its index.
    fn add(&mut self, octets: &'a [u8], depth: usize, default_type: &str) -> usize {
        let (headers, body) = Headers::parse(octets);
        let body = octets.get(body..).unwrap_or_default();
        let mut content_type =
            ContentField::parse(&headers.field("content-type").unwrap_or_default());
        if content_type.value.is_empty() {
            default_type.clone_into(&mut content_type.value);
        }
        let disposition = headers.field("content-disposition").unwrap_or_default();
        let encoding = headers
            .field("content-transfer-encoding")
            .unwrap_or_default();
        let place = self.parts.len();
        let part = Part {
            headers,
            content_type,
            disposition: ContentField::parse(&disposition),
            encoding: Encoding::from_field(&encoding),
            octets: body,
            children: Vec::new(),
        };
        let default_type = match part.content_type.value.as_str() {
            "multipart/digest" => "message/rfc822",
            _ => "text/plain",
        };
        let is_multipart = part.content_type.value.starts_with("multipart/");
        let boundary = part.content_type.parameter("boundary").map(str::to_owned);
        self.parts.push(part);
        if is_multipart && depth < DEEPEST {
            let boundary = boundary
                .map(String::into_bytes)
                .or_else(|| likely_boundary(body));
            let mut children = Vec::new();
            for piece in boundary.iter().flat_map(|boundary| split(body, boundary)) {
                if self.parts.len() < MOST_PARTS {
                    children.push(self.add(piece, depth + 1, default_type));
                }
            }
            if let Some(part) = self.parts.get_mut(place) {
                part.children = children;
            }
        }
        place
    }
}

/// Returns at most `most` bytes. Does not split a line or a UTF-8 character if that can be avoided.
fn start(octets: &[u8], most: usize) -> &[u8] {
    let Some((start, rest)) = octets.split_at_checked(most) else {
        return octets;
    };
    if rest.is_empty() {
        return octets;
    }
    let lines = memchr::memrchr(b'\n', start).map(|end| end + 1);
    let end = lines.unwrap_or_else(|| {
        let continues = rest.first().is_some_and(|octet| octet & 0xC0 == 0x80);
        let character = || start.iter().rposition(|octet| octet & 0xC0 != 0x80);
        if continues {
            character().unwrap_or(most)
        } else {
            most
        }
    });
    start.get(..end).unwrap_or(start)
}

/// Guesses an undeclared boundary: the first line that looks like a delimiter.
fn likely_boundary(body: &[u8]) -> Option<Vec<u8>> {
    body.split(|octet| *octet == b'\n')
        .take(20)
        .find_map(|line| line.strip_prefix(b"--"))
        .map(|line| line.trim_ascii_end().to_vec())
        .filter(|boundary| !boundary.is_empty())
}

/// Splits a body at its delimiters ([RFC 2046 §5.1.1]). Without a closing delimiter, the last piece
/// continues to the end.
fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut delimiter = b"--".to_vec();
    delimiter.extend(boundary);
    let finder = Finder::new(&delimiter);
    let mut pieces = Vec::new();
    let mut start = None;
    for hit in finder.find_iter(body) {
        let line_start = hit == 0 || body.get(hit - 1) == Some(&b'\n');
        if !line_start || start.is_some_and(|start| hit < start) {
            continue;
        }
        let end = line_end(body, hit);
        let behind = body.get(hit + delimiter.len()..end).unwrap_or_default();
        let (closing, behind) = match behind.strip_prefix(b"--") {
            Some(behind) => (true, behind),
            None => (false, behind),
        };
        // The boundary may be the beginning of another one.
        if !closing && !behind.trim_ascii().is_empty() {
            continue;
        }
        if let Some(start) = start {
            pieces.push(without_last_break(body.get(start..hit).unwrap_or_default()));
        }
        if closing {
            return pieces;
        }
        start = Some(end);
    }
    if let Some(start) = start {
        pieces.push(body.get(start..).unwrap_or_default());
    }
    pieces
}

/// Removes the line break before a delimiter, which belongs to the delimiter.
fn without_last_break(piece: &[u8]) -> &[u8] {
    let piece = piece.strip_suffix(b"\n").unwrap_or(piece);
    piece.strip_suffix(b"\r").unwrap_or(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(message: &str) -> Vec<String> {
        Tree::parse(message.as_bytes())
            .parts
            .iter()
            .map(|part| part.media_type().to_owned())
            .collect()
    }

    fn octets(message: &str, part: usize) -> String {
        let tree = Tree::parse(message.as_bytes());
        String::from_utf8(tree.parts[part].decoded().into_owned()).unwrap()
    }

    const MIXED: &str = "Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\r\n\
        one\r\n--b  \r\nContent-Type: text/html\r\n\r\n--bb\r\ntwo\r\n\r\n--b--\r\nepilogue\r\n";

    #[test]
    fn a_multipart_is_split_only_at_its_delimiters() {
        assert_eq!(types(MIXED), ["multipart/mixed", "text/plain", "text/html"]);
        assert_eq!(octets(MIXED, 1), "one");
        assert_eq!(octets(MIXED, 2), "--bb\r\ntwo\r\n");
    }

    #[test]
    fn every_truncated_multipart_is_parsed() {
        for end in 0..MIXED.len() {
            assert!(!Tree::parse(&MIXED.as_bytes()[..end]).parts.is_empty());
        }
    }

    #[test]
    fn a_missing_boundary_is_guessed_or_the_body_is_text() {
        let guessed = "Content-Type: multipart/mixed\n\n--x\n\none\n--x--\n";
        assert_eq!(types(guessed), ["multipart/mixed", "text/plain"]);
        let hopeless = "Content-Type: multipart/mixed; boundary=q\n\nplain words\n";
        assert_eq!(types(hopeless), ["text/plain"]);
        assert_eq!(octets(hopeless, 0), "plain words\n");
    }

    #[test]
    fn the_start_of_a_text_ends_at_a_line_or_character_boundary() {
        let start = |text: &'static str, most| start(text.as_bytes(), most);
        assert_eq!(start("ab\ncd", 4), b"ab\n");
        assert_eq!(start("ab\ncd", 5), b"ab\ncd");
        assert_eq!(start("ab\ncd", 9), b"ab\ncd");
        assert_eq!(start("a\u{e9}b", 2), b"a");
        assert_eq!(start("a\u{e9}b", 3), "a\u{e9}".as_bytes());
        assert_eq!(start("abc", 0), b"");
    }

    #[test]
    fn parts_of_a_digest_are_messages() {
        let digest = "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\ny\n--b--";
        assert_eq!(types(digest), ["multipart/digest", "message/rfc822"]);
    }

    #[test]
    fn depth_and_number_of_parts_are_limited() {
        let level = |n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
        let deep: String = (0..20_000).map(level).collect();
        assert_eq!(types(&deep).len(), DEEPEST + 1);
        let nested = "Content-Type: message/rfc822\n\n".repeat(100_000);
        assert_eq!(types(&nested), ["message/rfc822"]);
        let wide = format!(
            "Content-Type: multipart/mixed; boundary=b\n\n{}",
            "--b\n\n".repeat(9_999)
        );
        assert_eq!(types(&wide).len(), MOST_PARTS);
    }
}
