//! Splits address fields into entries.

use super::addresses::AddressEntry;
use super::words::encoded_word;

/// The maximum depth of nested comments.
const DEEPEST_COMMENT: u32 = 100;

/// Splits an address field at commas, semicolons and group names.
pub(super) struct AddressScanner<'a> {
    rest: &'a [u8],
    /// True if the rest has no balanced comment, so that no further one is looked for.
    has_open_comment: bool,
    /// The number of bytes after the last semicolon of the field.
    behind_last_semicolon: usize,
}

impl<'a> AddressScanner<'a> {
    pub(super) fn new(field: &'a [u8]) -> Self {
        Self {
            rest: field,
            has_open_comment: false,
            behind_last_semicolon: memchr::memrchr(b';', field)
                .map_or(field.len(), |last| field.len() - last - 1),
        }
    }

    /// Returns the next entry, which may be empty.
    pub(super) fn next(&mut self) -> Option<AddressEntry> {
        if self.rest.is_empty() {
            return None;
        }
        let mut entry = AddressEntry::default();
        let mut has_at = false;
        while let Some((&octet, behind)) = self.rest.split_first() {
            has_at |= octet == b'@';
            match octet {
                b',' | b';' => {
                    self.rest = behind;
                    entry.has_comma = octet == b',';
                    break;
                }
                // A group ends with a semicolon.
                b':' if entry.angle.is_none()
                    && !has_at
                    && !entry.phrase.eq_ignore_ascii_case(b"mailto")
                    && behind.len() > self.behind_last_semicolon =>
                {
                    self.rest = behind;
                    entry.is_group = true;
                    break;
                }
                b'"' if memchr::memchr(b'"', behind).is_some() => self.quoted(&mut entry),
                b'(' if self.comment(&mut entry) => {}
                b'<' if entry.angle.is_none() => entry.angle = Some(self.angle()),
                b'=' if let Some(word) = encoded_word(self.rest) => {
                    // Separators inside an encoded word have no meaning.
                    let (word, behind) = self.rest.split_at_checked(word.length)?;
                    entry.phrase.extend(word);
                    entry.verbatim.extend(word);
                    self.rest = behind;
                }
                _ if octet.is_ascii_whitespace() => {
                    self.rest = behind;
                    entry.blank();
                }
                _ => {
                    self.rest = behind;
                    entry.phrase.push(octet);
                    entry.verbatim.push(octet);
                }
            }
        }
        Some(entry)
    }

    /// Reads a quoted string.
    fn quoted(&mut self, entry: &mut AddressEntry) {
        let mut escaped = false;
        entry.verbatim.push(b'"');
        self.rest = self.rest.get(1..).unwrap_or_default();
        while let Some((&octet, behind)) = self.rest.split_first() {
            self.rest = behind;
            entry.verbatim.push(octet);
            match octet {
                _ if escaped => {
                    entry.phrase.push(octet);
                    escaped = false;
                }
                b'\\' => escaped = true,
                b'"' => return,
                _ => entry.phrase.push(octet),
            }
        }
    }

    /// Reads a comment ([RFC 5322 §3.2.2]). Returns false if it never ends: then it is text.
    fn comment(&mut self, entry: &mut AddressEntry) -> bool {
        if self.has_open_comment {
            return false;
        }
        let mut depth = 0;
        let mut escaped = false;
        let mut comment = Vec::new();
        for (position, octet) in self.rest.iter().enumerate() {
            let is_outer = depth == 0;
            match octet {
                _ if escaped => escaped = false,
                b'\\' => {
                    escaped = true;
                    continue;
                }
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                entry.comment = comment;
                entry.blank();
                self.rest = self.rest.get(position + 1..).unwrap_or_default();
                return true;
            }
            if depth > DEEPEST_COMMENT {
                break;
            }
            if !is_outer {
                comment.push(*octet);
            }
        }
        self.has_open_comment = true;
        false
    }

    /// Reads the text in angle brackets, without its comments.
    fn angle(&mut self) -> Vec<u8> {
        let mut inside = AddressEntry::default();
        self.rest = self.rest.get(1..).unwrap_or_default();
        while let Some((&octet, behind)) = self.rest.split_first() {
            match octet {
                b'>' => {
                    self.rest = behind;
                    break;
                }
                // The closing bracket is missing, unless this is a route.
                b',' if !inside.verbatim.starts_with(b"@") => break,
                b'"' if memchr::memchr(b'"', behind).is_some() => self.quoted(&mut inside),
                b'(' if self.comment(&mut inside) => {}
                _ => {
                    self.rest = behind;
                    inside.verbatim.push(octet);
                }
            }
        }
        inside.verbatim
    }
}

impl AddressEntry {
    /// Adds a single blank between words.
    fn blank(&mut self) {
        for text in [&mut self.phrase, &mut self.verbatim] {
            if text.last().is_some_and(|last| *last != b' ') {
                text.push(b' ');
            }
        }
    }
}
