//! The complete document for the frame.

use std::collections::HashMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::attributes::escape;
use super::stylesheet;
use super::writer::{HtmlWriter, Written};
use crate::engine::mail::parse::html::tokenize;

/// The maximum size of all inline images, in bytes. A mail may show one image a thousand times, and
/// each time is a copy.
const MOST_IMAGE_OCTETS: usize = 48 * 1024 * 1024;

/// The style of every mail. Mails assume white paper, which is dimmed in the dark theme. Mails
/// without colours of their own follow the user's theme.
const STYLE: &str = "html{overflow-wrap:anywhere;font-family:system-ui,sans-serif;font-size:15px;\
    line-height:1.5}body{margin:16px}img{max-width:100%;object-fit:contain}\
    img:not([height]){height:auto}table{max-width:100%}pre{white-space:pre-wrap}\
    blockquote{margin:0 0 0 4px;padding-left:12px;border-left:3px solid #9995}";
const PAPER: &str = "html{color:#000}\
    @media (prefers-color-scheme:dark){html{filter:brightness(.85)}}";
/// White, unless the mail sets a colour for its body. That colour fills the frame, as it would fill
/// a window.
const WHITE: &str = "html{background:#fff}";
/// The end of our own part of the style sheet.
const END: &str = "/**/";

/// The images that may be shown, and their sources.
#[derive(Debug, Default)]
pub(in crate::engine) struct Images {
    /// True if images may be loaded over `https:`.
    pub(in crate::engine) remote: bool,
    parts: HashMap<String, (String, Vec<u8>)>,
    octets: usize,
}

impl Images {
    /// Creates a set without images of the mail.
    pub(in crate::engine) fn new(remote: bool) -> Self {
        Self {
            remote,
            ..Self::default()
        }
    }

    /// Adds an image of the mail by its content-id.
    pub(in crate::engine) fn add(&mut self, id: String, media_type: &str, octets: Vec<u8>) {
        self.parts.insert(id, (media_type.to_owned(), octets));
    }

    /// Returns the image with this content-id as a `data:` URL.
    pub(crate) fn inline(&mut self, id: &str) -> Option<String> {
        let (media_type, octets) = self.parts.get(id)?;
        self.octets += octets.len();
        (self.octets <= MOST_IMAGE_OCTETS).then(|| {
            let data = BASE64_STANDARD.encode(octets);
            format!("data:{media_type};base64,{data}")
        })
    }
}

/// A document under construction.
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
        let writer = HtmlWriter::new(&mut self.images);
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

    /// Returns the document, and the number of remote images that were left out.
    pub(in crate::engine) fn finish(self) -> (String, u32) {
        let Written {
            content,
            body,
            style,
            blocked_images,
        } = self.written;
        // If one of our documents is sanitised again, it already has our style before the mail's.
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

/// Returns true if the body has an opaque background.
fn fills_the_frame(body: &str) -> bool {
    let colour = ["background:#", "background-color:#", "bgcolor=\"#"];
    colour.iter().any(|start| body.contains(start))
}

/// Returns true if the mail sets colours of its own.
fn sets_colours(content: &str, body: &str, style: &str) -> bool {
    // The sanitiser has written this text, so each of these has only one spelling.
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
