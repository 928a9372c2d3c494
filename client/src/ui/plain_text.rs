//! Parses plain text for display: quoted lines, and addresses that become links.

/// Consecutive lines of a text body with the same quotation depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block<'a> {
    /// The quotation depth: the number of leading `>`.
    pub quoted: usize,
    /// The lines in order, with their `>` and line ends.
    pub pieces: Vec<Piece<'a>>,
}

/// A run of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Plain text.
    Words(&'a str),
    /// An `https:` or `http:` address that can be used as a link unchanged.
    Link(&'a str),
}

/// Parses a text into blocks.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let (mut start, mut at, mut quoted) = (0, 0, 0);
    for line in text.split_inclusive('\n') {
        let depth = quote_depth(line);
        if depth != quoted && at > start {
            blocks.extend(block(text.get(start..at), quoted));
            start = at;
        }
        quoted = depth;
        at += line.len();
    }
    blocks.extend(block(text.get(start..), quoted));
    blocks
}

/// Returns true if a text has columns, which need a monospaced font to line up. Several lines with
/// a gap of spaces between words count as columns.
#[must_use]
pub fn has_columns(text: &str) -> bool {
    let has_gap = |line: &&str| {
        let line = line.trim();
        line.contains("   ") || line.contains('\t')
    };
    text.lines().filter(has_gap).nth(2).is_some()
}

/// Returns true if the host of an address is not plain to see: after a user name, in punycode or in
/// letters that may look like others.
#[must_use]
pub fn hides_its_host(address: &str) -> bool {
    let rest = address.split_once("://").map_or("", |(_, rest)| rest);
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    authority.contains('@') || authority.contains("xn--") || !authority.is_ascii()
}

fn block(text: Option<&str>, quoted: usize) -> Option<Block<'_>> {
    let text = text.filter(|text| !text.is_empty())?;
    Some(Block {
        quoted,
        pieces: pieces(text),
    })
}

/// Counts the `>` at the start of a line; spaces between them are allowed.
fn quote_depth(line: &str) -> usize {
    line.chars()
        .take_while(|c| matches!(c, '>' | ' '))
        .filter(|c| *c == '>')
        .count()
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, link, after)) = first_link(rest) {
        if !before.is_empty() {
            pieces.push(Piece::Words(before));
        }
        pieces.push(Piece::Link(link));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    pieces
}

/// Finds the first address. Returns the text before it, the address, and the text after it.
fn first_link(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text.get(from..)?.find("http")?;
        let (before, candidate) = text.split_at_checked(start)?;
        let scheme = ["https://", "http://"]
            .into_iter()
            .find(|scheme| candidate.starts_with(scheme));
        let at_word_start = !before.ends_with(|c: char| c.is_alphanumeric());
        if let Some(scheme) = scheme.filter(|_| at_word_start) {
            let length = link_length(candidate);
            if length > scheme.len() {
                let (link, after) = candidate.split_at_checked(length)?;
                return Some((before, link, after));
            }
        }
        from = start + "http".len();
    }
}

/// Returns the length in bytes of the address at the start of `text`, without punctuation that
/// belongs to the sentence around it.
fn link_length(text: &str) -> usize {
    let end = text
        .find(|c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\u{201d}' | '`')
        })
        .unwrap_or(text.len());
    let mut link = text.get(..end).unwrap_or_default();
    loop {
        let unbalanced = link.ends_with(')') && !link.contains('(');
        if unbalanced || link.ends_with(['.', ',', ';', ':', '!', '?', '\'', '\u{2019}', ']']) {
            let mut characters = link.chars();
            characters.next_back();
            link = characters.as_str();
        } else {
            return link.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_columns_if_several_lines_have_gaps() {
        assert!(has_columns("Ferry    09:15\nBus      10:02\nWalk\t11:40\n"));
        for prose in [
            "",
            "Dear all,\n\n    a poem\n    that is\n    indented\n    stays prose.",
            "One gap   is none.\nTwo   are none.\nA line.",
        ] {
            assert!(!has_columns(prose), "{prose:?}");
        }
    }

    fn links(line: &str) -> Vec<&str> {
        pieces(line)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Link(link) => Some(link),
                Piece::Words(_) => None,
            })
            .collect()
    }

    #[test]
    fn blocks_preserve_every_character() {
        for line in [
            "",
            "plain",
            "see https://a.example/x?y=1. And http://b.example!",
            "> > (https://a.example)",
            "httphttps://x https:// \u{e9}http://\u{e9}",
            "two\nlines https://a.example\n",
        ] {
            let whole: String = pieces(line)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Words(text) | Piece::Link(text) => text,
                })
                .collect();
            assert_eq!(whole, line);
        }
    }

    #[test]
    fn punctuation_of_the_sentence_is_not_part_of_a_link() {
        assert_eq!(
            links("See https://a.example/b, (http://c.example/d) or <https://e.example/f>."),
            [
                "https://a.example/b",
                "http://c.example/d",
                "https://e.example/f"
            ]
        );
        assert_eq!(
            links("https://en.example/wiki/Mail_(post)"),
            ["https://en.example/wiki/Mail_(post)"]
        );
    }

    #[test]
    fn addresses_that_hide_their_host_are_recognised() {
        for address in [
            "https://bank.com@evil.test/",
            "https://xn--x.test",
            "http://b\u{430}nk.com/",
        ] {
            assert!(hides_its_host(address), "{address}");
        }
        for address in [
            "https://a.test/@ann",
            "https://a.test/?q=xn--\u{e9}",
            "http://a.test:8",
        ] {
            assert!(!hides_its_host(address), "{address}");
        }
    }

    #[test]
    fn only_web_addresses_become_links() {
        for line in [
            "javascript:alert(1)",
            "ftp://a.example",
            "https://",
            "xhttps://a.example",
            "data:text/html,http",
        ] {
            assert!(links(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn lines_are_grouped_by_quotation_depth() {
        let found = blocks("a\nb\n> c\n>> d\n> > e\n - > f");
        let depths: Vec<_> = found.iter().map(|b| b.quoted).collect();
        assert_eq!(depths, [0, 1, 2, 0]);
        assert_eq!(found[0].pieces, [Piece::Words("a\nb\n")]);
        assert_eq!(found[2].pieces, [Piece::Words(">> d\n> > e\n")]);
    }
}
