//! What the index keeps of a message.

use mail_parser::DateTime;

use super::addresses::addresses;
use super::body::{Block, Contents};
use super::headers::Headers;
use super::message::attachment_name;
use super::text;
use super::tree::Tree;
use super::words::unstructured;
use crate::engine::event::Address;

/// Text beyond this is not searched: a novel's worth, while logs and dumps that people mail to
/// each other would fill the index with numbers.
const LONGEST_TEXT: usize = 256 * 1024;
/// Characters of a snippet; the list has room for less.
const LONGEST_SNIPPET: usize = 200;
/// Characters of a subject or sender; the reader shows the whole.
const LONGEST_LINE: usize = 500;

/// What the index keeps of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexEntry {
    /// The first sender's name, or address.
    pub sender: String,
    /// The subject.
    pub subject: String,
    /// The first words.
    pub snippet: String,
    /// The `Date` field, in seconds since 1970.
    pub date: Option<i64>,
    /// Whether there are attachments.
    pub has_attachments: bool,
    /// The message-id without brackets.
    pub message_id: Option<String>,
    /// The message-id that this one answers.
    pub in_reply_to: Option<String>,
    /// All senders, for search.
    pub senders: String,
    /// All recipients, for search.
    pub recipients: String,
    /// The text and the names of the attachments, for search.
    pub text: String,
}

/// Derives an index entry from a message.
#[must_use]
pub fn extract(message: &[u8]) -> IndexEntry {
    let tree = Tree::parse(message);
    let Some(root) = tree.root() else {
        return IndexEntry::default();
    };
    let headers = &root.headers;
    let contents = Contents::of(&tree);
    let mut text = String::new();
    for block in &contents.blocks {
        match block {
            Block::Text(words) => text.push_str(words),
            Block::Html(html) => text.push_str(&text::of_html(html)),
        }
        text.push('\n');
    }
    let mut end = LONGEST_TEXT.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    let snippet = text::one_line(&text, LONGEST_SNIPPET);
    for part in contents
        .attachments
        .iter()
        .filter_map(|&a| tree.parts.get(a))
    {
        text.push_str(&attachment_name(part));
        text.push('\n');
    }
    let from = address_field(headers, "from");
    let sender = from.first().map(|address| match address.name.as_str() {
        "" => address.address.as_str(),
        name => name,
    });
    IndexEntry {
        sender: text::one_line(sender.unwrap_or_default(), LONGEST_LINE),
        subject: text::one_line(&subject(headers), LONGEST_LINE),
        snippet,
        date: date(headers),
        has_attachments: !contents.attachments.is_empty(),
        message_id: message_id(headers, "message-id"),
        in_reply_to: message_id(headers, "in-reply-to"),
        senders: joined(&from),
        recipients: ["to", "cc"]
            .map(|name| joined(&address_field(headers, name)))
            .join(" "),
        text,
    }
}

/// The subject, or empty.
pub(super) fn subject(headers: &Headers<'_>) -> String {
    headers
        .field("subject")
        .map(|field| unstructured(&field))
        .unwrap_or_default()
}

/// The addresses of a field.
pub(super) fn address_field(headers: &Headers<'_>, name: &str) -> Vec<Address> {
    headers
        .field(name)
        .map(|field| addresses(&field))
        .unwrap_or_default()
}

/// When it was sent, in seconds since 1970: by its `Date`, else by its newest `Received`, which ends
/// in a semicolon and a time ([RFC 5321 §4.4]).
fn date(headers: &Headers<'_>) -> Option<i64> {
    let field = |name| Some(String::from_utf8_lossy(&headers.field(name)?).into_owned());
    let seconds = |text: &str| {
        let date = DateTime::parse_rfc822(text).filter(DateTime::is_valid)?;
        (date.year >= 1970).then(|| date.to_timestamp())
    };
    let sent = field("date").and_then(|date| seconds(&date));
    sent.or_else(|| seconds(field("received")?.rsplit_once(';')?.1))
}

/// The first message-id of a field ([RFC 5322 §3.6.4]), without brackets.
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
    fn a_message_without_a_date_has_that_of_its_newest_received() {
        let received = "Received: from a by b; Sat, 22 Nov 1997 09:55:06 -0600\r\n\
                        Received: from c by a;\r\n Fri, 21 Nov 1997 09:55:06 -0600\r\n";
        let date = |field: &str| extract(format!("{received}{field}\r\n").as_bytes()).date;
        assert_eq!(date(""), Some(880_214_106));
        assert_eq!(date("Date: yesterday\r\n"), Some(880_214_106));
        assert_eq!(
            date("Date: Fri, 21 Nov 1997 09:55:06 -0600\r\n"),
            Some(880_127_706)
        );
        assert_eq!(extract(b"Received: by hand\r\n\r\n").date, None);
    }

    #[test]
    fn an_entry_has_what_the_list_shows() {
        let entry = extract(
            b"From: =?iso-8859-1?Q?J=FCrgen?= <j@example.org>, b@example.org\r\n\
              To: Ann <ann@example.org>\r\nCc: c@example.org\r\n\
              Subject: =?utf-8?B?SGVsbG8=?=\r\n  world\r\n\
              Date: Fri, 21 Nov 1997 09:55:06 -0600\r\n\
              Message-ID: <1@x>\r\nIn-Reply-To: <0@x> (old)\r\n\r\nFirst\r\nline\r\n",
        );
        assert_eq!(entry.sender, "Jürgen");
        assert_eq!(entry.subject, "Hello world");
        assert_eq!(entry.snippet, "First line");
        assert_eq!(entry.date, Some(880_127_706));
        assert_eq!(entry.message_id.as_deref(), Some("1@x"));
        assert_eq!(entry.in_reply_to.as_deref(), Some("0@x"));
        assert!(entry.recipients.contains("ann@example.org c@") || entry.recipients.contains("c@"));
        assert!(entry.senders.contains("b@example.org"));
        assert!(!entry.has_attachments);
    }

    #[test]
    fn attachments_are_found_by_name_but_not_shown_in_the_snippet() {
        let entry = extract(
            b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhere it is\n--b\n\
              Content-Type: application/pdf; name=\"boarding pass.pdf\"\n\nx\n--b--\n",
        );
        assert!(
            entry.text.ends_with("boarding pass.pdf\n"),
            "{}",
            entry.text
        );
        assert_eq!(entry.snippet, "here it is");
    }

    #[test]
    fn what_is_missing_or_broken_is_empty() {
        assert_eq!(
            extract(b""),
            IndexEntry {
                recipients: " ".to_owned(),
                text: "\n".to_owned(),
                ..IndexEntry::default()
            }
        );
        let entry = extract(b"Date: yesterday\r\nFrom: \r\n\r\n");
        assert_eq!((entry.date, entry.sender.as_str()), (None, ""));
    }

    #[test]
    fn text_has_a_limit() {
        let message = format!("Subject: x\n\n{}", "ü".repeat(LONGEST_TEXT));
        assert!(extract(message.as_bytes()).text.len() <= LONGEST_TEXT);
    }
}
