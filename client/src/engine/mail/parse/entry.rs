//! The data of a message for the index.

use super::addresses::addresses;
use super::body::{BodyBlock, Contents};
use super::calendar::Invitation;
use super::data_urls::without_large;
use super::dates;
use super::doubts::sender_line;
use super::headers::Headers;
use super::message::{attachment_name, is_message};
use super::opened::with_tree;
use super::pictures::has_attachments;
use super::text;
use super::tree::Tree;
use super::visible::visible;
use super::words::unstructured;
use crate::api::mail::{Address, DateSource};

/// The maximum length of searched text, in bytes: more than the reader shows. It bounds the time for
/// which indexing a message occupies the engine.
const LONGEST_TEXT: usize = 2_000_000;
/// The maximum depth of attached messages whose text is searched. Each level is parsed once more.
const DEEPEST_MESSAGE: u32 = 3;
/// The maximum number of characters of a snippet, more than the list shows.
const LONGEST_SNIPPET: usize = 200;
/// The maximum number of characters of a subject or sender. The reader shows all of it.
const LONGEST_LINE: usize = 500;

/// The number of encoded bytes of a text in which a snippet is first looked for, enough for most
/// messages.
const SNIPPET_OCTETS: usize = 16 * 1024;

/// The fields of a message for the list, and those that identify its conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The name of the first sender, or else the address; both if the name claims another address.
    pub sender: String,
    /// The subject.
    pub subject: String,
    /// The first words of the text.
    pub snippet: String,
    /// The `Date` field, in seconds since 1970.
    pub date: Option<i64>,
    /// True if the message has attachments.
    pub has_attachments: bool,
    /// The message-id without brackets.
    pub message_id: Option<String>,
    /// The message-id of the message that this one answers.
    pub in_reply_to: Option<String>,
}

/// The searchable text of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// The subject.
    pub subject: String,
    /// All senders.
    pub senders: String,
    /// All recipients.
    pub recipients: String,
    /// The text and the names of the attachments.
    pub text: String,
    /// True if the end of the text is left out, because it is too long.
    pub is_cut: bool,
}

/// Returns the summary of a message. Only a part of its text is decoded.
#[must_use]
pub fn summary(message: &[u8]) -> Summary {
    with_tree(message, summary_of)
}

fn summary_of(tree: &Tree<'_>) -> Summary {
    let Some(root) = tree.root() else {
        return Summary::default();
    };
    let headers = &root.headers;
    let contents = Contents::of(tree);
    let from = address_field(headers, "from");
    let sender = from.first().map(sender_line).unwrap_or_default();
    Summary {
        sender: text::one_line(&sender, LONGEST_LINE),
        subject: text::one_line(&subject(headers), LONGEST_LINE),
        snippet: snippet(tree, &contents),
        date: date(headers).map(|(seconds, _)| seconds),
        has_attachments: has_attachments(tree, &contents),
        message_id: message_id(headers, "message-id"),
        in_reply_to: message_id(headers, "in-reply-to"),
    }
}

/// Returns the searchable text of a message.
#[must_use]
pub fn terms(message: &[u8]) -> Terms {
    with_tree(message, terms_of)
}

fn terms_of(tree: &Tree<'_>) -> Terms {
    let Some(root) = tree.root() else {
        return Terms::default();
    };
    let headers = &root.headers;
    let contents = Contents::of(tree);
    let mut text = String::new();
    let mut is_cut = add_text(tree, &contents, DEEPEST_MESSAGE, &mut text);
    if text.len() > LONGEST_TEXT {
        is_cut = true;
        text.truncate(text.floor_char_boundary(LONGEST_TEXT));
        text.push('\n');
    }
    for part in contents
        .attachments
        .iter()
        .filter_map(|&a| tree.parts.get(a))
    {
        text.push_str(&attachment_name(part));
        text.push('\n');
    }
    Terms {
        subject: text::one_line(&subject(headers), usize::MAX),
        senders: joined(&address_field(headers, "from")),
        recipients: ["to", "cc"]
            .map(|name| joined(&address_field(headers, name)))
            .join(" "),
        text,
        is_cut,
    }
}

