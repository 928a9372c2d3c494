//! The choice between the parts of a message that are shown and those that are attachments.

use super::blank::has_content;
use super::calendar::{Invitation, invitation};
use super::cms::{Cms, cms};
use super::media::{is_report, is_special_rendition, is_text};
use super::opened::is_cms;
use super::pictures::{normalised, picture_type};
use super::shown_text::shown_text;
use super::tree::{Part, Tree};
use crate::api::mail::HiddenContent;

/// The first line of an encrypted text ([RFC 9580 §6.2.1]).
const PGP_MESSAGE: &str = "-----BEGIN PGP MESSAGE-----";

/// The maximum number of encoded bytes of a text that are decoded: far more than anyone reads. It
/// bounds the memory for a text of hundreds of megabytes. HTML may contain pictures.
const LONGEST_TEXT: usize = 8 * 1024 * 1024;
const LONGEST_HTML: usize = 40 * 1024 * 1024;

/// A part that is shown, by its index in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum BodyBlock {
    Text(usize),
    Html(usize),
    Picture(usize),
}

impl BodyBlock {
    /// Returns the text, with `
    /// ` line ends. A picture has none.
    pub(in crate::engine) fn text(self, tree: &Tree<'_>) -> String {
        self.start(tree, self.longest())
    }

    /// Returns the beginning of the text: its first `octets` encoded bytes.
    pub(in crate::engine) fn start(self, tree: &Tree<'_>, octets: usize) -> String {
        let part = self.part(tree).filter(|_| self.is_text());
        part.map(|part| shown_text(part, octets))
            .unwrap_or_default()
    }

    /// Returns the number of encoded bytes.
    pub(in crate::engine) fn octets(self, tree: &Tree<'_>) -> usize {
        self.part(tree).map_or(0, Part::length)
    }

    /// Returns true unless this is a picture.
    fn is_text(self) -> bool {
        !matches!(self, Self::Picture(_))
    }

    /// Returns true if [`text`](Self::text) leaves out the end.
    pub(in crate::engine) fn is_cut(self, tree: &Tree<'_>) -> bool {
        self.is_text() && self.octets(tree) > self.longest()
    }

    /// Returns the maximum number of encoded bytes that are decoded.
    fn longest(self) -> usize {
        match self {
            Self::Html(_) => LONGEST_HTML,
            Self::Text(_) | Self::Picture(_) => LONGEST_TEXT,
        }
    }

    fn part<'t, 'a>(self, tree: &'t Tree<'a>) -> Option<&'t Part<'a>> {
        let (Self::Text(place) | Self::Html(place) | Self::Picture(place)) = self;
        tree.parts.get(place)
    }
}

/// The contents of a message, as shown to the user.
#[derive(Debug, Default)]
pub(in crate::engine) struct Contents {
    /// The texts and the pictures among them, in reading order.
    pub(in crate::engine) blocks: Vec<BodyBlock>,
    /// The attachments, as indexes into the tree, in its order. A picture that the HTML shows is
    /// still among them.
    pub(in crate::engine) attachments: Vec<usize>,
    /// The first calendar, as an index into the tree.
    pub(in crate::engine) calendar: Option<usize>,
    /// The reason why the content cannot be shown.
    pub(in crate::engine) hidden: Option<HiddenContent>,
}

impl Contents {
    pub(in crate::engine) fn of(tree: &Tree<'_>) -> Self {
        let mut visitor = Visitor {
            tree,
            contents: Self::default(),
            named: Vec::new(),
        };
        visitor.visit(0, Role::Shown);
        visitor.finish()
    }
}

/// The role of a part, which follows from the multiparts that contain it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Shown or attached, as its own fields say.
    Shown,
    /// The alternative that is shown.
    Chosen,
    /// A part of an alternative that is not shown.
    Unchosen,
    /// Not the root of a `multipart/related`.
    Related,
}

struct Visitor<'t, 'a> {
    tree: &'t Tree<'a>,
    contents: Contents,
    /// The texts with a file name and without a disposition.
    named: Vec<usize>,
}

