//! What the messages of the demo are: read by a MIME parser, each is of the kind it claims to be.

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};

use crate::client::Pop3Client;
use crate::expected::EXPECTED;
use crate::{RunningDemo, options, start};

/// Reads the whole maildrop, oldest first.
async fn fetch(running: &RunningDemo) -> Vec<Vec<u8>> {
    let mut client = Pop3Client::logged_in(running).await;
    let mut messages = Vec::new();
    for number in 1..=client.lines("LIST").await.len() {
        messages.push(client.body(&format!("RETR {number}")).await);
    }
    messages
}

fn parse(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}

fn seconds_at_start() -> i64 {
    let since = options().now.duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_secs().try_into().unwrap()
}

/// The message with this id, of those that were fetched.
fn find<'a>(messages: &'a [Vec<u8>], id: &str) -> Message<'a> {
    let mut parsed = messages.iter().map(|bytes| parse(bytes));
    parsed
        .find(|message| message.message_id() == Some(id))
        .unwrap()
}

#[tokio::test]
async fn every_message_parses_as_intended() {
    let running = start().await;
    let messages = fetch(&running).await;
    assert_eq!(messages.len(), EXPECTED.len());
    for (bytes, expected) in messages.iter().zip(EXPECTED) {
        let message = parse(bytes);
        let subject = message.subject().unwrap_or("");
        assert!(subject.starts_with(expected.subject), "{subject}");
        assert_eq!(subject.is_empty(), expected.subject.is_empty(), "{subject}");
        assert!(message.from().is_some(), "{subject}");
        let text = message.body_text(0).unwrap_or_default();
        assert!(text.contains(expected.text), "{subject}: {text}");
        let names: Vec<&str> = message
            .attachments()
            .map(|part| part.attachment_name().unwrap_or(""))
            .collect();
        assert_eq!(
            names.len(),
            expected.attachments.len(),
            "{subject}: {names:?}"
        );
        for (name, start) in names.iter().zip(expected.attachments) {
            assert!(name.starts_with(start), "{subject}: {names:?}");
        }
    }
}

#[tokio::test]
async fn every_file_is_served_once_with_valid_line_ends() {
    let running = start().await;
    let messages = fetch(&running).await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/messages");
    let files = std::fs::read_dir(folder).unwrap();
    assert_eq!(files.count(), messages.len());
    for bytes in &messages {
        let name = parse(bytes).message_id().unwrap_or_default().to_owned();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            assert!(line.ends_with(b"\r\n"), "{name}: a bare LF or no end");
            // RFC 5322 §2.1.1
            assert!(
                line.len() <= 1000,
                "{name}: a line of {} octets",
                line.len()
            );
        }
    }
}

#[tokio::test]
async fn the_dates_lie_in_the_weeks_before_the_start_in_order() {
    let running = start().await;
    let messages = fetch(&running).await;
    let dates: Vec<i64> = messages
        .iter()
        .filter_map(|bytes| Some(parse(bytes).date()?.to_timestamp()))
        .collect();
    assert_eq!(dates.len(), messages.len() - 1, "one message has no date");
    assert!(dates.is_sorted(), "{dates:?}");
    let start = seconds_at_start();
    assert!(
        dates
            .iter()
            .all(|date| (start - 30 * 86_400..start).contains(date))
    );
    // The welcome is the newest, so that it is the first in the list.
    assert_eq!(dates.last(), Some(&(start - 120)));
}

/// The header fields and the decoded text of all parts, those of nested messages included.
fn texts(message: &Message<'_>, into: &mut Vec<String>) {
    into.extend(message.headers_raw().map(|(_, value)| value.to_owned()));
    for part in &message.parts {
        match &part.body {
            PartType::Text(text) | PartType::Html(text) => into.push(text.to_string()),
            PartType::Message(nested) => texts(nested, into),
            PartType::Binary(_) | PartType::InlineBinary(_) | PartType::Multipart(_) => {}
        }
    }
}

#[tokio::test]
async fn every_host_that_a_message_names_is_reserved_for_examples() {
    let running = start().await;
    let mut hosts = 0;
    for bytes in fetch(&running).await {
        let mut all = Vec::new();
        texts(&parse(&bytes), &mut all);
        for text in &all {
            let named = text.match_indices("//").filter(|(at, _)| {
                let before = text[..*at].chars().next_back();
                matches!(before, Some(':' | '"' | '\'' | '('))
            });
            let addressed = text.match_indices('@').filter(|(at, _)| {
                let before = text[..*at].chars().next_back();
                before.is_some_and(|c| c.is_ascii_alphanumeric())
            });
            for (at, mark) in named.chain(addressed) {
                let rest = &text[at + mark.len()..];
                let of_a_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '@');
                let end = rest.find(|c| !of_a_host(c)).unwrap_or(rest.len());
                let host = rest[..end].trim_end_matches('.').to_ascii_lowercase();
                assert!(
                    host.ends_with(".example"),
                    "{host}: {}",
                    &rest[..end.max(1)]
                );
                hosts += 1;
            }
        }
    }
    assert!(hosts > 150, "{hosts}");
}

