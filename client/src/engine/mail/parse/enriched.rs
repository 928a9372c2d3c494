//! `text/enriched` and `text/richtext`, shown without their formatting commands ([RFC 1896]).

/// Returns the text of an enriched text.
pub(in crate::engine) fn text(enriched: &str) -> String {
    let mut text = String::with_capacity(enriched.len());
    let mut rest = enriched;
    // False once no other parameter ends, so that the text is searched only once for the end.
    let mut has_parameters = true;
    while let Some((before, behind)) = rest.split_once('<') {
        push_lines(before, &mut text);
        if let Some(behind) = behind.strip_prefix('<') {
            text.push('<');
            rest = behind;
            continue;
        }
        let Some((command, behind)) = behind.split_once('>') else {
            text.push('<');
            rest = behind;
            break;
        };
        rest = behind;
        match command.to_ascii_lowercase().as_str() {
            "nl" | "paragraph" | "/paragraph" => text.push('\n'),
            "lt" => text.push('<'),
            // The parameter of the command before, such as a colour.
            "param" if has_parameters => match rest.split_once("</param>") {
                Some((_, behind)) => rest = behind,
                None => has_parameters = false,
            },
            _ => {}
        }
    }
    push_lines(rest, &mut text);
    text
}

/// Adds text whose single line breaks are spaces, and whose other runs of line breaks have one too
/// many.
fn push_lines(lines: &str, text: &mut String) {
    let mut rest = lines;
    while let Some((before, behind)) = rest.split_once('\n') {
        text.push_str(before);
        rest = behind.trim_start_matches('\n');
        match behind.len() - rest.len() {
            0 => text.push(' '),
            more => text.extend(std::iter::repeat_n('\n', more)),
        }
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn commands_are_removed_and_lines_are_joined() {
        let table = [
            ("<bold>Now</bold> is\nthe time", "Now is the time"),
            ("one\n\ntwo\n\n\nthree", "one\ntwo\n\nthree"),
            ("<color><param>red</param>red</color> <<b>", "red <b>"),
            ("a<nl>b<lt>c", "a\nb<c"),
            ("1 < 2", "1 < 2"),
            ("<param>never ended", "never ended"),
        ];
        for (enriched, shown) in table {
            assert_eq!(text(enriched), shown, "{enriched}");
        }
    }
}