impl Visitor<'_, '_> {
    fn visit(&mut self, place: usize, role: Role) {
        let tree = self.tree;
        let Some(part) = tree.parts.get(place) else {
            return;
        };
        if part.children.is_empty() {
            return self.leaf(part, place, role);
        }
        let chosen = match part.media_type() {
            "multipart/alternative" => {
                best(tree, part).map(|one| (one, Role::Chosen, Role::Unchosen))
            }
            "multipart/related" => related_root(tree, part).map(|root| (root, role, Role::Related)),
            "multipart/encrypted" => {
                self.contents.hidden = Some(HiddenContent::Encrypted);
                None
            }
            _ => None,
        };
        for &child in &part.children {
            let role =
                match (role, chosen) {
                    (Role::Shown | Role::Chosen, Some((chosen, role, others))) => {
                        if child == chosen { role } else { others }
                    }
                    _ => role,
                };
            self.visit(child, role);
        }
    }

    fn leaf(&mut self, part: &Part<'_>, place: usize, role: Role) {
        let media_type = part.media_type();
        let contents = &mut self.contents;
        if is_special_rendition(media_type) && role == Role::Unchosen {
            return;
        }
        // It says only that the other part is encrypted (RFC 3156 §4).
        if media_type == "application/pgp-encrypted" && contents.hidden.is_some() {
            return;
        }
        // The only part of a message is shown, even if it is declared as an attachment.
        let is_file = part.is_attachment() && place != 0;
        let inline = part.disposition.value == "inline";
        if !is_text(media_type) {
            contents.hidden = contents.hidden.or_else(|| hidden(part));
            if is_calendar(part) {
                contents.calendar.get_or_insert(place);
            }
            if !is_file && role != Role::Unchosen && picture_type(part).is_some() {
                contents.blocks.push(BodyBlock::Picture(place));
            }
            return contents.attachments.push(place);
        }
        let is_html = media_type == "text/html";
        let block = if is_html {
            BodyBlock::Html(place)
        } else {
            BodyBlock::Text(place)
        };
        match role {
            _ if is_file => contents.attachments.push(place),
            Role::Unchosen => {}
            Role::Related if is_html || is_resource(part) => contents.attachments.push(place),
            Role::Shown | Role::Related if place != 0 && is_named(part) => {
                if inline {
                    contents.blocks.push(block);
                } else {
                    self.named.push(place);
                }
                contents.attachments.push(place);
            }
            Role::Shown | Role::Related if media_type == "text/rfc822-headers" => {
                contents.attachments.push(place);
            }
            Role::Shown | Role::Chosen | Role::Related => contents.blocks.push(block),
        }
    }

    /// Chooses a text for a message that seems to have none.
    fn finish(self) -> Contents {
        let Self {
            tree,
            mut contents,
            named,
        } = self;
        let has_text =
            |block: &BodyBlock| block.is_text() && block.part(tree).is_some_and(has_content);
        let part = |place: usize| tree.parts.get(place);
        if !contents.blocks.iter().any(has_text) {
            let candidate = named
                .into_iter()
                .find(|place| part(*place).is_some_and(has_content));
            if let Some(place) = candidate {
                let is_html = part(place).is_some_and(|part| part.media_type() == "text/html");
                contents.insert(if is_html {
                    BodyBlock::Html(place)
                } else {
                    BodyBlock::Text(place)
                });
            }
        }
        let is_pgp = |block: &BodyBlock| {
            let start = block.start(tree, PGP_MESSAGE.len() + 20);
            start.trim_start().starts_with(PGP_MESSAGE)
        };
        if contents.blocks.first().is_some_and(is_pgp) {
            contents.hidden = Some(HiddenContent::Encrypted);
        }
        let mut texts = contents.blocks.iter().filter(|block| has_text(block));
        match (texts.next(), texts.next()) {
            // The only text is the body, whatever file name it has.
            (Some(BodyBlock::Text(only) | BodyBlock::Html(only)), None) => {
                let only = *only;
                contents.attachments.retain(|place| *place != only);
            }
            (None, _) => contents.show_reports_and_pictures(tree),
            _ => {}
        }
        contents.attachments.sort_unstable();
        contents
    }
}

impl Contents {
    /// Returns the event of the calendar.
    pub(in crate::engine) fn invitation(&self, tree: &Tree<'_>) -> Option<Invitation> {
        invitation(&shown_text(tree.parts.get(self.calendar?)?, LONGEST_TEXT))
    }

    /// Inserts a block in the order of the tree.
    fn insert(&mut self, block: BodyBlock) {
        let place = |block: &BodyBlock| match *block {
            BodyBlock::Text(place) | BodyBlock::Html(place) | BodyBlock::Picture(place) => place,
        };
        let at = self
            .blocks
            .partition_point(|other| place(other) < place(&block));
        self.blocks.insert(at, block);
    }

