//! Links that do not show where they lead.
//!
//! Without scripts, a click on such a link opens a note after it, which names the address and has
//! the real link. The note is the target of the click, and only a target is shown.

use super::attributes::escape;
use super::kept_attributes::KeptAttributes;
use crate::api::mail::LINK_MARK;
use crate::engine::mail::parse::hosts::disguised_host;

/// The style of a note.
pub(crate) const NOTE_STYLE: &str =
    ".restante-note{display:none}.restante-note:target{display:inline}";

/// The maximum length of the text by which a link is judged, in bytes.
const LONGEST_TEXT: usize = 1_000;
/// The maximum number of characters of an address that a note shows.
const LONGEST_SHOWN: usize = 200;

/// An open link.
#[derive(Debug)]
pub(crate) struct OpenLink {
    /// The position of its start tag in the markup.
    start: usize,
    /// The position of its content.
    inner: usize,
    attributes: KeptAttributes,
    /// The beginning of its text.
    text: String,
}

impl OpenLink {
    /// Records the start tag of a link that leads out of the mail.
    pub(crate) fn new(start: usize, inner: usize, attributes: KeptAttributes) -> Option<Self> {
        let leads_out = attributes
            .value("href")
            .is_some_and(|href| href.starts_with("http"));
        leads_out.then_some(Self {
            start,
            inner,
            attributes,
            text: String::new(),
        })
    }

    /// Adds text of the link.
    pub(crate) fn text(&mut self, text: &str) {
        if self.text.len() < LONGEST_TEXT {
            let end = text.floor_char_boundary(LONGEST_TEXT);
            self.text.push_str(text.get(..end).unwrap_or_default());
        }
    }

    /// Changes the start tag of a link that does not show where it leads, before its end tag is
    /// written. Returns the real host, and the note to write after the link.
    pub(crate) fn disguised(
        mut self,
        content: &mut String,
        number: usize,
    ) -> Option<(String, String)> {
        let href = self.attributes.value("href")?.to_owned();
        let host = disguised_host(&href, &self.text)?;
        let inner = content.split_off(self.inner);
        content.truncate(self.start);
        self.attributes.set("href", format!("#restante-{number}"));
        self.attributes.set("target", "_self".to_owned());
        content.push_str("<a");
        self.attributes.write(content);
        content.push('>');
        content.push_str(&inner);
        let mut note = format!(
            "<span id=\"restante-{number}\" class=\"restante-note\" style=\"background:#fff;color:#000\"> ({LINK_MARK}<a style=\"color:#00e\" href=\""
        );
        escape(&href, &mut note);
        note.push_str("\" target=\"_blank\" rel=\"noopener noreferrer\">");
        let shown: String = href.chars().take(LONGEST_SHOWN).collect();
        escape(&shown, &mut note);
        note.push_str("</a>)</span>");
        Some((host, note))
    }
}
