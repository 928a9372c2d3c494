//! The fields of a header section ([RFC 5322 §2.2]).

use super::labels::MailCharset;

/// The maximum length of a header section. The rest of a longer one is not parsed as headers.
const LONGEST_SECTION: usize = 512 * 1024;
/// The maximum length of a field: thousands of recipients. Longer ones are truncated.
const LONGEST_FIELD: usize = 256 * 1024;

/// Fields that show that a header goes on after a line that is not a field. Names that begin with
/// `X-`, `Content-`, `List-` or `ARC-` are also known.
const KNOWN: [&str; 27] = [
    "authentication-results",
    "bcc",
    "cc",
    "date",
    "delivered-to",
    "dkim-signature",
    "domainkey-signature",
    "envelope-to",
    "errors-to",
    "from",
    "importance",
    "in-reply-to",
    "message-id",
    "mime-version",
    "organization",
    "precedence",
    "priority",
    "received",
    "received-spf",
    "references",
    "reply-to",
    "return-path",
    "sender",
    "subject",
    "thread-index",
    "to",
    "user-agent",
];

/// The header fields of a message or part.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Headers<'a> {
    fields: Vec<(&'a [u8], &'a [u8])>,
    /// The charset of raw 8-bit text that is not UTF-8.
    pub(in crate::engine) likely_charset: Option<MailCharset>,
}

impl<'a> Headers<'a> {
    /// Parses the fields at the start of a message. Returns them and the position of the body.
    /// Empty lines before the first field, and the envelope line of an mbox, are skipped.
    pub(in crate::engine) fn parse(octets: &'a [u8]) -> (Self, usize) {
        let mut position = 0;
        let mut rest = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
        let is_enveloped = is_envelope_line(rest);
        while let Some(length) = blank_line(rest) {
            rest = rest.get(length..).unwrap_or_default();
        }
        if is_envelope_line(rest) {
            rest = rest.get(line_end(rest, 0)..).unwrap_or_default();
        }
        if is_enveloped || known_field(rest) == Some(true) {
            position = octets.len() - rest.len();
        }
        Self::fields(octets, position, |_| true)
    }

    /// Parses the fields at the start of a part. Returns them and the position of the body.
    pub(in crate::engine) fn of_part(octets: &'a [u8]) -> (Self, usize) {
        // The text of a part may quote the header of a message.
        let is_of_part = |line: &[u8]| starts_with(line, b"content-");
        Self::fields(octets, 0, is_of_part)
    }

