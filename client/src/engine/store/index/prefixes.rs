//! Arabic and Hebrew words without the particles that are written as part of them ("and the book"
//! is one word).

/// The smallest number of letters of a word that remains.
const SHORTEST: usize = 3;

/// Adds to `words` what remains of a folded word without its leading particles, one by one.
pub(super) fn add_without_particles(word: &str, words: &mut String) {
    let mut add = |rest: &str| {
        if rest.chars().count() >= SHORTEST {
            words.push_str(rest);
            words.push(' ');
        }
    };
    match word.chars().next() {
        Some('\u{5D0}'..='\u{5EA}') => hebrew(word, &mut add),
        Some('\u{621}'..='\u{64A}') => arabic(word, &mut add),
        _ => {}
    }
}

/// Removes "and", and then up to two of "the", "in", "as", "to", "from" and "that".
fn hebrew(word: &str, add: &mut impl FnMut(&str)) {
    let mut rest = word;
    if let Some(without) = rest.strip_prefix('ו') {
        add(without);
        rest = without;
    }
    for _ in 0..2 {
        let Some(without) = rest.strip_prefix(['ה', 'ב', 'כ', 'ל', 'מ', 'ש']) else {
            return;
        };
        add(without);
        rest = without;
    }
}

/// Removes "and", and then the article, alone or joined to "so", "in", "as" or "to". Single letters
/// other than "and" mostly belong to the word.
fn arabic(word: &str, add: &mut impl FnMut(&str)) {
    let mut rest = word;
    if let Some(without) = rest.strip_prefix('و') {
        add(without);
        rest = without;
    }
    let article = ["ال", "بال", "كال", "فال", "لل"];
    let without = article
        .iter()
        .find_map(|article| rest.strip_prefix(article));
    if let Some(without) = without {
        add(without);
        // "In the book" is also found as "the book".
        let joined = rest.strip_prefix(['ب', 'ك', 'ف']);
        joined.into_iter().for_each(add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rests(word: &str) -> Vec<String> {
        let mut words = String::new();
        add_without_particles(word, &mut words);
        words.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn particles_of_arabic_are_removed_one_by_one() {
        assert_eq!(rests("والمدينه"), ["المدينه", "مدينه"]);
        assert_eq!(rests("بالقطار"), ["قطار", "القطار"]);
        assert_eq!(rests("للطالب"), ["طالب"]);
        assert_eq!(rests("وقلم"), ["قلم"]);
    }

    #[test]
    fn particles_of_hebrew_are_removed_one_by_one() {
        assert_eq!(rests("והרכבת"), ["הרכבת", "רכבת"]);
        assert_eq!(rests("לילדימ"), ["ילדימ"]);
    }

    #[test]
    fn short_words_and_other_scripts_are_left_alone() {
        for word in ["בית", "ولد", "باب", "the", "и", "2026"] {
            assert!(rests(word).is_empty(), "{word}");
        }
    }
}
