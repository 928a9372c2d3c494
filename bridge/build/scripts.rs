//! The inline scripts of the page, as Content-Security-Policy sources.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Returns the `'sha256-…'` source of every inline script in `html`, each preceded by a space.
///
/// Parses the HTML that Trunk writes, not any HTML: a script in a comment gets a source too, which allows
/// nothing that the page does not contain.
pub(crate) fn sources(html: &str) -> String {
    let mut sources = String::new();
    let mut rest = html;
    while let Some(start) = rest.find("<script") {
        rest = rest.split_at(start + "<script".len()).1;
        let Some((attributes, after)) = rest.split_once('>') else {
            break;
        };
        let Some((text, after)) = after.split_once("</script") else {
            break;
        };
        rest = after;
        let refers = attributes
            .split_ascii_whitespace()
            .any(|attribute| attribute.starts_with("src="));
        if !refers {
            let digest = STANDARD.encode(Sha256::digest(text));
            sources.push_str(&format!(" 'sha256-{digest}'"));
        }
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_has_its_hash() {
        // CSP Level 3, section 8.3.
        let html = "<script>alert('Hello, world.');</script>";
        assert_eq!(
            sources(html),
            " 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
        );
    }

    #[test]
    fn every_inline_script_is_hashed_and_no_other() {
        let html = "<head><script src=\"a.js\"></script>\n\
                    <script type=\"module\">\nimport a from './a.js';\n</script>\
                    <script type=module>b</script></head>";
        assert_eq!(sources(html).matches("'sha256-").count(), 2);
        assert_eq!(sources("<p>no script</p>"), "");
        assert_eq!(sources("<script>unclosed"), "");
    }
}
