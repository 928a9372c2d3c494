//! `Content-Type` and `Content-Disposition`: a value and its parameters ([RFC 2045 §5.1],
//! [RFC 2183], [RFC 2231]).

use super::charset::{decode, guess};
use super::transfer::hex;
use super::words::unstructured;

/// The maximum number of parameters, more than any honest field has. It bounds the work that a
/// field can cause.
const MOST_PARAMETERS: usize = 100;

/// A header field with a value and parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::engine) struct ContentField {
    /// The value in lower case, without spaces: `text/plain`, `attachment`.
    pub(in crate::engine) value: String,
    parameters: Vec<(String, String)>,
}

impl ContentField {
    /// Parses an unfolded field.
    pub(in crate::engine) fn parse(field: &[u8]) -> Self {
        let mut scanner = Scanner {
            rest: field,
            ended_with: None,
        };
        let (value, mut raw) = without_semicolon(&guess(&scanner.until(b";")));
        while !scanner.rest.is_empty() && raw.len() < MOST_PARAMETERS {
            let name = guess(&scanner.until(b"=;")).trim().to_ascii_lowercase();
            if scanner.ended_with != Some(b'=') {
                continue;
            }
            let value = scanner.until(b";");
            raw.push((name, value));
        }
        Self {
            value,
            parameters: merged(raw),
        }
    }

    /// Returns the parameter with this name.
    pub(in crate::engine) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

/// Splits the part of a field before its first semicolon into the value, in lower case, and the
/// parameters that the sender separated from it with white space: `text/html charset=utf-8`.
fn without_semicolon(field: &str) -> (String, Vec<(String, Vec<u8>)>) {
    let mut value = String::new();
    let mut raw: Vec<(String, Vec<u8>)> = Vec::new();
    for word in field.split_whitespace() {
        // A slash continues the value: `text / html`.
        if value.is_empty() || value.ends_with('/') || word.starts_with('/') {
            value.push_str(word);
        } else if let Some((name, value)) = word.split_once('=')
            && raw.len() < MOST_PARAMETERS
        {
            raw.push((name.to_ascii_lowercase(), value.into()));
        } else if let Some((_, value)) = raw.last_mut() {
            value.push(b' ');
            value.extend(word.bytes());
        }
    }
    let value = value.trim_end_matches([',', '.', ':']).replace('\\', "/");
    (value.to_ascii_lowercase(), raw)
}

/// Joins parameters that are split into pieces ([RFC 2231 §3]), and decodes them (§4). They win
/// over plain parameters of the same name, which are for clients without RFC 2231.
fn merged(raw: Vec<(String, Vec<u8>)>) -> Vec<(String, String)> {
    let mut extended: Vec<(String, u32, bool, Vec<u8>)> = Vec::new();
    let mut plain = Vec::new();
    for (name, value) in raw {
        match name.split_once('*') {
            None => plain.push((name, unstructured(&value))),
            Some((base, suffix)) => {
                let encoded = suffix.is_empty() || suffix.ends_with('*');
                let number = suffix.trim_end_matches('*').parse().unwrap_or(0);
                extended.push((base.to_owned(), number, encoded, value));
            }
        }
    }
    extended.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let mut parameters = Vec::new();
    for pieces in extended.chunk_by(|a, b| a.0 == b.0) {
        let mut octets = Vec::new();
        let mut charset = None;
        for (position, (_, _, encoded, value)) in pieces.iter().enumerate() {
            let mut value = value.as_slice();
            if position == 0
                && *encoded
                && let Some((label, rest)) = charset_of(value)
            {
                (charset, value) = (Some(label), rest);
            }
            if *encoded {
                octets.extend(percent_decoded(value));
            } else {
                octets.extend(value);
            }
        }
        let text = charset.map_or_else(|| guess(&octets), |label| decode(&label, &octets));
        if let Some((name, ..)) = pieces.first() {
            parameters.push((name.clone(), text));
        }
    }
    parameters.extend(plain);
    parameters
}

/// Parses `charset'language'value` ([RFC 2231 §4]).
fn charset_of(value: &[u8]) -> Option<(String, &[u8])> {
    let mut parts = value.splitn(3, |octet| *octet == b'\'');
    let charset = parts.next()?;
    let _language = parts.next()?;
    let rest = parts.next()?;
    Some((guess(charset), rest))
}

/// Decodes percent escapes. A percent sign without two digits stands for itself.
pub(in crate::engine) fn percent_decoded(value: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&octet, behind)) = rest.split_first() {
        rest = behind;
        match behind {
            [high, low, behind @ ..] if octet == b'%' => {
                if let (Some(high), Some(low)) = (hex(*high), hex(*low)) {
                    decoded.push(high << 4 | low);
                    rest = behind;
                } else {
                    decoded.push(octet);
                }
            }
            _ => decoded.push(octet),
        }
    }
    decoded
}

