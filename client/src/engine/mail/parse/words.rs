//! Encoded words in header fields ([RFC 2047]), and raw 8-bit text, which is not allowed there but
//! occurs.

use super::charset::{decode, guess_near};
use super::labels::MailCharset;
use super::transfer;

/// A piece of a header field.
enum FieldPiece<'a> {
    Plain(&'a [u8]),
    /// Adjacent encoded words of one charset. Some senders split characters, and groups of base64,
    /// between words.
    Encoded(Vec<EncodedWord<'a>>),
}

/// An encoded word.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct EncodedWord<'a> {
    charset: &'a str,
    is_base64: bool,
    text: &'a [u8],
    /// The length of all of it, in bytes.
    pub(in crate::engine) length: usize,
}

/// Decodes an unstructured field. Raw 8-bit text is in UTF-8 or in the charset `likely`.
pub(in crate::engine) fn unstructured(value: &[u8], likely: Option<MailCharset>) -> String {
    let mut text = String::new();
    for piece in pieces(value) {
        match piece {
            FieldPiece::Plain(octets) => text.push_str(&guess_near(octets, likely)),
            FieldPiece::Encoded(words) => text.push_str(&decoded(&words)),
        }
    }
    text.trim().to_owned()
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
        let Some(word) = value.get(start..).and_then(encoded_word) else {
            position = start + 2;
            continue;
        };
        let plain = value.get(plain_start..start).unwrap_or_default();
        // White space between two encoded words is not part of the text.
        let adjacent = plain.iter().all(u8::is_ascii_whitespace)
            && matches!(pieces.last(), Some(FieldPiece::Encoded(_)));
        if !adjacent && !plain.is_empty() {
            pieces.push(FieldPiece::Plain(plain));
        }
        match pieces.last_mut() {
            Some(FieldPiece::Encoded(words))
                if adjacent && words.last().is_some_and(|last| last.has_charset_of(&word)) =>
            {
                words.push(word);
            }
            _ => pieces.push(FieldPiece::Encoded(vec![word])),
        }
        position = start + word.length;
        plain_start = position;
    }
    let plain = value.get(plain_start..).unwrap_or_default();
    if !plain.is_empty() {
        pieces.push(FieldPiece::Plain(plain));
    }
    pieces
}

