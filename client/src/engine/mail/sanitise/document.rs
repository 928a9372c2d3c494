//! The whole document that is put into the frame.

use std::collections::HashMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::attributes::escape;
use super::stylesheet;
use super::writer::{Writer, Written};
use crate::engine::mail::parse::html::tokenize;

/// Inline images beyond this many octets in all are left out. A mail may show one image a thousand
/// times, and each time is a copy.
const MOST_IMAGE_OCTETS: usize = 48 * 1024 * 1024;

/// What every mail is shown with. Mails assume white paper, which is dimmed for eyes that are used
/// to the dark; those that set no colours at all follow the reader's own.
const STYLE: &str = "html{overflow-wrap:anywhere;font-family:system-ui,sans-serif;font-size:15px;\
    line-height:1.5}body{margin:16px}img{max-width:100%;object-fit:contain}\
    img:not([height]){height:auto}table{max-width:100%}pre{white-space:pre-wrap}\
    blockquote{margin:0 0 0 4px;padding-left:12px;border-left:3px solid #9995}";
const PAPER: &str = "html{color:#000}\
    @media (prefers-color-scheme:dark){html{filter:brightness(.85)}}";
/// White, unless the mail gives its body a colour: that then fills the frame, as it would a window.
const WHITE: &str = "html{background:#fff}";
/// Ends our own part of the style sheet.
const END: &str = "/**/";

/// The images that may be shown, and how.
#[derive(Debug, Default)]
pub(in crate::engine) struct Images {
    /// Whether images may be fetched over `https:`.
    pub(in crate::engine) remote: bool,
    parts: HashMap<String, (String, Vec<u8>)>,
    octets: usize,
}

impl Images {
    /// No images of the mail itself yet.
    pub(in crate::engine) fn new(remote: bool) -> Self {
        Self {
            remote,
            ..Self::default()
        }
    }

    /// Adds an image that the mail brings along, by its content-id.
    pub(in crate::engine) fn add(&mut self, id: String, media_type: &str, octets: Vec<u8>) {
        self.parts.insert(id, (media_type.to_owned(), octets));
    }

    /// The image with this content-id as a `data:` URL.
    pub(crate) fn inline(&mut self, id: &str) -> Option<String> {
        let (media_type, octets) = self.parts.get(id)?;
        self.octets += octets.len();
        (self.octets <= MOST_IMAGE_OCTETS).then(|| {
            let data = BASE64_STANDARD.encode(octets);
            format!("data:{media_type};base64,{data}")
        })
    }
}

/// A document in the making.
#[derive(Debug)]
pub(in crate::engine) struct Document {
    images: Images,
    written: Written,
}

impl Document {
    pub(in crate::engine) fn new(images: Images) -> Self {
        Self {
            images,
            written: Written::default(),
        }
    }

    /// Adds HTML of the mail.
    pub(in crate::engine) fn html(&mut self, html: &str) {
        let writer = Writer::new(&mut self.images);
        tokenize(html, &writer);
        let written = writer.finish();
        self.written.content.push_str(&written.content);
        if self.written.body.is_empty() {
            self.written.body = written.body;
        }
        self.written.style.push_str(&written.style);
        self.written.blocked_images += written.blocked_images;
    }

    /// Adds plain text of the mail.
    pub(in crate::engine) fn text(&mut self, text: &str) {
        let out = &mut self.written.content;
        out.push_str("<div style=\"white-space:pre-wrap\">");
        escape(text, out);
        out.push_str("</div>");
    }

    /// The document, and how many remote images were left out of it.
    pub(in crate::engine) fn finish(self) -> (String, u32) {
        let Written {
            content,
            body,
            style,
            blocked_images,
        } = self.written;
        // A document of ours, read again, has our own style before the mail's.
        let style = style
            .strip_prefix(STYLE)
            .and_then(|style| style.split_once(END))
            .map_or(style.as_str(), |(_, style)| style);
        let style = stylesheet::clean(style);
        let (paper, scheme) = if sets_colours(&content, &body, &style) {
            (PAPER, "light")
        } else {
            ("", "light dark")
        };
        let white = if paper.is_empty() || fills_the_frame(&body) {
            ""
        } else {
            WHITE
        };
        let remote = if self.images.remote { " https:" } else { "" };
        let html = format!(
            "<!DOCTYPE html><html><head><meta charset=\"utf-8\">\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'unsafe-inline'; img-src data:{remote}; form-action 'none'\">\
             <meta name=\"color-scheme\" content=\"{scheme}\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <base target=\"_blank\"><style>{STYLE}{paper}{white}{END}{style}</style></head>\
             <body{body}>{content}</body></html>"
        );
        (html, blocked_images)
    }
}

/// Whether a body's attributes give it a background that nothing shows through.
fn fills_the_frame(body: &str) -> bool {
    let colour = ["background:#", "background-color:#", "bgcolor=\"#"];
    colour.iter().any(|start| body.contains(start))
}

/// Whether a mail chooses any colours itself.
fn sets_colours(content: &str, body: &str, style: &str) -> bool {
    // Only what we have written ourselves is looked at, so there is one spelling of each.
    [
        "color:",
        "color=\"",
        "background:",
        "background=\"",
        " text=\"",
    ]
    .iter()
    .any(|colour| {
        [content, body, style]
            .iter()
            .any(|text| text.contains(colour))
    })
}