#[tokio::test]
async fn the_thread_refers_from_reply_to_reply() {
    let running = start().await;
    let messages = fetch(&running).await;
    let id = |n: usize| format!("walk-{n}@hillwalkers.example");
    for n in 2..=6 {
        let message = find(&messages, &id(n));
        assert_eq!(
            message
                .references()
                .as_text_list()
                .unwrap()
                .last()
                .unwrap()
                .to_string(),
            id(n - 1)
        );
        assert!(
            message
                .in_reply_to()
                .as_text_list()
                .unwrap()
                .iter()
                .any(|i| **i == *id(n - 1))
        );
        assert!(message.body_text(0).unwrap().contains("\n> "));
    }
}

#[tokio::test]
async fn the_newsletter_has_remote_pictures_a_tracking_pixel_and_a_plain_part() {
    let running = start().await;
    let messages = fetch(&running).await;
    let message = find(&messages, "winter-issue@fieldandharbour.example");
    assert_eq!(message.html_body_count(), 1);
    let html = message.body_html(0).unwrap();
    assert_eq!(html.matches("<img src=\"https://images.").count(), 3);
    let pixel = html.split("<img").last().unwrap();
    assert!(pixel.contains("https://tracker.") && pixel.contains("width=\"1\" height=\"1\""));
    assert!(html.contains("<style>") && html.contains(" style=\""));
    assert!(message.body_text(0).unwrap().starts_with("FIELD & HARBOUR"));
}

#[tokio::test]
async fn inline_pictures_are_png_files_that_the_html_refers_to() {
    let running = start().await;
    let messages = fetch(&running).await;
    let message = find(&messages, "postcard-8@postcards.example");
    let html = message.body_html(0).unwrap();
    assert_eq!(html.matches("cid:").count(), 2);
    for part in message.attachments() {
        assert!(html.contains(&format!("\"cid:{}\"", part.content_id().unwrap())));
        assert!(part.contents().starts_with(b"\x89PNG\r\n\x1a\n"));
    }
}

#[tokio::test]
async fn the_pdf_has_its_objects_where_its_table_says() {
    let running = start().await;
    let messages = fetch(&running).await;
    let message = find(&messages, "NFL-7Q2@northernferry.example");
    let pdf = message.attachment(0).unwrap().contents();
    assert!(pdf.starts_with(b"%PDF-1.4\n") && pdf.ends_with(b"%%EOF\n"));
    let text = |from: usize| String::from_utf8_lossy(&pdf[from..]).into_owned();
    let whole = text(0);
    let after = whole.rsplit_once("startxref\n").unwrap().1;
    let table = text(after.lines().next().unwrap().parse().unwrap());
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("xref"));
    let entries: Vec<&str> = lines.skip(1).take_while(|l| *l != "trailer").collect();
    assert_eq!(entries.len(), 7);
    for (number, entry) in entries.iter().enumerate().skip(1) {
        let object = text(entry[..10].parse().unwrap());
        assert!(object.starts_with(&format!("{number} 0 obj\n")), "{entry}");
    }
}

#[tokio::test]
async fn the_large_attachment_is_a_picture_of_6_mib() {
    let running = start().await;
    let messages = fetch(&running).await;
    let message = find(&messages, "the-view@postcards.example");
    let picture = message.attachment(0).unwrap();
    let content_type = picture.content_type().unwrap();
    assert_eq!(
        (content_type.ctype(), content_type.subtype()),
        ("image", Some("bmp"))
    );
    assert!(picture.contents().starts_with(b"BM"));
    assert_eq!(picture.contents().len(), 54 + 2048 * 1024 * 3);
}

#[tokio::test]
async fn the_invitation_asks_for_an_event_after_the_start() {
    let running = start().await;
    let messages = fetch(&running).await;
    let message = find(&messages, "reunion@hillwalkers.example");
    let calendar = message.attachment(0).unwrap();
    let content_type = calendar.content_type().unwrap();
    assert_eq!(
        (content_type.ctype(), content_type.subtype()),
        ("text", Some("calendar"))
    );
    assert_eq!(content_type.attribute("method"), Some("REQUEST"));
    let text = calendar.text_contents().unwrap();
    assert!(text.contains("\r\nDTSTART:20261125T150000Z\r\n"), "{text}");
    assert!(
        message
            .body_text(0)
            .unwrap()
            .contains("Wednesday, 25 November, 15:00 UTC")
    );
}

#[tokio::test]
async fn the_forwarded_message_has_a_message_with_an_attachment_inside() {
    let running = start().await;
    let messages = fetch(&running).await;
    let message = find(&messages, "fwd-thermos@hillwalkers.example");
    let inner = message.attachment(0).unwrap().message().unwrap();
    assert_eq!(inner.subject(), Some("Found: one thermos"));
    assert_eq!(
        inner.attachment(0).unwrap().attachment_name(),
        Some("thermos.png")
    );
}

#[tokio::test]
async fn the_hostile_messages_try_to_leave_a_mark() {
    let running = start().await;
    let messages = fetch(&running).await;
    for (room, marks) in [
        ("room-1", 20),
        ("room-2", 6),
        ("room-3", 2),
        ("room-4", 20),
        ("room-7", 5),
    ] {
        let of_room = |bytes: &&Vec<u8>| {
            let id = parse(bytes).message_id().unwrap_or_default().to_owned();
            id.starts_with(room)
        };
        let bytes = messages.iter().find(of_room).unwrap();
        let mut all = vec![String::from_utf8_lossy(bytes).into_owned()];
        all.extend(parse(bytes).subject().map(str::to_owned));
        let found: usize = all.iter().map(|text| text.matches("__pwned").count()).sum();
        assert!(found >= marks, "{room}: {found}");
    }
}
