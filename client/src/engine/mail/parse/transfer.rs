//! Content-Transfer-Encodings ([RFC 2045 §6]). Damaged input is decoded as far as possible.

use std::borrow::Cow;

/// A transfer encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Encoding {
    /// No encoding: 7bit, 8bit, binary and unknown values.
    Identity,
    /// [RFC 2045 §6.8].
    Base64,
    /// [RFC 2045 §6.7].
    QuotedPrintable,
}

impl Encoding {
    /// Parses the value of the field.
    pub(in crate::engine) fn from_field(value: &[u8]) -> Self {
        let word: Vec<u8> = value
            .iter()
            .copied()
            .skip_while(u8::is_ascii_whitespace)
            .take_while(|octet| !octet.is_ascii_whitespace() && !matches!(octet, b';' | b'('))
            .map(|octet| octet.to_ascii_lowercase())
            .collect();
        match word.as_slice() {
            b"base64" => Self::Base64,
            b"quoted-printable" => Self::QuotedPrintable,
            _ => Self::Identity,
        }
    }

    /// Decodes the bytes of a part.
    pub(in crate::engine) fn decode(self, octets: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Identity => octets.into(),
            Self::Base64 => base64(octets).into(),
            Self::QuotedPrintable => quoted_printable(octets).into(),
        }
    }

    /// Returns the decoded length. For base64, the encoding of all large files, this does not
    /// decode.
    pub(in crate::engine) fn decoded_length(self, octets: &[u8]) -> usize {
        match self {
            Self::Base64 => octets
                .split(|octet| *octet == b'=')
                .map(|run| run.iter().filter(|octet| is_base64(**octet)).count() * 6 / 8)
                .sum(),
            Self::Identity | Self::QuotedPrintable => self.decode(octets).len(),
        }
    }
}

fn is_base64(octet: u8) -> bool {
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
        if let [high, low, behind @ ..] = rest
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            decoded.push(high << 4 | low);
            rest = behind;
            continue;
        }
        // A soft line break, possibly with white space that a relay has added.
        let blanks = rest
            .iter()
            .take_while(|octet| matches!(octet, b' ' | b'\t'))
            .count();
        match rest.get(blanks..) {
            Some([b'\r', b'\n', behind @ ..] | [b'\n', behind @ ..]) => rest = behind,
            Some([]) => rest = &[],
            _ => decoded.push(b'='),
        }
    }
    decoded
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
            for encoding in [Encoding::Identity, Encoding::Base64, Encoding::QuotedPrintable] {
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
    fn the_field_is_parsed_in_any_case_and_with_comments() {
        assert_eq!(Encoding::from_field(b" BASE64 (x)"), Encoding::Base64);
        assert_eq!(
            Encoding::from_field(b"quoted-printable;"),
            Encoding::QuotedPrintable
        );
        assert_eq!(Encoding::from_field(b"x-unknown"), Encoding::Identity);
    }
}
