//! Preparation of a message and its attachments for display.

use super::body::{BodyBlock, Contents, file_name};
use super::data_urls::lifted;
use super::doubts::doubts;
use super::entry::{address_field, date, subject};
use super::headers::Headers;
use super::html::LONGEST_HTML;
use super::names;
use super::opened::with_tree;
use super::part_path;
use super::pictures::add_pictures;
use super::tree::{Part, Tree};
use crate::api::ids::{MailboxId, MessageId, PartId};
use crate::api::mail::{Attachment, Body, DateSource, LEFT_OUT, OpenMessage};
use crate::engine::mail::sanitise::{Document, Images};

/// The maximum number of bytes to show of one plain text: about a hundred pages, which every browser
/// lays out at once. The rest is in the source.
const MAX_TEXT: usize = 400_000;
/// The maximum number of bytes to show of all plain texts.
const MAX_TEXTS: usize = 2_000_000;

/// The number of encoded bytes of an attached message that are searched for its subject.
const HEADERS: usize = 64 * 1024;

/// The stored facts about a message that do not depend on its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageFacts {
    /// The local id.
    pub id: MessageId,
    /// The attached message that this is, or 0.
    pub part: PartId,
    /// The mailbox of the message.
    pub mailbox: MailboxId,
    /// The time of sending, or else of arrival, in seconds since 1970.
    pub date: i64,
}

/// Prepares a message for display. If `remote_images` is true, `https:` images stay in it.
#[must_use]
pub fn open_message(octets: &[u8], facts: MessageFacts, remote_images: bool) -> OpenMessage {
    with_tree(octets, |tree| {
        let mut message = prepared(tree, facts, remote_images);
        message.octets = octets.len() as u64;
        message
    })
}

fn prepared(tree: &Tree<'_>, facts: MessageFacts, remote_images: bool) -> OpenMessage {
    let contents = Contents::of(tree);
    let invitation = contents.invitation(tree);
    let addresses = |name| {
        tree.root()
            .map(|root| address_field(&root.headers, name))
            .unwrap_or_default()
    };
    let own_date = tree.root().and_then(|root| date(&root.headers));
    let (mut body, listed) = body(tree, &contents, remote_images);
    if let (Body::Text { text }, Some(invitation)) = (&mut body, &invitation)
        && text.trim().is_empty()
    {
        text.clone_from(&invitation.description);
    }
    let attachments = listed
        .into_iter()
        .filter_map(|place| attachment_at(facts.part, place, tree.parts.get(place)?))
        .collect();
    OpenMessage {
        id: facts.id,
        part: facts.part,
        mailbox: facts.mailbox,
        subject: tree
            .root()
            .map(|root| subject(&root.headers))
            .unwrap_or_default(),
        from: addresses("from"),
        reply_to: addresses("reply-to"),
        to: addresses("to"),
        cc: addresses("cc"),
        date: own_date.map_or(facts.date, |(seconds, _)| seconds),
        date_source: own_date.map_or(DateSource::Arrived, |(_, source)| source),
        octets: 0,
        doubts: tree
            .root()
            .map(|root| doubts(&root.headers))
            .unwrap_or_default(),
        attachments,
        body,
        event: invitation.map(|invitation| invitation.event),
        hidden: contents.hidden,
    }
}

/// Returns the decoded bytes of a part; `None` if the part does not exist.
#[must_use]
pub fn attachment(octets: &[u8], part: PartId) -> Option<Vec<u8>> {
    let mut found = None;
    for position in part_path::positions(part) {
        let message = found.as_deref().unwrap_or(octets);
        let decode = |tree: &Tree<'_>| Some(tree.parts.get(position)?.decoded().into_owned());
        found = Some(with_tree(message, decode)?);
    }
    found
}

fn attachment_at(outer: PartId, place: usize, part: &Part<'_>) -> Option<Attachment> {
    let number = part_path::within(outer, place)?;
    Some(Attachment {
        part: number,
        is_message: is_message(part) && part_path::can_open(number),
        name: attachment_name(part),
        octets: part.decoded_length() as u64,
        media_type: part.media_type().to_owned(),
    })
}

/// Returns true for an attached message, also if a program has declared it as a file.
pub(in crate::engine) fn is_message(part: &Part<'_>) -> bool {
    match part.media_type() {
        "message/rfc822" | "message/global" | "message/news" => true,
        "application/octet-stream" | "text/plain" => {
            file_name(part).is_some_and(|name| name.to_ascii_lowercase().ends_with(".eml"))
        }
        _ => false,
    }
}

