//! Large pictures inside addresses of HTML ([RFC 2397]).
//!
//! They are taken out before the HTML is parsed. A picture of megabytes would otherwise use up the
//! limits that bound the parsing of hostile HTML, and the text after it would be lost.

use std::borrow::Cow;

use memchr::memmem;

use super::content::percent_decoded;
use super::transfer;
use crate::engine::mail::sanitise::Images;
use crate::media_type;

/// The number of characters of base64 from which a picture is large.
const LARGE: usize = 32 * 1024;
/// The maximum number of characters from `data:` to the picture itself.
const LONGEST_HEAD: usize = 200;

/// Moves the large pictures to `images`, and leaves references to them.
pub(in crate::engine) fn lifted<'a>(html: &'a str, images: &mut Images) -> Cow<'a, str> {
    replaced(html, |data| {
        let octets = transfer::base64(&percent_decoded(data.as_bytes()));
        let Some(media_type) = media_type::picture_type(&octets) else {
            return String::new();
        };
        let name = format!("lifted-{}", images.count());
        let address = format!("cid:{name}");
        // No attachment has this place.
        images.add(usize::MAX, vec![name], media_type, octets);
        address
    })
}

/// Removes the large pictures.
pub(in crate::engine) fn without_large(html: &str) -> Cow<'_, str> {
    replaced(html, |_| String::new())
}

/// Replaces each address that contains a large picture by what `address` returns for its base64.
fn replaced(html: &str, mut address: impl FnMut(&str) -> String) -> Cow<'_, str> {
    let mut out = String::new();
    let mut from = 0;
    for start in memmem::find_iter(html.as_bytes(), "data:image/") {
        let Some((data, end)) = large_data(html, start) else {
            continue;
        };
        out.push_str(html.get(from..start).unwrap_or_default());
        out.push_str(&address(data));
        from = end;
    }
    if from == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(html.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// Returns the base64 of the address that starts at `start`, and its end, if it is large. A line
/// break belongs to the address only between quotation marks.
fn large_data(html: &str, start: usize) -> Option<(&str, usize)> {
    let octets = html.as_bytes();
    let quote = octets
        .get(start.checked_sub(1)?)
        .filter(|octet| matches!(octet, b'"' | b'\''));
    let rest = octets.get(start..)?;
    let comma = memchr::memchr(b',', rest.get(..LONGEST_HEAD)?)?;
    let head = rest.get(..comma)?.trim_ascii_end();
    if !head.to_ascii_lowercase().ends_with(b";base64") {
        return None;
    }
    let data = start + comma + 1;
    let length = octets.get(data..)?.iter().position(|octet| {
        let is_space = quote.is_some() && octet.is_ascii_whitespace();
        !(octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=' | b'%') || is_space)
    })?;
    let end = data + length;
    let is_whole = quote.is_none() || octets.get(end) == quote;
    let data = html.get(data..end)?;
    (length >= LARGE && is_whole).then_some((data, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the address of a picture of this number of bytes.
    fn address(octets: usize) -> String {
        let data = "iVBORw0KGgoAAAAN////".repeat(octets / 15);
        format!("data:image/png;base64,{data}")
    }

    #[test]
    fn large_pictures_are_lifted_in_any_quotes() {
        let large = address(40_000);
        let broken = large.replace("//iVBO", "//\r\n iVBO");
        for (before, picture, after) in [
            ("<img src=\"", &large, "\"> after"),
            ("<img src='", &large, "' width=5> after"),
            ("<img src=", &large, " width=5> after"),
            ("<img src=\"", &broken, "\"> after"),
            ("<td style=\"background:url(", &large, ")\"> after"),
        ] {
            let mut images = Images::new(false);
            let html = format!("{before}{picture}{after}");
            assert_eq!(
                lifted(&html, &mut images),
                format!("{before}cid:lifted-0{after}")
            );
            assert!(images.source("cid:lifted-0", true).is_some());
            assert_eq!(without_large(&html), format!("{before}{after}"));
        }
    }

    #[test]
    fn other_addresses_stay() {
        let large = address(40_000);
        for html in [
            format!("<img src=\"{}\">", address(300)),
            format!("<img src=\"{large}<\">"),
            format!("<img src=\"{large}"),
            large.replace(";base64", ""),
            "<img src='data:image/png;base64".to_owned(),
        ] {
            assert_eq!(without_large(&html), html);
        }
    }

    #[test]
    fn what_is_no_picture_is_dropped() {
        let html = format!(
            "<img src='data:image/png;base64,{}'>",
            "PHN2Zz4A".repeat(9_000)
        );
        let mut images = Images::new(false);
        assert_eq!(lifted(&html, &mut images), "<img src=''>");
    }
}
