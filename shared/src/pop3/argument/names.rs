//! The arguments of optional commands: language ranges and the names of discussion groups.

use super::{ArgumentError, check_word};
use crate::pop3::limits::MAX_COMMAND_BYTES;

/// The language that a client requests: a tag such as `en`, or `*` for the preferred language of
/// the server ([RFC 6856 §3.2]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageRange(String);

impl LanguageRange {
    /// Checks a range: at most 64 letters, digits and hyphens, or a single `*`.
    ///
    /// # Errors
    /// [`ArgumentError`] if the grammar forbids it.
    pub fn new(range: &str) -> Result<Self, ArgumentError> {
        check_word(range, 64)?;
        let in_tag = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if range != "*" && !range.bytes().all(in_tag) {
            return Err(ArgumentError::Character);
        }
        Ok(Self(range.to_owned()))
    }

    /// Returns the range as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a discussion group ([RFC 1082]): one word of visible ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardName(String);

impl BoardName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`ArgumentError`] if `XTND` cannot carry it.
    pub fn new(name: &str) -> Result<Self, ArgumentError> {
        check_word(name, MAX_COMMAND_BYTES - "XTND X-BBOARDS \r\n".len())?;
        Ok(Self(name.to_owned()))
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_word() {
        for range in ["en", "en-boont", "i-default", "*"] {
            assert_eq!(LanguageRange::new(range).unwrap().as_str(), range);
        }
        for wrong in ["", "**", "e n", "en\r\nDELE 1", &"e".repeat(65)] {
            assert!(LanguageRange::new(wrong).is_err(), "{wrong}");
        }
        assert_eq!(BoardName::new("mh-users").unwrap().as_str(), "mh-users");
        for wrong in ["", "a b", "a\n", &"b".repeat(239)] {
            assert!(BoardName::new(wrong).is_err(), "{wrong}");
        }
        assert!(BoardName::new(&"b".repeat(238)).is_ok());
    }
}