/// Returns the display name of an attachment. A message without a file name is named after its
/// subject, because all messages of a digest would otherwise have the same name.
pub(in crate::engine) fn attachment_name(part: &Part<'_>) -> String {
    let media_type = part.media_type();
    let mut given = file_name(part).map(str::to_owned);
    if given.is_none() && media_type == "message/rfc822" {
        let subject = subject(&Headers::parse(&part.decoded_start(HEADERS)).0);
        let says_something = subject.contains(char::is_alphanumeric);
        given = says_something.then(|| format!("{}.eml", subject.replace(['/', '\\'], "_")));
    }
    names::safe(given.as_deref(), media_type)
}

/// Returns plain text if all parts are plain text, or else one document with all parts; and the
/// attachments that it does not draw.
fn body(tree: &Tree<'_>, contents: &Contents, remote_images: bool) -> (Body, Vec<usize>) {
    let is_text = |block: &BodyBlock| matches!(block, BodyBlock::Text(_));
    if contents.blocks.iter().all(is_text) {
        let mut text = String::new();
        for (number, block) in contents.blocks.iter().enumerate() {
            let room = MAX_TEXTS.saturating_sub(text.len());
            if number > 0 && !text.ends_with(LEFT_OUT) {
                text.push('\n');
            }
            let whole = block.text(tree).replace(LEFT_OUT, "");
            let (shown, is_cut) = shortened(whole, MAX_TEXT.min(room));
            text.push_str(&shown);
            if is_cut {
                text.push(LEFT_OUT);
            }
        }
        return (Body::Text { text }, contents.attachments.clone());
    }
    let mut images = Images::new(remote_images);
    add_pictures(&mut images, tree, contents, false);
    let texts: Vec<_> = contents
        .blocks
        .iter()
        .map(|block| match block {
            BodyBlock::Html(_) => {
                let html = lifted(&block.text(tree), &mut images).into_owned();
                shortened(html, LONGEST_HTML)
            }
            _ => shortened(block.text(tree), MAX_TEXT),
        })
        .collect();
    let mut document = Document::new(images);
    for (block, (text, is_cut)) in contents.blocks.iter().zip(texts) {
        match *block {
            BodyBlock::Text(_) => document.text(&text),
            BodyBlock::Html(_) => document.html(&text),
            BodyBlock::Picture(place) => {
                let name = tree.parts.get(place).map(attachment_name);
                document.picture(place, name.unwrap_or_default());
            }
        }
        if is_cut || block.is_cut(tree) {
            document.left_out();
        }
    }
    let mut listed = contents.attachments.clone();
    listed.retain(|place| !document.draws(*place));
    let (html, blocked_images) = document.finish();
    let body = Body::Html {
        html,
        blocked_images,
    };
    (body, listed)
}

