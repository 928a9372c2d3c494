//! What `AUTH` carries ([RFC 5034]).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{ArgumentError, Password, UserName, check_word};
use crate::pop3::limits::MAX_SASL_RESPONSE_OCTETS;

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
    /// Wraps what a mechanism has made, empty or not.
    ///
    /// # Errors
    /// [`ArgumentError::TooLong`] for more than [`MAX_SASL_RESPONSE_OCTETS`].
    pub fn new(octets: impl Into<Vec<u8>>) -> Result<Self, ArgumentError> {
        let octets = octets.into();
        if octets.len() > MAX_SASL_RESPONSE_OCTETS {
            return Err(ArgumentError::TooLong);
        }
        Ok(Self(octets))
    }

    /// The one message of `PLAIN`: no authorisation identity, the name, the password ([RFC 4616 §2]).
    #[must_use]
    pub fn plain(user: &UserName, password: &Password) -> Self {
        let parts = [b"", user.as_str().as_bytes(), password.reveal()];
        Self(parts.join(&0))
    }

    /// Reads `PLAIN`'s message: authorisation identity (often empty), name and password.
    #[must_use]
    pub fn to_plain(&self) -> Option<(String, UserName, Password)> {
        let mut parts = self.0.split(|octet| *octet == 0);
        let (identity, user, password) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        Some((
            std::str::from_utf8(identity).ok()?.to_owned(),
            UserName::new(std::str::from_utf8(user).ok()?).ok()?,
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
    /// [`ArgumentError::Base64`], [`ArgumentError::TooLong`].
    pub fn from_base64(text: &[u8]) -> Result<Self, ArgumentError> {
        Self::new(STANDARD.decode(text).map_err(|_| ArgumentError::Base64)?)
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
    use crate::pop3::limits::MAX_SASL_LINE_OCTETS;

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
        let latin1 = SaslResponse::plain(
            &UserName::new("a").unwrap(),
            &Password::latin1("\u{fc}").unwrap(),
        );
        assert_eq!(latin1.octets(), b"\0a\0\xfc");
        assert_eq!(latin1.to_plain().unwrap().2.reveal(), b"\xfc");
        assert!(SaslResponse(b"\0a\0b\0c".to_vec()).to_plain().is_none());
    }

    #[test]
    fn a_response_fills_its_line_and_no_more() {
        assert!(SaslResponse::new(vec![0; MAX_SASL_RESPONSE_OCTETS]).is_ok());
        let long = vec![0; MAX_SASL_RESPONSE_OCTETS + 1];
        assert_eq!(SaslResponse::new(long), Err(ArgumentError::TooLong));
        let longest = SaslResponse::new(vec![0; MAX_SASL_RESPONSE_OCTETS]).unwrap();
        assert!(
            (MAX_SASL_LINE_OCTETS - 4..=MAX_SASL_LINE_OCTETS)
                .contains(&(longest.to_base64().len() + 2))
        );
    }
}
