//! Search words: turns a text into tokens for FTS5, and the user's input into a query.
//!
//! There are two kinds of tokens, in two tables. A script that separates words by spaces has
//! **words**, which are found by their beginning. A script that does not (Chinese, Japanese, Korean,
//! Thai and others) has **runs**, which are found by any piece: each pair of neighbouring characters
//! is a token, and a longer piece is a sequence of pairs.

use super::fold::fold;
use super::letters::{is_symbol, is_unspaced};
use super::prefixes::add_without_particles;

/// The tokens of a text for FTS5, separated by spaces.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    pub(super) words: String,
    pub(super) runs: String,
}

impl Tokens {
    /// Returns the tokens of a text.
    pub(super) fn of(text: &str) -> Self {
        let folded = fold(text);
        let mut tokens = Self::default();
        tokens.words.reserve(folded.len() + 1);
        // These come last: a phrase of the words before must not meet them.
        let mut more = String::new();
        let mut characters = Vec::new();
        for piece in pieces(&folded) {
            match piece {
                SearchPiece::Word(word) => {
                    push(&mut tokens.words, word);
                    add_without_particles(word, &mut more);
                }
                SearchPiece::Run(run) => {
                    pairs(run).for_each(|pair| push(&mut tokens.runs, pair));
                    // It also keeps the pairs of two runs apart.
                    let last = run.chars().next_back();
                    last.iter().for_each(|c| push_char(&mut tokens.runs, *c));
                    characters.extend(run.chars());
                }
            }
        }
        tokens.words.push_str(&more);
        characters.sort_unstable();
        characters.dedup();
        for c in characters {
            push_char(&mut tokens.runs, c);
        }
        tokens
    }
}

/// The FTS5 queries for the user's input. A message must match both.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct WordQuery {
    pub(super) words: Option<String>,
    pub(super) runs: Option<String>,
}

impl WordQuery {
    /// Returns the queries for the user's input; `None` if it has no word. All words must match, the
    /// last one as a prefix while it is still being typed. A word with punctuation is a phrase.
    pub(super) fn of(typed: &str) -> Option<Self> {
        let mut words = String::new();
        let mut runs = String::new();
        let mut in_progress = false;
        for chunk in typed.split_whitespace() {
            let folded = fold(chunk);
            let mut phrase = String::new();
            in_progress = false;
            for piece in pieces(&folded) {
                match piece {
                    SearchPiece::Word(word) => push(&mut phrase, word),
                    SearchPiece::Run(run) => push_phrase(&mut runs, &run_phrase(run)),
                }
                in_progress = matches!(piece, SearchPiece::Word(_));
            }
            push_phrase(&mut words, phrase.trim_end());
            in_progress &= chunk.ends_with(|c: char| c.is_alphanumeric() || !c.is_ascii());
        }
        if in_progress && !typed.ends_with(char::is_whitespace) {
            words.push('*');
        }
        let query = Self {
            words: (!words.is_empty()).then_some(words),
            runs: (!runs.is_empty()).then_some(runs),
        };
        (query != Self::default()).then_some(query)
    }
}

/// A token, or several that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SearchPiece<'a> {
    Word(&'a str),
    Run(&'a str),
}

/// Splits a folded text.
fn pieces(folded: &str) -> impl Iterator<Item = SearchPiece<'_>> {
    folded.split(' ').flat_map(|joined| {
        let mut rest = joined;
        std::iter::from_fn(move || {
            let first = rest.chars().next()?;
            let is_run = is_unspaced(first);
            let end = match is_symbol(first) {
                true => first.len_utf8(),
                false => rest
                    .find(|c| is_unspaced(c) != is_run || is_symbol(c))
                    .unwrap_or(rest.len()),
            };
            let (piece, behind) = rest.split_at_checked(end)?;
            rest = behind;
            Some(if is_run {
                SearchPiece::Run(piece)
            } else {
                SearchPiece::Word(piece)
            })
        })
    })
}

/// Returns each pair of neighbouring characters.
fn pairs(run: &str) -> impl Iterator<Item = &str> {
    let starts = run.char_indices().map(|(start, _)| start);
    let ends = run.char_indices().skip(1).map(|(at, c)| at + c.len_utf8());
    starts
        .zip(ends)
        .filter_map(|(start, end)| run.get(start..end))
}

/// Returns the tokens that stand for a piece of a run.
fn run_phrase(run: &str) -> String {
    let pairs: Vec<_> = pairs(run).collect();
    match pairs.as_slice() {
        [] => run.to_owned(),
        pairs => pairs.join(" "),
    }
}

fn push(tokens: &mut String, token: &str) {
    tokens.push_str(token);
    tokens.push(' ');
}

fn push_char(tokens: &mut String, c: char) {
    tokens.push(c);
    tokens.push(' ');
}

/// Adds a phrase to a query. The tokens contain no quotation mark.
fn push_phrase(query: &mut String, phrase: &str) {
    if phrase.is_empty() {
        return;
    }
    if !query.is_empty() {
        query.push(' ');
    }
    query.push('"');
    query.push_str(phrase);
    query.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(typed: &str) -> Option<String> {
        WordQuery::of(typed)?.words
    }

    fn runs(typed: &str) -> Option<String> {
        WordQuery::of(typed)?.runs
    }

    #[test]
    fn every_word_is_quoted_and_the_last_one_is_a_prefix() {
        assert_eq!(words("red fo").unwrap(), "\"red\" \"fo\"*");
        assert_eq!(words("red fox ").unwrap(), "\"red\" \"fox\"");
        assert_eq!(words("a\"b NEAR( -x").unwrap(), "\"a b\" \"near\" \"x\"*");
        assert_eq!(words("o'neil@ho").unwrap(), "\"o neil ho\"*");
        assert_eq!(words("(7)").unwrap(), "\"7\"");
        assert_eq!(words("cafe\u{301}").unwrap(), "\"cafe\"*");
    }

    #[test]
    fn an_empty_search_is_no_query() {
        for typed in ["", "  ", "-", "\"\"", "* ^", "\u{200D}", "。"] {
            assert_eq!(WordQuery::of(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn a_piece_of_a_run_is_a_phrase_of_pairs() {
        assert_eq!(runs("図書館").unwrap(), "\"図書 書館\"");
        assert_eq!(runs("館").unwrap(), "\"館\"");
        assert_eq!(runs("北京、上海").unwrap(), "\"北京\" \"上海\"");
        let mixed = WordQuery::of("第3回Tokyo").unwrap();
        assert_eq!(mixed.words.unwrap(), "\"3 tokyo\"*");
        assert_eq!(mixed.runs.unwrap(), "\"第\" \"回\"");
        assert_eq!(words("mail 図書").unwrap(), "\"mail\"");
    }

    #[test]
    fn the_tokens_of_two_runs_are_apart() {
        let tokens = Tokens::of("北京。京都 x");
        assert_eq!(tokens.runs, "北京 京 京都 都 京 北 都 ");
        assert_eq!(tokens.words, "x ");
    }

    #[test]
    fn each_symbol_is_a_word() {
        assert_eq!(Tokens::of("ok👍🏽🎉!").words, "ok 👍 🎉 ");
        assert_eq!(words("👍🏿").unwrap(), "\"👍\"*");
    }

    #[test]
    fn words_without_particles_follow_the_text() {
        assert_eq!(Tokens::of("והרכבת, כן").words, "והרכבת כנ הרכבת רכבת ");
    }
}
