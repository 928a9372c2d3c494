//! Decoding of text in all charsets that mail uses.

use super::detector;
use super::labels::{ByteOrder, MailCharset};
use super::stateful::{hz_as_euc, iso_2022_as_euc, utf_7, without_idle_escapes};

/// Decodes `octets` from the charset `label`, as mail names charsets. A byte order mark, and text
/// that can only be UTF-8, win over the label. Invalid input becomes U+FFFD; the charset of a label
/// that says nothing is guessed.
#[must_use]
pub fn decode(label: &str, octets: &[u8]) -> String {
    if let Some(text) = marked(octets) {
        return text;
    }
    MailCharset::of(label).map_or_else(|| guess(octets), |charset| decode_as(charset, octets))
}

/// Decodes HTML. Without a useful label, the charset is the one that the document names.
pub(in crate::engine) fn decode_html(label: &str, octets: &[u8]) -> String {
    let is_open = MailCharset::of(label).is_none() && std::str::from_utf8(octets).is_err();
    match is_open.then(|| named_in_html(octets)).flatten() {
        Some(charset) if marked(octets).is_none() => decode_as(charset, octets),
        _ => decode(label, octets),
    }
}

/// Decodes text without a label of its own: as UTF-8 if valid, else from `likely`, the charset of
/// other text in the message, else from a detected charset.
pub(in crate::engine) fn guess_near(octets: &[u8], likely: Option<MailCharset>) -> String {
    match likely {
        Some(likely) if !octets.is_ascii() && std::str::from_utf8(octets).is_err() => {
            decode_as(likely, octets)
        }
        _ => guess(octets),
    }
}

/// Decodes text without a declared charset: as UTF-8 if valid, else from a detected charset.
pub(in crate::engine) fn guess(octets: &[u8]) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) => match unmarked_escapes(octets) {
            Some(charset) => decode_as(charset, octets),
            None => text.to_owned(),
        },
        // A character that is cut off at the end.
        Err(_) if is_utf_8(octets) => String::from_utf8_lossy(octets).into_owned(),
        Err(_) => decode_as(detector::detect(octets), octets),
    }
}

/// Decodes text from a charset.
pub(in crate::engine) fn decode_as(charset: MailCharset, octets: &[u8]) -> String {
    match charset {
        MailCharset::Utf8 => utf_8(octets),
        MailCharset::Utf7 => utf_7(octets),
        // Labels of UTF-16 on text that was converted to bytes long ago.
        MailCharset::Utf16(_) | MailCharset::Utf32(_)
            if !octets.contains(&0) && is_utf_8(octets) =>
        {
            guess(octets)
        }
        MailCharset::Utf16(order) => utf_16(octets, order.unwrap_or_else(|| byte_order(octets))),
        MailCharset::Utf32(order) => utf_32(octets, order),
        // Other charsets under this name have high bytes.
        MailCharset::Iso2022Jp if !octets.is_ascii() => guess(octets),
        MailCharset::Iso2022Jp => platform("iso-2022-jp", &without_idle_escapes(octets)),
        MailCharset::Iso2022 { shifted } => platform(shifted, &iso_2022_as_euc(octets)),
        MailCharset::Hz => platform("gbk", &hz_as_euc(octets)),
        MailCharset::CodePage(page) => page.decode(octets),
        MailCharset::SingleByte(_) if is_utf_8(octets) => utf_8(octets),
        MailCharset::MultiByte(_) if octets.is_ascii() || is_surely_utf_8(octets) => utf_8(octets),
        MailCharset::SingleByte(label) | MailCharset::MultiByte(label) => platform(label, octets),
    }
}

/// Decodes text that begins with a byte order mark.
fn marked(octets: &[u8]) -> Option<String> {
    Some(match octets {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf_8(rest),
        [0xFF, 0xFE, 0, 0, rest @ ..] => utf_32(rest, Some(ByteOrder::Little)),
        [0, 0, 0xFE, 0xFF, rest @ ..] => utf_32(rest, Some(ByteOrder::Big)),
        [0xFF, 0xFE, rest @ ..] => utf_16(rest, ByteOrder::Little),
        [0xFE, 0xFF, rest @ ..] => utf_16(rest, ByteOrder::Big),
        _ => return None,
    })
}

/// Returns the charset of 7-bit text with escape sequences, which senders of Japanese and Korean do
/// not always declare.
fn unmarked_escapes(octets: &[u8]) -> Option<MailCharset> {
    if !octets.is_ascii() {
        return None;
    }
    let escape = memchr::memmem::find(octets, b"\x1B$")?;
    match octets.get(escape + 2..)? {
        [b'@' | b'B', ..] => Some(MailCharset::Iso2022Jp),
        [b')', b'C', ..] => Some(MailCharset::Iso2022 { shifted: "euc-kr" }),
        _ => None,
    }
}

