//! Finds the style sheets of a mail before its text is written.

use std::cell::RefCell;

use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::elements;
use crate::engine::mail::parse::html::tokenize;

/// Returns the style sheets of a mail, unchanged.
pub(crate) fn style_sheets(html: &str) -> String {
    let has_style = html
        .as_bytes()
        .windows(6)
        .any(|window| window.eq_ignore_ascii_case(b"<style"));
    if !has_style {
        return String::new();
    }
    let sheets = StyleSheets::default();
    tokenize(html, &sheets);
    sheets.state.into_inner().0
}

/// The style sheets so far, and whether the tokens are part of one.
#[derive(Default)]
struct StyleSheets {
    state: RefCell<(String, bool)>,
}

impl TokenSink for StyleSheets {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::CharacterTokens(text) if state.1 => state.0.push_str(&text),
            Token::TagToken(Tag { kind, name, .. }) => {
                let is_start = kind == TagKind::StartTag;
                state.1 = is_start && &*name == "style";
                if is_start && let Some((kind, _)) = elements::raw_text(&name) {
                    return TokenSinkResult::RawData(kind);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}
