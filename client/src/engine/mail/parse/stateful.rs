//! Charsets with shift states that browsers do not decode, or decode too strictly.
//!
//! The tables of characters are the platform's: the shifted characters are rewritten in a charset
//! without states, which the platform then decodes.

/// Rewrites ISO-2022-KR ([RFC 1557]) or ISO-2022-CN as EUC: shifted characters get the high bit, and
/// designations and shifts are removed.
pub(super) fn iso_2022_as_euc(octets: &[u8]) -> Vec<u8> {
    const SHIFT_OUT: u8 = 0x0E;
    const SHIFT_IN: u8 = 0x0F;
    let mut euc = Vec::with_capacity(octets.len());
    let mut shifted = false;
    let mut rest = octets;
    while let Some((&octet, behind)) = rest.split_first() {
        rest = match rest {
            [0x1B, b'$', b')' | b'*' | b'+', _, behind @ ..] => behind,
            _ => behind,
        };
        match octet {
            0x1B if rest.len() < behind.len() => {}
            SHIFT_OUT => shifted = true,
            SHIFT_IN => shifted = false,
            // Each line begins without a shift.
            b'\n' => {
                shifted = false;
                euc.push(octet);
            }
            0x21..=0x7E if shifted => euc.push(octet | 0x80),
            _ => euc.push(octet),
        }
    }
    euc
}

/// Rewrites HZ ([RFC 1843]) as EUC-CN.
pub(super) fn hz_as_euc(octets: &[u8]) -> Vec<u8> {
    let mut euc = Vec::with_capacity(octets.len());
    let mut shifted = false;
    let mut rest = octets;
    while let Some((&octet, behind)) = rest.split_first() {
        rest = behind;
        match rest {
            [b'{', behind @ ..] if octet == b'~' && !shifted => (shifted, rest) = (true, behind),
            [b'}', behind @ ..] if octet == b'~' => (shifted, rest) = (false, behind),
            [b'~', behind @ ..] if octet == b'~' && !shifted => {
                euc.push(b'~');
                rest = behind;
            }
            // A line that continues.
            [b'\n', behind @ ..] | [b'\r', b'\n', behind @ ..] if octet == b'~' && !shifted => {
                rest = behind;
            }
            _ => {
                shifted &= octet != b'\n';
                let is_shifted = shifted && (0x21..=0x7E).contains(&octet);
                euc.push(if is_shifted { octet | 0x80 } else { octet });
            }
        }
    }
    euc
}

/// Removes escape sequences of ISO-2022-JP that another one follows directly. Senders write them at
/// the ends of lines and words, and the Encoding standard reads them as errors.
pub(super) fn without_idle_escapes(octets: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((&octet, behind)) = rest.split_first() {
        let length = escape(rest);
        if length > 0 && escape(rest.get(length..).unwrap_or_default()) > 0 {
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        kept.push(octet);
        rest = behind;
    }
    kept
}

/// Returns the length of the escape sequence at the start of a text; zero if there is none.
fn escape(text: &[u8]) -> usize {
    match text {
        [0x1B, b'$', b'@' | b'B', ..] | [0x1B, b'(', b'B' | b'I' | b'J', ..] => 3,
        _ => 0,
    }
}

/// Decodes UTF-7 ([RFC 2152]).
pub(super) fn utf_7(octets: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = octets;
    while let Some((&octet, behind)) = rest.split_first() {
        rest = behind;
        if octet != b'+' {
            text.push(if octet.is_ascii() {
                char::from(octet)
            } else {
                '\u{FFFD}'
            });
            continue;
        }
        let is_base64 = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
        let length = rest.iter().take_while(|octet| is_base64(octet)).count();
        let (run, behind) = rest.split_at(length);
        if run.is_empty() {
            text.push('+');
        } else {
            let units = super::transfer::base64(run);
            let units = units.as_chunks().0.iter().copied().map(u16::from_be_bytes);
            text.extend(char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')));
        }
        rest = behind.strip_prefix(b"-").unwrap_or(behind);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_2022_kr_is_rewritten_as_euc_kr() {
        let text = b"\x1B$)CA \x0E>H3g\x0F, \x0E>H\n3g\x0F";
        assert_eq!(iso_2022_as_euc(text), b"A \xBE\xC8\xB3\xE7, \xBE\xC8\n3g");
    }

    #[test]
    fn hz_is_rewritten_as_euc_cn() {
        let text = b"~~ ~{<:Ky2;~} a~\nb ~{<:\nKy";
        assert_eq!(
            hz_as_euc(text),
            b"~ \xBC\xBA\xCB\xF9\xB2\xBB ab \xBC\xBA\nKy"
        );
    }

    #[test]
    fn only_escapes_without_characters_are_removed() {
        let text = b"\x1B$B%O\x1B(B\x1B$B%m\x1B(B\x1B(B!\x1B";
        assert_eq!(without_idle_escapes(text), b"\x1B$B%O\x1B$B%m\x1B(B!\x1B");
    }

    #[test]
    fn the_examples_of_rfc_2152_are_decoded() {
        assert_eq!(utf_7(b"A+ImIDkQ."), "A\u{2262}\u{391}.");
        assert_eq!(utf_7(b"Hi Mom -+Jjo--!"), "Hi Mom -\u{263A}-!");
        assert_eq!(utf_7(b"+ZeVnLIqe-"), "日本語");
        assert_eq!(utf_7(b"1 +- 2 +"), "1 + 2 +");
    }
}
