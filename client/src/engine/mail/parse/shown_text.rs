//! The text of a part, decoded from its charset and its format.

use super::charset::{decode, decode_html, guess};
use super::enriched;
use super::flowed;
use super::tree::Part;

/// Decodes the first `octets` encoded bytes of a text part, with `\n` line ends.
pub(super) fn shown_text(part: &Part<'_>, octets: usize) -> String {
    let charset = part.content_type.parameter("charset").unwrap_or_default();
    let decoded = part.decoded_start(octets);
    let is_html = part.media_type() == "text/html";
    let mut text = if is_html {
        decode_html(charset, &decoded)
    } else {
        decode(charset, &decoded)
    };
    if octets >= part.length() {
        add_footer(&mut text, part.footer(), is_html);
    }
    let text = if text.contains('\r') {
        // A relay may have doubled the carriage returns.
        text.replace("\r\r\n", "\n")
            .replace("\r\n", "\n")
            .replace('\r', "\n")
    } else {
        text
    };
    match part.media_type() {
        "text/enriched" | "text/richtext" => enriched::text(&text),
        "text/plain" if is(part, "format", "flowed") => {
            flowed::joined(&text, is(part, "delsp", "yes"))
        }
        _ => text,
    }
}

/// Adds clear text to decoded text.
fn add_footer(text: &mut String, footer: &[u8], is_html: bool) {
    if footer.is_empty() {
        return;
    }
    let footer = guess(footer);
    if is_html {
        let escaped = footer.replace('&', "&amp;").replace('<', "&lt;");
        text.push_str(&format!("<pre>{escaped}</pre>"));
    } else {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&footer);
    }
}

fn is(part: &Part<'_>, parameter: &str, value: &str) -> bool {
    let found = part.content_type.parameter(parameter);
    found.is_some_and(|found| found.eq_ignore_ascii_case(value))
}
