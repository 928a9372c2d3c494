//! The elements that may stay, and what their tags imply.

use html5ever::tokenizer::states::RawKind;

/// Elements that have no content and no end tag.
const VOID: &[&str] = &["br", "col", "hr", "img", "wbr"];

/// Elements that may stay. What is not here loses its tags and keeps its text, unless
/// [`is_dropped`] says otherwise.
const ALLOWED: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// Elements before which an open paragraph ends ([HTML § the `p` element]).
const ENDS_PARAGRAPH: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
];

/// The element of this name, if it may stay.
pub(crate) fn allowed(name: &str) -> Option<&'static str> {
    let position = ALLOWED.binary_search(&name).ok()?;
    ALLOWED.get(position).copied()
}

/// Whether an element has no content.
pub(crate) fn is_void(name: &str) -> bool {
    VOID.contains(&name)
}

/// Whether an element goes with everything in it: other languages than HTML.
pub(crate) fn is_dropped(name: &str) -> bool {
    matches!(name, "svg" | "math")
}

/// How the content of an element is read, if not as markup; and whether it is shown.
pub(crate) fn raw_text(name: &str) -> Option<(RawKind, bool)> {
    Some(match name {
        "textarea" => (RawKind::Rcdata, true),
        "xmp" => (RawKind::Rawtext, true),
        "title" => (RawKind::Rcdata, false),
        "style" | "iframe" | "noembed" | "noframes" => (RawKind::Rawtext, false),
        "script" => (RawKind::ScriptData, false),
        _ => return None,
    })
}

/// The open elements that end where this one begins, and the ones behind which they are out of
/// reach. A browser would end them too; to have the tags in pairs keeps styles where they belong.
pub(crate) fn ended_by(name: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match name {
        "a" => (&["a"], CELLS),
        "li" => (&["li"], &["ol", "ul", "table", "td", "th"]),
        "dd" | "dt" => (&["dd", "dt"], &["dl", "table", "td", "th"]),
        "td" | "th" => (&["td", "th"], &["table", "tr"]),
        "tr" => (&["tr"], &["table"]),
        "tbody" | "thead" | "tfoot" => (
            &["tbody", "thead", "tfoot", "colgroup", "caption"],
            &["table"],
        ),
        _ if ENDS_PARAGRAPH.contains(&name) => (&["p"], CELLS),
        _ => (&[], &[]),
    }
}

/// Elements out of which a stray end tag of something else does not reach.
pub(crate) fn holds(open: &str, end: &str) -> bool {
    match end {
        "table" => false,
        "caption" | "colgroup" | "tbody" | "td" | "tfoot" | "th" | "thead" | "tr" => {
            open == "table"
        }
        _ => CELLS.contains(&open),
    }
}

const CELLS: &[&str] = &["table", "td", "th", "caption"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_can_be_searched() {
        assert!(ALLOWED.is_sorted());
        assert_eq!(allowed("table"), Some("table"));
        for name in [
            "script", "style", "svg", "math", "iframe", "object", "form", "input", "base",
        ] {
            assert_eq!(allowed(name), None);
        }
    }
}
