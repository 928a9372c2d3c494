//! Sentences for users outside `ui/words`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::{SourceFile, Violation};

/// The folder that all sentences for users are in.
const WORDS: &str = "client/src/ui/words";

/// The folders that must not have any.
const SILENT: [&str; 4] = [
    "client/src/api/",
    "client/src/engine/",
    "client/src/transport/",
    "client/src/ui/",
];

/// The folder in which phrases without a full stop are permitted, as long as no user hears them.
const PAGE: &str = "client/src/ui/";

/// The attributes of HTML whose values users read or hear.
const SPOKEN: [&str; 5] = [
    "aria-label",
    "aria-description",
    "title",
    "placeholder",
    "alt",
];

/// The blanks that the shortest sentence has.
const MIN_BLANKS: usize = 2;

/// Finds string literals that users would read.
///
/// A literal is a sentence if it begins with a capital, has two blanks or more and ends as a sentence
/// does: errors and logs of this project begin with a lower-case letter and have no full stop. Outside
/// the page, a phrase such as "Cipher suite" is for users too. A literal with any letter is for users
/// where it is the value of an attribute that is read out.
pub(super) fn find(file: &SourceFile) -> Vec<Violation> {
    let is_silent = SILENT.iter().any(|folder| file.path.starts_with(folder));
    if !is_silent || file.path.starts_with(WORDS) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let is_for_users = match file.path.starts_with(PAGE) {
        true => is_sentence,
        false => |text: &str| is_sentence(text) || is_phrase(text),
    };
    walk(file.tokens(), is_for_users, &mut found);
    let outside_tests = found
        .into_iter()
        .filter(|(line, _)| !file.is_test_line(*line));
    outside_tests
        .map(|(line, text)| file.violation(line, format!("{text:?} belongs in {WORDS}")))
        .collect()
}

fn walk(tokens: TokenStream, is_for_users: fn(&str) -> bool, found: &mut Vec<(usize, String)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (place, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => walk(group.stream(), is_for_users, found),
            TokenTree::Literal(literal) => {
                let before = tokens.get(..place).unwrap_or_default();
                found.extend(
                    text(token)
                        .filter(|text| {
                            is_for_users(text)
                                || is_spoken(before) && text.contains(char::is_alphabetic)
                        })
                        .map(|text| (literal.span().start().line, text)),
                );
            }
            _ => {}
        }
        if let Some((line, text)) = spoken_in_braces(&tokens, place) {
            found.push((line, text));
        }
    }
}

/// Returns the value of a string literal.
fn text(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else {
        return None;
    };
    match syn::parse_str::<syn::Lit>(&literal.to_string()).ok()? {
        syn::Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

/// Returns true for a capitalised word with another word after it. Neither SQL, whose words are in
/// capitals, nor the header field of a message is one.
fn is_phrase(text: &str) -> bool {
    let text = text.trim();
    let Some((first, _)) = text.split_once(' ') else {
        return false;
    };
    let mut letters = first.chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.as_str().contains(char::is_lowercase)
        && !first.ends_with(':')
}

fn is_sentence(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(char::is_uppercase)
        && text.matches(' ').count() >= MIN_BLANKS
        && text.ends_with(['.', '!', '?', '…'])
}

/// Returns true if these tokens end with the name of a spoken attribute and `=`.
fn is_spoken(before: &[TokenTree]) -> bool {
    let [rest @ .., TokenTree::Punct(sign)] = before else {
        return false;
    };
    if sign.as_char() != '=' {
        return false;
    }
    let last = rest.len().saturating_sub(3);
    let name: String = rest
        .get(last..)
        .unwrap_or_default()
        .iter()
        .map(ToString::to_string)
        .collect();
    SPOKEN.iter().any(|spoken| match spoken.contains('-') {
        true => name == *spoken,
        // No blank parts an attribute from the one before it, but no name ends in another's.
        false => rest.last().is_some_and(|last| last.to_string() == *spoken),
    })
}

/// Finds `aria-label={ "…" }`, where the braces hold a literal only.
fn spoken_in_braces(tokens: &[TokenTree], place: usize) -> Option<(usize, String)> {
    let (before, after) = tokens.split_at_checked(place)?;
    let Some(TokenTree::Group(group)) = after.first() else {
        return None;
    };
    if group.delimiter() != Delimiter::Brace || !is_spoken(before) {
        return None;
    }
    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
    let [literal] = inner.as_slice() else {
        return None;
    };
    let text =
        text(literal).filter(|text| !is_sentence(text) && text.contains(char::is_alphabetic))?;
    Some((literal.span().start().line, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let file = SourceFile::parse(path, text).unwrap();
        find(&file)
            .into_iter()
            .map(|violation| violation.line)
            .collect()
    }

    const CODE: &str = r#"
        /// A comment is no sentence for users.
        fn a() -> String {
            log("the server closed the connection");
            let b = "Could not reach the server.";
            html! { <p>{ format!("Try again in {seconds} s.") }</p> };
            html! { <nav class="list" aria-label="Mailboxes" /> };
            html! { <nav aria-label={ "Mailboxes" } title={ title } /> };
            html! { <input placeholder="Search" type="search" /> };
            (b"Some bytes in here.", "SELECT a FROM b;", "Ok.")
        }
        #[cfg(test)]
        mod tests {
            const A: &str = "This is only a test.";
        }
    "#;

    #[test]
    fn a_sentence_for_users_is_found() {
        for folder in ["api", "engine/check", "transport", "ui/pages"] {
            let path = format!("client/src/{folder}/a.rs");
            assert_eq!(lines(&path, CODE), [5, 6, 7, 8, 9], "{folder}");
        }
    }

    #[test]
    fn a_phrase_for_users_is_found_outside_the_page() {
        let code = "fn a() {\n\"Cipher suite\";\n\"Issued by {name}\";\n\"SELECT a FROM b\";\n\
                    \"Subject: a b\";\n\"closed by the server\";\n\"Restante\"\n}";
        for (path, expected) in [
            ("client/src/engine/diagnostics/a.rs", vec![2, 3]),
            ("client/src/api/a.rs", vec![2, 3]),
            ("client/src/ui/pages/a.rs", vec![]),
            ("client/src/ui/words/a.rs", vec![]),
        ] {
            assert_eq!(lines(path, code), expected, "{path}");
        }
    }

    #[test]
    fn a_sentence_is_none_where_it_belongs() {
        for path in ["client/src/ui/words/a.rs", "bridge/src/http/mod.rs"] {
            assert_eq!(lines(path, CODE), [0; 0], "{path}");
        }
    }
}
