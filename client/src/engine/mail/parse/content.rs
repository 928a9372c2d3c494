//! `Content-Type` and `Content-Disposition`: a value and its parameters ([RFC 2045 §5.1],
//! [RFC 2183], [RFC 2231]).

use super::charset::{decode, guess, guess_near};
use super::labels::MailCharset;
use super::scanner::{Brackets, Scanner};
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

/// A parameter as it was sent.
struct RawParameter {
    name: String,
    value: Vec<u8>,
}

impl ContentField {
    /// Parses an unfolded field. Raw 8-bit text is in UTF-8 or in the charset `likely`.
    pub(in crate::engine) fn parse(field: &[u8], likely: Option<MailCharset>) -> Self {
        let mut scanner = Scanner::new(field);
        let first = scanner.until(b";", Brackets::Comment);
        let (value, mut raw) = without_semicolon(&guess(&first));
        while !scanner.is_at_end() && raw.len() < MOST_PARAMETERS {
            let name = scanner.until(b"=;", Brackets::Comment);
            if scanner.ended_with() != Some(b'=') {
                continue;
            }
            let is_file = is_file_name(&name);
            let brackets = if is_file {
                Brackets::Text
            } else {
                Brackets::Comment
            };
            let stops: &[u8] = if is_file { b";" } else { b"; \t" };
            let mut value = scanner.until(stops, brackets);
            if !is_file && value.ends_with(b",") {
                value.pop();
            }
            raw.push(raw_parameter(&name, value));
        }
        Self {
            value,
            parameters: merged(raw, likely),
        }
    }

    /// Builds the field of a file.
    pub(in crate::engine) fn file(value: &str, name: String) -> Self {
        Self {
            value: value.to_owned(),
            parameters: vec![("name".to_owned(), name)],
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

fn raw_parameter(name: &[u8], value: Vec<u8>) -> RawParameter {
    RawParameter {
        name: guess(name).trim().to_ascii_lowercase(),
        value,
    }
}

/// Returns true for `name` and `filename`, whose values senders do not always quote.
fn is_file_name(name: &[u8]) -> bool {
    let name = name.trim_ascii().to_ascii_lowercase();
    name.starts_with(b"name") || name.starts_with(b"filename")
}

/// Splits the part of a field before its first semicolon into the value, in lower case, and the
/// parameters that the sender separated from it with white space: `text/html charset=utf-8`.
fn without_semicolon(field: &str) -> (String, Vec<RawParameter>) {
    let mut value = String::new();
    let mut raw: Vec<RawParameter> = Vec::new();
    for word in field.split_whitespace() {
        // A slash continues the value: `text / html`.
        if value.is_empty() || value.ends_with('/') || word.starts_with('/') {
            value.push_str(word);
        } else if let Some((name, value)) = word.split_once('=')
            && raw.len() < MOST_PARAMETERS
        {
            raw.push(raw_parameter(name.as_bytes(), value.into()));
        } else if let Some(RawParameter { value, .. }) = raw.last_mut() {
            value.push(b' ');
            value.extend(word.bytes());
        }
    }
    let value = value.trim_end_matches([',', '.', ':']).replace('\\', "/");
    (value.to_ascii_lowercase(), raw)
}

/// Joins parameters that are split into pieces ([RFC 2231 §3]), and decodes them (§4). They win
/// over plain parameters of the same name, which are for clients without RFC 2231.
fn merged(raw: Vec<RawParameter>, likely: Option<MailCharset>) -> Vec<(String, String)> {
    let mut extended: Vec<(String, u32, bool, Vec<u8>)> = Vec::new();
    let mut plain = Vec::new();
    for RawParameter { name, value } in raw {
        match name.split_once('*') {
            None => {
                let text = forgotten_extension(&value);
                let text = text.unwrap_or_else(|| unstructured(&value, likely));
                plain.push((name, text));
            }
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
            // Some senders mark only the first piece as encoded.
            if *encoded || (charset.is_some() && has_high_escape(value)) {
                octets.extend(percent_decoded(value));
            } else {
                octets.extend(value);
            }
        }
        let has_words = memchr::memmem::find(&octets, b"=?").is_some();
        let text = match charset {
            // Some senders put encoded words into the pieces.
            _ if has_words => unstructured(&octets, likely),
            Some(label) => decode(&label, &octets),
            None => guess_near(&octets, likely),
        };
        if let Some((name, ..)) = pieces.first() {
            parameters.push((name.clone(), text.trim().to_owned()));
        }
    }
    parameters.extend(plain);
    parameters
}

/// Decodes `charset'language'value` in a parameter whose name lacks the asterisk.
fn forgotten_extension(value: &[u8]) -> Option<String> {
    let (label, rest) = charset_of(value)?;
    let is_extended = MailCharset::of(&label).is_some() && label.len() < 40 && rest.contains(&b'%');
    is_extended.then(|| decode(&label, &percent_decoded(rest)))
}

/// Parses `charset'language'value` ([RFC 2231 §4]).
fn charset_of(value: &[u8]) -> Option<(String, &[u8])> {
    let mut parts = value.splitn(3, |octet| *octet == b'\'');
    let charset = parts.next()?;
    let _language = parts.next()?;
    let rest = parts.next()?;
    Some((guess(charset), rest))
}

/// Returns true if a value has a percent-encoded byte above ASCII, which no file name has by chance.
fn has_high_escape(value: &[u8]) -> bool {
    let is_high = |escape: &[u8]| match escape {
        [b'%', high, low] => hex(*high).is_some_and(|high| high > 7) && hex(*low).is_some(),
        _ => false,
    };
    value.windows(3).any(is_high)
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

#[cfg(test)]
mod tests;
