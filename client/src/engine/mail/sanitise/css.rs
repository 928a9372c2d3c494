//! Sanitises declarations such as `color: red; margin: 0`, with an allow-list of properties and of
//! the pieces of values.

use super::allowed::{FUNCTIONS, PROPERTIES};
use super::images::Images;
use super::painted::Painted;
use super::stylesheet::without_comments;

/// The maximum length of a value, in bytes, without the addresses of pictures. No sensible value is
/// longer.
const LONGEST_VALUE: usize = 500;

/// Allowed declarations.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Declarations {
    /// The declarations, written anew; empty if none is allowed.
    pub(crate) text: String,
    /// The declarations without those that colour text or its background.
    pub(crate) uncoloured: String,
    /// The colours that they set.
    pub(crate) painted: Painted,
}

/// Returns the allowed declarations. Pictures that may not be shown become `none`, so that the
/// colour beside them stays.
pub(crate) fn declarations(text: &str, images: &mut Images) -> Declarations {
    let mut kept = Declarations::default();
    let without;
    let mut rest = text;
    if text.contains("/*") {
        without = without_comments(text);
        rest = &without;
    }
    while !rest.is_empty() {
        let (declaration, behind) = first_declaration(rest);
        rest = behind;
        let Some((property, value)) = declaration.split_once(':') else {
            continue;
        };
        let property = property.trim().to_ascii_lowercase();
        if PROPERTIES.binary_search(&property.as_str()).is_err() {
            continue;
        }
        let has_pictures = matches!(property.as_str(), "background" | "background-image");
        let Some(value) = clean_value(value.trim(), has_pictures.then_some(&mut *images)) else {
            continue;
        };
        let Some(paints) = kept.painted.declare(&property, &value) else {
            continue;
        };
        push(&mut kept.text, &property, &value);
        if !paints {
            push(&mut kept.uncoloured, &property, &value);
        }
    }
    kept
}

fn push(declarations: &mut String, property: &str, value: &str) {
    if !declarations.is_empty() {
        declarations.push(';');
    }
    declarations.push_str(property);
    declarations.push(':');
    declarations.push_str(value);
}

/// Splits text after its first declaration: at the first semicolon outside of strings and brackets.
fn first_declaration(text: &str) -> (&str, &str) {
    let mut open = 0_u32;
    let mut quote = None;
    for (position, octet) in text.bytes().enumerate() {
        match octet {
            // A string never continues on the next line.
            b'\n' => quote = None,
            _ if quote == Some(octet) => quote = None,
            _ if quote.is_some() => {}
            b'"' | b'\'' => quote = Some(octet),
            b'(' => open += 1,
            b')' => open = open.saturating_sub(1),
            b';' if open == 0 => {
                let (declaration, behind) = text.split_at(position);
                return (declaration, behind.get(1..).unwrap_or_default());
            }
            _ => {}
        }
    }
    (text, "")
}

/// Returns a value, if it consists only of words, numbers, strings, harmless functions and, where
/// `images` are given, of pictures.
fn clean_value(value: &str, mut images: Option<&mut Images>) -> Option<String> {
    let mut out = String::new();
    let mut word = String::new();
    let mut open = 0_u32;
    let mut quote = None;
    let mut pictures = 0;
    let mut rest = value;
    while let Some(character) = rest.chars().next() {
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
        // Backslashes hide words. The other characters could end the declaration, the rule or the
        // element.
        if character.is_control() || matches!(character, '\\' | '<' | '>' | '{' | '}' | '@' | ';') {
            return None;
        }
        if let Some(end) = quote {
            if character == end {
                quote = None;
            }
            out.push(character);
            continue;
        }
        match character {
            '"' | '\'' => quote = Some(character),
            '(' if word.eq_ignore_ascii_case("url") => {
                let (address, behind) = address(rest)?;
                let source = images.as_mut()?.source(address, false);
                out.truncate(out.len() - word.len());
                word.clear();
                let before = out.len();
                match source {
                    Some(source) => push_picture(&mut out, &source),
                    None => out.push_str("none"),
                }
                pictures += out.len() - before;
                rest = behind;
                continue;
            }
            '(' => {
                // Inside `calc`, brackets may have no function name.
                let is_group = word.is_empty() && open > 0;
                let name = word.to_ascii_lowercase();
                if !is_group && FUNCTIONS.binary_search(&name.as_str()).is_err() {
                    return None;
                }
                open += 1;
            }
            ')' => open = open.checked_sub(1)?,
            character if character.is_alphanumeric() || matches!(character, '-' | '_') => {
                word.push(character);
                out.push(character);
                continue;
            }
            '/' if rest.starts_with('*') => return None,
            ' ' | '\t' | ',' | '.' | '#' | '%' | '!' | '/' | '+' | '*' => {}
            _ => return None,
        }
        word.clear();
        out.push(character);
    }
    let is_whole = open == 0 && quote.is_none() && !out.is_empty();
    (is_whole && out.len() - pictures <= LONGEST_VALUE).then_some(out)
}

