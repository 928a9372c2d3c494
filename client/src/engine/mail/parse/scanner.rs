//! Splits structured fields into pieces ([RFC 2045 §5.1]), as senders really write them.

/// The meaning of `(` outside of quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brackets {
    /// A comment ([RFC 2045 §5.1]).
    Comment,
    /// Part of a file name, as in `name=Letter (2).pdf`.
    Text,
}

/// Splits a structured field into pieces. Separators inside quotes and comments do not count.
pub(super) struct Scanner<'a> {
    rest: &'a [u8],
    ended_with: Option<u8>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(field: &'a [u8]) -> Self {
        Self {
            rest: field,
            ended_with: None,
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Returns the stop that ended the last piece; `None` at the end of the field.
    pub(super) fn ended_with(&self) -> Option<u8> {
        self.ended_with
    }

    /// Returns the bytes before the next of `stops` outside of quotes, and consumes that stop. Blanks
    /// inside quotes are kept.
    pub(super) fn until(&mut self, stops: &[u8], brackets: Brackets) -> Vec<u8> {
        let mut taken: Vec<u8> = Vec::new();
        let mut quoted = false;
        let mut was_quoted = 0;
        let mut comments = 0_u32;
        self.ended_with = None;
        while let Some((&octet, behind)) = self.rest.split_first() {
            self.rest = behind;
            match octet {
                // Senders escape only these two. Other backslashes belong to Windows paths.
                b'\\' if quoted && matches!(behind, [b'"' | b'\\', ..]) => {
                    if let Some((&escaped, behind)) = behind.split_first() {
                        taken.push(escaped);
                        self.rest = behind;
                    }
                }
                b'"' if quoted && brackets == Brackets::Text && !closes(behind) => {
                    taken.push(octet);
                }
                b'"' if quoted => {
                    quoted = false;
                    was_quoted = taken.len();
                }
                // A quote that never ends is none.
                b'"' if comments == 0 => quoted = memchr::memchr(b'"', behind).is_some(),
                _ if quoted => taken.push(octet),
                b'(' if comments > 0
                    || brackets == Brackets::Comment
                        && taken.last().is_none_or(u8::is_ascii_whitespace) =>
                {
                    comments += 1;
                }
                b')' if comments > 0 => comments -= 1,
                _ if comments > 0 => {}
                // Blanks before a value do not end it.
                _ if octet.is_ascii_whitespace() && taken.is_empty() => {}
                _ if stops.contains(&octet) => {
                    self.ended_with = Some(octet);
                    break;
                }
                _ => taken.push(octet),
            }
        }
        let end = taken
            .iter()
            .rposition(|octet| !octet.is_ascii_whitespace())
            .map_or(0, |last| last + 1);
        taken.truncate(end.max(was_quoted));
        if brackets == Brackets::Text && was_quoted == 0 {
            taken.truncate(without_comment(&taken).len());
        }
        taken
    }
}

/// Returns true if a quote before these bytes ends a value, and is not part of a file name.
fn closes(behind: &[u8]) -> bool {
    matches!(behind, [] | [b' ' | b'\t' | b';' | b'(' | b',', ..])
}

/// Removes the comment after an unquoted name that has an extension: `a.pdf (a comment)`.
fn without_comment(name: &[u8]) -> &[u8] {
    let before = name
        .strip_suffix(b")")
        .and_then(|name| name.get(..memchr::memrchr(b'(', name)?))
        .filter(|before| before.ends_with(b" "))
        .map(<[u8]>::trim_ascii_end);
    let extension = before.and_then(|before| before.rsplit(|octet| *octet == b'.').next());
    match (before, extension) {
        (Some(before), Some(extension))
            if (1..=5).contains(&extension.len())
                && extension.len() < before.len()
                && extension.iter().all(u8::is_ascii_alphanumeric) =>
        {
            before
        }
        _ => name,
    }
}
