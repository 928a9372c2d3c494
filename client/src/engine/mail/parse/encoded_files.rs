//! Files within the text of a message: uuencode and yEnc, which are older than MIME or ignore it.

use super::charset::guess;
use super::headers::line_end;
use super::transfer::Encoding;

/// The maximum number of files that are found in a text.
const MOST_FILES: usize = 200;

/// A file within a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EncodedFile {
    /// The positions of its first byte, and after its last one.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) name: String,
    pub(super) encoding: Encoding,
}

/// Finds the files in a text.
pub(super) fn find(text: &[u8]) -> Vec<EncodedFile> {
    let mut files: Vec<EncodedFile> = Vec::new();
    for hit in memchr::memmem::find_iter(text, b"begin ") {
        if files.last().is_some_and(|file| hit < file.end) {
            continue;
        }
        let start = match hit.checked_sub(2) {
            Some(start) if text.get(start..hit) == Some(b"=y") => start,
            _ => hit,
        };
        let is_line_start = start == 0 || text.get(start - 1) == Some(&b'\n');
        if !is_line_start || files.len() >= MOST_FILES {
            continue;
        }
        let file = if start == hit {
            uuencoded(text, start)
        } else {
            yencoded(text, start)
        };
        files.extend(file);
    }
    files
}

/// Parses the uuencoded file at a position.
fn uuencoded(text: &[u8], start: usize) -> Option<EncodedFile> {
    let first = line_end(text, start);
    let line = text.get(start..first)?.strip_prefix(b"begin ")?;
    let digits = line
        .iter()
        .take_while(|octet| matches!(octet, b'0'..=b'7'))
        .count();
    let name = line.get(digits..)?;
    if !(3..=4).contains(&digits) || !name.starts_with(b" ") {
        return None;
    }
    let mut end = first;
    let (mut is_complete, mut is_ended) = (true, false);
    while let Some(line) = text
        .get(end..line_end(text, end))
        .filter(|line| !line.is_empty())
    {
        let next = end + line.len();
        let line = without_break(line);
        if line == b"end" {
            (end, is_ended) = (next, true);
            break;
        }
        // The space that means "no more bytes" may be missing too.
        let is_last = line.is_empty() && text.get(next..)?.starts_with(b"end");
        match missing(line) {
            Some(missing) => is_complete &= missing <= 8,
            None if is_last => {}
            None => break,
        }
        end = next;
    }
    (end > first && (is_complete || is_ended)).then(|| EncodedFile {
        start,
        end,
        name: guess(name).trim().to_owned(),
        encoding: Encoding::Uuencode,
    })
}

/// Returns the number of spaces that a relay has removed from the end of a line of uuencode; `None`
/// if it is another line. A line has a length, and as many characters, perhaps with a checksum.
fn missing(line: &[u8]) -> Option<usize> {
    let (length, characters) = line.split_first()?;
    let is_character = |octet: &u8| (b' '..=b'`').contains(octet);
    let length = usize::from(length.wrapping_sub(b' ') & 63);
    let whole = length.div_ceil(3) * 4;
    let fits = line.iter().all(is_character) && characters.len() <= whole + 2;
    fits.then(|| whole.saturating_sub(characters.len()))
}

/// Decodes a uuencoded file, with or without its first line.
pub(super) fn decode_uuencode(octets: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(octets.len() / 4 * 3);
    let has_begin = |line: &[u8]| line.starts_with(b"begin ");
    let mut lines = octets.split(|octet| *octet == b'\n').map(without_break);
    if octets
        .split(|octet| *octet == b'\n')
        .take(20)
        .any(has_begin)
    {
        lines.find(|line| has_begin(line));
    }
    for line in lines.take_while(|line| *line != b"end") {
        if missing(line).is_none() {
            continue;
        }
        let Some((length, characters)) = line.split_first() else {
            continue;
        };
        let length = usize::from(length.wrapping_sub(b' ') & 63);
        let value = |place: usize| {
            let octet = characters.get(place).copied().unwrap_or(b' ');
            u32::from(octet.wrapping_sub(b' ') & 63)
        };
        let whole = decoded.len() + length;
        for place in (0..length.div_ceil(3) * 4).step_by(4) {
            let group = (place..place + 4).fold(0, |group, place| group << 6 | value(place));
            let [_, octets @ ..] = group.to_be_bytes();
            decoded.extend(octets);
        }
        decoded.truncate(whole);
    }
    decoded
}