/// Shortens a text to at most `most` bytes, at the end of a line if one is near. Returns it, and true
/// if it was longer.
fn shortened(mut text: String, most: usize) -> (String, bool) {
    let is_cut = text.len() > most;
    if is_cut {
        text.truncate(text.floor_char_boundary(most));
        let line = text.rfind('\n').filter(|line| line + 1_000 > most);
        text.truncate(line.unwrap_or(text.len()));
    }
    (text, is_cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::mail::parse::tests::open_text as open;

    #[test]
    fn plain_text_stays_text() {
        let message = open("Subject: x\r\n\r\na\r\nb <c>\r\n");
        let text = "a\nb <c>\n".to_owned();
        assert_eq!(message.body, Body::Text { text });
    }

    #[test]
    fn plain_text_is_limited() {
        let message = open(&format!("Subject: x\r\n\r\n{}", "\u{e9}.".repeat(MAX_TEXT)));
        let Body::Text { text } = message.body else {
            panic!("plain text is not HTML");
        };
        assert!(text.ends_with(LEFT_OUT));
        let length = text.len() - 1;
        assert!((MAX_TEXT - 3..=MAX_TEXT).contains(&length), "{length}");
    }

    #[test]
    fn the_text_after_one_that_is_too_long_is_shown() {
        let long = "many words\0\n".repeat(MAX_TEXT / 8);
        let parts = |second: &str| {
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{long}\n--b\n\
                 Content-Type: text/{second}\n\nthe end\n--b--\n"
            )
        };
        let Body::Text { text } = open(&parts("plain")).body else {
            panic!("plain text is not HTML");
        };
        assert!(text.ends_with("many words\0the end"), "{}", text.len());
        assert_eq!(text.matches(LEFT_OUT).count(), 1);
        let Body::Html { html, .. } = open(&parts("html")).body else {
            panic!("not HTML");
        };
        assert!(html.contains("many words</div>\0the end"), "{}", html.len());
        assert_eq!(html.matches(LEFT_OUT).count(), 1);
    }

    #[test]
    fn the_text_after_a_large_picture_is_shown() {
        let data = "iVBORw0KGgoAAAAN////".repeat(600_000);
        let message = open(&format!(
            "Content-Type: text/html\n\n<p>one<img src='data:image/png;base64,{data}'><p>two"
        ));
        let Body::Html { html, .. } = message.body else {
            panic!("not HTML");
        };
        assert!(html.contains(&data[..data.len() - 4]) && html.contains("two"));
    }

    #[test]
    fn text_beside_html_becomes_part_of_the_document() {
        let message = open(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n1 < 2\n--b\n\
             Content-Type: text/html\n\n<p>x<svg>\n--b\n\nend\n--b--\n",
        );
        let Body::Html { html, .. } = message.body else {
            panic!("not HTML");
        };
        assert!(html.contains("1 &lt; 2</div><p>x</p><div"), "{html}");
        assert!(html.contains(">end</div>"));
    }

    #[test]
    fn attachments_are_listed_with_their_decoded_size_and_can_be_read() {
        let source = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\n\
            Content-Type: application/pdf; name=\"../a.pdf\"\nContent-Transfer-Encoding: base64\n\n\
            Zm9vYmFy\n--b\nContent-Type: message/rfc822\n\nSubject: in\n\nx\n--b--\n";
        let listed: Vec<_> = open(source)
            .attachments
            .into_iter()
            .map(|a| (a.part.0, a.name, a.media_type, a.octets))
            .collect();
        let expected = [
            (3, "a.pdf", "application/pdf", 6),
            (4, "in.eml", "message/rfc822", 14),
        ];
        let expected = expected
            .map(|(part, name, kind, octets)| (part, name.to_owned(), kind.to_owned(), octets));
        assert_eq!(listed, expected);
        assert_eq!(attachment(source.as_bytes(), PartId(3)).unwrap(), b"foobar");
        assert_eq!(attachment(source.as_bytes(), PartId(9)), None);
    }

    #[test]
    fn an_attached_message_is_opened_with_its_own_attachments() {
        let inner = "Subject: inner\nDate: Sat, 1 Jan 2000 00:00:00 +0000\n\
            Content-Type: multipart/mixed; boundary=i\n\n--i\n\n\
            inner words\n--i\nContent-Type: application/pdf; name=in.pdf\n\npdf\n--i\n\
            Content-Type: message/rfc822\n\nSubject: innermost\n\ndeep words\n--i--\n";
        let encoded = "U3ViamVjdDogb2Rk\n";
        let outer = format!(
            "Subject: outer\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nhi\n--o\n\
             Content-Type: message/rfc822\n\n{inner}\n--o\n\
             Content-Type: application/octet-stream; name=odd.EML\n\
             Content-Transfer-Encoding: base64\n\n{encoded}\n--o--\n"
        );
        let open_part = |part: PartId| {
            let octets = attachment(outer.as_bytes(), part).unwrap();
            let facts = MessageFacts {
                id: MessageId(1),
                part,
                mailbox: MailboxId(1),
                date: 0,
            };
            open_message(&octets, facts, false)
        };
        let listed = open(&outer).attachments;
        assert!(listed.iter().all(|attachment| attachment.is_message));
        let opened = open_part(listed[0].part);
        assert_eq!(
            (opened.subject.as_str(), opened.date),
            ("inner", 946_684_800)
        );
        assert_eq!(opened.attachments[0].name, "in.pdf");
        let pdf = attachment(outer.as_bytes(), opened.attachments[0].part);
        assert_eq!(pdf.unwrap(), b"pdf");
        let innermost = open_part(opened.attachments[1].part);
        assert_eq!(
            (innermost.subject.as_str(), innermost.date),
            ("innermost", 0)
        );
        assert_eq!(open_part(listed[1].part).subject, "odd");
    }

    #[test]
    fn an_attached_message_is_named_after_its_file_name_or_subject() {
        let name = |headers: &str, inner: &str| {
            let source = format!(
                "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\n\
                 Content-Type: message/rfc822{headers}\n\n{inner}\n\nx\n--b--\n"
            );
            open(&source).attachments.remove(0).name
        };
        assert_eq!(
            name("", "Subject: Plot 9.5 / water"),
            "Plot 9.5 _ water.eml"
        );
        assert_eq!(name("; name=it.eml", "Subject: x"), "it.eml");
        assert_eq!(name("", "From: a@b"), "message.eml");
        assert_eq!(name("", "Subject: ..."), "message.eml");
    }
}
