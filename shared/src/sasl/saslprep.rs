//! SASLprep, which normalises names and passwords before they are hashed ([RFC 4013]).
//!
//! The Unicode normalisation itself is a parameter. The check of bidirectional text is omitted: it only
//! forbids texts and never changes one.

/// Prepares a name or password. `nfkc` normalises text to Unicode's form NFKC.
///
/// Returns a text that SASLprep forbids unchanged, because most servers hashed it unchanged when the
/// password was set.
#[must_use]
pub fn saslprep(text: &str, nfkc: fn(&str) -> String) -> String {
    // Printable ASCII needs no preparation.
    if text.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
        return text.to_owned();
    }
    let mapped: String = text
        .chars()
        .filter(|c| !is_mapped_to_nothing(*c))
        .map(|c| if is_space(c) { ' ' } else { c })
        .collect();
    let prepared = nfkc(&mapped);
    if prepared.chars().any(is_prohibited) {
        return text.to_owned();
    }
    prepared
}

/// Returns true for the characters of table B.1 of [RFC 3454].
fn is_mapped_to_nothing(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{1806}' | '\u{180b}'..='\u{180d}' | '\u{200b}'..='\u{200d}'
        | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Returns true for the characters of table C.1.2 of [RFC 3454].
fn is_space(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// Returns true for the characters in the tables of [RFC 4013 §2.3]. A `char` is never a surrogate.
fn is_prohibited(c: char) -> bool {
    let control = matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{6dd}' | '\u{70f}' | '\u{180e}'
        | '\u{200c}' | '\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2063}'
        | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}'
        | '\u{1d173}'..='\u{1d17a}');
    let private = matches!(c,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}');
    let non_character = matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
    let inappropriate = matches!(c,
        '\u{fffd}' | '\u{2ff0}'..='\u{2ffb}' | '\u{340}' | '\u{341}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}');
    control || is_space(c) || private || non_character || inappropriate
}

#[cfg(test)]
mod tests {
    use super::super::test_support::nfkc;
    use super::*;

    #[test]
    fn texts_are_prepared_as_in_the_examples_of_rfc_4013() {
        for (text, prepared) in [
            ("I\u{ad}X", "IX"),
            ("user", "user"),
            ("USER", "USER"),
            ("\u{aa}", "a"),
            ("\u{2168}", "IX"),
            ("two\u{a0}words", "two words"),
        ] {
            assert_eq!(saslprep(text, nfkc), prepared);
        }
    }

    #[test]
    fn a_forbidden_text_stays_unchanged() {
        for text in ["\u{7}", "a\u{ad}\u{e000}", "\u{202e}x\u{a0}", "\u{ffff}"] {
            assert_eq!(saslprep(text, nfkc), text);
        }
    }
}
