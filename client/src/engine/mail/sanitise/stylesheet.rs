//! Sanitises style sheets: rules and media queries, with only
//! [`css::declarations`](super::css::declarations) in them.
//!
//! Colours stay only in rules of which it is known where they apply, so that
//! [`cascade`](super::cascade) can compute the colours of every text. The rules for dark screens
//! go: mail with colours is shown on white paper, and most of them leave the paper to the client.

use super::cascade::Cascade;
use super::css;
use super::images::Images;
use super::selector::Selector;

/// The maximum length of a style sheet. Newsletters have about 20 KB.
const LONGEST: usize = 256 * 1024;

/// Sanitises style sheets.
pub(crate) struct StyleCleaner<'a> {
    /// The pictures that backgrounds may show.
    pub(crate) images: &'a mut Images,
    /// Receives the rules with colours.
    pub(crate) cascade: &'a mut Cascade,
}

/// The place of a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RulePlace {
    /// Outside of any media query.
    Outermost,
    /// Inside a media query that is true on every screen.
    EveryScreen,
    /// Inside a media query that may be false.
    SomeScreens,
}

impl StyleCleaner<'_> {
    /// Returns the allowed rules, written anew. They never contain `<`.
    pub(crate) fn clean(&mut self, text: &str) -> String {
        let text = text.get(..text.floor_char_boundary(LONGEST));
        let text = without_comments(text.unwrap_or_default());
        let mut kept = String::new();
        self.rules(&text, RulePlace::Outermost, &mut kept);
        kept
    }

    fn rules(&mut self, text: &str, place: RulePlace, kept: &mut String) {
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
                if place == RulePlace::Outermost
                    && let Some(query) = media(query)
                {
                    let mut inner = String::new();
                    self.rules(block, place_in(&query), &mut inner);
                    if !inner.is_empty() {
                        kept.push_str(&format!("@media {query}{{{inner}}}"));
                    }
                }
            } else if is_selector(prelude) {
                self.rule(prelude, block, place, kept);
            }
        }
    }

    /// Writes a rule. Selectors that are not evaluated lose its colours.
    fn rule(&mut self, selectors: &str, block: &str, place: RulePlace, kept: &mut String) {
        let declarations = css::declarations(block, self.images);
        if declarations.text.is_empty() {
            return;
        }
        let mut write = |selectors: &str, text: &str| {
            if !selectors.is_empty() && !text.is_empty() {
                kept.push_str(&format!("{selectors}{{{text}}}"));
            }
        };
        if declarations.text == declarations.uncoloured {
            return write(selectors, &declarations.text);
        }
        // A link has one colour, whether it was visited or not.
        let selectors = selectors
            .replace(":link", ":any-link")
            .replace(":visited", ":any-link");
        let (mut coloured, mut others) = (Vec::new(), Vec::new());
        for selector in selectors.split(',').map(str::trim) {
            let parsed = Selector::parse(selector).filter(|_| place != RulePlace::SomeScreens);
            let known = parsed.is_some_and(|parsed| self.cascade.add(parsed, declarations.painted));
            if known { &mut coloured } else { &mut others }.push(selector);
        }
        write(&coloured.join(", "), &declarations.text);
        write(&others.join(", "), &declarations.uncoloured);
    }
}

/// Returns the place of rules inside a media query.
fn place_in(query: &str) -> RulePlace {
    match query {
        "all" | "screen" | "only screen" => RulePlace::EveryScreen,
        _ => RulePlace::SomeScreens,
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
    // A function could load data, and a query that depends on the colours of the screen has rules
    // for dark ones.
    let has_function = query
        .split('(')
        .rev()
        .skip(1)
        .any(|before| before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-'));
    let lower = query.to_ascii_lowercase();
    let is_allowed = is_sound && !has_function && !lower.contains("prefers-color-scheme");
    (is_allowed && !query.is_empty() && is_balanced(&query)).then_some(query)
}

/// Returns true for selectors of elements, classes and positions. Selectors with strings are
/// refused.
fn is_selector(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 2_000
        && !text.to_ascii_lowercase().contains("url(")
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
pub(super) fn without_comments(text: &str) -> String {
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

    fn clean(text: &str) -> String {
        let mut cleaner = StyleCleaner {
            images: &mut Images::new(false),
            cascade: &mut Cascade::default(),
        };
        cleaner.clean(text)
    }

    #[test]
    fn rules_and_media_queries_are_kept() {
        let table = [
            ("p { color: red }", "p{color:red}"),
            (
                ".a, td > .b:hover{margin:0;}",
                ".a, td > .b:hover{margin:0}",
            ),
            (
                ".a, td > .b:hover{margin:0;color:red}",
                ".a{margin:0;color:red}td > .b:hover{margin:0}",
            ),
            (
                "a:link, A:visited{color:#123}",
                "a:any-link, A:any-link{color:#123}",
            ),
            ("@media screen{p{color:red}}", "@media screen{p{color:red}}"),
            (
                "@media (min-width:1px){p{color:red;margin:0}}",
                "@media (min-width:1px){p{margin:0}}",
            ),
            ("p{background:#fff url(x)}", "p{background:#fff none}"),
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
            "p{width:url(x)}",
            "@media (x:url(https://x.test/a)){p{margin:0}}",
            "@media (x:URL(//x.test/a)) , (y){p{margin:0}}",
            "@media (min-width:image-set(//x.test)){p{margin:0}}",
            "@media (prefers-color-scheme:dark){p{color:#fff}}",
            "@media screen and (PREFERS-color-scheme: light){p{margin:0}}",
            "p:is(url(x)){margin:0}",
            "p:hover{color:red}",
            "p[class]{background:red}",
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
