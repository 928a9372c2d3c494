//! Search words: prepares text for FTS5, and turns the user's input into a query.

/// Prepares text for the text index. FTS5 treats each run of letters as a word. Chinese and
/// Japanese are written without spaces, so each of their characters becomes a separate word.
pub(in crate::engine) fn searchable(text: &str) -> String {
    let mut prepared = String::with_capacity(text.len());
    for character in text.chars() {
        if is_ideographic(character) {
            prepared.push(' ');
            prepared.push(character);
            prepared.push(' ');
        } else {
            // NUL would end the text for SQLite.
            prepared.push(if character == '\0' { ' ' } else { character });
        }
    }
    prepared
}

/// Returns the FTS5 query for the user's input. All words must match, the last one as a prefix
/// while it is still being typed. `None` if the input has no word.
pub(in crate::engine) fn query(typed: &str) -> Option<String> {
    let in_progress = typed.chars().next_back().is_some_and(char::is_alphanumeric);
    let phrases: Vec<String> = typed
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| searchable(word).replace('"', " "))
        .map(|word| format!("\"{word}\""))
        .collect();
    if phrases.is_empty() {
        return None;
    }
    let mut query = phrases.join(" ");
    if in_progress {
        query.push_str(" *");
    }
    Some(query)
}

/// Returns true for Han, Kana and related characters.
fn is_ideographic(character: char) -> bool {
    matches!(character, '\u{2E80}'..='\u{2FDF}' | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_quoted_and_the_last_one_is_a_prefix() {
        assert_eq!(query("red fo").unwrap(), "\"red\" \"fo\" *");
        assert_eq!(query("red fox ").unwrap(), "\"red\" \"fox\"");
        assert_eq!(
            query("a\"b NEAR( -x").unwrap(),
            "\"a b\" \"NEAR(\" \"-x\" *"
        );
    }

    #[test]
    fn an_empty_search_is_no_query() {
        for typed in ["", "  ", "-", "\"\"", "* ^"] {
            assert_eq!(query(typed), None);
        }
    }

    #[test]
    fn each_ideograph_is_a_word() {
        assert_eq!(query("検索x").unwrap(), "\" 検  索 x\" *");
    }
}
