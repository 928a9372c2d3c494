//! The choice between the parts of a message that are shown and those that are attachments.

use super::charset::decode;
use super::tree::{Part, Tree};

/// Image types that are shown inside HTML. SVG is not among them, because an SVG is a document of
/// its own.
pub(in crate::engine) const INLINE_IMAGES: [&str; 5] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
];

/// The maximum number of encoded bytes of a text that are decoded: far more than anyone reads. It
/// bounds the memory for a text of hundreds of megabytes.
const LONGEST: usize = 8 * 1024 * 1024;

/// A text that is shown, by the index of its part in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum BodyBlock {
    Text(usize),
    Html(usize),
}

impl BodyBlock {
    /// Returns the text, with `
    /// ` line ends.
    pub(in crate::engine) fn text(self, tree: &Tree<'_>) -> String {
        self.start(tree, LONGEST)
    }

    /// Returns the beginning of the text: its first `octets` encoded bytes.
    pub(in crate::engine) fn start(self, tree: &Tree<'_>, octets: usize) -> String {
        let part = self.part(tree);
        part.map(|part| text(part, octets)).unwrap_or_default()
    }

    /// Returns the number of encoded bytes.
    pub(in crate::engine) fn octets(self, tree: &Tree<'_>) -> usize {
        self.part(tree).map_or(0, Part::length)
    }

    fn part<'t, 'a>(self, tree: &'t Tree<'a>) -> Option<&'t Part<'a>> {
        let (Self::Text(place) | Self::Html(place)) = self;
        tree.parts.get(place)
    }
}

/// The contents of a message, as shown to the user.
#[derive(Debug, Default)]
pub(in crate::engine) struct Contents {
    /// The texts, in reading order.
    pub(in crate::engine) blocks: Vec<BodyBlock>,
    /// The attachments, as indexes into the tree, in its order.
    pub(in crate::engine) attachments: Vec<usize>,
    /// Images that the HTML refers to: content-id and index in the tree.
    pub(in crate::engine) images: Vec<(String, usize)>,
}

impl Contents {
    pub(in crate::engine) fn of(tree: &Tree<'_>) -> Self {
        let mut contents = Self::default();
        contents.visit(tree, 0, true);
        contents.set_images_apart(tree);
        contents.attachments.sort_unstable();
        contents
    }

    /// Visits a part and its descendants. `shown` is false inside an alternative that is not shown.
    fn visit(&mut self, tree: &Tree<'_>, place: usize, shown: bool) {
        let Some(part) = tree.parts.get(place) else {
            return;
        };
        if part.children.is_empty() {
            self.leaf(part, place, shown);
            return;
        }
        let chosen = if part.media_type() == "multipart/alternative" {
            best(tree, part)
        } else {
            None
        };
        for &child in &part.children {
            self.visit(
                tree,
                child,
                shown && chosen.is_none_or(|chosen| chosen == child),
            );
        }
    }

    fn leaf(&mut self, part: &Part<'_>, place: usize, shown: bool) {
        let named = file_name(part).is_some();
        let is_html = match part.media_type() {
            "text/html" => true,
            "text/plain" => false,
            _ => return self.attachments.push(place),
        };
        // The only part of a message is shown, even if it is declared as an attachment.
        if place != 0 && (part.is_attachment() || named) {
            self.attachments.push(place);
        } else if shown {
            self.blocks.push(if is_html {
                BodyBlock::Html(place)
            } else {
                BodyBlock::Text(place)
            });
        }
    }

    /// Moves images that the HTML shows from the attachments to `images`.
    fn set_images_apart(&mut self, tree: &Tree<'_>) {
        let identified = |place: usize| {
            let part = tree.parts.get(place)?;
            let id = part.content_id()?;
            INLINE_IMAGES.contains(&part.media_type()).then_some(id)
        };
        // Most mail has no such images, and its HTML need not be decoded here.
        if self.attachments.iter().all(|&at| identified(at).is_none()) {
            return;
        }
        let html =
            |block: &BodyBlock| matches!(block, BodyBlock::Html(_)).then(|| block.text(tree));
        let shown: String = self.blocks.iter().filter_map(html).collect();
        if !shown.contains("cid:") && !shown.contains("CID:") {
            return;
        }
        let images = &mut self.images;
        self.attachments.retain(|&place| {
            let image = identified(place).filter(|id| shown.contains(id));
            let listed = image.is_none();
            images.extend(image.map(|id| (id, place)));
            listed
        });
    }
}

