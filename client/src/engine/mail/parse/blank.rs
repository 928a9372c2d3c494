//! Texts without anything to read: alternatives that a program left empty.

use memchr::memmem;

use super::tree::Part;

/// The number of encoded bytes that are searched for content. A longer text has some.
const SEARCHED: usize = 256 * 1024;

/// Returns true if a text part shows anything: words, or a picture in HTML.
pub(in crate::engine) fn has_content(part: &Part<'_>) -> bool {
    if part.length() > SEARCHED {
        return true;
    }
    let octets = part.decoded();
    if part.media_type() == "text/html" {
        html_has_content(&octets)
    } else {
        !is_blank(&octets)
    }
}

/// Searches HTML for words and pictures, as bytes: all charsets of HTML mail contain ASCII.
fn html_has_content(html: &[u8]) -> bool {
    let mut rest = html;
    while let Some(at) = memchr::memchr(b'<', rest) {
        let (text, tag) = rest.split_at(at);
        if !is_blank(text) {
            return true;
        }
        if is_tag(tag, b"<img") || is_tag(tag, b"<input") {
            return true;
        }
        rest = behind(tag);
    }
    !is_blank(rest)
}

/// Returns the HTML after a tag, or after an element whose content is not shown.
fn behind(tag: &[u8]) -> &[u8] {
    let after = |end: &[u8]| {
        memmem::find(tag, end).map_or(&[][..], |at| tag.get(at + end.len()..).unwrap_or_default())
    };
    if tag.starts_with(b"<!--") {
        return after(b"-->");
    }
    for hidden in [&b"<style"[..], b"<script", b"<title"] {
        if is_tag(tag, hidden) {
            let end = |closing: &[u8]| {
                closing.get(2..).is_some_and(|name| {
                    let hidden = hidden.get(1..).unwrap_or_default();
                    name.get(..hidden.len())
                        .is_some_and(|name| name.eq_ignore_ascii_case(hidden))
                })
            };
            let close = memmem::find_iter(tag, b"</")
                .find(|at| tag.get(*at..).is_some_and(end))
                .unwrap_or(tag.len());
            return behind_tag(tag.get(close..).unwrap_or_default());
        }
    }
    behind_tag(tag)
}

fn behind_tag(tag: &[u8]) -> &[u8] {
    memchr::memchr(b'>', tag).map_or(&[][..], |end| tag.get(end + 1..).unwrap_or_default())
}

fn is_tag(tag: &[u8], name: &[u8]) -> bool {
    let ends = tag
        .get(name.len())
        .is_none_or(|octet| !octet.is_ascii_alphanumeric());
    ends && tag
        .get(..name.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(name))
}

/// Returns true for spaces of every kind, also as references.
fn is_blank(text: &[u8]) -> bool {
    const BLANKS: [&[u8]; 16] = [
        b" ",
        b"\t",
        b"\r",
        b"\n",
        b"\x0c",
        b"\0",
        b"&nbsp;",
        b"&#160;",
        b"&#xa0;",
        b"&zwnj;",
        b"&#8203;",
        b"&shy;",
        b"\xC2\xA0",
        b"\xE2\x80\x8B",
        b"\xEF\xBB\xBF",
        b"\xA0",
    ];
    let mut rest = text;
    while !rest.is_empty() {
        let strip = |blank: &&[u8]| {
            let start = rest.get(..blank.len())?;
            start
                .eq_ignore_ascii_case(blank)
                .then(|| rest.get(blank.len()..))?
        };
        let Some(behind) = BLANKS.iter().find_map(strip) else {
            return false;
        };
        rest = behind;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_without_words_or_pictures_is_blank() {
        for blank in [
            "",
            "<html><head><title>x</title><style>p{x}</style></head><body>&nbsp;</body></html>",
            "<!-- words --><p>\u{A0}</p><div><br></div>\r\n&#160;",
            "<script>if (a > b) x()</script  >",
            "<STYLE>never closed",
            "<p",
        ] {
            assert!(!html_has_content(blank.as_bytes()), "{blank}");
        }
        for shown in [
            "words",
            "<p>&nbsp;x</p>",
            "<p>&eacute;</p>",
            "<body><img src=cid:x></body>",
            "<style>x</style>ü",
            "<title>x</title><imgs></imgs>1",
        ] {
            assert!(html_has_content(shown.as_bytes()), "{shown}");
        }
    }
}
