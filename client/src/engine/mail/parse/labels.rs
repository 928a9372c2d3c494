//! The names of charsets in mail: aliases, misspellings, and names with rubbish around them.

use super::code_pages::{self, CodePage};

/// A charset, by the way in which it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum MailCharset {
    Utf8,
    /// [RFC 2152].
    Utf7,
    /// The byte order is found in the text, unless it is part of the name.
    Utf16(Option<ByteOrder>),
    Utf32(Option<ByteOrder>),
    /// [RFC 1468].
    Iso2022Jp,
    /// [RFC 1557], and the part of [RFC 1922] that uses GB 2312.
    Iso2022 {
        /// The charset of the shifted characters, with the high bit set.
        shifted: &'static str,
    },
    /// [RFC 1843].
    Hz,
    /// A code page of DOS that browsers do not know.
    CodePage(&'static CodePage),
    /// A charset of the Encoding standard with single bytes.
    SingleByte(&'static str),
    /// A charset of the Encoding standard with several bytes for a character.
    MultiByte(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum ByteOrder {
    Little,
    Big,
}

impl MailCharset {
    /// Returns the charset of a label. `None` for labels that say nothing, such as `us-ascii`, which
    /// is the default of broken senders, or `unknown-8bit`.
    pub(in crate::engine) fn of(label: &str) -> Option<Self> {
        let name = squeezed(label);
        let name = name.as_str();
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
        // Prefixes, because senders append years, versions and other parameters.
        Some(match name {
            _ if starts(&["utf8", "uft8", "unicode11utf8", "unicode20utf8"]) => Self::Utf8,
            _ if starts(&["utf7", "unicode11utf7", "unicode20utf7"]) => Self::Utf7,
            _ if starts(&["utf16le", "ucs2le", "unicodefeff"]) => {
                Self::Utf16(Some(ByteOrder::Little))
            }
            _ if starts(&["utf16be", "ucs2be", "unicodefffe"]) => Self::Utf16(Some(ByteOrder::Big)),
            _ if starts(&["utf16", "ucs2", "iso10646ucs2", "unicode"]) => Self::Utf16(None),
            _ if starts(&["utf32le"]) => Self::Utf32(Some(ByteOrder::Little)),
            _ if starts(&["utf32be"]) => Self::Utf32(Some(ByteOrder::Big)),
            _ if starts(&["utf32", "ucs4", "iso10646ucs4"]) => Self::Utf32(None),
            _ if starts(&["iso2022jp", "iso202jp", "jis"]) => Self::Iso2022Jp,
            _ if starts(&["iso2022kr"]) => Self::Iso2022 { shifted: "euc-kr" },
            _ if starts(&["iso2022cn"]) => Self::Iso2022 { shifted: "gbk" },
            _ if starts(&["hz"]) => Self::Hz,
            // A superset of GB 2312 and GBK, which real mail exceeds.
            _ if starts(&["gb", "euccn", "cngb", "iso58gb", "chinese"]) => {
                Self::MultiByte("gb18030")
            }
            _ if starts(&["big5", "cnbig5"]) => Self::MultiByte("big5"),
            _ if starts(&["shiftjis", "sjis", "mskanji", "windows31j", "shiftjp"]) => {
                Self::MultiByte("shift_jis")
            }
            _ if starts(&["eucjp", "ujis", "eucpkdfmtjapanese", "extendedunixcode"]) => {
                Self::MultiByte("euc-jp")
            }
            _ if starts(&["euckr", "ksc5601", "ksc56", "ks5601", "korean", "uhc"]) => {
                Self::MultiByte("euc-kr")
            }
            _ if starts(&["koi8u", "koi8ru"]) => Self::SingleByte("koi8-u"),
            _ if starts(&["koi8", "koi"]) => Self::SingleByte("koi8-r"),
            _ if starts(&["maccyrillic", "macukrain"]) => Self::SingleByte("x-mac-cyrillic"),
            _ if starts(&["mac"]) => Self::SingleByte("macintosh"),
            _ if starts(&["tis620"]) => Self::SingleByte("windows-874"),
            "greek" | "elot928" | "ecma118" => Self::SingleByte("iso-8859-7"),
            "hebrew" => Self::SingleByte("iso-8859-8"),
            "arabic" | "asmo708" | "ecma114" => Self::SingleByte("iso-8859-6"),
            "cyrillic" => Self::SingleByte("iso-8859-5"),
            _ => {
                let latin = ["isolatin", "latin", "l"]
                    .iter()
                    .find_map(|prefix| name.strip_prefix(prefix))
                    .and_then(|number| latin(number.parse().ok()?));
                return latin
                    .or_else(|| part_of_8859(name))
                    .or_else(|| numbered(name));
            }
        })
    }

    /// Returns true if a text in this charset may begin in another state than it ends, so that two
    /// texts must not be joined before they are decoded.
    pub(in crate::engine) fn is_stateful(self) -> bool {
        matches!(
            self,
            Self::Iso2022Jp | Self::Iso2022 { .. } | Self::Hz | Self::Utf7
        )
    }
}

/// Returns the letters and digits of a label in lower case, without the prefixes that mean nothing.
fn squeezed(label: &str) -> String {
    let label = label.strip_prefix("3D\"").unwrap_or(label);
    let label = label.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    // The year of a standard, other parameters, and options of iconv.
    let label = label
        .split([':', ';', ',', '(', '/', '*', '"', '\'', '?'])
        .next()
        .unwrap_or_default();
    let name: String = label
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(40)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    // `charset=3D...` comes from quoted-printable that was encoded twice.
    let mut name = name.as_str();
    for prefix in ["charset", "3d", "x", "cs"] {
        if let Some(rest) = name.strip_prefix(prefix)
            && rest.len() > 1
        {
            name = rest;
        }
    }
    name.to_owned()
}

/// Returns a part of ISO 8859, for names such as `iso-8859-1`, `8859_15` and `iso-8859-8-i`.
fn part_of_8859(name: &str) -> Option<MailCharset> {
    let (_, number) = name.split_once("8859")?;
    let digits = number
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(number.len());
    let mut number = number.get(..digits)?;
    if number.is_empty() {
        number = "1";
    }
    let part: usize = number.get(..number.len().min(2))?.parse().ok()?;
    iso_8859(part)
}

fn iso_8859(part: usize) -> Option<MailCharset> {
    // Browsers read Latin-1 as Windows-1252, and Latin-5 as Windows-1254.
    const PARTS: [&str; 17] = [
        "",
        "windows-1252",
        "iso-8859-2",
        "iso-8859-3",
        "iso-8859-4",
        "iso-8859-5",
        "iso-8859-6",
        "iso-8859-7",
        "iso-8859-8-i",
        "windows-1254",
        "iso-8859-10",
        "windows-874",
        "",
        "iso-8859-13",
        "iso-8859-14",
        "iso-8859-15",
        "iso-8859-16",
    ];
    let name = PARTS.get(part).filter(|name| !name.is_empty())?;
    Some(MailCharset::SingleByte(name))
}

/// Returns the charset of Latin-1 to Latin-10.
fn latin(number: usize) -> Option<MailCharset> {
    const PARTS: [usize; 11] = [0, 1, 2, 3, 4, 9, 10, 13, 14, 15, 16];
    iso_8859(*PARTS.get(number)?)
}

/// Returns a code page by its number, for names such as `cp1252`, `windows-1252` and `ms932`.
fn numbered(name: &str) -> Option<MailCharset> {
    let digits = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let digits = digits
        .find(|c: char| !c.is_ascii_digit())
        .map_or(digits, |end| digits.get(..end).unwrap_or_default());
    let number: usize = digits.parse().ok()?;
    Some(match number {
        1250 => MailCharset::SingleByte("windows-1250"),
        1251 => MailCharset::SingleByte("windows-1251"),
        1252 => MailCharset::SingleByte("windows-1252"),
        1253 => MailCharset::SingleByte("windows-1253"),
        1254 => MailCharset::SingleByte("windows-1254"),
        1255 => MailCharset::SingleByte("windows-1255"),
        1256 => MailCharset::SingleByte("windows-1256"),
        1257 => MailCharset::SingleByte("windows-1257"),
        1258 => MailCharset::SingleByte("windows-1258"),
        866 => MailCharset::SingleByte("ibm866"),
        874 => MailCharset::SingleByte("windows-874"),
        819 => MailCharset::SingleByte("windows-1252"),
        932 | 943 => MailCharset::MultiByte("shift_jis"),
        936 | 1386 | 54936 => MailCharset::MultiByte("gb18030"),
        949 | 51949 => MailCharset::MultiByte("euc-kr"),
        950 => MailCharset::MultiByte("big5"),
        51932 => MailCharset::MultiByte("euc-jp"),
        50220..=50222 => MailCharset::Iso2022Jp,
        50225 => MailCharset::Iso2022 { shifted: "euc-kr" },
        52936 => MailCharset::Hz,
        20866 => MailCharset::SingleByte("koi8-r"),
        21866 => MailCharset::SingleByte("koi8-u"),
        10000 => MailCharset::SingleByte("macintosh"),
        28591..=28606 => return iso_8859(number - 28590),
        65000 => MailCharset::Utf7,
        65001 => MailCharset::Utf8,
        1200 => MailCharset::Utf16(Some(ByteOrder::Little)),
        1201 => MailCharset::Utf16(Some(ByteOrder::Big)),
        _ => MailCharset::CodePage(code_pages::find(number)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_recognised_in_every_spelling() {
        use MailCharset::{MultiByte, SingleByte, Utf7, Utf8};
        let table = [
            ("UTF-8", Utf8),
            ("utf8", Utf8),
            ("\"utf-8\"", Utf8),
            ("'UTF_8'", Utf8),
            ("utf-8; format=flowed", Utf8),
            ("utf-8//IGNORE", Utf8),
            ("charset=utf-8", Utf8),
            ("3D\"utf-8\"", Utf8),
            ("3Dutf-8", Utf8),
            ("UTF-8 (Unicode)", Utf8),
            ("utf8mb4", Utf8),
            ("x-unicode-2-0-utf-8", Utf8),
            ("unicode-1-1-utf-7", Utf7),
            ("iso-8859-1", SingleByte("windows-1252")),
            ("ISO_8859-1:1987", SingleByte("windows-1252")),
            ("iso8859-15", SingleByte("iso-8859-15")),
            ("8859_2", SingleByte("iso-8859-2")),
            ("is0-8859-2", SingleByte("iso-8859-2")),
            ("iso-8859-8-i", SingleByte("iso-8859-8-i")),
            ("latin-1", SingleByte("windows-1252")),
            ("Latin2", SingleByte("iso-8859-2")),
            ("latin-9", SingleByte("iso-8859-15")),
            ("csISOLatin1", SingleByte("windows-1252")),
            ("iso-8859-1-windows-3.1-latin-1", SingleByte("windows-1252")),
            ("win-1251", SingleByte("windows-1251")),
            ("windows1251", SingleByte("windows-1251")),
            ("cp-1250", SingleByte("windows-1250")),
            ("x-cp1251", SingleByte("windows-1251")),
            ("koi8r", SingleByte("koi8-r")),
            ("KOI8-RU", SingleByte("koi8-u")),
            ("x-mac-roman", SingleByte("macintosh")),
            ("ks_c_5601-1987", MultiByte("euc-kr")),
            ("KSC5601", MultiByte("euc-kr")),
            ("gb2312_80", MultiByte("gb18030")),
            ("x-gbk", MultiByte("gb18030")),
            ("x-sjis", MultiByte("shift_jis")),
            ("MS932", MultiByte("shift_jis")),
            ("Windows-31J", MultiByte("shift_jis")),
            ("x-euc-jp", MultiByte("euc-jp")),
            ("Big5-HKSCS", MultiByte("big5")),
        ];
        for (label, charset) in table {
            assert_eq!(MailCharset::of(label), Some(charset), "{label}");
        }
    }

    #[test]
    fn labels_that_say_nothing_have_no_charset() {
        for label in [
            "",
            "us-ascii",
            "ascii",
            "ANSI_X3.4-1968",
            "unknown-8bit",
            "x-unknown",
            "x-user-defined",
            "default",
            "_autodetect",
            "7bit",
            "iso-8859-12",
            "binary",
            "latin-99",
        ] {
            assert_eq!(MailCharset::of(label), None, "{label}");
        }
    }
}
