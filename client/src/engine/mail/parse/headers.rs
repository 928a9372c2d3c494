//! The fields of a header section ([RFC 5322 §2.2]).

/// A header longer than this is no header: the rest of it is not looked at.
const LONGEST_SECTION: usize = 512 * 1024;
/// A field longer than this is cut: no honest one comes near, and lists of thousands of recipients
/// help nobody.
const LONGEST_FIELD: usize = 64 * 1024;

/// The header fields of a message or part.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Headers<'a> {
    fields: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Headers<'a> {
    /// Reads the fields that `octets` begin with; returns them and where the body begins. A line
    /// that is no field ends the section, as if the blank line had been forgotten.
    pub(in crate::engine) fn parse(octets: &'a [u8]) -> (Self, usize) {
        let mut fields = Vec::new();
        let mut position = 0;
        // The envelope line of an mbox is no field.
        if octets.starts_with(b"From ") {
            position = line_end(octets, 0);
        }
        loop {
            let rest = octets.get(position..).unwrap_or_default();
            if rest.starts_with(b"\r\n") || rest.starts_with(b"\n") {
                position = line_end(octets, position);
                break;
            }
            let Some(name_length) = field_name(rest) else {
                break;
            };
            let end = field_end(octets, position);
            let field = octets.get(position..end).unwrap_or_default();
            if end > LONGEST_SECTION {
                position = end;
                continue;
            }
            if let Some((name, [b':', value @ ..])) = field.split_at_checked(name_length) {
                let value = value.get(..LONGEST_FIELD).unwrap_or(value);
                fields.push((name.trim_ascii_end(), value));
            }
            position = end;
        }
        (Self { fields }, position)
    }

    /// The first field of this name, unfolded ([RFC 5322 §2.2.3]) and trimmed.
    pub(in crate::engine) fn field(&self, name: &str) -> Option<Vec<u8>> {
        self.fields
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| {
                let unfolded: Vec<u8> = value
                    .iter()
                    .copied()
                    .filter(|octet| !matches!(octet, b'\r' | b'\n' | 0))
                    .collect();
                unfolded.trim_ascii().to_vec()
            })
    }
}

/// The length of the name that a field begins with, up to its colon.
fn field_name(rest: &[u8]) -> Option<usize> {
    // Longer than any name that was ever registered, and short enough to be looked for at each line.
    const LONGEST_NAME: usize = 100;
    let colon = rest
        .iter()
        .take(LONGEST_NAME)
        .position(|octet| matches!(octet, b':' | b'\n'))?;
    let name = rest.get(..colon)?.trim_ascii_end();
    let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    (rest.get(colon) == Some(&b':') && is_name).then_some(colon)
}

/// Where the field at `position` ends: behind the first line break that no blank follows.
fn field_end(octets: &[u8], mut position: usize) -> usize {
    loop {
        position = line_end(octets, position);
        if !matches!(octets.get(position), Some(b' ' | b'\t')) {
            return position;
        }
    }
}

/// Where the line at `position` ends, its line break included.
pub(in crate::engine) fn line_end(octets: &[u8], position: usize) -> usize {
    octets
        .get(position..)
        .and_then(|rest| memchr::memchr(b'\n', rest))
        .map_or(octets.len(), |line| position + line + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Headers<'_>, &str) {
        let (headers, body) = Headers::parse(text.as_bytes());
        (headers, &text[body..])
    }

    #[test]
    fn fields_are_unfolded_and_names_have_no_case() {
        let (headers, body) = parse("SUBJECT: a\r\n\t b\r\nTo : c\r\n\r\nbody");
        assert_eq!(headers.field("Subject").unwrap(), b"a\t b");
        assert_eq!(headers.field("to").unwrap(), b"c");
        assert_eq!(body, "body");
    }

    #[test]
    fn a_forgotten_blank_line_ends_the_header_too() {
        let (headers, body) = parse("Subject: a\nHello there,\nhow: are you\n");
        assert_eq!(headers.field("subject").unwrap(), b"a");
        assert_eq!(body, "Hello there,\nhow: are you\n");
    }

    #[test]
    fn an_envelope_line_is_passed_over() {
        let (headers, body) = parse("From someone Mon Jan 1\nSubject: a\n\nx");
        assert_eq!(headers.field("subject").unwrap(), b"a");
        assert_eq!(body, "x");
    }

    #[test]
    fn a_header_without_a_body_is_all_header() {
        let (headers, body) = parse("Subject: a");
        assert_eq!(headers.field("subject").unwrap(), b"a");
        assert_eq!(body, "");
        assert!(parse("").0.fields.is_empty());
    }
}
