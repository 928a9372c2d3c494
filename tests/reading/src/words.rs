//! The words of an HTML document, extracted in the same way for every reader.

/// Elements that do not separate words.
const INLINE: [&str; 16] = [
    "a", "abbr", "b", "bdi", "code", "em", "font", "i", "s", "small", "span", "strong", "sub",
    "sup", "u", "wbr",
];
/// Elements whose content is not shown.
const HIDDEN: [&str; 4] = ["head", "script", "style", "title"];

/// Returns the text of an HTML document on one line, with single spaces. Sufficient for the
/// collection of messages; not a parser of HTML.
#[must_use]
pub fn of_html(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let is_tag = tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
        if !is_tag {
            text.push('<');
            rest = tag;
            continue;
        }
        let Some((tag, behind)) = tag.split_once('>') else {
            break;
        };
        rest = behind;
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if !INLINE.contains(&name.as_str()) {
            text.push(' ');
        }
        let end = format!("</{name}");
        if HIDDEN.contains(&name.as_str())
            && let Some(at) = rest.to_ascii_lowercase().find(&end)
        {
            rest = rest.get(at..).unwrap_or_default();
        }
    }
    text.push_str(rest);
    without_entities(&text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn without_entities(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        decoded.push_str(before);
        let entity = behind
            .split_once(';')
            .and_then(|(name, behind)| Some((character(name)?, behind)));
        match entity {
            Some((character, behind)) => {
                decoded.push(character);
                rest = behind;
            }
            None => {
                decoded.push('&');
                rest = behind;
            }
        }
    }
    decoded + rest
}

fn character(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::of_html;

    #[test]
    fn markup_is_removed_and_entities_are_decoded() {
        let html = "<head><title>t</title></head><p>a<b>b</b>&lt;&#x41;<!-- c --><p>1 < 2 & 3";
        assert_eq!(of_html(html), "ab<A 1 < 2 & 3");
    }
}