/// Splits the text after `url(` into the address and the text after the closing bracket.
fn address(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (address, behind) = match text.chars().next()? {
        quote @ ('"' | '\'') => {
            let (address, behind) = text.get(1..)?.split_once(quote)?;
            (address, behind.trim_start().strip_prefix(')')?)
        }
        _ => text.split_once(')')?,
    };
    let address = address.trim();
    (!address.contains('\\')).then_some((address, behind))
}

/// Writes a picture so that its address cannot end the string around it.
fn push_picture(out: &mut String, source: &str) {
    out.push_str("url('");
    for character in source.chars() {
        match character {
            '\'' | '"' | '\\' | '<' | '>' | '(' | ')' | '{' | '}' | '@' | ' ' | '*' => {
                out.push_str(&format!("%{:02X}", u32::from(character)));
            }
            // A semicolon separates declarations for simple readers; a `data:` address needs it.
            character => out.push(character),
        }
    }
    out.push_str("')");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> String {
        declarations(text, &mut Images::new(false)).text
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
            (
                "background-image:radial-gradient(circle at 50% 50%, #fff 0%, navy 90%)",
                "background-image:radial-gradient(circle at 50% 50%, #fff 0%, navy 90%)",
            ),
            (
                "background:-webkit-gradient(linear, left top, from(#fff), to(#000))",
                "background:-webkit-gradient(linear, left top, from(#fff), to(#000))",
            ),
            ("/* a;b */color:red/* c */", "color:red"),
            ("font-family:'a;b';color:red", "color:red"),
        ];
        for (given, expected) in table {
            assert_eq!(kept(given), expected);
            assert_eq!(kept(expected), expected);
        }
    }

    #[test]
    fn a_background_keeps_its_colour_when_its_picture_goes() {
        let table = [
            (
                "background:#123 url(https://x.test/a;b.jpg) no-repeat center; color:#fff",
                "background:#123 none no-repeat center;color:#fff",
            ),
            (
                "background:URL( 'https://x.test/p(1).jpg' ) #456",
                "background:none #456",
            ),
            (
                "background: url(//x.test/p), linear-gradient(#000, #222)",
                "background:none, linear-gradient(#000, #222)",
            ),
            ("background-image:url(x.png)", "background-image:none"),
        ];
        for (given, expected) in table {
            assert_eq!(kept(given), expected);
            assert_eq!(kept(expected), expected);
        }
    }

    #[test]
    fn pictures_of_the_mail_and_allowed_remote_pictures_stay_in_backgrounds() {
        let mut images = Images::new(true);
        let names = vec!["p@x".to_owned()];
        images.add(1, names, "image/png", b"\x89PNG".to_vec());
        let given = "background:url(\"cid:p@x\") #fff;\
                     background-image:url(\"http://x.test/a'b(1).png?c=d;e\")";
        let once = declarations(given, &mut images).text;
        assert_eq!(
            once,
            "background:url('data:image/png;base64,iVBORw==') #fff;\
             background-image:url('https://x.test/a%27b%281%29.png?c=d;e')"
        );
        assert_eq!(declarations(&once, &mut images).text, once);
    }

    #[test]
    fn all_other_declarations_are_removed() {
        for given in [
            "background:u\\72l(x)",
            "background:url(\\78)",
            "background:url('x'",
            "background:image-set('x' 1x)",
            "width:url(https://x.test)",
            "list-style:url(https://x.test)",
            "color:url(https://x.test)",
            "width:expression(alert(1))",
            "behavior:url(x)",
            "-moz-binding:url(x)",
            "position:fixed",
            "color:red}body{color:blue",
            "color:</style><script>",
            "font-family:'x",
            "color:rgb(1,2,3",
            "color:rgb)1(",
            "color:var(--x)",
            "--x:url(y)",
            "content:'x'",
            "color:",
            "@import 'x'",
        ] {
            assert_eq!(kept(given), "", "{given}");
        }
    }
}
