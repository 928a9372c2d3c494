//! Writes tokens as clean markup.

use std::cell::RefCell;

use html5ever::Attribute;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::attributes::{self, AttributeRule, escape};
use super::images::Images;
use super::urls::{self, ImageSource};
use super::{css, elements};

/// The maximum depth of elements; deeper ones lose their tags. Browsers have a limit too (512), and
/// no layout needs more than fifty.
const DEEPEST: usize = 200;
/// The maximum length of the output. Escaping turns one byte into at most six.
const LONGEST_OUTPUT: usize = 24 * 1024 * 1024;

/// A sink that writes the tokens of one HTML document.
#[derive(Debug)]
pub(crate) struct HtmlWriter<'a> {
    state: RefCell<WriterState<'a>>,
}

/// The written markup.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The content of the body.
    pub(crate) content: String,
    /// The attributes of the body, each with a space before it.
    pub(crate) body: String,
    /// The style sheets of the mail, unchanged.
    pub(crate) style: String,
    /// The number of remote images that were left out.
    pub(crate) blocked_images: u32,
}

#[derive(Debug)]
struct WriterState<'a> {
    images: &'a mut Images,
    written: Written,
    /// The open elements.
    open: Vec<&'static str>,
    /// The element that is dropped with its content, and the number of open elements of that name.
    dropped: Option<(String, u32)>,
    /// The element whose content is read as text.
    raw: Option<Raw>,
}

#[derive(Debug, PartialEq, Eq)]
enum Raw {
    Shown,
    Hidden,
    Style,
}

impl<'a> HtmlWriter<'a> {
    pub(crate) fn new(images: &'a mut Images) -> Self {
        Self {
            state: RefCell::new(WriterState {
                images,
                written: Written::default(),
                open: Vec::new(),
                dropped: None,
                raw: None,
            }),
        }
    }

    /// Closes all elements, and returns the written markup.
    pub(crate) fn finish(self) -> Written {
        let mut state = self.state.into_inner();
        state.close_down_to(0);
        state.written
    }
}

impl TokenSink for HtmlWriter<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.text(&text),
            Token::TagToken(tag) => return state.tag(&tag),
            Token::DoctypeToken(_)
            | Token::CommentToken(_)
            | Token::NullCharacterToken
            | Token::EOFToken
            | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }
}

impl WriterState<'_> {
    fn text(&mut self, text: &str) {
        match self.raw {
            Some(Raw::Style) => self.written.style.push_str(text),
            Some(Raw::Hidden) => {}
            Some(Raw::Shown) | None => {
                if self.dropped.is_none() && self.has_room() {
                    escape(text, &mut self.written.content);
                }
            }
        }
    }

    fn has_room(&self) -> bool {
        self.written.content.len() < LONGEST_OUTPUT
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        // Raw text ends only with its own end tag.
        self.raw = None;
        let is_start = tag.kind == TagKind::StartTag;
        if let Some((dropped, count)) = &mut self.dropped {
            if dropped == name && !tag.self_closing {
                *count = if is_start { *count + 1 } else { *count - 1 };
                if *count == 0 {
                    self.dropped = None;
                }
            }
            return TokenSinkResult::Continue;
        }
        if is_start {
            if let Some((kind, shown)) = elements::raw_text(name) {
                self.raw = Some(match name {
                    "style" => Raw::Style,
                    _ if shown => Raw::Shown,
                    _ => Raw::Hidden,
                });
                return TokenSinkResult::RawData(kind);
            }
            if elements::is_dropped(name) {
                if !tag.self_closing {
                    self.dropped = Some((name.to_owned(), 1));
                }
            } else if name == "body" && self.written.body.is_empty() {
                self.written.body = self.attributes("body", &tag.attrs);
            } else if let Some(name) = elements::allowed(name) {
                self.start(name, &tag.attrs);
            }
        } else if let Some(name) = elements::allowed(name) {
            self.end(name);
        }
        TokenSinkResult::Continue
    }

    fn start(&mut self, name: &'static str, attributes: &[Attribute]) {
        let (ended, barriers) = elements::ended_by(name);
        let first = self
            .open
            .iter()
            .rposition(|open| ended.contains(open) || barriers.contains(open));
        if let Some(first) = first
            && self
                .open
                .get(first)
                .is_some_and(|open| ended.contains(open))
        {
            self.close_down_to(first);
        }
        if !self.has_room() || self.open.len() >= DEEPEST {
            return;
        }
        let attributes = self.attributes(name, attributes);
        let out = &mut self.written.content;
        out.push('<');
        out.push_str(name);
        out.push_str(&attributes);
        out.push('>');
        if !elements::is_void(name) {
            self.open.push(name);
        }
    }

    fn end(&mut self, name: &'static str) {
        let found = self
            .open
            .iter()
            .rposition(|open| *open == name || elements::holds(open, name));
        if let Some(found) = found
            && self.open.get(found) == Some(&name)
        {
            self.close_down_to(found);
        }
    }

    /// Closes the open elements above `depth`.
    fn close_down_to(&mut self, depth: usize) {
        for name in self.open.drain(depth..).rev() {
            self.written.content.push_str("</");
            self.written.content.push_str(name);
            self.written.content.push('>');
        }
    }

    /// Returns the allowed attributes, each with a space before it.
    fn attributes(&mut self, element: &str, attributes: &[Attribute]) -> String {
        let mut out = String::new();
        for attribute in attributes {
            let name: &str = &attribute.name.local;
            let Some(rule) = attributes::rule(element, name) else {
                continue;
            };
            let value: &str = &attribute.value;
            let kept = match rule {
                AttributeRule::Plain => attributes::plain(value).map(str::to_owned),
                AttributeRule::Text => Some(attributes::text(value).to_owned()),
                AttributeRule::Classes => {
                    Some(attributes::classes(value)).filter(|kept| !kept.is_empty())
                }
                AttributeRule::Style => {
                    Some(css::declarations(value)).filter(|kept| !kept.is_empty())
                }
                AttributeRule::Link => urls::link(value),
                AttributeRule::Image => self.image(value, name == "src"),
            };
            if let Some(kept) = kept {
                push_attribute(&mut out, name, &kept);
                if rule == AttributeRule::Link {
                    push_attribute(&mut out, "target", "_blank");
                    push_attribute(&mut out, "rel", "noopener noreferrer");
                }
            }
        }
        out
    }

    /// Returns the address of an image, of the mail or remote. A background does not count as drawn.
    fn image(&mut self, address: &str, is_drawn: bool) -> Option<String> {
        let part = if is_drawn {
            self.images.inline(address)
        } else {
            self.images.background(address)
        };
        if part.is_some() {
            return part;
        }
        match urls::image(address) {
            ImageSource::Data(address) => Some(address),
            ImageSource::Remote(address) if self.images.remote => Some(address),
            ImageSource::Remote(_) => {
                self.written.blocked_images += 1;
                None
            }
            ImageSource::Refused => None,
        }
    }
}

fn push_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape(value, out);
    out.push('"');
}