/// Returns the charset that an HTML document names in its beginning, in a `meta` element or in an
/// XML declaration.
fn named_in_html(octets: &[u8]) -> Option<MailCharset> {
    /// The number of bytes that are searched. The standard says 1,024, but senders put style sheets
    /// before the element.
    const BEGINNING: usize = 16 * 1024;
    let beginning = octets
        .get(..BEGINNING)
        .unwrap_or(octets)
        .to_ascii_lowercase();
    let declared = |start: &[u8], attribute: &[u8]| {
        let element = memchr::memmem::find_iter(&beginning, start).find_map(|at| {
            let element = beginning.get(at..)?;
            let element = element.split(|octet| *octet == b'>').next()?;
            memchr::memmem::find(element, attribute)
                .and_then(|at| element.get(at + attribute.len()..))
        })?;
        let value = element.trim_ascii_start().strip_prefix(b"=")?.trim_ascii();
        let is_label = |octet: &u8| octet.is_ascii_alphanumeric() || b"-_:.".contains(octet);
        let label: Vec<u8> = value
            .iter()
            .copied()
            .skip_while(|octet| matches!(octet, b'"' | b'\'' | b' '))
            .take_while(is_label)
            .collect();
        MailCharset::of(&String::from_utf8_lossy(&label))
    };
    match declared(b"<meta", b"charset").or_else(|| declared(b"<?xml", b"encoding"))? {
        // The document could not be read up to here.
        MailCharset::Utf16(_) | MailCharset::Utf32(_) => Some(MailCharset::Utf8),
        charset => Some(charset),
    }
}

/// Decodes UTF-8. Invalid text without a single valid character beyond ASCII is in another charset.
fn utf_8(octets: &[u8]) -> String {
    let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
    // The character U+FFFD itself may be in valid text.
    if let Ok(text) = std::str::from_utf8(octets) {
        return text.to_owned();
    }
    let text = String::from_utf8_lossy(octets).into_owned();
    if text.chars().all(|c| c.is_ascii() || c == '\u{FFFD}') && !is_cut(octets) {
        return decode_as(detector::detect(octets), octets);
    }
    text
}

/// Returns true if the only error is a character that is cut off at the end.
fn is_cut(octets: &[u8]) -> bool {
    std::str::from_utf8(octets).is_err_and(|error| error.error_len().is_none())
}

/// Returns true if text beyond ASCII is valid UTF-8, except for a character that is cut off at the
/// end. Text in a charset of single bytes practically never is.
fn is_utf_8(octets: &[u8]) -> bool {
    octets.is_ascii()
        || match std::str::from_utf8(octets) {
            Ok(_) => true,
            Err(error) => {
                error.error_len().is_none() && error.valid_up_to() > 2 && {
                    octets
                        .get(..error.valid_up_to())
                        .is_some_and(|valid| !valid.is_ascii())
                }
            }
        }
}

/// Returns true if text is valid UTF-8, and too long for that to be a coincidence in a charset with
/// several bytes for a character.
fn is_surely_utf_8(octets: &[u8]) -> bool {
    /// The number of continuation bytes. A pair of bytes of GBK is a character of UTF-8 with a
    /// probability of about 1 to 7.
    const ENOUGH: usize = 5;
    let continues = |octet: &&u8| **octet & 0xC0 == 0x80;
    is_utf_8(octets) && octets.iter().filter(continues).take(ENOUGH).count() == ENOUGH
}

fn utf_16(octets: &[u8], order: ByteOrder) -> String {
    let units = octets.as_chunks().0.iter().map(|unit| match order {
        ByteOrder::Little => u16::from_le_bytes(*unit),
        ByteOrder::Big => u16::from_be_bytes(*unit),
    });
    char::decode_utf16(units)
        .map(|c| c.unwrap_or('\u{FFFD}'))
        .collect()
}

fn utf_32(octets: &[u8], order: Option<ByteOrder>) -> String {
    let order = order.unwrap_or(match octets {
        [0, ..] => ByteOrder::Big,
        _ => ByteOrder::Little,
    });
    let units = octets.as_chunks().0.iter().map(|unit| match order {
        ByteOrder::Little => u32::from_le_bytes(*unit),
        ByteOrder::Big => u32::from_be_bytes(*unit),
    });
    units
        .map(|unit| char::from_u32(unit).unwrap_or('\u{FFFD}'))
        .collect()
}

/// Returns the byte order of UTF-16 without a mark: the zeros of ASCII are in its high bytes.
fn byte_order(octets: &[u8]) -> ByteOrder {
    let (units, _) = octets.as_chunks::<2>();
    let zeros = |place: usize| {
        units
            .iter()
            .filter(|unit| unit.get(place) == Some(&0))
            .count()
    };
    if zeros(1) > zeros(0) {
        ByteOrder::Little
    } else {
        // The default of RFC 2781 §4.3.
        ByteOrder::Big
    }
}

