//! Decoding of text in all charsets that mail uses.

/// Decodes `octets` from the charset `label`, as mail names charsets. Invalid input becomes U+FFFD;
/// the charset of an unknown label is guessed.
#[must_use]
pub fn decode(label: &str, octets: &[u8]) -> String {
    let label = label.trim().to_ascii_lowercase();
    let label = canonical(&label);
    if label == "utf-8" {
        let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
        return String::from_utf8_lossy(octets).into_owned();
    }
    if label == "us-ascii" {
        return guess(octets);
    }
    if let Some(text) = platform(label, octets) {
        return text;
    }
    // Charsets that browsers do not know: UTF-7, code page 850, mail's names for ISO-8859-11 and
    // others.
    match mail_parser::decoders::charsets::map::charset_decoder(label.as_bytes()) {
        Some(decoder) if !is_refused(label) => decoder(octets),
        _ => guess(octets),
    }
}

/// Decodes text without a declared charset: as UTF-8 if valid, else in the most common other
/// charset.
pub(in crate::engine) fn guess(octets: &[u8]) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) => text.to_owned(),
        Err(_) => platform("windows-1252", octets)
            .unwrap_or_else(|| String::from_utf8_lossy(octets).into_owned()),
    }
}

/// Maps names that only mail uses to the names of the Encoding standard.
fn canonical(label: &str) -> &str {
    match label {
        "utf8" | "unicode-1-1-utf-8" | "x-unicode20utf8" => "utf-8",
        "ascii" | "us-ascii" | "ansi_x3.4-1968" | "" | "default" | "x-unknown" | "unknown-8bit" => {
            "us-ascii"
        }
        "cp932" | "ms932" | "x-ms-cp932" => "shift_jis",
        "cp936" | "ms936" => "gbk",
        "cp949" | "ks_c_5601" => "euc-kr",
        "cp950" | "cn-big5" => "big5",
        "cp-850" => "cp850",
        "latin-1" => "iso-8859-1",
        "x-sjis-jp" => "shift_jis",
        "iso-2022-jp-1" | "iso-2022-jp-2" | "iso-2022-jp-ms" | "cp50220" => "iso-2022-jp",
        other => other,
    }
}

/// Returns true for charsets that the Encoding standard maps to a single U+FFFD, because they can
/// hide markup. Their ASCII characters are shown instead.
fn is_refused(label: &str) -> bool {
    matches!(
        label,
        "hz-gb-2312"
            | "iso-2022-kr"
            | "csiso2022kr"
            | "iso-2022-cn"
            | "iso-2022-cn-ext"
            | "replacement"
    )
}

#[cfg(not(target_arch = "wasm32"))]
fn platform(label: &str, octets: &[u8]) -> Option<String> {
    let encoding = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())?;
    Some(encoding.decode_with_bom_removal(octets).0.into_owned())
}

#[cfg(target_arch = "wasm32")]
fn platform(label: &str, octets: &[u8]) -> Option<String> {
    let decoder = web_sys::TextDecoder::new_with_label(label).ok()?;
    decoder.decode_with_u8_array(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

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
            ("hz-gb-2312", b"readable", "readable"),
            ("no-such-charset", "Grüße".as_bytes(), "Grüße"),
            ("no-such-charset", b"Gr\xFC\xDFe", "Grüße"),
        ];
        for (label, octets, text) in table {
            assert_eq!(decode(label, octets), *text, "{label}");
        }
    }
}