    /// Parses the fields at a position. A line that is not a field is skipped if a known field
    /// follows that may show this; otherwise it ends the header, as if the blank line were missing.
    fn fields(
        octets: &'a [u8],
        mut position: usize,
        may_show: impl Fn(&[u8]) -> bool,
    ) -> (Self, usize) {
        let mut fields = Vec::new();
        loop {
            let rest = octets.get(position..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            if let Some(length) = blank_line(rest) {
                position += length;
                break;
            }
            let Some(name_length) = field_name(rest) else {
                match next_known(octets, position, &may_show) {
                    Some(next) => position = next,
                    None => break,
                }
                continue;
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
        let headers = Self {
            fields,
            likely_charset: None,
        };
        (headers, position)
    }

    /// Returns the names and the folded values of all fields, in their order.
    pub(in crate::engine) fn iter(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.fields.iter().copied()
    }

    /// Returns the first field with this name, unfolded ([RFC 5322 §2.2.3]) and trimmed.
    pub(in crate::engine) fn field(&self, name: &str) -> Option<Vec<u8>> {
        self.fields
            .iter()
            .find(|(found, _)| is_named(found, name))
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

/// Returns true if a field has this name, in any case and with blanks instead of hyphens.
fn is_named(found: &[u8], name: &str) -> bool {
    found.len() == name.len()
        && found.iter().zip(name.bytes()).all(|(found, octet)| {
            found.eq_ignore_ascii_case(&octet) || (*found == b' ' && octet == b'-')
        })
}

fn starts_with(line: &[u8], name: &[u8]) -> bool {
    line.get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name))
}

/// Returns true for the line that precedes a message in an mbox: `From ` and an envelope. A field
/// may have white space before its colon ([RFC 5322 §4.5]).
fn is_envelope_line(rest: &[u8]) -> bool {
    let envelope = rest
        .strip_prefix(b">")
        .unwrap_or(rest)
        .strip_prefix(b"From ");
    envelope.is_some_and(|envelope| !envelope.trim_ascii_start().starts_with(b":"))
}

/// Returns true if the line is a known field, false if it is another field, and `None` if it is not
/// a field.
fn known_field(rest: &[u8]) -> Option<bool> {
    let name = rest.get(..field_name(rest)?)?.trim_ascii_end();
    let begins = ["x-", "content-", "list-", "arc-"];
    Some(
        begins
            .iter()
            .any(|start| starts_with(name, start.as_bytes()))
            || KNOWN.iter().any(|known| is_named(name, known)),
    )
}

/// Returns the position of the next known field before the end of the header.
fn next_known(octets: &[u8], position: usize, may_show: &impl Fn(&[u8]) -> bool) -> Option<usize> {
    let mut next = line_end(octets, position);
    loop {
        let rest = octets.get(next..).filter(|rest| !rest.is_empty())?;
        if blank_line(rest).is_some() || next > LONGEST_SECTION {
            return None;
        }
        if known_field(rest) == Some(true) && may_show(rest) {
            return Some(next);
        }
        next = line_end(octets, next);
    }
}

/// Returns the length of the blank line at the start, with its line break. Some relays write CR CR
/// LF.
fn blank_line(rest: &[u8]) -> Option<usize> {
    let returns = rest.iter().take_while(|octet| **octet == b'\r').count();
    (rest.get(returns) == Some(&b'\n')).then_some(returns + 1)
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
    let is_name = name.iter().all(u8::is_ascii_graphic) || {
        // Broken senders write a blank instead of a hyphen.
        let is_known = |known: &&str| is_named(name, known);
        [
            "content-type",
            "content-transfer-encoding",
            "content-disposition",
        ]
        .iter()
        .chain(&KNOWN)
        .any(is_known)
    };
    (rest.get(colon) == Some(&b':') && is_name && !name.is_empty()).then_some(colon)
}

/// Returns the end of the field at `position`: after the first line break that is not followed by
/// white space. A line of white space ends the header if no field follows it.
fn field_end(octets: &[u8], mut position: usize) -> usize {
    loop {
        position = line_end(octets, position);
        if !matches!(octets.get(position), Some(b' ' | b'\t')) {
            return position;
        }
        let end = line_end(octets, position);
        let line = octets.get(position..end).unwrap_or_default();
        let behind = octets.get(end..).unwrap_or_default();
        let goes_on = matches!(behind, [b' ' | b'\t', ..]) || field_name(behind).is_some();
        if line.trim_ascii().is_empty() && !goes_on {
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

    #[test]
    fn lines_that_are_not_fields_are_skipped_if_known_fields_follow() {
        let table = [
            "X-Sig: abc\r\nstray+line/==\r\nother\r\nSubject: a\r\n\r\nx",
            "To: b\n>From someone Mon Jan 1\nSubject: a\n\nx",
            "\r\n\r\nDate: d\r\nSubject: a\r\n\r\nx",
            "To: b\r\r\nSubject: a\r\r\n\r\r\nx",
            "\u{FEFF}Subject: a\n\nx",
            " folded\nSubject: a\n\nx",
            "no field: \u{e9}\nbroken name : y\nSubject: a\n\nx",
            "Subject: a\nFrom: b\n \t\nx",
        ];
        for text in table {
            let (headers, body) = parse(text);
            assert_eq!(headers.field("subject").unwrap(), b"a", "{text}");
            assert!(body.trim() == "x", "{text}");
        }
    }

    #[test]
    fn blanks_in_the_name_of_a_field_are_healed() {
        let (headers, _) = parse("Content Type: text/html\nReply To : b\nSubject: a\n\n");
        assert_eq!(headers.field("content-type").unwrap(), b"text/html");
        assert_eq!(headers.field("reply-to").unwrap(), b"b");
        assert_eq!(headers.field("subject").unwrap(), b"a");
    }

    #[test]
    fn a_sender_with_a_blank_before_the_colon_is_not_an_envelope() {
        let (headers, _) = parse("From : a@b.example\nSubject: a\n\n");
        assert_eq!(headers.field("from").unwrap(), b"a@b.example");
    }

    #[test]
    fn the_text_of_a_part_is_not_taken_for_its_header() {
        let part = |text: &'static str| Headers::of_part(text.as_bytes()).1;
        assert_eq!(part("\nSubject: quoted\n\nx"), 1);
        assert_eq!(part("words\nSubject: quoted\n\nx"), 0);
        assert_eq!(part("stray\nContent-Type: text/html\n\nx"), 31);
    }
}
