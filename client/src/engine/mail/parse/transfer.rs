//! Content-Transfer-Encodings ([RFC 2045 §6]). Damaged input is decoded as far as possible.

use std::borrow::Cow;

use super::encoded_files::{decode_uuencode, decode_yenc};

/// A transfer encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Encoding {
    /// No encoding: 7bit, 8bit, binary and unknown values.
    Identity,
    /// [RFC 2045 §6.8].
    Base64,
    /// [RFC 2045 §6.7].
    QuotedPrintable,
    /// The encoding of POSIX `uuencode`, also as `x-uuencode`.
    Uuencode,
    /// The encoding of Usenet for 8-bit lines.
    YEnc,
}

impl Encoding {
    /// Parses the value of the field, which may have comments before and after it.
    pub(in crate::engine) fn from_field(value: &[u8]) -> Self {
        let mut depth = 0_usize;
        let mut word = Vec::new();
        for octet in value {
            match octet {
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                b' ' | b'\t' | b';' if word.is_empty() => {}
                b' ' | b'\t' | b';' => break,
                b'"' => {}
                _ => word.push(octet.to_ascii_lowercase()),
            }
        }
        match word.as_slice() {
            b"base64" | b"base-64" | b"x-base64" => Self::Base64,
            b"quoted-printable" | b"quotedprintable" | b"quoted_printable" => Self::QuotedPrintable,
            b"x-uuencode" | b"x-uue" | b"uuencode" | b"x-uu" | b"uue" => Self::Uuencode,
            b"x-yenc" | b"yenc" => Self::YEnc,
            _ => Self::Identity,
        }
    }

    /// Decodes the bytes of a part.
    pub(in crate::engine) fn decode(self, octets: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Identity => octets.into(),
            Self::Base64 => base64(split_footer(octets).0).into(),
            Self::QuotedPrintable => quoted_printable(octets).into(),
            Self::Uuencode => decode_uuencode(octets).into(),
            Self::YEnc => decode_yenc(octets).into(),
        }
    }

    /// Returns the clear text after encoded text, which mailing lists append without regard to the
    /// encoding.
    pub(in crate::engine) fn footer(self, octets: &[u8]) -> &[u8] {
        match self {
            Self::Base64 => split_footer(octets).1,
            _ => &[],
        }
    }

    /// Returns the decoded length. For base64, the encoding of all large files, this does not
    /// decode.
    pub(in crate::engine) fn decoded_length(self, octets: &[u8]) -> usize {
        match self {
            Self::Base64 => split_footer(octets)
                .0
                .split(|octet| *octet == b'=')
                .map(|run| run.iter().filter(|octet| is_base64(**octet)).count() * 6 / 8)
                .sum(),
            Self::Identity => octets.len(),
            Self::QuotedPrintable | Self::Uuencode | Self::YEnc => self.decode(octets).len(),
        }
    }
}

/// Splits base64 from clear text after it. The text begins with a line that is not base64, and
/// follows padding or an empty line.
fn split_footer(octets: &[u8]) -> (&[u8], &[u8]) {
    /// The maximum length of a footer. It also bounds the search, which starts at the end.
    const LONGEST: usize = 16 * 1024;
    let is_data = |octet: &u8| {
        octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=' | b'\r' | b'\n')
    };
    let tail = octets.len().saturating_sub(LONGEST);
    let start = octets
        .get(tail..)
        .and_then(|tail| memchr::memchr(b'\n', tail))
        .map_or(tail, |line| if tail == 0 { 0 } else { tail + line + 1 });
    // The position after the last padding or empty line, once there was data.
    let mut may_begin = None;
    let mut position = start;
    let mut has_data = start > 0;
    for line in octets
        .get(start..)
        .unwrap_or_default()
        .split_inclusive(|octet| *octet == b'\n')
    {
        let words = line.trim_ascii();
        let end = position + line.len();
        if words.is_empty() {
            may_begin = may_begin.or_else(|| has_data.then_some(position));
        } else if !words.iter().all(is_data) {
            // Without padding or an empty line, only several words or a rule show a footer.
            let blanks = words.iter().filter(|octet| **octet == b' ').count();
            let is_footer = blanks > 1 || words.starts_with(b"--") || words.starts_with(b"__");
            let footer = may_begin.or_else(|| (has_data && is_footer).then_some(position));
            return footer
                .and_then(|footer| octets.split_at_checked(footer))
                .unwrap_or((octets, &[]));
        } else if words.ends_with(b"=") {
            has_data = true;
            may_begin = Some(end);
        } else {
            has_data = true;
            // Another run of base64 may follow.
            let is_full_line = words.len() >= 60;
            may_begin = may_begin.filter(|_| !is_full_line);
        }
        position = end;
    }
    (octets, &[])
}

pub(in crate::engine) fn is_base64(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'-' | b'/' | b'_')
}

/// Decodes base64, and ignores characters outside its alphabet. Padding ends a run; another run may
/// follow, for example where a gateway has joined two encoded texts.
pub(in crate::engine) fn base64(octets: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(octets.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0_u32, 0_u8);
    for octet in octets {
        let value = match octet {
            b'A'..=b'Z' => octet - b'A',
            b'a'..=b'z' => octet - b'a' + 26,
            b'0'..=b'9' => octet - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                (bits, count) = (0, 0);
                continue;
            }
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            let [.., octet] = (bits >> count).to_be_bytes();
            decoded.push(octet);
        }
    }
    decoded
}

