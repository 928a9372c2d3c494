//! Text without the characters that disguise it.

use super::names::is_invisible;

/// Returns a name or a subject without direction marks and characters without width, which make one
/// name look like another. Joiners stay between letters other than Latin ones: Persian, the scripts
/// of India and emoji need them.
pub(in crate::engine) fn visible(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut last_is_ascii = true;
    for character in text.chars() {
        let is_joiner = matches!(character, '\u{200C}' | '\u{200D}');
        let stays = match is_joiner {
            true => !last_is_ascii,
            false => !is_invisible(character),
        };
        if stays {
            kept.push(character);
            last_is_ascii = character.is_ascii();
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_characters_that_disguise_text_are_removed() {
        for (given, expected) in [
            ("pay\u{200B}pal", "paypal"),
            ("a\u{202E}b\u{2066}c\u{200D}d", "abcd"),
            ("\u{FEFF}x\u{AD}y\u{2060}", "xy"),
            (
                "\u{645}\u{6CC}\u{200C}\u{62E}",
                "\u{645}\u{6CC}\u{200C}\u{62E}",
            ),
            ("\u{1F468}\u{200D}\u{1F469}", "\u{1F468}\u{200D}\u{1F469}"),
            ("Grüße", "Grüße"),
        ] {
            assert_eq!(visible(given), expected);
        }
    }
}
