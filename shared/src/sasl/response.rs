//! The responses of a client to SASL challenges, and the limits of the lines that carry them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

/// The longest line of an exchange in bytes, including its CRLF, in both directions.
///
/// This is the limit of SMTP ([RFC 4954 §4]). [RFC 5034] names none for POP3, but most POP3 servers have
/// their code from SMTP servers. It is enough for Kerberos tickets and access tokens, which exceed 4,096
/// bytes. The mechanisms accept less: [`MAX_CHALLENGE_BYTES`](super::MAX_CHALLENGE_BYTES).
pub const MAX_SASL_LINE_BYTES: usize = 12_288;

/// The longest response in bytes, before base64, that fits into [`MAX_SASL_LINE_BYTES`].
pub const MAX_SASL_RESPONSE_BYTES: usize = (MAX_SASL_LINE_BYTES - "\r\n".len()) / 4 * 3;

/// The reason why a mechanism name or response cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SaslSyntaxError {
    /// The text is not a mechanism name ([RFC 4422 §3.1]).
    #[error("it is not a mechanism name")]
    MechanismName,
    /// The response has more than [`MAX_SASL_RESPONSE_BYTES`].
    #[error("it is too long for a SASL response")]
    TooLong,
    /// The text is not base64 ([RFC 4648 §4]).
    #[error("it is not base64")]
    Base64,
}

/// One response of the client to a challenge, decoded. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SaslResponse(Vec<u8>);

impl SaslResponse {
    /// Wraps the bytes that a mechanism produced; they may be empty.
    ///
    /// # Errors
    /// [`SaslSyntaxError::TooLong`] for more than [`MAX_SASL_RESPONSE_BYTES`].
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, SaslSyntaxError> {
        let bytes = bytes.into();
        if bytes.len() > MAX_SASL_RESPONSE_BYTES {
            return Err(SaslSyntaxError::TooLong);
        }
        Ok(Self(bytes))
    }

    /// Returns the decoded bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Parses strict base64; an empty text is an empty response.
    ///
    /// # Errors
    /// [`SaslSyntaxError::Base64`], [`SaslSyntaxError::TooLong`].
    pub fn from_base64(text: &[u8]) -> Result<Self, SaslSyntaxError> {
        Self::new(STANDARD.decode(text).map_err(|_| SaslSyntaxError::Base64)?)
    }

    /// Encodes the response as base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
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
    fn a_response_fills_its_line_and_no_more() {
        assert!(SaslResponse::new(vec![0; MAX_SASL_RESPONSE_BYTES]).is_ok());
        let long = vec![0; MAX_SASL_RESPONSE_BYTES + 1];
        assert_eq!(SaslResponse::new(long), Err(SaslSyntaxError::TooLong));
        let longest = SaslResponse::new(vec![0; MAX_SASL_RESPONSE_BYTES]).unwrap();
        assert!(
            (MAX_SASL_LINE_BYTES - 4..=MAX_SASL_LINE_BYTES)
                .contains(&(longest.to_base64().len() + 2))
        );
    }

    #[test]
    fn only_strict_base64_is_parsed() {
        let response = SaslResponse::from_base64(b"AGE=").unwrap();
        assert_eq!(response.as_bytes(), b"\0a");
        assert_eq!(
            SaslResponse::from_base64(b"AGE=AGE="),
            Err(SaslSyntaxError::Base64)
        );
    }

    #[test]
    fn a_response_is_never_printed() {
        let response = SaslResponse::new(*b"\0mrose\0tanstaaf").unwrap();
        assert_eq!(format!("{response:?}"), "SaslResponse(…)");
    }
}
