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

/// The address to which relative addresses refer, as given by `<base>`: an absolute web address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base(String);

impl Base {
    /// Returns the base with this address, unless it is not a web address.
    pub(crate) fn new(address: &str) -> Option<Self> {
        web_address(&as_browsers_read(address)).map(Self)
    }

    /// Returns the absolute address of a relative one ([RFC 3986 §5.2]). The browser removes its
    /// dot segments.
    fn resolve(&self, relative: &str) -> String {
        let (path, _) = cut(&self.0, &['?', '#']);
        if relative.is_empty() || relative.starts_with('?') {
            return format!("{path}{relative}");
        }
        let host = path.find("//").map_or(0, |slashes| slashes + 2);
        let rooted = path.get(host..).and_then(|rest| rest.find('/'));
        let root = rooted.map_or(path.len(), |slash| host + slash);
        let folder = match path.rfind('/') {
            Some(slash) if slash >= root && !relative.starts_with('/') => slash,
            _ => root,
        };
        let folder = path.get(..folder).unwrap_or_default();
        format!("{folder}/{}", relative.trim_start_matches('/'))
    }
}

/// Returns the address of a link that may be followed: an address of the web or of mail, or a place
/// in the same mail, which begins with `#`.
pub(crate) fn link(address: &str, base: Option<&Base>) -> Option<String> {
    let address = as_browsers_read(address);
    if address.len() > LONGEST_LINK {
        return None;
    }
    // Browsers put `about:blank` before the places in a mail when a page is saved or forwarded.
    let place = address.strip_prefix("about:blank").unwrap_or(&address);
    if place.starts_with('#') {
        return Some(place.to_owned());
    }
    match scheme(&address) {
        Some(("mailto", _)) => Some(address),
        _ => absolute(&address, base),
    }
}

/// Returns the source of an image that is no part of the mail. A `<base>` of the mail counts for links
/// only: no relative address of an image causes a request.
pub(crate) fn image(address: &str) -> ImageSource {
    let address = as_browsers_read(address);
    match scheme(&address) {
        Some(("data", rest)) if is_image_data(rest) => ImageSource::Data(address),
        _ if address.len() > LONGEST_LINK || address.starts_with('#') => ImageSource::Refused,
        _ => {
            let absolute = absolute(&address, None);
            let remote = absolute.as_deref().and_then(|address| scheme(address));
            remote.map_or(ImageSource::Refused, |(_, rest)| {
                ImageSource::Remote(format!("https:{rest}"))
            })
        }
    }
}

/// Returns the absolute web address of an address. Without a scheme and a base, only a host that
/// begins with `www.` is recognised: any other word may be the name of a file.
fn absolute(address: &str, base: Option<&Base>) -> Option<String> {
    let is_host = address
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("www."));
    if is_host {
        return web_address(&format!("//{address}"));
    }
    match scheme(address) {
        Some(_) => web_address(address),
        None => base.map(|base| base.resolve(address)),
    }
}

/// Returns an absolute web address in the form `scheme://host…`, with `https:` if it begins with
/// `//`. Browsers read some addresses without a host, such as `http:?x`, as relative to the page.
fn web_address(address: &str) -> Option<String> {
    let (scheme, rest) = scheme(address)?;
    let scheme = match scheme {
        "http" | "https" => scheme,
        "" => "https",
        _ => return None,
    };
    let (before, behind) = cut(rest, &['?', '#']);
    let path = before.replace('\\', "/");
    let path = path.trim_start_matches('/');
    let authority = cut(path, &['/']).0;
    let host = authority.rsplit('@').next().unwrap_or_default();
    let has_host = host.starts_with(|c: char| c.is_alphanumeric() || c == '[' || c == '_')
        && !host.contains(|c: char| c.is_whitespace() || "<>^|\"".contains(c));
    has_host.then(|| format!("{scheme}://{path}{behind}"))
}

/// Splits text before the first of `stops`.
fn cut<'a>(text: &'a str, stops: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(stops).unwrap_or(text.len()))
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
        && scheme.bytes().all(|octet| octet.is_ascii_alphabetic())
    {
        scheme.make_ascii_lowercase();
    }
    address
}

/// Splits an address into scheme and rest. The scheme is empty for `//host/path`.
fn scheme(address: &str) -> Option<(&str, &str)> {
    if address.starts_with(['/', '\\']) && address.get(1..)?.starts_with(['/', '\\']) {
        return Some(("", address));
    }
    let (scheme, rest) = address.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet));
    is_scheme.then_some((scheme, rest))
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
            ("", None),
            ("http:?x", None),
            ("http:", None),
            ("https:///", None),
            ("http:#x", None),
            ("//", None),
            ("http://<x>/", None),
            ("index.html", None),
            ("x.test:8080/a", None),
            ("http:a.test/x", Some("http://a.test/x")),
            ("https:\\\\a.test\\x?y=\\", Some("https://a.test/x?y=\\")),
            ("http:///a.test", Some("http://a.test")),
            ("www.a.test/x:y", Some("https://www.a.test/x:y")),
            ("www.a.test:8080/x", Some("https://www.a.test:8080/x")),
            ("WWW.a.test", Some("https://WWW.a.test")),
            ("#place", Some("#place")),
            ("about:blank#place", Some("#place")),
            ("about:blank", None),
        ];
        for (address, followed) in table {
            assert_eq!(link(address, None).as_deref(), followed, "{address}");
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
            "#x",
            "http:?x",
        ] {
            assert_eq!(image(refused), ImageSource::Refused, "{refused}");
        }
    }

    #[test]
    fn relative_addresses_are_resolved_against_the_base_of_the_mail() {
        let table = [
            ("http://a.test", "x", "http://a.test/x"),
            ("https://a.test/d/e?q", "x/y?z", "https://a.test/d/x/y?z"),
            ("https://a.test/d/e", "/x", "https://a.test/x"),
            ("https://a.test/d/", "../x", "https://a.test/d/../x"),
            ("//a.test/d", "?x", "https://a.test/d?x"),
            ("https://a.test/", "//b.test", "https://b.test"),
            ("https://a.test/", "#place", "#place"),
        ];
        for (base, relative, absolute) in table {
            let base = Base::new(base);
            assert!(base.is_some());
            assert_eq!(link(relative, base.as_ref()).as_deref(), Some(absolute));
        }
        let base = Base::new("https://a.test/d/");
        assert_eq!(link("javascript:x", base.as_ref()), None);
        for refused in ["javascript:x", "/", "x", "data:x", "http:?", ""] {
            assert_eq!(Base::new(refused), None, "{refused}");
        }
    }
}
