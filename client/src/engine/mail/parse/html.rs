//! The HTML tokenizer, with bounds.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use std::cell::Cell;

/// More HTML than this is not looked at: no mail that a person reads comes near, inline images as
/// `data:` URLs aside.
const LONGEST_HTML: usize = 8 * 1024 * 1024;
/// How much the tokenizer is fed at once.
const CHUNK: usize = 4 * 1024;
/// For each attribute the tokenizer compares all before it in the same tag. This is how many such
/// comparisons a document may cause (about half a second's worth) before the rest of it is dropped.
const MOST_COMPARISONS: u64 = 1 << 28;

/// Gives the tokens of `html` to `sink`, in time linear in its length.
///
/// The tokenizer is large, and there once for all sinks.
pub(in crate::engine) fn tokenize(html: &str, sink: &dyn TokenSink<Handle = ()>) {
    let sink = Watched {
        sink,
        progress: Cell::new(false),
    };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let queue = BufferQueue::default();
    let mut rest = html;
    if rest.len() > LONGEST_HTML {
        rest = chunk(rest, LONGEST_HTML).0;
    }
    // Attributes that the tag in progress may have, and comparisons that they have cost.
    let (mut attributes, mut comparisons) = (0_u64, 0_u64);
    while !rest.is_empty() {
        let (piece, behind) = chunk(rest, CHUNK);
        rest = behind;
        tokenizer.sink.progress.set(false);
        queue.push_back(StrTendril::from(piece));
        let _ = tokenizer.feed(&queue);
        let more = piece.bytes().filter(|octet| separates(*octet)).count() as u64;
        if tokenizer.sink.progress.get() {
            attributes = more;
        } else {
            comparisons += more * (attributes + more);
            attributes += more;
        }
        if comparisons > MOST_COMPARISONS {
            return;
        }
    }
    tokenizer.end();
}

/// Whether an attribute may begin behind this octet.
fn separates(octet: u8) -> bool {
    octet.is_ascii_whitespace() || matches!(octet, b'/' | b'"' | b'\'')
}

/// The first `length` octets or a few less, and the rest.
fn chunk(text: &str, length: usize) -> (&str, &str) {
    let mut end = length.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.split_at(end)
}

/// How the tokenizer has to read what follows the start tag of this name, if not as markup.
pub(in crate::engine) fn raw_text(name: &str) -> Option<RawKind> {
    Some(match name {
        "title" | "textarea" => RawKind::Rcdata,
        "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => RawKind::Rawtext,
        "script" => RawKind::ScriptData,
        _ => return None,
    })
}

/// Notices whether tokens come.
struct Watched<'a> {
    sink: &'a dyn TokenSink<Handle = ()>,
    progress: Cell<bool>,
}

impl TokenSink for Watched<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        if !matches!(token, Token::ParseError(_)) {
            self.progress.set(true);
        }
        self.sink.process_token(token, line)
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::mail::parse::text::of_html;

    #[test]
    fn a_tag_with_a_million_attributes_ends_the_document() {
        let mut html = "before <a ".to_owned();
        for number in 0..1_000_000 {
            html.push_str(&format!("a{number} "));
        }
        html.push_str("> after");
        assert_eq!(of_html(&html), "before ");
    }

    #[test]
    fn a_large_inline_image_does_not() {
        let html = format!(
            "before <img src='data:image/png;base64,{}'> after",
            format!("{}/", "iVBORw0KGgo".repeat(6)).repeat(8_000)
        );
        assert_eq!(of_html(&html), "before   after");
    }
}