/// Adds the text of a message, and the subjects and texts of the messages attached to it. Returns
/// true if a text is too long to be searched to its end.
fn add_text(tree: &Tree<'_>, contents: &Contents, deepest: u32, text: &mut String) -> bool {
    let mut is_cut = false;
    for block in &contents.blocks {
        is_cut |= block.is_cut(tree);
        if text.len() <= LONGEST_TEXT {
            text.push_str(&plain(*block, block.text(tree)));
            text.push('\n');
        }
    }
    if let Some(invitation) = contents.invitation(tree) {
        text.push_str(&words_of(&invitation));
    }
    let parts = contents
        .attachments
        .iter()
        .filter_map(|&a| tree.parts.get(a));
    for part in parts.filter(|part| is_message(part)) {
        if deepest == 0 || text.len() > LONGEST_TEXT {
            return is_cut;
        }
        with_tree(&part.decoded(), |tree| {
            text.extend(tree.root().map(|root| subject(&root.headers)));
            text.push('\n');
            is_cut |= add_text(tree, &Contents::of(tree), deepest - 1, text);
        });
    }
    is_cut
}

/// Returns the words of an invitation.
fn words_of(invitation: &Invitation) -> String {
    let Invitation { event, description } = invitation;
    format!("{}\n{}\n{description}\n", event.summary, event.place)
}

/// Returns the first words of a message.
fn snippet(tree: &Tree<'_>, contents: &Contents) -> String {
    // An invitation without a text has words of its own.
    if contents.blocks.is_empty()
        && let Some(invitation) = contents.invitation(tree)
    {
        return text::one_line(&words_of(&invitation), LONGEST_SNIPPET);
    }
    let mut snippet = String::new();
    for &block in &contents.blocks {
        let with = |text| {
            text::one_line(
                &format!("{snippet}\n{}", plain(block, text)),
                LONGEST_SNIPPET,
            )
        };
        let mut longer = with(block.start(tree, SNIPPET_OCTETS));
        // The beginning is enough, unless it is a style sheet.
        if longer.chars().count() < LONGEST_SNIPPET && block.octets(tree) > SNIPPET_OCTETS {
            longer = with(block.text(tree));
        }
        snippet = longer;
        if snippet.chars().count() >= LONGEST_SNIPPET {
            break;
        }
    }
    snippet
}

/// Returns the words of a text.
fn plain(block: BodyBlock, text: String) -> String {
    match block {
        BodyBlock::Text(_) | BodyBlock::Picture(_) => text,
        BodyBlock::Html(_) => text::of_html(&without_large(&text)),
    }
}

/// Returns the subject, or an empty text.
pub(in crate::engine) fn subject(headers: &Headers<'_>) -> String {
    headers
        .field("subject")
        .map(|field| visible(&unstructured(&field, headers.likely_charset)))
        .unwrap_or_default()
}

/// Returns the addresses of a field.
pub(in crate::engine) fn address_field(headers: &Headers<'_>, name: &str) -> Vec<Address> {
    let field = headers.field(name);
    let mut addresses =
        field.map_or_else(Vec::new, |field| addresses(&field, headers.likely_charset));
    for Address { name, address } in &mut addresses {
        *name = visible(name);
        *address = visible(address);
    }
    addresses
}

/// Returns the time of sending, in seconds since 1970: from `Date`, or else from the newest
/// `Received`, which ends in a semicolon and a time ([RFC 5321 §4.4]).
pub(in crate::engine) fn date(headers: &Headers<'_>) -> Option<(i64, DateSource)> {
    let field = |name| Some(String::from_utf8_lossy(&headers.field(name)?).into_owned());
    let sent = field("date").and_then(|date| dates::parse(&date));
    let received = || dates::parse(field("received")?.rsplit_once(';')?.1);
    match sent {
        Some(seconds) => Some((seconds, DateSource::Sent)),
        None => received().map(|seconds| (seconds, DateSource::Received)),
    }
}

/// Returns the first message-id of a field ([RFC 5322 §3.6.4]), without brackets.
fn message_id(headers: &Headers<'_>, name: &str) -> Option<String> {
    let field = String::from_utf8_lossy(&headers.field(name)?).into_owned();
    let start = field
        .split_once('<')
        .map_or(field.as_str(), |(_, rest)| rest);
    let id = start.split(['>', ' ']).next()?.trim();
    (!id.is_empty()).then(|| text::one_line(id, LONGEST_LINE))
}

