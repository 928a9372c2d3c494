//! Encoded words in header fields ([RFC 2047]), and raw 8-bit text, which is not allowed there but
//! occurs.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::charset::{decode, guess};
use super::transfer;

/// A piece of a header field.
enum FieldPiece<'a> {
    Plain(&'a [u8]),
    /// Adjacent encoded words of one charset, decoded to its bytes. They are joined because some
    /// senders split characters between words.
    Encoded {
        charset: &'a str,
        octets: Vec<u8>,
    },
}

/// Decodes an unstructured field.
pub(in crate::engine) fn unstructured(value: &[u8]) -> String {
    let mut text = String::new();
    for piece in pieces(value) {
        match piece {
            FieldPiece::Plain(octets) => text.push_str(&guess(octets)),
            FieldPiece::Encoded { charset, octets } => text.push_str(&decode(charset, &octets)),
        }
    }
    text.trim().to_owned()
}

/// Converts a structured field to UTF-8, for a parser that knows few charsets. Encoded words are
/// re-encoded in UTF-8 instead of decoded, because a comma or bracket inside them has no syntactic
/// meaning.
pub(in crate::engine) fn in_utf8(value: &[u8]) -> Cow<'_, [u8]> {
    if value.is_ascii() && !value.contains(&b'?') {
        return value.into();
    }
    let mut field = Vec::with_capacity(value.len());
    for piece in pieces(value) {
        match piece {
            FieldPiece::Plain(octets) => field.extend(guess(octets).as_bytes()),
            FieldPiece::Encoded { charset, octets } => {
                let encoded = BASE64_STANDARD.encode(decode(charset, &octets));
                field.extend(format!("=?utf-8?B?{encoded}?=").as_bytes());
            }
        }
    }
    field.into()
}

fn pieces(value: &[u8]) -> Vec<FieldPiece<'_>> {
    let mut pieces: Vec<FieldPiece<'_>> = Vec::new();
    let mut plain_start = 0;
    let mut position = 0;
    while let Some(hit) = value
        .get(position..)
        .and_then(|rest| memchr::memmem::find(rest, b"=?"))
    {
        let start = position + hit;
        let Some((charset, octets, length)) = value.get(start..).and_then(encoded_word) else {
            position = start + 2;
            continue;
        };
        let plain = value.get(plain_start..start).unwrap_or_default();
        // White space between two encoded words is not part of the text.
        let joined = plain.iter().all(u8::is_ascii_whitespace)
            && matches!(pieces.last(), Some(FieldPiece::Encoded { .. }));
        if !joined && !plain.is_empty() {
            pieces.push(FieldPiece::Plain(plain));
        }
        match pieces.last_mut() {
            Some(FieldPiece::Encoded {
                charset: last,
                octets: before,
            }) if joined && last.eq_ignore_ascii_case(charset) => {
                before.extend(octets);
            }
            _ => pieces.push(FieldPiece::Encoded { charset, octets }),
        }
        position = start + length;
        plain_start = position;
    }
    let plain = value.get(plain_start..).unwrap_or_default();
    if !plain.is_empty() {
        pieces.push(FieldPiece::Plain(plain));
    }
    pieces
}

/// Parses the encoded word at the start of `value`. Returns its charset, bytes and length.
fn encoded_word(value: &[u8]) -> Option<(&str, Vec<u8>, usize)> {
    // The standard limits words to 75 bytes, but senders write longer ones. A limit prevents
    // repeated searches through a field full of `=?`.
    const LONGEST: usize = 8 * 1024;
    let value = value.get(..LONGEST).unwrap_or(value);
    let mut parts = value.get(2..)?.splitn(3, |octet| *octet == b'?');
    let charset = std::str::from_utf8(parts.next()?).ok()?;
    let is_token = charset.bytes().all(|octet| octet.is_ascii_graphic());
    if charset.is_empty() || charset.len() > 60 || !is_token {
        return None;
    }
    let encoding = parts.next()?;
    let rest = parts.next()?;
    let end = memchr::memmem::find(rest, b"?=")?;
    let text = rest.get(..end)?;
    let octets = match encoding {
        b"B" | b"b" => transfer::base64(text),
        b"Q" | b"q" => {
            let spaced: Vec<u8> = text
                .iter()
                .map(|octet| if *octet == b'_' { b' ' } else { *octet })
                .collect();
            transfer::quoted_printable(&spaced)
        }
        _ => return None,
    };
    let length = 2 + charset.len() + 1 + encoding.len() + 1 + end + 2;
    // A language may follow the charset ([RFC 2231 §5]).
    let charset = charset.split('*').next().unwrap_or_default();
    Some((charset, octets, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_are_decoded() {
        let table = [
            ("=?ISO-8859-1?Q?a?=", "a"),
            ("=?ISO-8859-1?Q?a?= b", "a b"),
            ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a_b?=", "a b"),
            ("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"),
            ("=?ISO-8859-1?Q?Andr=E9?= Pirard", "André Pirard"),
            ("=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore"),
        ];
        for (value, text) in table {
            assert_eq!(unstructured(value.as_bytes()), text);
        }
    }

    #[test]
    fn words_are_decoded_from_multi_byte_charsets() {
        assert_eq!(
            unstructured(b"=?ISO-2022-JP?B?GyRCJU8lbSE8GyhC?="),
            "ハロー"
        );
        assert_eq!(unstructured(b"=?gb2312?B?xOO6ww==?="), "你好");
        assert_eq!(unstructured(b"=?euc-kr?Q?=BE=C8=B3=E7?="), "안녕");
        assert_eq!(unstructured(b"=?Shift_JIS?B?g26DjYFb?="), "ハロー");
    }

    #[test]
    fn a_character_split_between_two_words_is_joined() {
        assert_eq!(
            unstructured(b"=?utf-8?B?w7zDtsM=?= =?UTF-8?B?pA==?="),
            "üöä"
        );
    }

    #[test]
    fn text_that_is_not_an_encoded_word_is_unchanged() {
        for value in [
            "=?x?=",
            "=?utf-8?X?abc?=",
            "1 =? 2",
            "=?utf-8?B?abc",
            "=??B?YQ==?=",
        ] {
            assert_eq!(unstructured(value.as_bytes()), value);
        }
    }

    #[test]
    fn raw_bytes_are_decoded_as_utf_8_or_latin_1() {
        assert_eq!(unstructured("Grüße".as_bytes()), "Grüße");
        assert_eq!(unstructured(b"Gr\xFC\xDFe"), "Grüße");
    }

    #[test]
    fn a_structured_field_keeps_its_structure() {
        let field = in_utf8(b"=?gb2312?B?xOO6wyw=?= <a@b>");
        assert_eq!(&*field, "=?utf-8?B?5L2g5aW9LA==?= <a@b>".as_bytes());
    }
}