/// Decodes a charset of the Encoding standard.
#[cfg(not(target_arch = "wasm32"))]
fn platform(label: &str, octets: &[u8]) -> String {
    encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()).map_or_else(
        || String::from_utf8_lossy(octets).into_owned(),
        |encoding| encoding.decode_without_bom_handling(octets).0.into_owned(),
    )
}

/// Decodes a charset of the Encoding standard.
#[cfg(target_arch = "wasm32")]
fn platform(label: &str, octets: &[u8]) -> String {
    let decoded = web_sys::TextDecoder::new_with_label(label)
        .and_then(|decoder| decoder.decode_with_u8_array(octets));
    decoded.unwrap_or_else(|_| String::from_utf8_lossy(octets).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoder_that_leaves_text_to_another_never_gets_it_back() {
        let labels = [
            "",
            "utf-8",
            "us-ascii",
            "utf-7",
            "utf-16",
            "utf-32",
            "iso-2022-jp",
            "iso-2022-kr",
            "hz-gb-2312",
            "iso-8859-1",
            "windows-1251",
            "koi8-r",
            "cp850",
            "gbk",
            "big5",
            "shift_jis",
            "euc-jp",
            "euc-kr",
        ];
        // Each can be the only character beyond ASCII, and stand at the end.
        let pieces: &[&[u8]] = &[
            b"a",
            "\u{FFFD}".as_bytes(),
            "\u{e9}".as_bytes(),
            b"\x1B$B",
            b"\x1B$)C",
            b"\xFF",
            b"\xC3",
            b"\0",
            b"\xEF\xBB\xBF",
            b"\xFF\xFE",
            b"~{",
        ];
        for label in labels {
            for text in pieces
                .iter()
                .flat_map(|a| pieces.iter().map(move |b| [*a, *b].concat()))
            {
                for text in [text.clone(), [&text[..], &text[..], b" end"].concat()] {
                    let decoded = decode(label, &text);
                    assert!(decoded.len() <= 4 * text.len() + 3, "{label}");
                    guess(&text);
                }
            }
        }
    }

    #[test]
    fn texts_in_many_charsets_are_decoded() {
        let table: &[(&str, &[u8], &str)] = &[
            ("UTF-8", "Grüße".as_bytes(), "Grüße"),
            ("utf8", b"\xEF\xBB\xBFx", "x"),
            ("us-ascii", b"plain", "plain"),
            ("us-ascii", b"caf\xE9", "café"),
            ("us-ascii", "café".as_bytes(), "café"),
            ("iso-8859-1", b"Gr\xFC\xDFe \x80", "Grüße €"),
            ("ISO-8859-2", b"\xB1\xEA", "ąę"),
            ("iso-8859-5", b"\xBF\xE0\xD8\xD2\xD5\xE2", "Привет"),
            ("iso-8859-7", b"\xC3\xE5\xE9\xDC", "Γειά"),
            ("iso-8859-8", b"\xF9\xEC\xE5\xED", "שלום"),
            ("iso-8859-9", b"\xFE\xFD", "şı"),
            ("iso-8859-11", b"\xA1\xD2", "กา"),
            ("iso-8859-15", b"\xA4", "€"),
            ("tis-620", b"\xA1\xD2", "กา"),
            ("windows-1250", b"sla\x9A\xE8i", "slašči"),
            ("windows-1251", b"\xCF\xF0\xE8\xE2\xE5\xF2", "Привет"),
            ("windows-1252", b"\x93x\x94", "“x”"),
            ("cp1252", b"\x93x\x94", "“x”"),
            ("windows-1256", b"\xE3\xD1\xCD\xC8\xC7", "مرحبا"),
            ("koi8-r", b"\xF0\xD2\xC9\xD7\xC5\xD4", "Привет"),
            ("koi8-u", b"\xF0\xD2\xC9\xD7\xA6\xD4", "Привіт"),
            ("macintosh", b"\x8E", "é"),
            ("cp850", b"\x81", "ü"),
            ("ibm866", b"\x8F\xE0", "Пр"),
            ("gb2312", b"\xC4\xE3\xBA\xC3", "你好"),
            ("cp936", b"\xC4\xE3\xBA\xC3", "你好"),
            ("gb18030", b"\xC4\xE3\xBA\xC3", "你好"),
            ("big5", b"\xA7A\xA6n", "你好"),
            ("shift_jis", b"\x83n\x83\x8D\x81[", "ハロー"),
            ("cp932", b"\x83n\x83\x8D\x81[", "ハロー"),
            ("euc-jp", b"\xA5\xCF\xA5\xED\xA1\xBC", "ハロー"),
            ("iso-2022-jp", b"\x1B$B%O%m!<\x1B(B", "ハロー"),
            ("euc-kr", b"\xBE\xC8\xB3\xE7", "안녕"),
            ("ks_c_5601-1987", b"\xBE\xC8\xB3\xE7", "안녕"),
            ("utf-16le", b"h\0i\0", "hi"),
            ("utf-16be", b"\0h\0i", "hi"),
            ("utf-7", b"Hi Mom -+Jjo--!", "Hi Mom -☺-!"),
            ("iso-2022-kr", b"readable", "readable"),
            ("iso-2022-kr", b"\x1B$)C\x0E>H3g\x0F", "안녕"),
            ("iso-2022-cn", b"\x1B$)A\x0EDc:C\x0F", "你好"),
            ("hz-gb-2312", b"~{Dc:C~}", "你好"),
            ("utf-32", b"\0\0\0h\0\x01\xF6\0", "h😀"),
            ("x-user-defined", b"Gr\xFC\xDFe", "Grüße"),
            ("iso-2022-jp", b"\x1B$B%O\x1B(B\x1B$B%m!<\x1B(B", "ハロー"),
            ("hz-gb-2312", b"readable", "readable"),
            ("no-such-charset", "Grüße".as_bytes(), "Grüße"),
            ("no-such-charset", b"Gr\xFC\xDFe", "Grüße"),
        ];
        for (label, octets, text) in table {
            assert_eq!(decode(label, octets), *text, "{label}");
        }
    }

    #[test]
    fn the_evidence_of_the_text_wins_over_a_wrong_label() {
        let utf_8 = "Wyciąg – luty, dziękuję";
        for label in [
            "iso-8859-2",
            "windows-1252",
            "gb2312",
            "utf-16",
            "iso-2022-jp",
        ] {
            assert_eq!(decode(label, utf_8.as_bytes()), utf_8, "{label}");
        }
        let be = b"\xFE\xFF\x01\x7E\0a";
        for label in ["utf-16", "utf-16le", "utf-8", "", "iso-8859-1"] {
            assert_eq!(decode(label, be), "ža", "{label}");
        }
        assert_eq!(decode("utf-16", b"\x01\x7E\0a"), "ža");
        assert_eq!(decode("utf-16", b"\x7E\x01a\0b\0"), "žab");
        assert_eq!(decode("utf-8", b"Gr\xFC\xDFe"), "Grüße");
        assert_eq!(decode("utf-8", b"\xC3\xBC \xFC"), "ü \u{FFFD}");
        // Two characters of GBK that are valid UTF-8.
        assert_eq!(decode("gbk", b"\xC4\xA3\xCA\xBD"), "模式");
    }

    #[test]
    fn a_character_that_is_cut_off_does_not_change_the_charset() {
        let cut = |text: &'static str| &text.as_bytes()[..text.len() - 1];
        assert_eq!(guess(cut("für die Fähre é")), "für die Fähre \u{FFFD}");
        assert_eq!(decode("iso-8859-1", cut("für é")), "für \u{FFFD}");
    }

    #[test]
    fn html_without_a_label_names_its_charset() {
        let table: [(&[u8], &str); 4] = [
            (b"<meta charset='koi8-r'><p>\xF0\xD2", "Пр"),
            (
                b"<META content=\"text/html; charset=Windows-1251\" http-equiv=x>\xCF\xF0",
                "Пр",
            ),
            (b"<?xml version='1.0' encoding='iso-8859-5'?>\xBF\xE0", "Пр"),
            (b"<meta name=x><meta charset=utf-16>\xC3\xBC\xFF", "ü"),
        ];
        for (html, text) in table {
            assert!(decode_html("us-ascii", html).contains(text), "{text}");
        }
        let labelled = decode_html("koi8-r", b"<meta charset=windows-1251>\xF0\xD2");
        assert!(labelled.ends_with("Пр"));
    }

    #[test]
    fn escape_sequences_are_recognised_without_a_label() {
        assert_eq!(guess(b"\x1B$B%O%m!<\x1B(B"), "ハロー");
        assert_eq!(guess(b"\x1B$)C\x0E>H3g\x0F"), "안녕");
        assert_eq!(guess(b"\x1B[0m"), "\x1B[0m");
    }

    #[test]
    fn raw_text_is_in_utf_8_or_in_the_charset_of_the_message() {
        let likely = MailCharset::of("koi8-r");
        assert_eq!(guess_near(b"\xF0\xD2", likely), "Пр");
        assert_eq!(guess_near("Пр".as_bytes(), likely), "Пр");
    }
}
