//! A message made ready to show, and its attachments.

use super::body::{Block, Contents, file_name};
use super::entry::{address_field, subject};
use super::names;
use super::text;
use super::tree::{Part, Tree};
use crate::engine::event::{Attachment, Body, MailboxId, MessageId, OpenMessage};

/// What is known of a message without a look at its octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageFacts {
    /// Its identity.
    pub id: MessageId,
    /// Its mailbox.
    pub mailbox: MailboxId,
    /// When it was sent, or else arrived, in seconds since 1970.
    pub date: i64,
}

/// Makes a message ready to show; `remote_images` says whether `https:` images may stay in it.
#[must_use]
pub fn open_message(octets: &[u8], facts: MessageFacts, remote_images: bool) -> OpenMessage {
    let tree = Tree::parse(octets);
    let contents = Contents::of(&tree);
    let addresses = |name| {
        tree.root()
            .map(|root| address_field(&root.headers, name))
            .unwrap_or_default()
    };
    OpenMessage {
        id: facts.id,
        mailbox: facts.mailbox,
        subject: tree
            .root()
            .map(|root| subject(&root.headers))
            .unwrap_or_default(),
        from: addresses("from"),
        reply_to: addresses("reply-to"),
        to: addresses("to"),
        cc: addresses("cc"),
        date: facts.date,
        octets: octets.len() as u64,
        body: body(&tree, &contents, remote_images),
        attachments: contents
            .attachments
            .iter()
            .filter_map(|&place| listed(place, tree.parts.get(place)?))
            .collect(),
    }
}

/// The decoded octets of a part; `None` if there is no such part.
#[must_use]
pub fn attachment(octets: &[u8], part: u32) -> Option<Vec<u8>> {
    let tree = Tree::parse(octets);
    let part = tree.parts.get(usize::try_from(part).ok()?)?;
    Some(part.decoded().into_owned())
}

fn listed(place: usize, part: &Part<'_>) -> Option<Attachment> {
    let media_type = part.media_type().to_owned();
    Some(Attachment {
        part: u32::try_from(place).ok()?,
        name: names::safe(file_name(part), &media_type),
        octets: part.decoded().len() as u64,
        media_type,
    })
}

fn body(_tree: &Tree<'_>, contents: &Contents, _remote_images: bool) -> Body {
    let text: Vec<String> = contents
        .blocks
        .iter()
        .map(|block| match block {
            Block::Text(text) => text.clone(),
            Block::Html(html) => text::of_html(html),
        })
        .collect();
    Body::Text {
        text: text.join("\n"),
    }
}
