//! Writes tokens as clean markup.

use std::cell::RefCell;

use html5ever::Attribute;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::attributes::escape;
use super::cascade::Cascade;
use super::elements;
use super::images::Images;
use super::kept_attributes::KeptAttributes;
use super::link::OpenLink;
use super::open_elements::OpenElements;
use super::urls::Base;

/// The maximum depth of elements; deeper ones lose their tags. Browsers have a limit too (512), and
/// no layout needs more than fifty.
const DEEPEST: usize = 200;
/// The maximum length of the output: all pictures in base64, and 48 MB more. Escaping turns one byte
/// into at most six.
const LONGEST_OUTPUT: usize = 112 * 1024 * 1024;

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
    /// The attributes of the body.
    pub(crate) body: KeptAttributes,
    /// True if the mail has a tag for its body.
    has_body: bool,
    /// True if the body has a background of its own, behind which no paper is seen.
    pub(crate) fills_the_frame: bool,
    /// True if the mail sets colours.
    pub(crate) sets_colours: bool,
    /// The number of links that do not show where they lead.
    disguised_links: usize,
}

#[derive(Debug)]
struct WriterState<'a> {
    images: &'a mut Images,
    written: Written,
    /// The open elements inside the body.
    open: Vec<&'static str>,
    elements: OpenElements<'a>,
    /// The open link, if it leads out of the mail. Links are never nested.
    link: Option<OpenLink>,
    /// The element that is dropped with its content, and the number of open elements of that name.
    dropped: Option<(String, u32)>,
    /// The element whose content is read as text.
    raw: Option<Raw>,
}

#[derive(Debug, PartialEq, Eq)]
enum Raw {
    Shown,
    Hidden,
}

impl<'a> HtmlWriter<'a> {
    /// Creates a writer that appends to `written`.
    pub(crate) fn new(written: Written, images: &'a mut Images, cascade: &'a mut Cascade) -> Self {
        let mut state = WriterState {
            images,
            written,
            open: Vec::new(),
            elements: OpenElements::new(cascade),
            link: None,
            dropped: None,
            raw: None,
        };
        state.open_body();
        Self {
            state: RefCell::new(state),
        }
    }

    /// Writes plain text.
    pub(crate) fn plain(&self, text: &str) {
        let mut state = self.state.borrow_mut();
        state
            .written
            .content
            .push_str("<div style=\"white-space:pre-wrap\">");
        state.text(text);
        state.written.content.push_str("</div>");
    }

    /// Closes all elements, and returns the written markup.
    pub(crate) fn finish(self) -> Written {
        let mut state = self.state.into_inner();
        state.close_down_to(0);
        state.written.sets_colours |= state.elements.sets_colours;
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
    /// Opens the body, with the attributes that are known. They are those of the frame's body, so
    /// that only its own colour can be repaired, and not those of its texts.
    fn open_body(&mut self) {
        let painted = self.elements.push("body", &self.written.body);
        if let Some(colour) = self.elements.drawn().repaired() {
            let colour = colour.digits();
            self.written
                .body
                .add_style(&format!("color:{colour} !important"));
            self.elements.repair();
        }
        self.written.fills_the_frame = painted.is_opaque();
    }

    fn text(&mut self, text: &str) {
        match self.raw {
            Some(Raw::Hidden) => {}
            Some(Raw::Shown) | None => {
                if self.dropped.is_none() && self.has_room() {
                    if let Some(link) = &mut self.link {
                        link.text(text);
                    }
                    self.write_text(text);
                }
            }
        }
    }

    /// Writes text, in another colour if its own is nearly the one behind it.
    fn write_text(&mut self, text: &str) {
        let is_blank = text.chars().all(char::is_whitespace);
        let repaired = self.elements.drawn().repaired().filter(|_| !is_blank);
        let out = &mut self.written.content;
        match repaired {
            Some(colour) => {
                let colour = colour.digits();
                out.push_str(&format!("<span style=\"color:{colour} !important\">"));
                escape(text, out);
                out.push_str("</span>");
            }
            None => escape(text, out),
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
                self.raw = Some(if shown { Raw::Shown } else { Raw::Hidden });
                return TokenSinkResult::RawData(kind);
            }
            if elements::is_dropped(name) {
                if !tag.self_closing {
                    self.dropped = Some((name.to_owned(), 1));
                }
            } else if name == "base" && self.images.base.is_none() {
                self.images.base = attribute(&tag.attrs, "href").and_then(Base::new);
            } else if name == "body" && !self.written.has_body {
                self.written.has_body = true;
                if self.open.is_empty() {
                    self.written.body = KeptAttributes::of("body", &tag.attrs, self.images);
                    self.elements.pop();
                    self.open_body();
                }
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
        let mut attributes = KeptAttributes::of(name, attributes, self.images);
        self.elements.push(name, &attributes);
        // An image that is left out is drawn as the text that describes it.
        if name == "img"
            && let Some(colour) = self.elements.drawn().repaired()
        {
            attributes.add_style(&format!("color:{} !important", colour.digits()));
        }
        let out = &mut self.written.content;
        let start = out.len();
        out.push('<');
        out.push_str(name);
        attributes.write(out);
        out.push('>');
        if name == "a" {
            self.link = OpenLink::new(start, out.len(), attributes);
        }
        if elements::is_void(name) {
            self.elements.pop();
        } else {
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
        while self.open.len() > depth
            && let Some(name) = self.open.pop()
        {
            self.elements.pop();
            let content = &mut self.written.content;
            let number = self.written.disguised_links + 1;
            let link = self.link.take_if(|_| name == "a");
            let disguised = link.and_then(|link| link.disguised(content, number));
            content.push_str("</");
            content.push_str(name);
            content.push('>');
            if let Some((host, note)) = disguised {
                self.written.disguised_links = number;
                self.written.sets_colours = true;
                self.write_text(&format!(" [{host}]"));
                self.written.content.push_str(&note);
            }
        }
    }
}

fn attribute<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    let mut attributes = attributes.iter();
    let found = attributes.find(|attribute| &*attribute.name.local == name)?;
    Some(&found.value)
}
