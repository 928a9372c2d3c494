//! The mechanisms, their names and their strength.

use serde::{Deserialize, Serialize};

use super::SaslSyntaxError;

/// A mechanism that [`Exchange`](super::Exchange) implements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mechanism {
    /// `LOGIN`, which no standard defines.
    Login,
    /// `PLAIN` ([RFC 4616]).
    Plain,
    /// `CRAM-MD5` ([RFC 2195]).
    CramMd5,
    /// `XOAUTH2`, with an access token, as Google and Microsoft document it.
    XOauth2,
    /// `OAUTHBEARER` ([RFC 7628]), with an access token.
    OauthBearer,
    /// `SCRAM-SHA-1` ([RFC 5802]).
    ScramSha1,
    /// `SCRAM-SHA-256` ([RFC 7677]).
    ScramSha256,
    /// `SCRAM-SHA-1-PLUS`, bound to the TLS channel.
    ScramSha1Plus,
    /// `SCRAM-SHA-256-PLUS`, bound to the TLS channel.
    ScramSha256Plus,
}

impl Mechanism {
    /// Returns the registered name, in upper case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "LOGIN",
            Self::Plain => "PLAIN",
            Self::CramMd5 => "CRAM-MD5",
            Self::XOauth2 => "XOAUTH2",
            Self::OauthBearer => "OAUTHBEARER",
            Self::ScramSha1 => "SCRAM-SHA-1",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha1Plus => "SCRAM-SHA-1-PLUS",
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
        }
    }

    /// Returns how well the mechanism protects the secret.
    #[must_use]
    pub fn strength(self) -> Strength {
        match self {
            Self::Login | Self::Plain | Self::XOauth2 | Self::OauthBearer => Strength::Clear,
            Self::CramMd5 => Strength::Digest,
            Self::ScramSha1 | Self::ScramSha256 => Strength::Mutual,
            Self::ScramSha1Plus | Self::ScramSha256Plus => Strength::Bound,
        }
    }

    /// Returns true if the secret is an access token instead of a password.
    #[must_use]
    pub fn takes_token(self) -> bool {
        matches!(self, Self::XOauth2 | Self::OauthBearer)
    }
}

/// The protection that a login method gives the secret; a greater value is stronger.
///
/// An attacker on the network gains from a downgrade to a lesser strength. A change between methods of
/// the same strength gains nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// The server receives the password or token itself.
    Clear,
    /// The server receives a digest, from which weak passwords can be guessed, and proves nothing.
    Digest,
    /// The server receives nothing that can be used elsewhere, and proves that it knows the password.
    Mutual,
    /// Like [`Mutual`](Self::Mutual), and the exchange proves that both sides use the same TLS
    /// connection.
    Bound,
}

/// The name of any mechanism, implemented here or not, in upper case: 1 to 20 of `A-Z`, `0-9`, `-`, `_`
/// ([RFC 4422 §3.1]).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MechanismName(String);

impl MechanismName {
    /// Checks a name and converts it to upper case.
    ///
    /// # Errors
    /// [`SaslSyntaxError::MechanismName`] if the grammar does not allow the name.
    pub fn new(name: &str) -> Result<Self, SaslSyntaxError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(1..=20).contains(&name.len()) || !name.bytes().all(allowed) {
            return Err(SaslSyntaxError::MechanismName);
        }
        Ok(Self(name.to_ascii_uppercase()))
    }

    /// Returns the name in upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MechanismName {
    type Error = SaslSyntaxError;

    fn try_from(name: String) -> Result<Self, SaslSyntaxError> {
        Self::new(&name)
    }
}

impl From<MechanismName> for String {
    fn from(name: MechanismName) -> Self {
        name.0
    }
}

impl From<Mechanism> for MechanismName {
    fn from(mechanism: Mechanism) -> Self {
        Self(mechanism.name().to_owned())
    }
}

impl PartialEq<Mechanism> for MechanismName {
    fn eq(&self, mechanism: &Mechanism) -> bool {
        self.0 == mechanism.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mechanism_name_is_one_short_word() {
        assert_eq!(MechanismName::new("plain").unwrap(), Mechanism::Plain);
        assert!(MechanismName::new(&"A".repeat(20)).is_ok());
        for wrong in ["", "A B", "A+B", "A\r\nDELE 1", "\u{c4}", &"A".repeat(21)] {
            let error = MechanismName::new(wrong);
            assert_eq!(error, Err(SaslSyntaxError::MechanismName), "{wrong}");
        }
    }
}
