//! Text with `format=flowed` ([RFC 3676]).

/// Joins the lines of each paragraph. With `delete_space`, the space that marks a line as flowed is
/// not part of the text; languages without spaces between words need that (§4.2).
pub(in crate::engine) fn joined(text: &str, delete_space: bool) -> String {
    let mut joined = String::with_capacity(text.len());
    // The quote depth of a line that continues.
    let mut open: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let (line, has_end) = match line.strip_suffix('\n') {
            Some(line) => (line, true),
            None => (line, false),
        };
        let words = line.trim_start_matches('>');
        let depth = line.len() - words.len();
        // Senders stuff lines that begin with a space, `>` or `From ` (§4.4).
        let words = words.strip_prefix(' ').unwrap_or(words);
        let is_signature = words == "-- ";
        match open {
            Some(last) if last == depth && !is_signature => {}
            Some(_) => {
                joined.push('\n');
                start(&mut joined, depth);
            }
            None => start(&mut joined, depth),
        }
        let flows = words.ends_with(' ') && !is_signature;
        let kept = match words.strip_suffix(' ') {
            Some(shorter) if flows && delete_space => shorter,
            _ => words,
        };
        joined.push_str(kept);
        open = (flows && has_end).then_some(depth);
        if has_end && !flows {
            joined.push('\n');
        }
    }
    if open.is_some() {
        joined.push('\n');
    }
    joined
}

/// Writes the quote marks of a paragraph.
fn start(joined: &mut String, depth: usize) {
    if depth > 0 {
        joined.extend(std::iter::repeat_n('>', depth));
        joined.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn paragraphs_are_joined_within_their_quote_depth() {
        let table = [
            ("one \ntwo \nthree\nfour\n", "one two three\nfour\n"),
            (
                "> one \n> two\n>> three \nfour\n",
                "> one two\n>> three \nfour\n",
            ),
            ("one \n\ntwo\n", "one \ntwo\n"),
            ("  stuffed\n >x\n From y\n", " stuffed\n>x\nFrom y\n"),
            ("words \n-- \nname\n", "words \n-- \nname\n"),
            ("words ", "words "),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(joined(text, false), expected, "{text:?}");
        }
    }

    #[test]
    fn the_space_at_the_end_is_deleted_if_declared() {
        assert_eq!(joined("港の \n朝市 \nです\n", true), "港の朝市です\n");
        assert_eq!(joined("http://a/ \nb  \nc\n", true), "http://a/b c\n");
    }
}
