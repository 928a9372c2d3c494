//! The allowed elements, and the effects of their tags.

use html5ever::tokenizer::states::RawKind;

/// Elements that have no content and no end tag.
const VOID: &[&str] = &["br", "col", "hr", "img", "wbr"];

/// The allowed elements. Other elements lose their tags and keep their text, unless [`is_dropped`]
/// is true for them.
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

/// Elements that end an open paragraph ([HTML § the `p` element]).
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

/// Returns the element with this name, if it is allowed.
pub(crate) fn allowed(name: &str) -> Option<&'static str> {
    let position = ALLOWED.binary_search(&name).ok()?;
    ALLOWED.get(position).copied()
}

/// Returns true if an element has no content.
pub(crate) fn is_void(name: &str) -> bool {
    VOID.contains(&name)
}

/// Returns true if an element is removed with its content, because that is not HTML.
pub(crate) fn is_dropped(name: &str) -> bool {
    matches!(name, "svg" | "math")
}

/// Returns the tokenizer state for the content of an element, if that is not markup, and whether
/// the content is shown.
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

/// Returns the open elements that end where this one begins, and the elements that limit the search
/// for them. A browser would end them, too; balanced tags keep styles inside their elements.
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

/// Returns true if an end tag does not close elements outside of `open`.
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