/// Decodes adjacent words of one charset.
fn decoded(words: &[EncodedWord<'_>]) -> String {
    let Some(first) = words.first() else {
        return String::new();
    };
    let apart = || {
        words
            .iter()
            .map(|word| decode(word.charset, &octets(&[*word])))
    };
    let joined = || decode(first.charset, &octets(words));
    let is_damaged = |text: &String| text.contains(['\u{FFFD}', '\u{1B}']);
    // Each word of a stateful charset begins in its initial state ([RFC 2047 §3]).
    let (text, other): (String, String) = if words.len() == 1 {
        return apart().collect();
    } else if MailCharset::of(first.charset).is_some_and(MailCharset::is_stateful)
        && !continues_state(words)
    {
        let text = apart().collect();
        if !is_damaged(&text) {
            return text;
        }
        (text, joined())
    } else {
        let text = joined();
        if !is_damaged(&text) {
            return text;
        }
        (text, apart().collect())
    };
    if is_damaged(&other) { text } else { other }
}

/// Returns true if a word of ISO-2022-JP begins in the state in which the one before it ends.
fn continues_state(words: &[EncodedWord<'_>]) -> bool {
    let is_open = |octets: &[u8]| {
        let escape = memchr::memrchr(0x1B, octets);
        escape.is_some_and(|escape| octets.get(escape + 1) == Some(&b'$'))
    };
    let each: Vec<Vec<u8>> = words.iter().map(|word| octets(&[*word])).collect();
    each.windows(2).any(|pair| match pair {
        [word, next] => is_open(word) && !next.starts_with(b"\x1B"),
        _ => false,
    })
}

/// Returns the bytes of words. A group of base64 or an escape that is split between two words is
/// healed.
fn octets(words: &[EncodedWord<'_>]) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut text = Vec::new();
    for (place, word) in words.iter().enumerate() {
        // `=` and `=` of the next word are a soft line break and an escape.
        if !word.is_base64 && word.text.starts_with(b"=") && text.ends_with(b"=") {
            text.pop();
        }
        text.extend(word.text);
        let next = words.get(place + 1);
        let continues =
            next.is_some_and(|next| next.is_base64 == word.is_base64) && word.is_split(&text);
        if !continues {
            octets.extend(word.decode(&text));
            text.clear();
        }
    }
    octets
}

impl EncodedWord<'_> {
    fn has_charset_of(&self, other: &Self) -> bool {
        self.charset.eq_ignore_ascii_case(other.charset)
            || MailCharset::of(self.charset)
                .is_some_and(|c| MailCharset::of(other.charset) == Some(c))
    }

    /// Returns true if a group of base64 or an escape continues in the next word.
    fn is_split(&self, text: &[u8]) -> bool {
        if !self.is_base64 {
            return matches!(text, [.., b'='] | [.., b'=', _]);
        }
        // Without padding, the unused bits of a complete text are zero.
        let unused = |value: &u8, most: &[u8]| !most.contains(value);
        let length = text
            .iter()
            .filter(|octet| transfer::is_base64(**octet))
            .count();
        match (length % 4, text.trim_ascii_end()) {
            (_, [.., b'=']) | (0, _) => false,
            (2, [.., last]) => unused(last, b"AQgw"),
            (3, [.., last]) => unused(last, b"AEIMQUYcgkosw048"),
            _ => true,
        }
    }

    fn decode(&self, text: &[u8]) -> Vec<u8> {
        if self.is_base64 {
            return transfer::base64(text);
        }
        let blank = |octet: &u8| if *octet == b'_' { b' ' } else { *octet };
        let spaced: Vec<u8> = text.iter().map(blank).collect();
        transfer::quoted_printable(&spaced)
    }
}

/// Parses the encoded word at the start of `value`.
pub(in crate::engine) fn encoded_word(value: &[u8]) -> Option<EncodedWord<'_>> {
    // The standard limits words to 75 bytes, but senders write longer ones. A limit prevents
    // repeated searches through a field full of `=?`.
    const LONGEST: usize = 8 * 1024;
    let value = value.get(..LONGEST).unwrap_or(value);
    let mut parts = value.strip_prefix(b"=?")?.splitn(3, |octet| *octet == b'?');
    let charset = std::str::from_utf8(parts.next()?).ok()?;
    let is_token = charset.bytes().all(|octet| octet.is_ascii_graphic());
    if charset.is_empty() || charset.len() > 60 || !is_token {
        return None;
    }
    let encoding = parts.next()?;
    let rest = parts.next()?;
    let end = memchr::memmem::find(rest, b"?=")?;
    let text = rest.get(..end)?;
    let is_base64 = match encoding.trim_ascii() {
        b"B" | b"b" => true,
        b"Q" | b"q" => false,
        _ => return None,
    };
    Some(EncodedWord {
        // A language may follow the charset ([RFC 2231 §5]).
        charset: charset.split('*').next().unwrap_or_default(),
        is_base64,
        text,
        length: 2 + charset.len() + 1 + encoding.len() + 1 + end + 2,
    })
}

#[cfg(test)]
mod tests {

    fn unstructured(value: &[u8]) -> String {
        super::unstructured(value, None)
    }

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
    fn words_of_stateful_charsets_are_decoded_one_by_one() {
        let table = [
            (
                "=?iso-2022-jp?B?GyRCJU8bKEI=?= =?ISO-2022-JP?B?GyRCJW0hPBsoQg==?=",
                "ハロー",
            ),
            // The second word continues in the state of the first.
            (
                "=?iso-2022-jp?B?GyRCJU8=?= =?iso-2022-jp?B?JW0hPBsoQg==?=",
                "ハロー",
            ),
            ("=?hz-gb-2312?Q?~{Dc~}?= =?hz-gb-2312?Q?~{:C~}?=", "你好"),
        ];
        for (value, text) in table {
            assert_eq!(unstructured(value.as_bytes()), text);
        }
    }

    #[test]
    fn groups_and_escapes_that_are_split_between_words_are_healed() {
        let table = [
            ("=?utf-8?B?w7zDt?= =?utf-8?B?sOk?=", "üöä"),
            ("=?utf-8?B?w?= =?utf-8?B?7zDtsOk?=", "üöä"),
            ("=?utf-8?Q?a=C3=?= =?utf-8?Q?=BC?=", "aü"),
            ("=?utf-8?Q?a=C?= =?utf-8?Q?3=BC?=", "aü"),
            ("=?utf-8?Q?a=?= =?utf-8?Q?C3=BC?=", "aü"),
            // Complete words without padding are not joined.
            ("=?utf-8?B?YQ?= =?utf-8?B?Yg?=", "ab"),
            ("=?utf-8?B?YWI?= =?utf-8?B?Yw?=", "abc"),
        ];
        for (value, text) in table {
            assert_eq!(unstructured(value.as_bytes()), text, "{value}");
        }
    }
}
