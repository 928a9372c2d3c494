//! The small names of optional commands: languages and discussion groups.

use super::{ArgumentError, check_word};
use crate::pop3::limits::MAX_COMMAND_OCTETS;

/// Which language a server shall speak: a tag such as `en`, or `*` for the one that it prefers
/// ([RFC 6856 §3.2]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageRange(String);

impl LanguageRange {
    /// Checks a tag: letters, digits and hyphens, at most 64, or a single `*`.
    ///
    /// # Errors
    /// [`ArgumentError`] where the grammar does not allow it.
    pub fn new(range: &str) -> Result<Self, ArgumentError> {
        check_word(range, 64)?;
        let in_tag = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
        if range != "*" && !range.bytes().all(in_tag) {
            return Err(ArgumentError::Character);
        }
        Ok(Self(range.to_owned()))
    }

    /// The range as text.
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
    /// [`ArgumentError`] where `XTND` could not carry it.
    pub fn new(name: &str) -> Result<Self, ArgumentError> {
        check_word(name, MAX_COMMAND_OCTETS - "XTND X-BBOARDS \r\n".len())?;
        Ok(Self(name.to_owned()))
    }

    /// The name as text.
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