/// Decodes quoted-printable. An `=` that does not start an escape stands for itself.
pub(in crate::engine) fn quoted_printable(octets: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((&octet, behind)) = rest.split_first() {
        rest = behind;
        if octet != b'=' {
            decoded.push(octet);
            continue;
        }
        if let Some((escaped, behind)) = escape(rest) {
            decoded.push(escaped);
            rest = behind;
        } else if let Some(behind) = soft_break(rest) {
            rest = behind;
        } else {
            decoded.push(b'=');
        }
    }
    decoded
}

/// Decodes the two digits of an escape. Some senders break the line between them.
fn escape(digits: &[u8]) -> Option<(u8, &[u8])> {
    let (high, behind) = digits.split_first()?;
    let high = hex(*high)?;
    let behind = match behind {
        [b'=', broken @ ..] => soft_break(broken)?,
        _ => behind,
    };
    let (low, behind) = behind.split_first()?;
    Some((high << 4 | hex(*low)?, behind))
}

/// Returns the bytes after a soft line break, whose `=` was read: possibly with white space that a
/// relay has added, or with several carriage returns.
fn soft_break(octets: &[u8]) -> Option<&[u8]> {
    let count = |octets: &[u8], of: &[u8]| octets.iter().take_while(|o| of.contains(o)).count();
    let rest = octets.get(count(octets, b" \t")..)?;
    let returns = count(rest, b"\r");
    match rest.get(returns..)? {
        [b'\n', behind @ ..] => Some(behind),
        behind if returns > 0 || behind.is_empty() => Some(behind),
        _ => None,
    }
}

/// Returns the value of a hexadecimal digit.
pub(in crate::engine) fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decoded_length_equals_the_length_of_the_decoded_bytes(text in "[A-Za-z0-9+/=_\r\n .-]{0,300}") {
            for encoding in [
                Encoding::Identity,
                Encoding::Base64,
                Encoding::QuotedPrintable,
                Encoding::Uuencode,
                Encoding::YEnc,
            ] {
                let decoded = encoding.decode(text.as_bytes()).len();
                prop_assert_eq!(encoding.decoded_length(text.as_bytes()), decoded);
            }
        }
    }

    #[test]
    fn base64_of_the_rfcs_and_of_real_mail_is_decoded() {
        assert_eq!(base64(b"Zm9vYmFy"), b"foobar");
        assert_eq!(base64(b"Zm9vYg=="), b"foob");
        assert_eq!(base64(b"Zm9v\r\n Yg"), b"foob");
        assert_eq!(base64(b"Zg==Zm9v"), b"ffoo");
        assert_eq!(base64(b"!Zm*9v"), b"foo");
        assert_eq!(base64(b"Z"), b"");
    }

    #[test]
    fn quoted_printable_of_the_rfc_and_of_real_mail_is_decoded() {
        assert_eq!(quoted_printable(b"a=3Db=\r\nc"), b"a=bc");
        assert_eq!(quoted_printable(b"x= \t\r\ny"), b"xy");
        assert_eq!(quoted_printable(b"=e9=E9"), b"\xE9\xE9");
        assert_eq!(quoted_printable(b"1=1 =zz ="), b"1=1 =zz ");
        assert_eq!(quoted_printable(b"=\nx"), b"x");
    }

    #[test]
    fn broken_soft_line_breaks_are_healed() {
        assert_eq!(quoted_printable(b"a=\r\r\nb"), b"ab");
        assert_eq!(quoted_printable(b"a=\rb"), b"ab");
        assert_eq!(quoted_printable(b"=C=\r\n3=B=\nC"), b"\xC3\xBC");
        assert_eq!(quoted_printable(b"a=  \t\r\nb=  "), b"ab");
    }

    #[test]
    fn clear_text_behind_base64_is_a_footer() {
        let table: [(&[u8], &[u8], &[u8]); 7] = [
            (b"Zm9v\n--\nlist\n", b"foo", b"--\nlist\n"),
            (
                b"Zm9vYg==\n\n____\nlist mail\n",
                b"foob",
                b"\n____\nlist mail\n",
            ),
            (
                b"Zm9vYg==\nNotice\nof the list.\n",
                b"foob",
                b"Notice\nof the list.\n",
            ),
            (
                b"Zm9v\r\n\r\n-- \r\nlist mail",
                b"foo",
                b"\r\n-- \r\nlist mail",
            ),
            (b"Zg==\nZm9v\n", b"ffoo", b""),
            (b"Zm9v\n!Zm9v\n", b"foofoo", b""),
            (b"\n\nZm9v\n\nZm9v\n", b"foofoo", b""),
        ];
        for (octets, decoded, footer) in table {
            assert_eq!(&*Encoding::Base64.decode(octets), decoded);
            assert_eq!(Encoding::Base64.footer(octets), footer);
        }
    }

    #[test]
    fn the_field_is_parsed_in_any_case_and_with_comments() {
        assert_eq!(Encoding::from_field(b" BASE64 (x)"), Encoding::Base64);
        assert_eq!(
            Encoding::from_field(b"quoted-printable;"),
            Encoding::QuotedPrintable
        );
        assert_eq!(
            Encoding::from_field(b"(of (mime)) base64"),
            Encoding::Base64
        );
        assert_eq!(Encoding::from_field(b"\"base64\""), Encoding::Base64);
        assert_eq!(Encoding::from_field(b"X-UUencode"), Encoding::Uuencode);
        assert_eq!(Encoding::from_field(b"x-unknown"), Encoding::Identity);
    }
}
