//! The delimiter lines between the parts of a multipart ([RFC 2046 §5.1.1]).

use memchr::memmem::{Finder, find_iter};

use super::headers::line_end;

/// The maximum number of inner boundaries that are distinguished from the boundary of a multipart. No
/// honest mail has more than two that begin with it.
const MOST_INNER: usize = 20;

/// Guesses an undeclared boundary: the first line that looks like a delimiter.
pub(in crate::engine) fn likely_boundary(body: &[u8]) -> Option<Vec<u8>> {
    body.split(|octet| *octet == b'\n')
        .take(20)
        .find_map(|line| line.strip_prefix(b"--"))
        .map(|line| line.trim_ascii_end().to_vec())
        .filter(|boundary| !boundary.is_empty())
}

/// Splits a body at its delimiters. Without a closing delimiter, the last piece continues to the
/// end.
///
/// Words may follow a delimiter on its line. A line that begins with the longer boundary of a
/// multipart inside is a delimiter of that one.
pub(in crate::engine) fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let delimiter = [b"--", boundary].concat();
    let mut inner = inner_boundaries(body, boundary);
    let mut pieces = Vec::new();
    let mut start = None;
    for hit in Finder::new(&delimiter).find_iter(body) {
        let line_start = hit == 0 || body.get(hit - 1) == Some(&b'\n');
        if !line_start || start.is_some_and(|start| hit < start) {
            continue;
        }
        let end = line_end(body, hit);
        let behind = body.get(hit + delimiter.len()..end).unwrap_or_default();
        if is_of_inner(&mut inner, behind, hit) {
            continue;
        }
        let Some(closing) = closing(behind) else {
            continue;
        };
        if let Some(start) = start {
            pieces.push(without_last_break(body.get(start..hit).unwrap_or_default()));
        }
        if closing {
            return pieces;
        }
        start = Some(end);
    }
    if let Some(start) = start {
        pieces.push(body.get(start..).unwrap_or_default());
    }
    pieces
}

/// Returns true for a closing delimiter, false for another one, and `None` if the rest of the line
/// shows that it is no delimiter of this multipart.
fn closing(behind: &[u8]) -> Option<bool> {
    let is_separate = |rest: &[u8]| rest.first().is_none_or(u8::is_ascii_whitespace);
    match behind.strip_prefix(b"--") {
        Some(rest) if is_separate(rest) => Some(true),
        _ => is_separate(behind).then_some(false),
    }
}

/// A boundary inside a multipart that begins with the boundary of that multipart.
struct InnerBoundary<'a> {
    /// The position of its declaration.
    declared: usize,
    /// Its bytes after the outer boundary.
    suffix: &'a [u8],
}

/// Returns the longer boundaries that headers inside the body declare.
fn inner_boundaries<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<InnerBoundary<'a>> {
    // Without the first letter, whose case varies.
    find_iter(body, b"oundary=")
        .filter_map(|hit| {
            let declared = hit + b"oundary=".len();
            let value = body.get(declared..)?;
            let (value, ends): (_, &[u8]) = match value.strip_prefix(b"\"") {
                Some(value) => (value, b"\"\r\n"),
                None => (value, b"; \t\r\n"),
            };
            let suffix = value.strip_prefix(boundary)?;
            // RFC 2046 limits a boundary to 70 bytes.
            let length = suffix
                .iter()
                .take(200)
                .position(|octet| ends.contains(octet))?;
            let suffix = suffix.get(..length).filter(|suffix| !suffix.is_empty())?;
            Some(InnerBoundary { declared, suffix })
        })
        .take(MOST_INNER)
        .collect()
}

/// Returns true if a line at `hit` is a delimiter of an inner multipart. Its closing delimiter ends
/// the inner multipart, whose boundary then no longer counts.
fn is_of_inner(inner: &mut Vec<InnerBoundary<'_>>, behind: &[u8], hit: usize) -> bool {
    let rest_of_line = |boundary: &InnerBoundary<'_>| {
        let rest = behind.strip_prefix(boundary.suffix)?;
        (boundary.declared < hit).then_some(rest)
    };
    let found = inner
        .iter()
        .position(|boundary| rest_of_line(boundary).and_then(closing).is_some());
    let Some(found) = found else {
        return false;
    };
    let closes = inner.get(found).and_then(rest_of_line).and_then(closing);
    if closes == Some(true) {
        inner.remove(found);
    }
    true
}

/// Removes the line break before a delimiter, which belongs to the delimiter.
fn without_last_break(piece: &[u8]) -> &[u8] {
    let Some(piece) = piece.strip_suffix(b"\n") else {
        return piece;
    };
    // A relay may have doubled the carriage return.
    let piece = piece.strip_suffix(b"\r").unwrap_or(piece);
    piece.strip_suffix(b"\r").unwrap_or(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces<'a>(body: &'a str, boundary: &str) -> Vec<&'a str> {
        split(body.as_bytes(), boundary.as_bytes())
            .into_iter()
            .map(|piece| std::str::from_utf8(piece).unwrap())
            .collect()
    }

    #[test]
    fn words_may_follow_a_delimiter() {
        let body = "--b  (part one)\r\n1\r\n--b\tx\r\n2\r\n--b-- the end\r\nepilogue";
        assert_eq!(pieces(body, "b"), ["1", "2"]);
        assert_eq!(pieces("--b\n--bold\n--b--", "b"), ["--bold"]);
        assert_eq!(pieces("--b\n--b--old\n--b--", "b"), ["--b--old"]);
    }

    #[test]
    fn delimiters_of_a_longer_inner_boundary_belong_to_the_inner_multipart() {
        for inner in ["b2", "b-", "b--", "b--x", "b inner", "b----"] {
            let nested = format!(
                "Content-Type: multipart/x; Boundary=\"{inner}\"\n\n\
                 --{inner}\n\nin\n--{inner}--\n"
            );
            let body = format!("--b\n{nested}--b\n\nout\n--b--\n--b\nepilogue");
            assert_eq!(
                pieces(&body, "b"),
                [nested.trim_end_matches('\n'), "\nout"],
                "{inner}"
            );
        }
    }

    #[test]
    fn an_inner_boundary_counts_only_behind_its_declaration() {
        let body = "--b\n\none\n--b x\n\ntwo\n--b\n\nboundary=\"b x\"\n--b--";
        assert_eq!(pieces(body, "b"), ["\none", "\ntwo", "\nboundary=\"b x\""]);
    }

    #[test]
    fn a_doubled_carriage_return_belongs_to_the_delimiter() {
        let body = "--b\r\r\n\r\r\none\r\r\n--b--\r\r\n";
        assert_eq!(pieces(body, "b"), ["\r\r\none"]);
    }
}
