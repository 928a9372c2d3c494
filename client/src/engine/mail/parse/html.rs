//! The HTML tokenizer, with limits.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use std::cell::Cell;

/// The maximum length of HTML without its large inline pictures. No mail that people read is longer.
pub(in crate::engine) const LONGEST_HTML: usize = 8 * 1024 * 1024;
/// The number of bytes that the tokenizer is given at a time.
const CHUNK: usize = 4 * 1024;
/// The maximum number of comparisons of attributes, which take about half a second. The tokenizer
/// compares each attribute with all earlier ones of its tag. The rest of a document that exceeds
/// the limit is dropped.
const MOST_COMPARISONS: u64 = 1 << 28;

/// Passes the tokens of `html` to `sink`, in time linear in its length.
///
/// The sink is a trait object, so that the large tokenizer is compiled only once.
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
    // An upper bound of the attributes in the current tag, and the comparisons so far.
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

/// Returns true if an attribute may begin after this byte.
fn separates(octet: u8) -> bool {
    octet.is_ascii_whitespace() || matches!(octet, b'/' | b'"' | b'\'')
}

/// Splits off the first `length` bytes, or a few less to keep characters whole.
fn chunk(text: &str, length: usize) -> (&str, &str) {
    let mut end = length.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.split_at(end)
}

/// Returns the tokenizer state for the content of an element, if that is not markup.
pub(in crate::engine) fn raw_text(name: &str) -> Option<RawKind> {
    Some(match name {
        "title" | "textarea" => RawKind::Rcdata,
        "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => RawKind::Rawtext,
        "script" => RawKind::ScriptData,
        _ => return None,
    })
}

/// A sink that records whether tokens arrive.
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
    fn a_large_inline_image_does_not_end_the_document() {
        let html = format!(
            "before <img src='data:image/png;base64,{}'> after",
            format!("{}/", "iVBORw0KGgo".repeat(6)).repeat(8_000)
        );
        assert_eq!(of_html(&html), "before   after");
    }
}
