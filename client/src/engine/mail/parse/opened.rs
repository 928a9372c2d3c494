//! Messages whose content is wrapped in another format: opaque-signed S/MIME and TNEF.
//!
//! The wrapped part is replaced by its content, as MIME. So all that is known of MIME holds for the
//! content, too.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::blank::has_content;
use super::body::file_name;
use super::cms::{Cms, cms};
use super::headers::Headers;
use super::media::is_text;
use super::tnef::{Tnef, tnef};
use super::tree::{Part, Tree};

/// The maximum number of parts that are replaced: each one is parsed anew.
const MOST_WRAPPED: usize = 4;

/// Calls a function with the parts of a message, in which wrapped content is opened.
pub(in crate::engine) fn with_tree<R>(message: &[u8], f: impl FnOnce(&Tree<'_>) -> R) -> R {
    let mut opened = None;
    for _ in 0..MOST_WRAPPED {
        let octets = opened.as_deref().unwrap_or(message);
        let tree = Tree::parse(octets);
        let Some(next) = replaced(octets, &tree) else {
            return f(&tree);
        };
        opened = Some(next);
    }
    f(&Tree::parse(opened.as_deref().unwrap_or(message)))
}

/// Returns true for a part that is a CMS message.
pub(in crate::engine) fn is_cms(part: &Part<'_>) -> bool {
    match part.media_type() {
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => true,
        "application/octet-stream" => has_extension(part, ".p7m"),
        _ => false,
    }
}

fn is_tnef(part: &Part<'_>) -> bool {
    match part.media_type() {
        "application/ms-tnef" | "application/vnd.ms-tnef" => true,
        "application/octet-stream" => {
            has_extension(part, "winmail.dat") || has_extension(part, "win.dat")
        }
        _ => false,
    }
}

fn has_extension(part: &Part<'_>, extension: &str) -> bool {
    file_name(part).is_some_and(|name| name.to_ascii_lowercase().ends_with(extension))
}

/// Returns the message with the content of its first wrapped part in place of that part.
fn replaced(message: &[u8], tree: &Tree<'_>) -> Option<Vec<u8>> {
    let leaves = tree.parts.iter().filter(|part| part.children.is_empty());
    leaves.into_iter().find_map(|part| {
        let content = if is_cms(part) {
            match cms(&part.decoded())? {
                Cms::Signed(entity) => entity,
                Cms::Encrypted => return None,
            }
        } else if is_tnef(part) {
            let is_other_text = |other: &&Part<'_>| {
                other.children.is_empty() && is_text(other.media_type()) && has_content(other)
            };
            mime_of(
                tnef(&part.decoded())?,
                tree.parts.iter().any(|part| is_other_text(&part)),
            )?
        } else {
            return None;
        };
        let start = part
            .whole
            .as_ptr()
            .addr()
            .checked_sub(message.as_ptr().addr())?;
        let end = start + part.whole.len();
        let mut replaced = message.get(..start)?.to_vec();
        replaced.extend(other_fields(part));
        if Headers::parse(&content).0.field("content-type").is_none() {
            // Content without a header is text.
            replaced.push(b'\n');
        }
        replaced.extend(content);
        replaced.extend(message.get(end..)?);
        Some(replaced)
    })
}

/// Returns the lines of a header, without the fields that describe the content.
fn other_fields(part: &Part<'_>) -> Vec<u8> {
    let length = part.whole.len().saturating_sub(part.length());
    let header = part.whole.get(..length).unwrap_or_default();
    let mut fields = Vec::new();
    let mut is_kept = true;
    for line in header.split_inclusive(|octet| *octet == b'\n') {
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            let is_content = line
                .get(..8)
                .is_some_and(|name| name.eq_ignore_ascii_case(b"content-"));
            is_kept = !is_content && !line.trim_ascii().is_empty();
        }
        if is_kept {
            fields.extend(line);
        }
    }
    fields
}

/// Returns the contents of a TNEF stream as MIME. The text is left out if the message `has_text`.
/// `None` if nothing remains.
fn mime_of(tnef: Tnef, has_text: bool) -> Option<Vec<u8>> {
    let mut parts = Vec::new();
    let text = tnef
        .html
        .map(|html| ("html", html))
        .or_else(|| tnef.plain.map(|plain| ("plain", plain)));
    if let Some((kind, text)) = text.filter(|(_, text)| !has_text && !text.trim().is_empty()) {
        parts.push((
            format!("Content-Type: text/{kind}; charset=utf-8\n"),
            text.into_bytes(),
        ));
    }
    for file in tnef.files {
        let mut octets = file.octets;
        let header = if file.is_message {
            let subject = BASE64_STANDARD.encode(&file.name);
            let header =
                format!("Subject: =?utf-8?B?{subject}?=\nContent-Type: application/ms-tnef\n\n");
            octets.splice(..0, header.into_bytes());
            "Content-Type: message/rfc822\n".to_owned()
        } else {
            let media_type = if is_token(&file.media_type) {
                file.media_type.as_str()
            } else {
                "application/octet-stream"
            };
            let name = percent_encoded(&file.name);
            let id = percent_encoded(&file.content_id);
            format!(
                "Content-Type: {media_type}\nContent-ID: <{id}>\n\
                 Content-Disposition: attachment; filename*=utf-8''{name}\n"
            )
        };
        parts.push((header, octets));
    }
    if parts.is_empty() {
        return None;
    }
    // The delimiter cannot occur in base64.
    let mut mime = b"Content-Type: multipart/mixed; boundary=\"=tnef=\"\n\n".to_vec();
    for (header, octets) in parts {
        mime.extend(b"--=tnef=\n");
        mime.extend(header.into_bytes());
        mime.extend(b"Content-Transfer-Encoding: base64\n\n");
        mime.extend(BASE64_STANDARD.encode(octets).into_bytes());
        mime.push(b'\n');
    }
    mime.extend(b"--=tnef=--\n");
    Some(mime)
}

