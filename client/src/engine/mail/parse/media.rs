//! The media type of a part, as far as it can be known.

use super::content::ContentField;

/// The types of text that no reader shows as text. They are files, or renditions for one program.
const FILES: [&str; 8] = [
    "text/calendar",
    "text/directory",
    "text/rtf",
    "text/vcard",
    "text/x-amp-html",
    "text/x-vcalendar",
    "text/x-vcard",
    "text/watch-html",
];

/// Returns the media type that the field declares. If it is invalid ([RFC 2045 §5.2]), returns the
/// type that the sender evidently meant: by the words of the field, or by the `start` of the body.
pub(in crate::engine) fn evident(field: &ContentField, default: &str, start: &[u8]) -> String {
    let value = field.value.as_str();
    let multipart = || field.parameter("boundary").map(|_| "multipart/mixed");
    let known = match value.split_once('/') {
        _ if value.is_empty() => multipart().unwrap_or(default),
        Some(("multipart", "")) | None if value.starts_with("multipart") => "multipart/mixed",
        Some(("text" | "application", "htm" | "x-html" | "xhtml" | "xhtml+xml"))
        | Some(("html", "text")) => "text/html",
        Some(("plain", "text")) => "text/plain",
        Some((kind, subtype)) if !kind.is_empty() && !subtype.is_empty() => {
            // The third part of `text/html/x` means nothing.
            let length = subtype
                .find('/')
                .map_or(value.len(), |end| kind.len() + 1 + end);
            value.get(..length).unwrap_or(value)
        }
        _ => multipart().unwrap_or_else(|| match value {
            "html" | "htm" => "text/html",
            _ => of_start(start),
        }),
    };
    known.to_owned()
}

/// Returns the type of a body of invalid type.
fn of_start(start: &[u8]) -> &'static str {
    let start = start.trim_ascii_start();
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    let begins = |tag: &[u8]| {
        let beginning = start.get(..tag.len());
        beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(tag))
    };
    if [&b"<html"[..], b"<!doctype html", b"<head", b"<body"]
        .into_iter()
        .any(begins)
    {
        "text/html"
    } else if start.contains(&0) || crate::media_type::document_type(start).is_some() {
        "application/octet-stream"
    } else {
        "text/plain"
    }
}

/// Returns true for a type that is shown as text: any type of text that is no file ([RFC 2046
/// §4.1.4]).
pub(in crate::engine) fn is_text(media_type: &str) -> bool {
    media_type.starts_with("text/") && !FILES.contains(&media_type)
}

/// Returns true for a rendition of the text for one program, which other programs ignore.
pub(in crate::engine) fn is_special_rendition(media_type: &str) -> bool {
    matches!(media_type, "text/x-amp-html" | "text/watch-html")
}

/// Returns true for a report by a server, in fields that people can read ([RFC 3464], [RFC 8098],
/// [RFC 5965]).
pub(in crate::engine) fn is_report(media_type: &str) -> bool {
    matches!(
        media_type,
        "message/delivery-status"
            | "message/disposition-notification"
            | "message/feedback-report"
            | "message/global-delivery-status"
            | "message/global-disposition-notification"
            | "message/global-headers"
            | "text/rfc822-headers"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(field: &str, start: &str) -> String {
        evident(
            &ContentField::parse(field.as_bytes(), None),
            "text/plain",
            start.as_bytes(),
        )
    }

    #[test]
    fn an_invalid_type_is_read_as_the_type_that_was_meant() {
        let table = [
            ("", "x", "text/plain"),
            ("text/html charset=utf-8", "x", "text/html"),
            ("text", "x", "text/plain"),
            ("text", " <HTML><p>x", "text/html"),
            ("text/", "\u{FEFF}<!DOCTYPE html>", "text/html"),
            ("html", "x", "text/html"),
            ("html/text", "x", "text/html"),
            ("plain/text", "x", "text/plain"),
            ("text/html/x", "x", "text/html"),
            ("application/xhtml+xml", "x", "text/html"),
            ("multipart; boundary=x", "x", "multipart/mixed"),
            ("multipart/; boundary=x", "x", "multipart/mixed"),
            ("mixed; boundary=x", "x", "multipart/mixed"),
            ("; boundary=x", "x", "multipart/mixed"),
            ("pdf", "%PDF-1.4", "application/octet-stream"),
            ("file", "a\0b", "application/octet-stream"),
            ("x/unheard-of", "x", "x/unheard-of"),
            ("image/jpg", "x", "image/jpg"),
        ];
        for (field, start, media_type) in table {
            assert_eq!(of(field, start), media_type, "{field}");
        }
    }

    #[test]
    fn every_text_is_shown_unless_it_is_a_file() {
        for shown in [
            "text/plain",
            "text/x-diff",
            "text/markdown",
            "text/unheard-of",
        ] {
            assert!(is_text(shown), "{shown}");
        }
        for file in [
            "text/calendar",
            "text/vcard",
            "text/rtf",
            "application/json",
        ] {
            assert!(!is_text(file), "{file}");
        }
    }
}
