//! Sanitises style sheets: rules and media queries, with only
//! [`css::declarations`](super::css::declarations) in them.

use super::css;

/// The maximum length of a style sheet. Newsletters have about 20 KB.
const LONGEST: usize = 256 * 1024;

/// Returns the allowed rules, written anew. They never contain `<`.
pub(crate) fn clean(text: &str) -> String {
    let mut end = LONGEST.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = without_comments(text.get(..end).unwrap_or_default());
    let mut kept = String::new();
    rules(&text, true, &mut kept);
    kept
}

/// Writes the rules of `text`. If `outermost` is false, the rules are inside a media query.
fn rules(text: &str, outermost: bool, kept: &mut String) {
    let mut rest = text;
    while let Some(brace) = rest.find(['{', ';', '}']) {
        let (prelude, behind) = rest.split_at(brace);
        let prelude = prelude.trim();
        let Some(body) = behind.strip_prefix('{') else {
            // An at-rule without a block, or a stray bracket.
            rest = behind.get(1..).unwrap_or_default();
            continue;
        };
        let (block, behind) = block(body);
        rest = behind;
        if let Some(query) = prelude.strip_prefix('@') {
            if outermost && let Some(query) = media(query) {
                let mut inner = String::new();
                rules(block, false, &mut inner);
                if !inner.is_empty() {
                    kept.push_str(&format!("@media {query}{{{inner}}}"));
                }
            }
        } else if is_selector(prelude) {
            let declarations = css::declarations(block);
            if !declarations.is_empty() {
                kept.push_str(&format!("{prelude}{{{declarations}}}"));
            }
        }
    }
}

/// Splits text after an opening bracket into its block and the text after the closing bracket.
fn block(text: &str) -> (&str, &str) {
    let mut depth = 1_u32;
    for (position, octet) in text.bytes().enumerate() {
        match octet {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            let (block, behind) = text.split_at(position);
            return (block, behind.get(1..).unwrap_or_default());
        }
    }
    (text, "")
}

/// Returns a media query that depends only on sizes and similar properties.
fn media(at_rule: &str) -> Option<String> {
    let query = at_rule.strip_prefix("media")?;
    let query = query.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    let is_sound = query
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || " ()-:,./".contains(c));
    (is_sound && !query.is_empty() && is_balanced(&query)).then_some(query)
}

/// Returns true for selectors of elements, classes and positions. Selectors with strings are
/// refused.
fn is_selector(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 2_000
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " \t\n.#,>+~*:-_[]=()^$|".contains(c))
        && is_balanced(text)
}

fn is_balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for character in text.chars() {
        match character {
            '(' => open.push(')'),
            '[' => open.push(']'),
            ')' | ']' if open.pop() != Some(character) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

/// Removes comments, and the brackets of HTML comments that older style sheets are wrapped in.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("/*") {
        kept.push_str(rest.get(..start).unwrap_or_default());
        kept.push(' ');
        rest = rest
            .get(start + 2..)
            .and_then(|comment| comment.split_once("*/"))
            .map_or("", |(_, behind)| behind);
    }
    kept.push_str(rest);
    kept.replace("<!--", " ").replace("-->", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_and_media_queries_are_kept() {
        let table = [
            ("p { color: red }", "p{color:red}"),
            (
                ".a, td > .b:hover{margin:0;}",
                ".a, td > .b:hover{margin:0}",
            ),
            ("<!-- p{color:red} -->", "p{color:red}"),
            ("/* x { */ p{color:red}", "p{color:red}"),
            (
                "@media only screen and (max-width: 600px) { .x { width: 100% !important } }",
                "@media only screen and (max-width: 600px){.x{width:100% !important}}",
            ),
        ];
        for (given, kept) in table {
            assert_eq!(clean(given), kept);
            assert_eq!(clean(kept), kept);
        }
    }

    #[test]
    fn rules_that_load_data_or_break_out_are_removed() {
        for given in [
            "@import url(https://x.test/a.css);",
            "@import 'x'",
            "@font-face{font-family:x;src:url(x)}",
            "@keyframes x{from{color:red}}",
            "@namespace svg url(x);",
            "@media screen{@import 'x'; @media print{p{color:red}}}",
            "@media \\screen{p{color:red}}",
            "p{background:url(x)}",
            "p{x:</style><img src=x onerror=alert(1)>}",
            "</style><script>{color:red}",
            "a[href=\"x\"]{color:red}",
            "p{color:red",
            "p(] {color:red}",
            "/* p{color:red}",
        ]
        .into_iter()
        .filter(|given| *given != "p{color:red")
        {
            assert_eq!(clean(given), "", "{given}");
        }
    }

    #[test]
    fn unclosed_blocks_are_closed() {
        assert_eq!(clean("p{color:red"), "p{color:red}");
        assert_eq!(clean(&"@media screen{".repeat(100_000)), "");
    }
}
