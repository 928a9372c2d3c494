//! Sanitises declarations such as `color: red; margin: 0`, with an allow-list of properties and of
//! the pieces of values.

/// The allowed properties. Properties that move elements out of their place (`position`,
/// `transform`), load data or are not CSS are missing.
const PROPERTIES: &[&str] = &[
    "align-items",
    "background",
    "background-color",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-left-radius",
    "border-bottom-right-radius",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-left-radius",
    "border-top-right-radius",
    "border-top-style",
    "border-top-width",
    "border-width",
    "box-sizing",
    "caption-side",
    "clear",
    "color",
    "direction",
    "display",
    "flex",
    "flex-direction",
    "flex-wrap",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "gap",
    "height",
    "justify-content",
    "letter-spacing",
    "line-height",
    "list-style",
    "list-style-position",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "object-fit",
    "opacity",
    "overflow",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-decoration-color",
    "text-decoration-line",
    "text-indent",
    "text-overflow",
    "text-transform",
    "unicode-bidi",
    "vertical-align",
    "visibility",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
];

/// Functions that compute a value and never load data.
const FUNCTIONS: &[&str] = &[
    "calc",
    "clamp",
    "hsl",
    "hsla",
    "linear-gradient",
    "max",
    "min",
    "rgb",
    "rgba",
];

/// The maximum length of a value. No sensible value is longer.
const LONGEST_VALUE: usize = 500;

/// Returns the allowed declarations, written anew; empty if none is allowed.
pub(crate) fn declarations(text: &str) -> String {
    let mut kept = String::new();
    // A semicolon inside quotes splits a value into two pieces. Both have unbalanced quotes, and
    // are refused for that.
    for declaration in text.split(';') {
        let Some((property, value)) = declaration.split_once(':') else {
            continue;
        };
        let property = property.trim().to_ascii_lowercase();
        let value = value.trim();
        if PROPERTIES.binary_search(&property.as_str()).is_ok() && is_harmless(value) {
            if !kept.is_empty() {
                kept.push(';');
            }
            kept.push_str(&property);
            kept.push(':');
            kept.push_str(value);
        }
    }
    kept
}

/// Returns true if a value consists only of words, numbers, strings and harmless functions.
fn is_harmless(value: &str) -> bool {
    if value.is_empty() || value.len() > LONGEST_VALUE || value.contains("/*") {
        return false;
    }
    let mut word_start = 0;
    let mut open = 0_u32;
    let mut quote = None;
    for (position, character) in value.char_indices() {
        // Backslashes hide words. The other characters could end the declaration, the rule or the
        // element.
        if character.is_control() || matches!(character, '\\' | '<' | '>' | '{' | '}' | '@' | ';') {
            return false;
        }
        if let Some(end) = quote {
            if character == end {
                quote = None;
            }
            continue;
        }
        match character {
            '"' | '\'' => quote = Some(character),
            '(' => {
                let name = value.get(word_start..position).unwrap_or_default();
                // Inside `calc`, brackets may have no function name.
                let is_group = name.is_empty() && open > 0;
                if !is_group && !FUNCTIONS.contains(&name.to_ascii_lowercase().as_str()) {
                    return false;
                }
                open += 1;
            }
            ')' => match open.checked_sub(1) {
                Some(left) => open = left,
                None => return false,
            },
            character if character.is_alphanumeric() || matches!(character, '-' | '_') => continue,
            ' ' | '\t' | ',' | '.' | '#' | '%' | '!' | '/' | '+' | '*' => {}
            _ => return false,
        }
        word_start = position + character.len_utf8();
    }
    open == 0 && quote.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_can_be_searched() {
        assert!(PROPERTIES.is_sorted());
    }

    #[test]
    fn sensible_declarations_are_kept() {
        let table = [
            (
                "color: red; margin : 0 auto !important",
                "color:red;margin:0 auto !important",
            ),
            ("COLOR:#fff", "color:#fff"),
            (
                "font-family:'Segoe UI', Arial",
                "font-family:'Segoe UI', Arial",
            ),
            (
                "width:calc(100% - (2px * 3))",
                "width:calc(100% - (2px * 3))",
            ),
            ("color:rgba(0, 0, 0, .5)", "color:rgba(0, 0, 0, .5)"),
            (
                "background:linear-gradient(#fff, rgb(0,0,0))",
                "background:linear-gradient(#fff, rgb(0,0,0))",
            ),
        ];
        for (given, kept) in table {
            assert_eq!(declarations(given), kept);
            assert_eq!(declarations(kept), kept);
        }
    }

    #[test]
    fn all_other_declarations_are_removed() {
        for given in [
            "background:url(https://x.test/p)",
            "background:URL (x)",
            "background:u\\72l(x)",
            "background:image-set('x' 1x)",
            "background-image:url(x)",
            "width:expression(alert(1))",
            "behavior:url(x)",
            "-moz-binding:url(x)",
            "position:fixed",
            "color:red}body{color:blue",
            "color:</style><script>",
            "font-family:'x",
            "color:rgb(1,2,3",
            "color:rgb)1(",
            "color:/*x*/red",
            "color:var(--x)",
            "--x:url(y)",
            "content:'x'",
            "color:",
            "@import 'x'",
        ] {
            assert_eq!(declarations(given), "", "{given}");
        }
    }
}