/// Returns the alternative to show: the last one with HTML, else the last one with text ([RFC 2046
/// §5.1.4]).
fn best(tree: &Tree<'_>, part: &Part<'_>) -> Option<usize> {
    let rank = |place: usize| {
        if contains(tree, place, "text/html") {
            2
        } else if contains(tree, place, "text/plain") {
            1
        } else {
            0
        }
    };
    part.children
        .iter()
        .copied()
        .max_by_key(|place| rank(*place))
}

fn contains(tree: &Tree<'_>, place: usize, media_type: &str) -> bool {
    tree.parts.get(place).is_some_and(|part| {
        if part.children.is_empty() {
            part.media_type() == media_type && !part.is_attachment()
        } else {
            part.children
                .iter()
                .any(|child| contains(tree, *child, media_type))
        }
    })
}

/// Returns the sender's file name, unchanged.
pub(in crate::engine) fn file_name<'a>(part: &'a Part<'_>) -> Option<&'a str> {
    part.disposition
        .parameter("filename")
        .or_else(|| part.content_type.parameter("name"))
}

/// Decodes the first `octets` encoded bytes of a text part, with `
/// ` line ends.
fn text(part: &Part<'_>, octets: usize) -> String {
    let charset = part.content_type.parameter("charset").unwrap_or_default();
    let text = decode(charset, &part.decoded_start(octets));
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(message: &str) -> Contents {
        Contents::of(&Tree::parse(message.as_bytes()))
    }

    fn multipart(kind: &str, parts: &[&str]) -> String {
        let parts: String = parts
            .iter()
            .map(|part| format!("--{kind}\n{part}\n"))
            .collect();
        format!("Content-Type: multipart/{kind}; boundary={kind}\n\n{parts}--{kind}--\n")
    }

    const PLAIN: &str = "Content-Type: text/plain\n\nwords";
    const HTML: &str = "Content-Type: text/html\n\n<p>words</p><img src=cid:i@x>";
    const IMAGE: &str = "Content-Type: image/png\nContent-ID: <i@x>\n\npng";
    const PDF: &str = "Content-Type: application/pdf; name=a.pdf\n\npdf";

    #[test]
    fn the_html_alternative_is_shown_in_any_order() {
        for parts in [[PLAIN, HTML], [HTML, PLAIN]] {
            let contents = contents(&multipart("alternative", &parts));
            assert!(matches!(contents.blocks.as_slice(), [BodyBlock::Html(_)]));
            assert!(contents.attachments.is_empty());
        }
    }

    #[test]
    fn a_calendar_among_the_alternatives_is_an_attachment() {
        let calendar = "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR";
        let contents = contents(&multipart("alternative", &[PLAIN, HTML, calendar]));
        assert_eq!(contents.blocks.len(), 1);
        assert_eq!(contents.attachments, [3]);
    }

    #[test]
    fn images_shown_in_the_html_are_not_listed() {
        let related = multipart("related", &[HTML, IMAGE]);
        let contents = contents(&multipart("mixed", &[&related, PDF]));
        assert_eq!(contents.images, [("i@x".to_owned(), 3)]);
        assert_eq!(contents.attachments, [4]);
    }

    #[test]
    fn svg_is_never_shown_inside_the_html() {
        let svg = IMAGE.replace("png", "svg+xml");
        let contents = contents(&multipart("related", &[HTML, &svg]));
        assert_eq!(contents.attachments, [2]);
    }

    #[test]
    fn consecutive_texts_are_shown_unless_they_are_files() {
        let file = "Content-Type: text/plain; name=log.txt\n\nlog";
        let attached = "Content-Disposition: attachment\n\nx";
        let contents = contents(&multipart("mixed", &[PLAIN, file, attached, PLAIN]));
        assert_eq!(contents.blocks, [BodyBlock::Text(1), BodyBlock::Text(4)]);
        assert_eq!(contents.attachments, [2, 3]);
    }

    #[test]
    fn a_nested_message_is_an_attachment() {
        let nested = "Content-Type: message/rfc822\n\nSubject: inner\n\ntext";
        let contents = contents(&multipart("mixed", &[PLAIN, nested]));
        assert_eq!(contents.attachments, [2]);
    }
}
