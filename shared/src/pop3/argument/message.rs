//! Message numbers, which are valid for one session, and unique-ids, which are valid across sessions.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use super::{ArgumentError, check_word};
use crate::pop3::limits::{MAX_SERVER_UNIQUE_ID_BYTES, MAX_UNIQUE_ID_BYTES};

/// The number of a message in one session, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageNumber(NonZeroU32);

impl MessageNumber {
    /// Returns the message number; `None` for 0.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// Returns the number.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for MessageNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for MessageNumber {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ArgumentError::Number);
        }
        text.parse().map(Self).map_err(|_| ArgumentError::Number)
    }
}

/// The identifier of a message for as long as the server keeps it ([RFC 1939 §7]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniqueId(String);

impl UniqueId {
    /// Checks a unique-id against the grammar: 1 to 70 bytes from 0x21 to 0x7E.
    ///
    /// # Errors
    /// [`ArgumentError`] if the grammar forbids it.
    pub fn new(text: impl Into<String>) -> Result<Self, ArgumentError> {
        let text = text.into();
        check_word(&text, MAX_UNIQUE_ID_BYTES)?;
        Ok(Self(text))
    }

    /// Accepts a unique-id as a server sent it, which may have blanks and 8-bit characters; `None`
    /// if it is empty or longer than [`MAX_SERVER_UNIQUE_ID_BYTES`].
    ///
    /// Bytes that are not valid UTF-8 are decoded as Latin-1, so that different bytes stay different.
    #[must_use]
    pub fn from_server(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() || bytes.len() > MAX_SERVER_UNIQUE_ID_BYTES {
            return None;
        }
        Some(Self(match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().copied().map(char::from).collect(),
        }))
    }

    /// Returns true if the unique-id conforms to the grammar of [RFC 1939 §7].
    #[must_use]
    pub fn is_regular(&self) -> bool {
        check_word(&self.0, MAX_UNIQUE_ID_BYTES).is_ok()
    }

    /// Returns the unique-id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_numbers_are_decimal_and_not_0() {
        assert_eq!("7".parse(), Ok(MessageNumber(NonZeroU32::new(7).unwrap())));
        for wrong in ["", "0", "-1", "+1", "1x", "4294967296"] {
            assert!(wrong.parse::<MessageNumber>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn unique_ids_are_strict_to_create_and_lenient_to_parse() {
        assert!(UniqueId::new("whqtswO00WBw418f9t5JxYwZ").is_ok());
        for wrong in ["", "a b", "\u{e9}", &"x".repeat(71)] {
            assert!(UniqueId::new(wrong).is_err(), "{wrong}");
        }
        assert_eq!(UniqueId::from_server(b"a b").unwrap().as_str(), "a b");
        assert!(UniqueId::from_server(&[b'x'; 1024]).is_some());
        assert_eq!(UniqueId::from_server(&[b'x'; 1025]), None);
        assert_ne!(
            UniqueId::from_server(b"\xe9"),
            UniqueId::from_server(b"\xea")
        );
    }
}
