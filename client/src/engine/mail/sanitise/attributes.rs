//! The allowed attributes.

/// The check for the value of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttributeRule {
    /// Words, numbers, lengths and colours.
    Plain,
    /// Text for the user.
    Text,
    /// The name of a place, to which links of the mail lead.
    Id,
    /// Class names.
    Classes,
    /// Declarations.
    Style,
    /// The address of a link.
    Link,
    /// The address of an image.
    Image,
}

/// The maximum length of a text; longer ones are truncated, so that no tool tip fills the screen.
const LONGEST_TEXT: usize = 2_000;

/// Returns the rule for an attribute, or `None` if it is not allowed.
pub(crate) fn rule(element: &str, attribute: &str) -> Option<AttributeRule> {
    Some(match (element, attribute) {
        (_, "style") => AttributeRule::Style,
        (_, "class") => AttributeRule::Classes,
        (_, "id") | ("a", "name") => AttributeRule::Id,
        (_, "title") | ("img", "alt") | ("td" | "th", "abbr") | ("table", "summary") => {
            AttributeRule::Text
        }
        ("a", "href") => AttributeRule::Link,
        ("img", "src") | ("body" | "table" | "td" | "th" | "tr", "background") => {
            AttributeRule::Image
        }
        (_, "align" | "dir" | "lang" | "valign" | "width" | "height" | "bgcolor")
        | ("table" | "img", "border" | "hspace" | "vspace")
        | ("table", "cellpadding" | "cellspacing" | "rules" | "frame" | "bordercolor" | "role")
        | ("td" | "th", "colspan" | "rowspan" | "nowrap" | "scope")
        | ("col" | "colgroup", "span")
        | ("font" | "hr", "color" | "face" | "size" | "noshade")
        | ("ol" | "ul" | "li", "type" | "start" | "value" | "compact")
        | ("body", "text" | "link")
        | ("br", "clear")
        | ("time" | "del" | "ins", "datetime") => AttributeRule::Plain,
        _ => return None,
    })
}

/// Returns a value if it consists of words, numbers, lengths and colours.
pub(crate) fn plain(value: &str) -> Option<&str> {
    let value = value.trim();
    let is_plain = value.len() <= 100
        && value
            .chars()
            .all(|c| c.is_alphanumeric() || " #%.,+-:'".contains(c));
    is_plain.then_some(value)
}

/// Returns the name of a place without control characters.
pub(crate) fn id(value: &str) -> Option<String> {
    let value = value.trim();
    let is_sound = !value.is_empty() && value.len() <= 300 && !value.contains(char::is_control);
    is_sound.then(|| value.to_owned())
}

/// Returns class names of ordinary characters, separated by single spaces.
pub(crate) fn classes(value: &str) -> String {
    let is_name = |name: &&str| {
        name.len() <= 100
            && name
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
    };
    let names: Vec<&str> = value
        .split_ascii_whitespace()
        .filter(is_name)
        .take(50)
        .collect();
    names.join(" ")
}

/// Returns text for the user, truncated to the limit.
pub(crate) fn text(value: &str) -> &str {
    value
        .char_indices()
        .nth(LONGEST_TEXT)
        .and_then(|(end, _)| value.get(..end))
        .unwrap_or(value)
}

/// Writes text so that it stays text inside elements and quotes.
pub(crate) fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\0' => {}
            character => out.push(character),
        }
    }
}