fn joined(addresses: &[Address]) -> String {
    let each = addresses
        .iter()
        .map(|a| format!("{} {}", a.name, a.address));
    each.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_without_a_date_has_the_time_of_its_newest_received() {
        let received = "Received: from a by b; Sat, 22 Nov 1997 09:55:06 -0600\r\n\
                        Received: from c by a;\r\n Fri, 21 Nov 1997 09:55:06 -0600\r\n";
        let date = |field: &str| summary(format!("{received}{field}\r\n").as_bytes()).date;
        assert_eq!(date(""), Some(880_214_106));
        assert_eq!(date("Date: yesterday\r\n"), Some(880_214_106));
        assert_eq!(
            date("Date: Fri, 21 Nov 1997 09:55:06 -0600\r\n"),
            Some(880_127_706)
        );
        assert_eq!(summary(b"Received: by hand\r\n\r\n").date, None);
    }

    #[test]
    fn an_entry_has_the_fields_of_the_list() {
        let message: &[u8] = b"From: =?iso-8859-1?Q?J=FCrgen?= <j@example.org>, b@example.org\r\n\
              To: Ann <ann@example.org>\r\nCc: c@example.org\r\n\
              Subject: =?utf-8?B?SGVsbG8=?=\r\n  world\r\n\
              Date: Fri, 21 Nov 1997 09:55:06 -0600\r\n\
              Message-ID: <1@x>\r\nIn-Reply-To: <0@x> (old)\r\n\r\nFirst\r\nline\r\n";
        let entry = summary(message);
        assert_eq!(entry.sender, "Jürgen");
        assert_eq!(entry.subject, "Hello world");
        assert_eq!(entry.snippet, "First line");
        assert_eq!(entry.date, Some(880_127_706));
        assert_eq!(entry.message_id.as_deref(), Some("1@x"));
        assert_eq!(entry.in_reply_to.as_deref(), Some("0@x"));
        assert!(!entry.has_attachments);
        let terms = terms(message);
        assert_eq!(terms.subject, "Hello world");
        assert_eq!(terms.senders, "Jürgen j@example.org  b@example.org");
        assert_eq!(terms.recipients, "Ann ann@example.org  c@example.org");
        assert_eq!(terms.text, "First\nline\n\n");
    }

    #[test]
    fn attachments_are_found_by_name_but_not_shown_in_the_snippet() {
        let message = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhere it is\n--b\n\
              Content-Type: application/pdf; name=\"boarding pass.pdf\"\n\nx\n--b--\n";
        assert!(terms(message).text.ends_with("boarding pass.pdf\n"));
        assert_eq!(summary(message).snippet, "here it is");
        assert!(summary(message).has_attachments);
    }

    #[test]
    fn a_snippet_is_found_after_a_long_style_sheet_and_in_several_texts() {
        let style = "p { color: red }\n".repeat(SNIPPET_OCTETS);
        let html = format!("Content-Type: text/html\n\n<style>{style}</style>\n<p>at last</p>");
        assert_eq!(summary(html.as_bytes()).snippet, "at last");
        let texts = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n";
        assert_eq!(summary(texts.as_bytes()).snippet, "one two");
        let long = format!("Subject: x\n\n{}", "wörd ".repeat(SNIPPET_OCTETS));
        assert_eq!(
            summary(long.as_bytes()).snippet,
            "wörd ".repeat(40).trim_end()
        );
    }

    #[test]
    fn an_invitation_without_a_text_has_the_words_of_its_event() {
        let message = b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\n\
            DTSTART:20260101\nSUMMARY:Tea\nLOCATION:Pier\nDESCRIPTION:Cake\nEND:VEVENT\n";
        assert_eq!(summary(message).snippet, "Tea Pier Cake");
        assert!(terms(message).text.contains("Tea\nPier\nCake\n"));
    }

    #[test]
    fn attached_messages_are_searched() {
        let mut message = "Subject: s5\n\nw5\n".to_owned();
        for depth in (0..5).rev() {
            message = format!(
                "Subject: s{depth}\nContent-Type: multipart/mixed; boundary=b{depth}\n\n\
                 --b{depth}\n\nw{depth}\n--b{depth}\nContent-Type: message/rfc822\n\n\
                 {message}\n--b{depth}--\n"
            );
        }
        let text = terms(message.as_bytes()).text;
        assert!(
            text.contains("w0") && text.contains("s3") && text.contains("w3"),
            "{text}"
        );
        assert!(!text.contains("w4"), "{text}");
    }

    #[test]
    fn missing_or_broken_fields_are_empty() {
        assert_eq!(summary(b""), Summary::default());
        let empty = Terms {
            recipients: " ".to_owned(),
            text: "\n".to_owned(),
            ..Terms::default()
        };
        assert_eq!(terms(b""), empty);
        let summary = summary(b"Date: yesterday\r\nFrom: \r\n\r\n");
        assert_eq!((summary.date, summary.sender.as_str()), (None, ""));
    }

    #[test]
    fn searched_text_is_limited() {
        let message = format!("Subject: x\n\n{}", "ü".repeat(LONGEST_TEXT));
        assert!(terms(message.as_bytes()).text.len() <= LONGEST_TEXT + 1);
    }
}
