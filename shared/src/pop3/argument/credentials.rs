//! User names, passwords, and the timestamps and digests of `APOP`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::{ArgumentError, check_line, check_word};
use crate::pop3::limits::MAX_CREDENTIAL_BYTES;

/// A user name: 1 to [`MAX_CREDENTIAL_BYTES`] bytes of UTF-8 without CR, LF or NUL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserName(String);

impl UserName {
    /// Checks a user name.
    ///
    /// # Errors
    /// [`ArgumentError`] if `USER` cannot carry it.
    pub fn new(name: impl Into<String>) -> Result<Self, ArgumentError> {
        let name = name.into();
        check_line(name.as_bytes(), MAX_CREDENTIAL_BYTES)?;
        Ok(Self(name))
    }

    /// Returns the user name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A password: 1 to [`MAX_CREDENTIAL_BYTES`] bytes without CR, LF or NUL. It is never printed.
///
/// Old servers compare bytes without regard to their character set. So a password that is not ASCII must
/// be sent in the character set in which it was set: UTF-8 or Latin-1.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Vec<u8>);

impl Password {
    /// Checks a password. A text is sent in UTF-8.
    ///
    /// # Errors
    /// [`ArgumentError`] if `PASS` cannot carry it.
    pub fn new(password: impl Into<Vec<u8>>) -> Result<Self, ArgumentError> {
        let password = password.into();
        check_line(&password, MAX_CREDENTIAL_BYTES)?;
        Ok(Self(password))
    }

    /// Checks a password that is sent in Latin-1.
    ///
    /// # Errors
    /// [`ArgumentError::Character`] for a character that Latin-1 lacks, and the errors of
    /// [`new`](Password::new).
    pub fn latin1(password: &str) -> Result<Self, ArgumentError> {
        let bytes: Result<Vec<u8>, _> = password.chars().map(u8::try_from).collect();
        Self::new(bytes.map_err(|_| ArgumentError::Character)?)
    }

    /// Returns the bytes of the password, to send them or to compute a digest.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }

    /// Returns the password as a server interprets it: UTF-8 if it is valid UTF-8, otherwise Latin-1.
    #[must_use]
    pub fn reveal_text(&self) -> Cow<'_, str> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => text.into(),
            Err(_) => self.0.iter().copied().map(char::from).collect(),
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The MD5 digest of an `APOP` login ([RFC 1939 §7]). It is never printed, because passwords can be
/// guessed from it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApopDigest([u8; 16]);

impl ApopDigest {
    /// The length on the wire: two hexadecimal digits for each byte.
    pub const WIRE_BYTES: usize = 32;

    /// Wraps the 16 bytes of the digest.
    #[must_use]
    pub fn new(digest: [u8; 16]) -> Self {
        Self(digest)
    }

    /// Returns the 16 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Returns the digest in lower-case hexadecimal digits.
    pub(crate) fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl FromStr for ApopDigest {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != Self::WIRE_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ArgumentError::Character);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| ArgumentError::Character)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl fmt::Debug for ApopDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApopDigest(…)")
    }
}

/// The timestamp of a greeting that offers `APOP`, angle brackets included ([RFC 1939 §7]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApopTimestamp(String);

impl ApopTimestamp {
    /// Finds the timestamp in the greeting of a server that supports `APOP` ([RFC 1939 §7]).
    #[must_use]
    pub fn find(greeting: &[u8]) -> Option<Self> {
        let begin = memchr::memchr(b'<', greeting)?;
        let end = begin + memchr::memchr(b'>', greeting.get(begin..)?)?;
        let timestamp = str::from_utf8(greeting.get(begin..=end)?).ok()?;
        Self::new(timestamp).ok()
    }

    /// Checks a timestamp such as `<1896.697170952@dbc.mtview.ca.us>`.
    ///
    /// # Errors
    /// [`ArgumentError`] unless it is one `msg-id` of at most 128 visible characters.
    pub fn new(text: impl Into<String>) -> Result<Self, ArgumentError> {
        let text = text.into();
        check_word(&text, 128)?;
        let inner = text.strip_prefix('<').and_then(|t| t.strip_suffix('>'));
        match inner {
            Some(inner) if inner.contains('@') && !inner.contains(['<', '>']) => Ok(Self(text)),
            Some(_) | None => Err(ArgumentError::Character),
        }
    }

    /// Returns the timestamp with its angle brackets, as it is digested.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timestamp_is_found_anywhere_in_the_greeting() {
        let stamp = "<1896.697170952@dbc.mtview.ca.us>";
        for greeting in [
            format!(" POP3 server ready {stamp}"),
            format!("{stamp} hello"),
            format!("[code] gr\u{fc}n {stamp}"),
        ] {
            let found = ApopTimestamp::find(greeting.as_bytes());
            assert_eq!(found.unwrap().as_str(), stamp);
        }
        for greeting in ["ready", "<ready>", "<a b@c>", "<a@b", "a@b>", "> <a@b"] {
            let found = ApopTimestamp::find(greeting.as_bytes());
            assert_eq!(found, None, "{greeting}");
        }
    }

    #[test]
    fn a_credential_fills_its_line_and_no_more() {
        assert!(UserName::new("u".repeat(248)).is_ok());
        assert_eq!(UserName::new("u".repeat(249)), Err(ArgumentError::TooLong));
        assert_eq!(Password::new(""), Err(ArgumentError::Empty));
    }

    #[test]
    fn a_password_is_sent_in_utf_8_or_latin_1() {
        let utf8 = Password::new("gr\u{fc}n").unwrap();
        let latin1 = Password::latin1("gr\u{fc}n").unwrap();
        assert_eq!(utf8.reveal(), b"gr\xc3\xbcn");
        assert_eq!(latin1.reveal(), b"gr\xfcn");
        assert_ne!(utf8, latin1);
        assert_eq!(utf8.reveal_text(), latin1.reveal_text());
        assert_eq!(Password::latin1("\u{20ac}"), Err(ArgumentError::Character));
        assert_eq!(Password::latin1("a\nb"), Err(ArgumentError::Character));
    }

    #[test]
    fn a_digest_has_32_hexadecimal_digits() {
        let hex = "c4c9334bac560ecc979e58001b3e22fb";
        assert_eq!(hex.parse::<ApopDigest>().unwrap().to_hex(), hex);
        for wrong in ["", "c4", "+4c9334bac560ecc979e58001b3e22fb"] {
            assert!(wrong.parse::<ApopDigest>().is_err());
        }
    }
}
