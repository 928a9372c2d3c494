//! What commands and listings carry, checked once when it is made.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use super::MAX_COMMAND_OCTETS;

/// The longest user name or password in octets: what `USER` or `PASS` leaves of a command line.
pub const MAX_CREDENTIAL_OCTETS: usize = MAX_COMMAND_OCTETS - "USER \r\n".len();

/// The longest unique-id in octets that a server may write ([RFC 1939 §7]).
pub const MAX_UNIQUE_ID_OCTETS: usize = 70;

/// Why a value cannot be sent over POP3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// It has no octets.
    #[error("it is empty")]
    Empty,
    /// It does not fit into its command line.
    #[error("it is too long for POP3")]
    TooLong,
    /// It has a character that its grammar does not allow; CR, LF and NUL never are.
    #[error("it has a character that POP3 cannot carry")]
    Character,
    /// It is not a number of its kind.
    #[error("it is not a number from 1 to 4294967295")]
    Number,
    /// It is not base64 ([RFC 4648 §4]).
    #[error("it is not base64")]
    Base64,
}

fn check_line(text: &str, limit: usize) -> Result<(), ArgumentError> {
    if text.is_empty() {
        return Err(ArgumentError::Empty);
    }
    if text.len() > limit {
        return Err(ArgumentError::TooLong);
    }
    if text.bytes().any(|o| matches!(o, b'\r' | b'\n' | 0)) {
        return Err(ArgumentError::Character);
    }
    Ok(())
}

fn check_word(text: &str, limit: usize) -> Result<(), ArgumentError> {
    check_line(text, limit)?;
    if !text.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Err(ArgumentError::Character);
    }
    Ok(())
}

/// The name to log in with: 1 to [`MAX_CREDENTIAL_OCTETS`] octets of UTF-8 without CR, LF or NUL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserName(String);

