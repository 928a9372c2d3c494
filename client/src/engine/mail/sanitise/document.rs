//! The complete document for the frame.

use super::attributes::escape;
use super::cascade::Cascade;
use super::images::Images;
use super::link::NOTE_STYLE;
use super::style_sheets::style_sheets;
use super::stylesheet::StyleCleaner;
use super::writer::{HtmlWriter, Written};
use crate::api::mail::LEFT_OUT;
use crate::engine::mail::parse::html::tokenize;

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

/// A document under construction.
#[derive(Debug)]
pub(in crate::engine) struct Document {
    images: Images,
    written: Written,
    /// The clean style sheets of the mail.
    style: String,
    cascade: Cascade,
    /// The pictures between the texts: the length of the content before each, its place in the tree
    /// and its name.
    pictures: Vec<(usize, usize, String)>,
}

impl Document {
    pub(in crate::engine) fn new(images: Images) -> Self {
        Self {
            images,
            written: Written::default(),
            style: String::new(),
            cascade: Cascade::default(),
            pictures: Vec::new(),
        }
    }

    /// Adds HTML of the mail.
    pub(in crate::engine) fn html(&mut self, html: &str) {
        self.images.base = None;
        let style = style_sheets(html);
        // If one of our documents is sanitised again, it already has our style before the mail's.
        let style = style
            .strip_prefix(STYLE)
            .and_then(|style| style.split_once(END))
            .map_or(style.as_str(), |(_, style)| style);
        let mut cleaner = StyleCleaner {
            images: &mut self.images,
            cascade: &mut self.cascade,
        };
        self.style.push_str(&cleaner.clean(style));
        self.write(|writer| tokenize(html, writer));
    }

    /// Adds plain text of the mail.
    pub(in crate::engine) fn text(&mut self, text: &str) {
        self.write(|writer| writer.plain(text));
    }

    fn write(&mut self, write: impl FnOnce(&HtmlWriter<'_>)) {
        let written = std::mem::take(&mut self.written);
        let writer = HtmlWriter::new(written, &mut self.images, &mut self.cascade);
        write(&writer);
        self.written = writer.finish();
    }

    /// Records that something is left out here.
    pub(in crate::engine) fn left_out(&mut self) {
        self.written.content.push(LEFT_OUT);
    }

    /// Adds a picture of the mail, unless the HTML before or after it shows it.
    pub(in crate::engine) fn picture(&mut self, place: usize, name: String) {
        let before = self.written.content.len();
        self.pictures.push((before, place, name));
    }

    /// Returns true if the HTML draws the picture at a place in the tree.
    pub(in crate::engine) fn draws(&self, place: usize) -> bool {
        self.images.is_drawn(place)
    }

    fn insert_pictures(&mut self) {
        let content = std::mem::take(&mut self.written.content);
        let out = &mut self.written.content;
        let mut from = 0;
        for (before, place, name) in std::mem::take(&mut self.pictures) {
            if self.images.is_drawn(place) {
                continue;
            }
            let Some(url) = self.images.at(place) else {
                continue;
            };
            out.push_str(content.get(from..before).unwrap_or_default());
            from = before;
            out.push_str("<p><img alt=\"");
            escape(&name, out);
            out.push_str("\" src=\"");
            out.push_str(&url);
            out.push_str("\"></p>");
        }
        out.push_str(content.get(from..).unwrap_or_default());
    }

    /// Returns the document, and the number of remote images that were left out.
    pub(in crate::engine) fn finish(mut self) -> (String, u32) {
        self.insert_pictures();
        let Self {
            images,
            written,
            style,
            ..
        } = self;
        let (paper, scheme) = match written.sets_colours {
            true => (PAPER, "light"),
            false => ("", "light dark"),
        };
        let white = match written.sets_colours && !written.fills_the_frame {
            true => WHITE,
            false => "",
        };
        let remote = if images.remote { " https:" } else { "" };
        let mut body = String::new();
        written.body.write(&mut body);
        let content = &written.content;
        // Relative addresses lead nowhere from this base, except to places in the mail. Without it,
        // they would lead to the page of the client.
        let html = format!(
            "<!DOCTYPE html><html><head><meta charset=\"utf-8\">\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'unsafe-inline'; img-src data:{remote}; form-action 'none'\">\
             <meta http-equiv=\"x-dns-prefetch-control\" content=\"off\">\
             <meta name=\"color-scheme\" content=\"{scheme}\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <base href=\"about:srcdoc\" target=\"_blank\">\
             <style>{STYLE}{NOTE_STYLE}{paper}{white}{END}{style}</style></head>\
             <body{body}>{content}</body></html>"
        );
        (html, images.blocked())
    }
}