/// Parses the yEnc file at a position.
fn yencoded(text: &[u8], start: usize) -> Option<EncodedFile> {
    let first = line_end(text, start);
    let line = text.get(start..first)?;
    let name = memchr::memmem::find(line, b" name=")?;
    let name = line.get(name + b" name=".len()..)?;
    // Without the last line, the rest of the text belongs to the file.
    let last = text
        .get(first..)
        .and_then(|rest| memchr::memmem::find(rest, b"\n=yend "));
    Some(EncodedFile {
        start,
        end: last.map_or(text.len(), |last| line_end(text, first + last + 1)),
        name: guess(name).trim().to_owned(),
        encoding: Encoding::YEnc,
    })
}

/// Decodes a yEnc file. Lines that begin with `=y` are not data.
pub(super) fn decode_yenc(octets: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(octets.len());
    let data = octets
        .split(|octet| *octet == b'\n')
        .map(without_break)
        .filter(|line| !line.starts_with(b"=y"));
    for line in data {
        let mut escaped = false;
        for octet in line {
            match (escaped, octet) {
                (false, b'=') => escaped = true,
                (false, octet) => decoded.push(octet.wrapping_sub(42)),
                (true, octet) => {
                    decoded.push(octet.wrapping_sub(42 + 64));
                    escaped = false;
                }
            }
        }
    }
    decoded
}

fn without_break(mut line: &[u8]) -> &[u8] {
    while let [shorter @ .., b'\r' | b'\n'] = line {
        line = shorter;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuencoded_file_is_found_between_words() {
        let text = b"before\nbegin 644 a b.txt\n#0V%T\n`\nend\nbehind\n";
        let files = find(text);
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].name, "a b.txt");
        let file = &text[files[0].start..files[0].end];
        assert_eq!(file, b"begin 644 a b.txt\n#0V%T\n`\nend\n");
        assert_eq!(decode_uuencode(file), b"Cat");
        assert_eq!(decode_uuencode(b"#0V%T\r\n`\r\nend\r\n"), b"Cat");
    }

    #[test]
    fn spaces_at_the_ends_of_lines_may_be_missing() {
        let text = b"begin 644 x\n&0V%T\nM\n\nend\nbehind";
        assert_eq!(find(text)[0].end, text.len() - 6);
        let decoded = decode_uuencode(text);
        assert_eq!(decoded.len(), 6 + 45);
        assert!(decoded.starts_with(b"Cat\0\0\0"));
    }

    #[test]
    fn words_that_look_like_a_file_are_text() {
        for text in [
            "begin 644 things, he said.\nAnd he did.\n",
            "begin again\n",
            "to begin 644 x\n#0V%T\n",
            "begin 644\n#0V%T\n",
        ] {
            assert_eq!(find(text.as_bytes()), [], "{text}");
        }
    }

    #[test]
    fn a_yenc_file_is_found_and_decoded() {
        let text =
            b"hi\r\n=ybegin line=128 size=4 name=a.bin\r\n\x6D\x8B=\x7D\x9E\r\n=yend size=4\r\nbye";
        let files = find(text);
        assert_eq!(files[0].name, "a.bin");
        let file = &text[files[0].start..files[0].end];
        assert_eq!(decode_yenc(file), b"Ca\x13t");
        assert_eq!(&text[files[0].end..], b"bye");
    }
}