/// Splits a structured field into pieces. Separators inside quotes and comments do not count.
struct Scanner<'a> {
    rest: &'a [u8],
    ended_with: Option<u8>,
}

impl Scanner<'_> {
    /// Returns the bytes before the next of `stops` outside of quotes, and consumes that stop.
    fn until(&mut self, stops: &[u8]) -> Vec<u8> {
        let mut taken: Vec<u8> = Vec::new();
        let mut quoted = false;
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
                b'"' if comments == 0 => quoted = !quoted,
                _ if quoted => taken.push(octet),
                // Senders write `name=a(1).pdf` without quotes; that is not a comment.
                b'(' if comments > 0 || taken.last().is_none_or(u8::is_ascii_whitespace) => {
                    comments += 1;
                }
                b')' if comments > 0 => comments -= 1,
                _ if comments > 0 => {}
                _ if stops.contains(&octet) => {
                    self.ended_with = Some(octet);
                    break;
                }
                _ => taken.push(octet),
            }
        }
        // Also trimmed inside a quote that never ends, which could otherwise hide a space.
        taken.trim_ascii().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(field: &str, name: &str) -> Option<String> {
        ContentField::parse(field.as_bytes())
            .parameter(name)
            .map(ToOwned::to_owned)
    }

    #[test]
    fn value_and_parameters_are_parsed_in_every_spelling() {
        let content = ContentField::parse(b"Text / HTML (c;=) ; CharSet=\"us-ascii\" ;x=y");
        assert_eq!(content.value, "text/html");
        assert_eq!(content.parameter("charset"), Some("us-ascii"));
        assert_eq!(content.parameter("x"), Some("y"));
        assert_eq!(ContentField::parse(b"").value, "");
    }

    #[test]
    fn parameters_without_a_semicolon_do_not_spoil_the_value() {
        let table = [
            ("text/html charset=utf-8", "text/html", "charset", "utf-8"),
            (
                "Text/HTML, Charset=KOI8-R",
                "text/html",
                "charset",
                "KOI8-R",
            ),
            ("text\\html; charset=utf-8", "text/html", "charset", "utf-8"),
            (
                "multipart/mixed boundary=\"a B\"",
                "multipart/mixed",
                "boundary",
                "a B",
            ),
            (
                "attachment filename=\"the log.txt\"",
                "attachment",
                "filename",
                "the log.txt",
            ),
            (
                "text/plain x=1 charset=utf-8; y=2",
                "text/plain",
                "charset",
                "utf-8",
            ),
        ];
        for (field, value, name, parameter) in table {
            let content = ContentField::parse(field.as_bytes());
            assert_eq!(content.value, value, "{field}");
            assert_eq!(content.parameter(name), Some(parameter), "{field}");
        }
    }

    #[test]
    fn quoted_semicolons_and_unquoted_brackets_belong_to_the_value() {
        let name = |field| parameter(field, "name");
        assert_eq!(name(r#"a/b; name="x;y\"z""#).unwrap(), "x;y\"z");
        assert_eq!(name("a/b; name=a (1).pdf").unwrap(), "a .pdf");
        assert_eq!(name("a/b; name=a(1).pdf").unwrap(), "a(1).pdf");
        assert_eq!(
            name(r#"a/b; name="C:\dir\f.txt""#).unwrap(),
            r"C:\dir\f.txt"
        );
    }

    #[test]
    fn the_examples_of_rfc_2231_are_parsed() {
        let url = "message/external-body; access-type=URL; URL*0=\"ftp://\"; \
                   URL*1=\"cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar\"";
        assert_eq!(
            parameter(url, "url").unwrap(),
            "ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"
        );
        let title = "application/x-stuff; title*1*=%2A%2A%2Afun%2A%2A%2A%20; \
                     title*0*=us-ascii'en'This%20is%20even%20more%20; title*2=\"isn't it!\"";
        assert_eq!(
            parameter(title, "title").unwrap(),
            "This is even more ***fun*** isn't it!"
        );
    }

    #[test]
    fn extended_parameters_are_decoded_from_multi_byte_charsets() {
        let table = [
            ("attachment; filename*=gb2312''%C4%E3%BA%C3.txt", "你好.txt"),
            (
                "attachment; filename*=iso-2022-jp''%1B$B%25O%25m!%3C%1B(B.txt",
                "ハロー.txt",
            ),
            ("attachment; filename*=UTF-8''%E2%82%AC%20rates", "€ rates"),
            (
                "attachment; filename=\"=?gb2312?B?xOO6ww==?=.txt\"",
                "你好.txt",
            ),
            (
                "attachment; filename=old.txt; filename*=utf-8''n%C3%A9w.txt",
                "néw.txt",
            ),
            ("attachment; filename*=%zz%e", "%zz%e"),
        ];
        for (field, name) in table {
            assert_eq!(
                parameter(field, "filename").as_deref(),
                Some(name),
                "{field}"
            );
        }
    }
}