impl UserName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`ArgumentError`] where `USER` could not carry it.
    pub fn new(name: impl Into<String>) -> Result<Self, ArgumentError> {
        let name = name.into();
        check_line(&name, MAX_CREDENTIAL_OCTETS)?;
        Ok(Self(name))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A password: 1 to [`MAX_CREDENTIAL_OCTETS`] octets of UTF-8 without CR, LF or NUL, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Checks a password.
    ///
    /// # Errors
    /// [`ArgumentError`] where `PASS` could not carry it.
    pub fn new(password: impl Into<String>) -> Result<Self, ArgumentError> {
        let password = password.into();
        check_line(&password, MAX_CREDENTIAL_OCTETS)?;
        Ok(Self(password))
    }

    /// The password itself, for comparison and for the wire.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The MD5 digest of an `APOP` login ([RFC 1939 §7]), never printed since passwords can be guessed
/// from it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApopDigest([u8; 16]);

impl ApopDigest {
    /// How many octets it has on the wire: two hexadecimal digits an octet.
    pub const WIRE_OCTETS: usize = 32;

    /// Wraps the sixteen octets of the digest.
    #[must_use]
    pub fn new(digest: [u8; 16]) -> Self {
        Self(digest)
    }

    /// The sixteen octets.
    #[must_use]
    pub fn octets(&self) -> &[u8; 16] {
        &self.0
    }

    /// The digest in lower-case hexadecimal digits.
    pub(crate) fn to_hex(&self) -> String {
        self.0.iter().map(|octet| format!("{octet:02x}")).collect()
    }
}

impl FromStr for ApopDigest {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != Self::WIRE_OCTETS || !text.bytes().all(|o| o.is_ascii_hexdigit()) {
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
    /// Checks a timestamp such as `<1896.697170952@dbc.mtview.ca.us>`.
    ///
    /// # Errors
    /// [`ArgumentError`] unless it is one `msg-id` of visible characters, at most 128 octets.
    pub fn new(text: impl Into<String>) -> Result<Self, ArgumentError> {
        let text = text.into();
        check_word(&text, 128)?;
        let inner = text.strip_prefix('<').and_then(|t| t.strip_suffix('>'));
        match inner {
            Some(inner) if inner.contains('@') && !inner.contains(['<', '>']) => Ok(Self(text)),
            Some(_) | None => Err(ArgumentError::Character),
        }
    }

    /// The timestamp, angle brackets included: the first part of what is digested.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The number of a message in one session, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageNumber(NonZeroU32);

impl MessageNumber {
    /// Checks that a number is not 0.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// The number.
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
        if !text.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(ArgumentError::Number);
        }
        text.parse().map(Self).map_err(|_| ArgumentError::Number)
    }
}

/// What a server calls a message for as long as it keeps it ([RFC 1939 §7]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniqueId(String);

impl UniqueId {
    /// Checks a unique-id that is to be written: 1 to 70 octets of 0x21 to 0x7E.
    ///
    /// # Errors
    /// [`ArgumentError`] where the grammar does not allow it.
    pub fn new(text: impl Into<String>) -> Result<Self, ArgumentError> {
        let text = text.into();
        check_word(&text, MAX_UNIQUE_ID_OCTETS)?;
        Ok(Self(text))
    }

    /// Takes a unique-id as a server wrote it: any length, blanks inside, 8-bit octets.
    ///
    /// What is not UTF-8 is taken as Latin-1, so that different octets stay different.
    #[must_use]
    pub fn from_server(octets: &[u8]) -> Option<Self> {
        if octets.is_empty() {
            return None;
        }
        Some(Self(match std::str::from_utf8(octets) {
            Ok(text) => text.to_owned(),
            Err(_) => octets.iter().copied().map(char::from).collect(),
        }))
    }

    /// The unique-id as text.
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

/// The name of a SASL mechanism in upper case: 1 to 20 of `A-Z`, `0-9`, `-`, `_` ([RFC 4422 §3.1]).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mechanism(String);

impl Mechanism {
    /// The mechanism of [RFC 4616].
    pub const PLAIN: &str = "PLAIN";

    /// Checks a name and puts it into upper case.
    ///
    /// # Errors
    /// [`ArgumentError`] where the grammar does not allow it.
    pub fn new(name: &str) -> Result<Self, ArgumentError> {
        check_word(name, 20)?;
        let allowed = |o: u8| o.is_ascii_alphanumeric() || o == b'-' || o == b'_';
        if !name.bytes().all(allowed) {
            return Err(ArgumentError::Character);
        }
        Ok(Self(name.to_ascii_uppercase()))
    }

    /// [RFC 4616]'s `PLAIN`.
    #[must_use]
    pub fn plain() -> Self {
        Self(Self::PLAIN.to_owned())
    }

    /// The name in upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One answer of the client to a SASL challenge, decoded, never printed ([RFC 5034 §4]).
#[derive(Clone, PartialEq, Eq)]
pub struct SaslResponse(Vec<u8>);

impl SaslResponse {
    /// The one message of `PLAIN`: no authorisation identity, the name, the password ([RFC 4616 §2]).
    #[must_use]
    pub fn plain(user: &UserName, password: &Password) -> Self {
        let mut octets = Vec::with_capacity(user.0.len() + password.0.len() + 2);
        octets.push(0);
        octets.extend_from_slice(user.0.as_bytes());
        octets.push(0);
        octets.extend_from_slice(password.0.as_bytes());
        Self(octets)
    }

    /// Reads `PLAIN`'s message: authorisation identity (often empty), name and password.
    #[must_use]
    pub fn to_plain(&self) -> Option<(String, UserName, Password)> {
        let mut parts = self.0.split(|octet| *octet == 0);
        let mut next = || Some(std::str::from_utf8(parts.next()?).ok()?.to_owned());
        let (identity, user, password) = (next()?, next()?, next()?);
        if parts.next().is_some() {
            return None;
        }
        Some((
            identity,
            UserName::new(user).ok()?,
            Password::new(password).ok()?,
        ))
    }

    /// The decoded octets.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }

    /// Reads strict base64; an empty text is an empty response.
    ///
    /// # Errors
    /// [`ArgumentError::Base64`].
    pub fn from_base64(text: &[u8]) -> Result<Self, ArgumentError> {
        STANDARD
            .decode(text)
            .map(Self)
            .map_err(|_| ArgumentError::Base64)
    }

    /// Writes base64.
    pub(crate) fn to_base64(&self) -> String {
        STANDARD.encode(&self.0)
    }
}

impl fmt::Debug for SaslResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SaslResponse(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_ends_a_line_can_be_built() {
        for end in ['\r', '\n', '\0'] {
            let text = format!("a{end}DELE 1");
            assert_eq!(UserName::new(text.clone()), Err(ArgumentError::Character));
            assert_eq!(Password::new(text.clone()), Err(ArgumentError::Character));
            assert!(UniqueId::new(text.clone()).is_err());
            assert!(Mechanism::new(&text).is_err());
            assert!(ApopTimestamp::new(format!("<a{end}@b>")).is_err());
        }
    }

    #[test]
    fn a_credential_fills_its_line_and_no_more() {
        assert!(UserName::new("u".repeat(248)).is_ok());
        assert_eq!(UserName::new("u".repeat(249)), Err(ArgumentError::TooLong));
        assert_eq!(Password::new(""), Err(ArgumentError::Empty));
    }

    #[test]
    fn secrets_are_never_printed() {
        let user = UserName::new("mrose").unwrap();
        let password = Password::new("tanstaaf").unwrap();
        let printed = format!(
            "{password:?} {:?} {:?}",
            SaslResponse::plain(&user, &password),
            ApopDigest::new([0xc4; 16])
        );
        assert_eq!(printed, "Password(…) SaslResponse(…) ApopDigest(…)");
    }

    #[test]
    fn a_plain_message_is_read_as_it_was_written() {
        let user = UserName::new("jör g").unwrap();
        let password = Password::new(" pass word ").unwrap();
        let response = SaslResponse::plain(&user, &password);
        let wire = response.to_base64();
        let read = SaslResponse::from_base64(wire.as_bytes()).unwrap();
        assert_eq!(read.to_plain(), Some((String::new(), user, password)));
        assert_eq!(
            SaslResponse::from_base64(b"AGE=AGE="),
            Err(ArgumentError::Base64)
        );
        assert!(SaslResponse(b"\0a\0b\0c".to_vec()).to_plain().is_none());
    }

    #[test]
    fn a_digest_has_32_hexadecimal_digits() {
        let hex = "c4c9334bac560ecc979e58001b3e22fb";
        assert_eq!(hex.parse::<ApopDigest>().unwrap().to_hex(), hex);
        for wrong in ["", "c4", "+4c9334bac560ecc979e58001b3e22fb"] {
            assert!(wrong.parse::<ApopDigest>().is_err());
        }
    }

    #[test]
    fn message_numbers_are_decimal_and_not_0() {
        assert_eq!("7".parse(), Ok(MessageNumber(NonZeroU32::new(7).unwrap())));
        for wrong in ["", "0", "-1", "+1", "1x", "4294967296"] {
            assert!(wrong.parse::<MessageNumber>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn unique_ids_are_strict_to_write_and_lenient_to_read() {
        assert!(UniqueId::new("whqtswO00WBw418f9t5JxYwZ").is_ok());
        for wrong in ["", "a b", "\u{e9}", &"x".repeat(71)] {
            assert!(UniqueId::new(wrong).is_err(), "{wrong}");
        }
        assert_eq!(UniqueId::from_server(b"a b").unwrap().as_str(), "a b");
        assert_ne!(
            UniqueId::from_server(b"\xe9"),
            UniqueId::from_server(b"\xea")
        );
    }
}
