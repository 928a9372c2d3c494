//! The fields of a header section ([RFC 5322 §2.2]).

/// The maximum length of a header section. The rest of a longer one is not parsed as headers.
const LONGEST_SECTION: usize = 512 * 1024;
/// The maximum length of a field: thousands of recipients. Longer ones are truncated.
const LONGEST_FIELD: usize = 256 * 1024;

/// The header fields of a message or part.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Headers<'a> {
    fields: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Headers<'a> {
    /// Parses the fields at the start of `octets`. Returns them and the position of the body. A
    /// line that is not a field ends the section, as if the blank line were missing.
    pub(in crate::engine) fn parse(octets: &'a [u8]) -> (Self, usize) {
        let mut fields = Vec::new();
        let mut position = 0;
        // The envelope line of an mbox is not a field.
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

    /// Returns the names and the folded values of all fields, in their order.
    pub(in crate::engine) fn iter(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.fields.iter().copied()
    }

    /// Returns the first field with this name, unfolded ([RFC 5322 §2.2.3]) and trimmed.
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

/// Returns the length of the name of a field, up to its colon.
fn field_name(rest: &[u8]) -> Option<usize> {
    // Longer than any registered name, and short enough to search at every line.
    const LONGEST_NAME: usize = 100;
    let colon = rest
        .iter()
        .take(LONGEST_NAME)
        .position(|octet| matches!(octet, b':' | b'\n'))?;
    let name = rest.get(..colon)?.trim_ascii_end();
    let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    (rest.get(colon) == Some(&b':') && is_name).then_some(colon)
}

/// Returns the end of the field at `position`: after the first line break that is not followed by
/// white space.
fn field_end(octets: &[u8], mut position: usize) -> usize {
    loop {
        position = line_end(octets, position);
        if !matches!(octets.get(position), Some(b' ' | b'\t')) {
            return position;
        }
    }
}

/// Returns the end of the line at `position`, including its line break.
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
    fn fields_are_unfolded_and_names_are_case_insensitive() {
        let (headers, body) = parse("SUBJECT: a\r\n\t b\r\nTo : c\r\n\r\nbody");
        assert_eq!(headers.field("Subject").unwrap(), b"a\t b");
        assert_eq!(headers.field("to").unwrap(), b"c");
        assert_eq!(body, "body");
    }

    #[test]
    fn a_missing_blank_line_ends_the_header() {
        let (headers, body) = parse("Subject: a\nHello there,\nhow: are you\n");
        assert_eq!(headers.field("subject").unwrap(), b"a");
        assert_eq!(body, "Hello there,\nhow: are you\n");
    }

    #[test]
    fn an_envelope_line_is_skipped() {
        let (headers, body) = parse("From someone Mon Jan 1\nSubject: a\n\nx");
        assert_eq!(headers.field("subject").unwrap(), b"a");
        assert_eq!(body, "x");
    }

    #[test]
    fn a_message_may_consist_of_a_header() {
        let (headers, body) = parse("Subject: a");
        assert_eq!(headers.field("subject").unwrap(), b"a");
        assert_eq!(body, "");
        assert!(parse("").0.fields.is_empty());
    }
}