    /// Shows the reports and the attached pictures of a message without a text.
    fn show_reports_and_pictures(&mut self, tree: &Tree<'_>) {
        let reports: Vec<usize> = self
            .attachments
            .extract_if(.., |place| {
                tree.parts
                    .get(*place)
                    .is_some_and(|part| is_report(part.media_type()))
            })
            .collect();
        let has_reports = !reports.is_empty();
        for report in reports {
            self.insert(BodyBlock::Text(report));
        }
        if has_reports {
            return;
        }
        for place in self.attachments.clone() {
            let block = BodyBlock::Picture(place);
            let is_picture = tree
                .parts
                .get(place)
                .is_some_and(|part| picture_type(part).is_some());
            if is_picture && !self.blocks.contains(&block) {
                self.insert(block);
            }
        }
    }
}

/// Returns the reason why the content of a part cannot be shown.
fn hidden(part: &Part<'_>) -> Option<HiddenContent> {
    // The beginning of a CMS message tells its type.
    const START: usize = 512;
    if part.media_type() == "message/partial" {
        return Some(HiddenContent::Piece);
    }
    let is_encrypted = is_cms(part) && cms(&part.decoded_start(START)) == Some(Cms::Encrypted);
    is_encrypted.then_some(HiddenContent::Encrypted)
}

fn is_calendar(part: &Part<'_>) -> bool {
    match part.media_type() {
        "text/calendar" | "text/x-vcalendar" | "application/ics" => true,
        "application/octet-stream" => {
            file_name(part).is_some_and(|name| name.to_ascii_lowercase().ends_with(".ics"))
        }
        _ => false,
    }
}

/// Returns the alternative to show: the last one with HTML, else the last one with text ([RFC 2046
/// §5.1.4]). Alternatives without content come last.
fn best(tree: &Tree<'_>, part: &Part<'_>) -> Option<usize> {
    part.children
        .iter()
        .copied()
        .max_by_key(|place| rank(tree, *place))
}

/// Returns a higher number for a part with a better text.
fn rank(tree: &Tree<'_>, place: usize) -> u8 {
    let Some(part) = tree.parts.get(place) else {
        return 0;
    };
    let media_type = part.media_type();
    if !part.children.is_empty() {
        let ranks = part.children.iter().map(|child| rank(tree, *child));
        return ranks.max().unwrap_or_default();
    }
    if !is_text(media_type) || part.is_attachment() {
        return 0;
    }
    match (media_type == "text/html", has_content(part)) {
        (true, true) => 4,
        (false, true) => 3,
        (true, false) => 2,
        (false, false) => 1,
    }
}

/// Returns the root of a `multipart/related`: the part that the `start` parameter names, or else
/// the first one with a text ([RFC 2387 §3.2]).
fn related_root(tree: &Tree<'_>, part: &Part<'_>) -> Option<usize> {
    let children = || part.children.iter().copied();
    let start = part.content_type.parameter("start").map(normalised);
    let named = start.and_then(|start| {
        children().find(|place| {
            let id = tree.parts.get(*place).and_then(Part::content_id);
            id.is_some_and(|id| id == start) && rank(tree, *place) > 0
        })
    });
    named.or_else(|| children().find(|place| rank(tree, *place) > 0))
}

/// Returns true if another part can refer to this one.
fn is_resource(part: &Part<'_>) -> bool {
    ["content-id", "content-location"]
        .iter()
        .any(|name| part.headers.field(name).is_some())
}

/// Returns true if a text has the name of a file. Exchange names texts without a name.
fn is_named(part: &Part<'_>) -> bool {
    let is_of_exchange = |name: &str| {
        let number = name
            .strip_prefix("ATT")
            .and_then(|name| name.split_once('.'))
            .filter(|(_, extension)| matches!(*extension, "txt" | "htm" | "html"))
            .map(|(number, _)| number);
        number.is_some_and(|number| number.bytes().all(|octet| octet.is_ascii_digit()))
    };
    file_name(part).is_some_and(|name| !is_of_exchange(name))
}

/// Returns the sender's file name, unchanged.
pub(in crate::engine) fn file_name<'a>(part: &'a Part<'_>) -> Option<&'a str> {
    part.disposition
        .parameter("filename")
        .or_else(|| part.content_type.parameter("name"))
}

#[cfg(test)]
mod tests;
