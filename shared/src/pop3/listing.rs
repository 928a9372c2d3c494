//! Drop listings, scan listings and unique-id listings ([RFC 1939 §§5, 7]), and rarer ones.
//!
//! The parsers are lenient: servers put several blanks between the fields, `+OK` before them, and
//! text after them.

use super::argument::{MessageNumber, UniqueId};

/// The number and size of the messages in a maildrop, as `STAT` reports them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DropListing {
    /// The number of messages.
    pub messages: u32,
    /// Their total size in bytes, which may be an estimate.
    pub octets: u64,
}

/// The size of a message, as `LIST` reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanListing {
    /// The message.
    pub message: MessageNumber,
    /// Its size in bytes, which may be an estimate.
    pub octets: u64,
}

/// The unique-id of a message, as `UIDL` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueIdListing {
    /// The message.
    pub message: MessageNumber,
    /// Its unique-id.
    pub unique_id: UniqueId,
}

/// A language of reply texts, as `LANG` reports it ([RFC 6856 §3]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageListing {
    /// Its tag, such as `en` or `i-default`.
    pub tag: String,
    /// Its name, in the language itself.
    pub name: String,
}

/// A discussion group, as `XTND BBOARDS` reports it ([RFC 1082]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardListing {
    /// Its name.
    pub name: String,
    /// The highest message number of its maildrop.
    pub highest: u32,
}

impl LanguageListing {
    /// Parses a line of `LANG`.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let (tag, name) = word(line)?;
        Some(Self {
            tag: std::str::from_utf8(tag).ok()?.to_owned(),
            name: String::from_utf8_lossy(name.trim_ascii()).into_owned(),
        })
    }
}

impl BoardListing {
    /// Parses a line of `XTND BBOARDS`.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let (name, rest) = word(line)?;
        let (highest, _) = word(rest)?;
        Some(Self {
            name: std::str::from_utf8(name).ok()?.to_owned(),
            highest: number(highest)?,
        })
    }
}

impl DropListing {
    /// Parses the text after `+OK`.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let (messages, rest) = word(line)?;
        let (octets, _) = word(rest)?;
        Some(Self {
            messages: number(messages)?,
            octets: number(octets)?,
        })
    }
}

impl ScanListing {
    /// Parses a line of `LIST`, or the text after the `+OK` of `LIST msg`.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let (message, rest) = word(without_indicator(line))?;
        let (octets, _) = word(rest)?;
        Some(Self {
            message: MessageNumber::new(number(message)?)?,
            octets: number(octets)?,
        })
    }
}

impl UniqueIdListing {
    /// Parses a line of `UIDL`. Blanks inside a unique-id are kept.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let (message, rest) = word(without_indicator(line))?;
        Some(Self {
            message: MessageNumber::new(number(message)?)?,
            unique_id: UniqueId::from_server(rest.trim_ascii())?,
        })
    }

    /// Parses the text after the `+OK` of `UIDL msg`, in which some servers omit the number.
    pub(crate) fn parse_answer(line: &[u8], asked: MessageNumber) -> Option<Self> {
        Self::parse(line)
            .filter(|listing| listing.message == asked)
            .or_else(|| {
                Some(Self {
                    message: asked,
                    unique_id: UniqueId::from_server(line.trim_ascii())?,
                })
            })
    }
}

/// Returns true if a line begins as the standard requires: a number, one blank, and another field. Text
/// after the fields is allowed ([RFC 1939 §5]).
pub(crate) fn is_regular(line: &[u8]) -> bool {
    let mut words = line.splitn(2, |byte| *byte == b' ');
    let number = words.next().unwrap_or_default();
    !number.is_empty()
        && number.iter().all(u8::is_ascii_digit)
        && words
            .next()
            .and_then(|rest| rest.first())
            .is_some_and(|byte| !byte.is_ascii_whitespace())
}

fn without_indicator(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"+OK").unwrap_or(line)
}

/// Splits a line after its first word.
fn word(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.trim_ascii_start();
    let end = line.iter().position(u8::is_ascii_whitespace);
    let (word, rest) = line.split_at(end.unwrap_or(line.len()));
    (!word.is_empty()).then_some((word, rest))
}

fn number<T: std::str::FromStr>(word: &[u8]) -> Option<T> {
    let digits = std::str::from_utf8(word).ok()?;
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| all_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(n: u32) -> MessageNumber {
        MessageNumber::new(n).unwrap()
    }

    #[test]
    fn scan_listings_may_have_additions() {
        let expected = Some(ScanListing {
            message: message(2),
            octets: 200,
        });
        for line in ["2 200", "2  200 octets", "+OK 2 200", " 2\t200 "] {
            assert_eq!(ScanListing::parse(line.as_bytes()), expected, "{line}");
        }
        for line in [
            "",
            "2",
            "two 200",
            "0 200",
            "2 -200",
            "2 99999999999999999999",
        ] {
            assert_eq!(ScanListing::parse(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn unique_id_listings_may_have_additions() {
        let listing = |id: &[u8]| {
            Some(UniqueIdListing {
                message: message(1),
                unique_id: UniqueId::from_server(id).unwrap(),
            })
        };
        for (line, id) in [
            ("1 whqtswO00WBw418f9t5JxYwZ", "whqtswO00WBw418f9t5JxYwZ"),
            ("1    id ", "id"),
            ("+OK 1 id", "id"),
            ("1 an id", "an id"),
        ] {
            assert_eq!(
                UniqueIdListing::parse(line.as_bytes()),
                listing(id.as_bytes())
            );
        }
        let long = [b"1 ".as_slice(), &b"x".repeat(700)].concat();
        assert_eq!(UniqueIdListing::parse(&long), listing(&b"x".repeat(700)));
        assert_eq!(UniqueIdListing::parse(b"1 \xe9"), listing(b"\xe9"));
        for line in ["", "1", "1 ", "id"] {
            assert_eq!(UniqueIdListing::parse(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn the_reply_about_one_message_may_lack_its_number() {
        for (line, id) in [("7 abc", "abc"), ("abc", "abc"), ("12 abc", "12 abc")] {
            let listing = UniqueIdListing::parse_answer(line.as_bytes(), message(7)).unwrap();
            assert_eq!(listing.message, message(7));
            assert_eq!(listing.unique_id.as_str(), id);
        }
    }

    #[test]
    fn drop_listings_may_have_additions() {
        let expected = Some(DropListing {
            messages: 2,
            octets: 320,
        });
        assert_eq!(DropListing::parse(b" 2 320"), expected);
        assert_eq!(DropListing::parse(b"2 320 octets"), expected);
        assert_eq!(DropListing::parse(b"many"), None);
    }
}
