//! The parts of a message ([RFC 2046 §5.1]), found in one pass per level of nesting.

use std::ops::Range;

use super::content::ContentField;
use super::delimiters::{likely_boundary, split};
use super::encoded_files;
use super::headers::Headers;
use super::labels::MailCharset;
use super::media::evident;
use super::transfer::Encoding;

/// The maximum depth of nested multiparts; deeper ones are shown as text. Honest mail has at most
/// five levels, and each level costs another pass.
const DEEPEST: usize = 12;
/// The maximum number of parts; the last one contains the rest. Otherwise, mail with many tiny
/// parts would take far more memory than its size.
const MOST_PARTS: usize = 1_000;

/// The number of encoded bytes in which the type of a part of invalid type is looked for.
const SNIFFED: usize = 1024;

/// A part of a message; the message itself is the first one.
#[derive(Debug)]
pub(in crate::engine) struct Part<'a> {
    pub(in crate::engine) headers: Headers<'a>,
    pub(in crate::engine) content_type: ContentField,
    pub(in crate::engine) disposition: ContentField,
    /// The media type, which is valid even if the declared one is not.
    media_type: String,
    encoding: Encoding,
    /// Header and body.
    pub(in crate::engine) whole: &'a [u8],
    /// The body, as the sender encoded it.
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

    /// Returns the clear text that a mailing list has appended to encoded text.
    pub(in crate::engine) fn footer(&self) -> &[u8] {
        self.encoding.footer(self.octets)
    }

    /// Returns the decoded length in bytes.
    pub(in crate::engine) fn decoded_length(&self) -> usize {
        self.encoding.decoded_length(self.octets)
    }

    /// Returns the media type. A multipart without parts is text.
    pub(in crate::engine) fn media_type(&self) -> &str {
        if self.media_type.starts_with("multipart/") && self.children.is_empty() {
            return "text/plain";
        }
        &self.media_type
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
        tree.find_charset_of_raw_text();
        tree
    }

    /// Finds the charset of raw 8-bit text in header fields: that of the first text with another
    /// charset than UTF-8. Parses the fields again that have such text.
    fn find_charset_of_raw_text(&mut self) {
        let is_raw = |field: &[u8]| std::str::from_utf8(field).is_err();
        let charset = |part: &Part<'_>| {
            let charset = MailCharset::of(part.content_type.parameter("charset")?)?;
            matches!(
                charset,
                MailCharset::SingleByte(_) | MailCharset::MultiByte(_)
            )
            .then_some(charset)
        };
        let Some(likely) = self.parts.iter().find_map(charset) else {
            return;
        };
        for part in &mut self.parts {
            part.headers.likely_charset = Some(likely);
            for (name, content) in [
                ("content-type", &mut part.content_type),
                ("content-disposition", &mut part.disposition),
            ] {
                if let Some(field) = part.headers.field(name).filter(|field| is_raw(field)) {
                    *content = ContentField::parse(&field, Some(likely));
                }
            }
        }
    }

    /// Returns the message itself.
    pub(in crate::engine) fn root(&self) -> Option<&Part<'a>> {
        self.parts.first()
    }

    /// Adds a part and its descendants. Returns its index.
    fn add(&mut self, octets: &'a [u8], depth: usize, default_type: &str) -> usize {
        let (headers, body) = if depth == 0 {
            Headers::parse(octets)
        } else {
            Headers::of_part(octets)
        };
        let body = octets.get(body..).unwrap_or_default();
        let content_type =
            ContentField::parse(&headers.field("content-type").unwrap_or_default(), None);
        let disposition = headers.field("content-disposition").unwrap_or_default();
        let encoding = headers
            .field("content-transfer-encoding")
            .unwrap_or_default();
        let encoding = Encoding::from_field(&encoding);
        let sniffed = encoding.decode(start(body, SNIFFED));
        let media_type = evident(&content_type, default_type, &sniffed);
        let place = self.parts.len();
        let part = Part {
            headers,
            content_type,
            disposition: ContentField::parse(&disposition, None),
            media_type,
            encoding,
            whole: octets,
            octets: body,
            children: Vec::new(),
        };
        let default_type = match part.media_type.as_str() {
            "multipart/digest" => "message/rfc822",
            _ => "text/plain",
        };
        let is_multipart = part.media_type.starts_with("multipart/");
        let boundary = part.content_type.parameter("boundary").map(str::to_owned);
        self.parts.push(part);
        if is_multipart && depth < DEEPEST {
            let declared = boundary.map(|boundary| split(body, boundary.as_bytes()));
            let pieces = declared.filter(|pieces| !pieces.is_empty());
            let pieces = pieces.or_else(|| Some(split(body, &likely_boundary(body)?)));
            let mut children = Vec::new();
            for piece in pieces.unwrap_or_default() {
                if self.parts.len() < MOST_PARTS {
                    children.push(self.add(piece, depth + 1, default_type));
                }
            }
            if let Some(part) = self.parts.get_mut(place) {
                part.children = children;
            }
        } else {
            self.split_at_files(place);
        }
        place
    }

    /// Makes a multipart of a text with encoded files in it: the files, and the texts around them.
    fn split_at_files(&mut self, place: usize) {
        let room = MOST_PARTS.saturating_sub(self.parts.len() + 1);
        let Some(part) = self.parts.get_mut(place) else {
            return;
        };
        let octets = part.octets;
        let is_text = part.media_type == "text/plain" && part.encoding == Encoding::Identity;
        if !is_text || part.is_attachment() {
            return;
        }
        let mut files = encoded_files::find(octets);
        // Each file comes with the text before it.
        files.truncate(room / 2);
        if files.is_empty() {
            return;
        }
        let content_type = part.content_type.clone();
        "multipart/mixed".clone_into(&mut part.media_type);
        let text = |range: Range<usize>| {
            let octets = octets.get(range).unwrap_or_default();
            let is_blank = octets.trim_ascii().is_empty();
            (!is_blank).then(|| Part {
                headers: Headers::default(),
                content_type: content_type.clone(),
                disposition: ContentField::default(),
                media_type: "text/plain".to_owned(),
                encoding: Encoding::Identity,
                whole: octets,
                octets,
                children: Vec::new(),
            })
        };
        let mut position = 0;
        let first = self.parts.len();
        for file in files {
            self.parts.extend(text(position..file.start));
            self.parts.push(Part {
                headers: Headers::default(),
                content_type: ContentField::file("application/octet-stream", file.name),
                disposition: ContentField::parse(b"attachment", None),
                media_type: "application/octet-stream".to_owned(),
                encoding: file.encoding,
                whole: octets.get(file.start..file.end).unwrap_or_default(),
                octets: octets.get(file.start..file.end).unwrap_or_default(),
                children: Vec::new(),
            });
            position = file.end;
        }
        self.parts.extend(text(position..octets.len()));
        let children = (first..self.parts.len()).collect();
        if let Some(part) = self.parts.get_mut(place) {
            part.children = children;
        }
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
