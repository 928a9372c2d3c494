//! The pictures of a message, and the references of its HTML to them ([RFC 2392], [RFC 2557]).

use super::body::{BodyBlock, Contents, file_name};
use super::content::percent_decoded;
use super::data_urls::without_large;
use super::tree::{Part, Tree};
use super::words::unstructured;
use crate::engine::mail::sanitise::{Document, Images};
use crate::media_type;

/// The number of encoded bytes that show the type of a picture.
const MAGIC: usize = 512;
/// The maximum number of encoded bytes of all pictures that are decoded for a document.
const MOST_OCTETS: usize = 64 * 1024 * 1024;
/// The maximum number of ends of an address by which a relative reference finds a part.
const MOST_ENDS: usize = 8;

/// Returns the media type of a picture that can be shown, as its first bytes show it: senders
/// declare many others.
pub(in crate::engine) fn picture_type(part: &Part<'_>) -> Option<&'static str> {
    media_type::picture_type(&part.decoded_start(MAGIC))
}

/// Adds the pictures among the attachments, by all their names. Those
/// `without_content` only show which of them the document draws.
pub(in crate::engine) fn add_pictures(
    images: &mut Images,
    tree: &Tree<'_>,
    contents: &Contents,
    without_content: bool,
) {
    let mut octets = 0;
    for &place in &contents.attachments {
        let Some(part) = tree.parts.get(place) else {
            continue;
        };
        let Some(media_type) = picture_type(part) else {
            continue;
        };
        octets += part.length();
        if octets > MOST_OCTETS {
            return;
        }
        let content = if without_content {
            Vec::new()
        } else {
            part.decoded().into_owned()
        };
        images.add(place, names(part), media_type, content);
    }
}

/// Returns the names by which HTML refers to a part, in lower case: its content-id, its location
/// and the ends of that, and its file name.
fn names(part: &Part<'_>) -> Vec<String> {
    let mut names: Vec<String> = part.content_id().into_iter().collect();
    if let Some(location) = part.headers.field("content-location") {
        // A long address may be folded.
        let location: String = unstructured(&location, None).split_whitespace().collect();
        let location = normalised(&location);
        let ends = location.match_indices('/').map(|(at, _)| at + 1);
        let ends: Vec<String> = ends
            .rev()
            .take(MOST_ENDS)
            .filter_map(|at| location.get(at..))
            .map(ToOwned::to_owned)
            .collect();
        names.push(location);
        names.extend(ends);
    }
    names.extend(file_name(part).map(normalised));
    names.retain(|name| !name.is_empty());
    names
}

/// Returns an id or address in the form in which they are compared: without brackets, escapes and
/// the difference of upper and lower case.
pub(in crate::engine) fn normalised(name: &str) -> String {
    let name = name.trim().trim_start_matches('<').trim_end_matches('>');
    let decoded = percent_decoded(name.as_bytes());
    let text = String::from_utf8_lossy(&decoded);
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.trim().to_lowercase()
}

/// Returns true if the message has attachments besides the pictures that its HTML draws.
pub(in crate::engine) fn has_attachments(tree: &Tree<'_>, contents: &Contents) -> bool {
    let may_be_drawn = |place: &usize| {
        let part = tree.parts.get(*place);
        part.is_some_and(|part| picture_type(part).is_some() && !names(part).is_empty())
    };
    let html = contents
        .blocks
        .iter()
        .filter(|block| matches!(block, BodyBlock::Html(_)));
    if !contents.attachments.iter().all(may_be_drawn) || html.clone().next().is_none() {
        return !contents.attachments.is_empty();
    }
    if contents.attachments.is_empty() {
        return false;
    }
    let mut images = Images::new(false);
    add_pictures(&mut images, tree, contents, true);
    let mut document = Document::new(images);
    html.for_each(|block| document.html(&without_large(&block.text(tree))));
    contents
        .attachments
        .iter()
        .any(|place| !document.draws(*place))
}

impl Part<'_> {
    /// Returns the content-id as [`normalised`] gives it.
    pub(in crate::engine) fn content_id(&self) -> Option<String> {
        let id = normalised(&unstructured(&self.headers.field("content-id")?, None));
        (!id.is_empty()).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use crate::api::ids::{MailboxId, MessageId, PartId};
    use crate::api::mail::{Body, OpenMessage};
    use crate::engine::mail::parse::{MessageFacts, open_message, summary};

    /// A PNG's signature, in base64 and in bytes of a message.
    const PNG: &str = "Content-Transfer-Encoding: base64\n\niVBORw0KGgo=";

    fn open(message: &str) -> OpenMessage {
        let facts = MessageFacts {
            id: MessageId(1),
            part: PartId::default(),
            mailbox: MailboxId(1),
            date: 0,
        };
        let opened = open_message(message.as_bytes(), facts, false);
        let has_attachments = summary(message.as_bytes()).has_attachments;
        assert_eq!(has_attachments, !opened.attachments.is_empty(), "{message}");
        opened
    }

    /// Returns the number of drawn pictures and of attachments.
    fn drawn_and_listed(html: &str, picture: &str) -> (usize, usize) {
        let message = open(&format!(
            "Content-Type: multipart/related; boundary=b\n\n--b\n\
             Content-Type: text/html\n\n<p>words {html}\n--b\n{picture}\n{PNG}\n--b--\n"
        ));
        let Body::Html { html, .. } = message.body else {
            panic!("not HTML");
        };
        let drawn = html.matches("data:image/png;base64,iVBORw0KGgo=").count();
        (drawn, message.attachments.len())
    }

    #[test]
    fn pictures_are_drawn_by_any_reference_and_whatever_their_type() {
        let table = [
            (
                "<img src='cid:a%40b'>",
                "Content-Type: image/png\nContent-ID: <a@b>",
            ),
            (
                "<img src=cid:a@b>",
                "Content-Type: image/jpg\nContent-ID: a@b",
            ),
            (
                "<img src=cid:a+b>",
                "Content-Type: image/x-png\nContent-ID: <a%2Bb>",
            ),
            (
                "<img src=a@b>",
                "Content-Type: application/octet-stream\nContent-ID: < a@b >",
            ),
            (
                "<img src='cid:b\u{fc}cher'>",
                "Content-ID: <=?utf-8?Q?b=C3=BCcher?=>",
            ),
            (
                "<img src=pics/a.png>",
                "Content-Type: image/png\nContent-Location: pics/a.png",
            ),
            (
                "<img src=a.png>",
                "Content-Location: http://x/\n pics/a.png",
            ),
            (
                "<img src='http://x/a.png'>",
                "Content-Location: HTTP://X/a.png",
            ),
            (
                "<img src=cid:logo.png@01D2>",
                "Content-Type: image/png; name=logo.png",
            ),
        ];
        for (html, picture) in table {
            assert_eq!(drawn_and_listed(html, picture), (1, 0), "{html} {picture}");
        }
    }

    #[test]
    fn a_picture_stays_listed_unless_an_image_draws_it() {
        let picture = "Content-Type: image/png; name=x.png\nContent-Disposition: attachment\n\
            Content-ID: <a@b>";
        for html in [
            "a@b",
            "<!-- <img src=cid:a@b> -->",
            "<i title=cid:a@b>",
            "<a href=cid:a@b>",
            "<svg><img src=cid:a@b></svg>",
            "<img src=cid:a@bc>",
            "<img alt=cid:a@b>",
        ] {
            assert_eq!(drawn_and_listed(html, picture), (0, 1), "{html}");
        }
        let background = "<table><tr><td background=cid:a@b>x</table>";
        assert_eq!(drawn_and_listed(background, picture), (1, 1));
        let inline = picture.replace("attachment", "inline");
        assert_eq!(drawn_and_listed("no reference", &inline), (1, 1));
    }

    #[test]
    fn svg_is_never_shown() {
        let message = open(
            "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n\
             <img src=cid:i>\n--b\nContent-Type: image/png\nContent-ID: <i>\n\n<svg/>\n--b--",
        );
        assert_eq!(message.attachments.len(), 1);
    }
}
