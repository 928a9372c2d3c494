//! Extraction of the words of an HTML document, for search and snippets.

use std::cell::{Cell, RefCell};

use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::html::{raw_text, tokenize};

/// Returns approximately the text that a browser would show.
pub(in crate::engine) fn of_html(html: &str) -> String {
    let words = Words::default();
    tokenize(html, &words);
    words.text.into_inner()
}

#[derive(Default)]
struct Words {
    text: RefCell<String>,
    /// True inside an element whose text is not shown.
    hidden: Cell<bool>,
}

impl TokenSink for Words {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::CharacterTokens(text) if !self.hidden.get() => {
                self.text.borrow_mut().push_str(&text);
            }
            Token::TagToken(tag) => return self.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Words {
    fn tag(&self, tag: &Tag) -> TokenSinkResult<()> {
        // Raw text ends with the end tag of the same name, which the tokenizer has matched.
        self.hidden.set(false);
        if !is_inline(&tag.name) {
            self.text.borrow_mut().push(' ');
        }
        match raw_text(&tag.name) {
            Some(kind) if tag.kind == TagKind::StartTag => {
                self.hidden.set(true);
                TokenSinkResult::RawData(kind)
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

/// Returns true if an element does not separate words.
fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "cite"
            | "code"
            | "del"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "tt"
            | "u"
            | "var"
            | "wbr"
    )
}

/// Joins text into one line of at most `length` characters, with single spaces.
pub(in crate::engine) fn one_line(text: &str, length: usize) -> String {
    let mut line = String::new();
    let mut characters = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        // Newsletters pad their previews with characters without width.
        let word = word.trim_matches(|c| {
            matches!(
                c,
                '\u{34F}' | '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}'
            )
        });
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
            characters += 1;
        }
        for character in word.chars() {
            if characters >= length {
                return line.trim_end().to_owned();
            }
            line.push(character);
            characters += 1;
        }
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_html_exclude_markup_style_and_script() {
        let html = "<html><head><title>t</title><style>p{x}</style></head><body><p>Hello <b>wo</b>rld\
            </p><p>&eacute;&amp;</p><script>if (a<b) {}</script><!-- c --><td>x</td><td>y</td>";
        assert_eq!(one_line(&of_html(html), 200), "Hello world é& x y");
    }

    #[test]
    fn one_line_has_single_spaces_and_a_limited_length() {
        assert_eq!(one_line("  a\r\n\tb\u{200B} \u{AD} c  ", 200), "a b c");
        assert_eq!(one_line("äöü äöü", 5), "äöü ä");
        assert_eq!(one_line("abc def", 4), "abc");
    }
}