/// Returns true for a media type that can be written without quotes.
fn is_token(media_type: &str) -> bool {
    let is_safe = |octet: u8| octet.is_ascii_alphanumeric() || b"/.+-_".contains(&octet);
    media_type.contains('/') && media_type.bytes().all(is_safe)
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || b"@._-".contains(&octet) {
            encoded.push(char::from(octet));
        } else {
            encoded.push_str(&format!("%{octet:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::mail::{Body, OpenMessage};
    use crate::engine::mail::parse::tests::open_text as open;
    use crate::engine::mail::parse::{attachment, cms, summary, tnef};

    fn text(message: &OpenMessage) -> &str {
        match &message.body {
            Body::Text { text } => text,
            Body::Html { html, .. } => html,
        }
    }

    /// Returns a message with a file of a type.
    fn message(media_type: &str, octets: &[u8]) -> String {
        let encoded = BASE64_STANDARD.encode(octets);
        format!(
            "Subject: wrapped\r\nMIME-Version: 1.0\r\nContent-Type: {media_type}\r\n\
             Content-Transfer-Encoding: base64\r\nFrom: a@example.org\r\n\r\n{encoded}\r\n"
        )
    }

    const ENTITY: &str = "Content-Type: multipart/mixed; boundary=s\r\n\r\n--s\r\n\r\nsigned words\r\n\
        --s\r\nContent-Type: text/plain; name=a.txt\r\n\r\nfile\r\n--s--\r\n";

    #[test]
    fn opaque_signed_messages_are_opened_with_their_attachments() {
        for media_type in [
            "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
            "application/x-pkcs7-mime",
            "application/octet-stream; name=smime.p7m",
        ] {
            let source = message(media_type, &cms::tests::signed(ENTITY.as_bytes()));
            let opened = open(&source);
            assert_eq!(text(&opened).trim(), "signed words", "{media_type}");
            assert_eq!((opened.subject.as_str(), opened.from.len()), ("wrapped", 1));
            let [file] = opened.attachments.as_slice() else {
                panic!("{:?}", opened.attachments)
            };
            assert_eq!(file.name, "a.txt");
            assert_eq!(attachment(source.as_bytes(), file.part).unwrap(), b"file");
            assert_eq!(summary(source.as_bytes()).snippet, "signed words");
        }
    }

    #[test]
    fn a_signed_part_beside_a_footer_and_one_inside_another_are_opened() {
        let once = message(
            "application/pkcs7-mime",
            &cms::tests::signed(ENTITY.as_bytes()),
        );
        let listed = format!(
            "Content-Type: multipart/mixed; boundary=l\r\n\r\n--l\r\n{once}\r\n--l\r\n\r\n\
             footer\r\n--l--\r\n"
        );
        let opened = open(&listed);
        assert!(text(&opened).contains("signed words") && text(&opened).contains("footer"));
        let twice = message(
            "application/pkcs7-mime",
            &cms::tests::signed(once.as_bytes()),
        );
        assert_eq!(text(&open(&twice)).trim(), "signed words");
        let bare = message("application/pkcs7-mime", &cms::tests::signed(b"bare words"));
        assert_eq!(text(&open(&bare)), "bare words");
    }

    #[test]
    fn content_that_cannot_be_opened_stays_an_attachment() {
        let opened = open(&message(
            "application/pkcs7-mime; name=smime.p7m",
            b"no CMS",
        ));
        assert_eq!(opened.attachments[0].name, "smime.p7m");
        let opened = open(&message(
            "application/ms-tnef; name=winmail.dat",
            b"no TNEF",
        ));
        assert_eq!(opened.attachments[0].name, "winmail.dat");
    }

    #[test]
    fn text_and_files_of_winmail_dat_are_shown() {
        for media_type in [
            "application/ms-tnef",
            "application/octet-stream; name=WinMail.dat",
        ] {
            let source = message(media_type, &tnef::tests::sample());
            let opened = open(&source);
            assert_eq!(text(&opened), "Пр words");
            let [file] = opened.attachments.as_slice() else {
                panic!("{:?}", opened.attachments)
            };
            assert_eq!((file.name.as_str(), file.octets), ("Übersicht 2026.txt", 4));
            assert_eq!(attachment(source.as_bytes(), file.part).unwrap(), b"rows");
        }
        let wrapped = message("application/ms-tnef", &tnef::tests::sample());
        let beside = format!(
            "Content-Type: multipart/mixed; boundary=l\r\n\r\n--l\r\n\r\nown words\r\n--l\r\n\
             {wrapped}\r\n--l--\r\n"
        );
        let opened = open(&beside);
        assert_eq!(text(&opened), "own words");
        assert_eq!(opened.attachments.len(), 1);
    }

    #[test]
    fn wrapping_is_opened_to_a_limited_depth() {
        let mut source = "words".to_owned();
        for _ in 0..10 {
            source = message(
                "application/pkcs7-mime",
                &cms::tests::signed(source.as_bytes()),
            );
        }
        assert_eq!(open(&source).attachments.len(), 1);
    }
}
