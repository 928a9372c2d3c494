//! Allowed addresses of links and images.

/// Image types that are shown inside HTML. SVG is not among them, because an SVG is a document of
/// its own.
const INLINE_IMAGES: [&str; 5] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
];

/// The maximum length of a link. Browsers and servers have similar limits.
const LONGEST_LINK: usize = 8 * 1024;

/// The source of an image.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ImageSource {
    /// An image inside the address itself.
    Data(String),
    /// An address on another machine, always with TLS.
    Remote(String),
    /// No source that may be shown.
    Refused,
}

/// Returns the address of a link, if its scheme is allowed.
pub(crate) fn link(address: &str) -> Option<String> {
    let address = as_browsers_read(address);
    if address.len() > LONGEST_LINK {
        return None;
    }
    match scheme(&address)? {
        ("http" | "https" | "mailto", _) => Some(address.clone()),
        ("", rest) => Some(format!("https:{rest}")),
        _ => None,
    }
}

/// Returns the source of an image that is no part of the mail.
pub(crate) fn image(address: &str) -> ImageSource {
    let address = as_browsers_read(address);
    match scheme(&address) {
        Some(("data", rest)) if is_image_data(rest) => ImageSource::Data(address.clone()),
        Some(("http" | "https" | "", rest)) if address.len() <= LONGEST_LINK => {
            ImageSource::Remote(format!("https:{rest}"))
        }
        _ => ImageSource::Refused,
    }
}

/// Removes the characters that browsers ignore in addresses, and converts the scheme to lower case.
fn as_browsers_read(address: &str) -> String {
    let mut address: String = address
        .trim_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    if let Some(colon) = address.find(':')
        && let Some(scheme) = address.get_mut(..colon)
    {
        scheme.make_ascii_lowercase();
    }
    address
}

/// Splits an address into scheme and rest. The scheme is empty for `//host/path`.
fn scheme(address: &str) -> Option<(&str, &str)> {
    if address.starts_with("//") {
        return Some(("", address));
    }
    let (scheme, rest) = address.split_once(':')?;
    let is_scheme = scheme.bytes().all(|octet| octet.is_ascii_lowercase());
    (!scheme.is_empty() && is_scheme).then_some((scheme, rest))
}

/// Returns true if the rest of a `data:` address is an image of an allowed type.
fn is_image_data(rest: &str) -> bool {
    let Some((media_type, data)) = rest.split_once(";base64,") else {
        return false;
    };
    INLINE_IMAGES.contains(&media_type)
        && data
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_need_an_allowed_scheme() {
        let table = [
            ("https://a.test/?x=1&y#z", Some("https://a.test/?x=1&y#z")),
            ("HTTP://a.test", Some("http://a.test")),
            (" mailto:a@b.test\n", Some("mailto:a@b.test")),
            ("//a.test/x", Some("https://a.test/x")),
            ("javascript:alert(1)", None),
            ("java\nscript:alert(1)", None),
            ("\u{1}javascript:alert(1)", None),
            ("JaVaScRiPt:alert(1)", None),
            ("data:text/html,x", None),
            ("vbscript:x", None),
            ("blob:https://a.test/x", None),
            ("file:///etc/passwd", None),
            ("/relative", None),
            ("#anchor", None),
            ("", None),
        ];
        for (address, followed) in table {
            assert_eq!(link(address).as_deref(), followed, "{address}");
        }
    }

    #[test]
    fn images_are_data_or_remote() {
        let remote = ImageSource::Remote("https://a.test/x".to_owned());
        assert_eq!(image("http://a.test/x"), remote);
        assert_eq!(image("//a.test/x"), remote);
        let data = "data:image/png;base64,iVBO";
        assert_eq!(image(data), ImageSource::Data(data.to_owned()));
        for refused in [
            "data:image/svg+xml;base64,PHN2Zz4=",
            "data:image/png,<svg>",
            "data:text/html;base64,PHN2Zz4=",
            "javascript:x",
            "x.png",
            "cid:a@b",
        ] {
            assert_eq!(image(refused), ImageSource::Refused, "{refused}");
        }
    }
}
