//! The login methods, their order, and the methods that an account allows.

use serde::{Deserialize, Serialize};

use crate::sasl::{Mechanism, Strength};

/// A login method. Methods are ordered by strength; a greater value is stronger. The order of the
/// variants is also part of the stored form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// `USER` and `PASS` ([RFC 1939 §7]).
    UserPass,
    /// `APOP` ([RFC 1939 §7]).
    Apop,
    /// `AUTH LOGIN`.
    Login,
    /// `AUTH PLAIN` ([RFC 4616]).
    Plain,
    /// `AUTH CRAM-MD5` ([RFC 2195]).
    CramMd5,
    /// `AUTH XOAUTH2`, with an access token.
    XOauth2,
    /// `AUTH OAUTHBEARER` ([RFC 7628]), with an access token.
    OauthBearer,
    /// `AUTH SCRAM-SHA-1` ([RFC 5802]).
    ScramSha1,
    /// `AUTH SCRAM-SHA-256` ([RFC 7677]).
    ScramSha256,
    /// `AUTH SCRAM-SHA-1-PLUS`, bound to the TLS channel.
    ScramSha1Plus,
    /// `AUTH SCRAM-SHA-256-PLUS`, bound to the TLS channel.
    ScramSha256Plus,
}

impl Method {
    /// All methods, the strongest first.
    pub const LADDER: [Self; 11] = [
        Self::ScramSha256Plus,
        Self::ScramSha1Plus,
        Self::ScramSha256,
        Self::ScramSha1,
        Self::OauthBearer,
        Self::XOauth2,
        Self::CramMd5,
        Self::Plain,
        Self::Login,
        Self::Apop,
        Self::UserPass,
    ];

    /// Returns the SASL mechanism of the method; `None` if it has commands of its own.
    #[must_use]
    pub fn mechanism(self) -> Option<Mechanism> {
        Some(match self {
            Self::UserPass | Self::Apop => return None,
            Self::Login => Mechanism::Login,
            Self::Plain => Mechanism::Plain,
            Self::CramMd5 => Mechanism::CramMd5,
            Self::XOauth2 => Mechanism::XOauth2,
            Self::OauthBearer => Mechanism::OauthBearer,
            Self::ScramSha1 => Mechanism::ScramSha1,
            Self::ScramSha256 => Mechanism::ScramSha256,
            Self::ScramSha1Plus => Mechanism::ScramSha1Plus,
            Self::ScramSha256Plus => Mechanism::ScramSha256Plus,
        })
    }

    /// Returns the name of the SASL mechanism, or of the commands.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.mechanism() {
            Some(mechanism) => mechanism.name(),
            None if self == Self::Apop => "APOP",
            None => "USER/PASS",
        }
    }

    /// Returns how well the method protects the secret.
    #[must_use]
    pub fn strength(self) -> Strength {
        match self.mechanism() {
            Some(mechanism) => mechanism.strength(),
            None if self == Self::Apop => Strength::Digest,
            None => Strength::Clear,
        }
    }

    /// Returns true if the secret is an access token instead of a password.
    #[must_use]
    pub fn takes_token(self) -> bool {
        self.mechanism().is_some_and(Mechanism::takes_token)
    }
}

/// The login methods that an account allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Login {
    /// The strongest method with a password that the server advertises.
    #[default]
    Password,
    /// The strongest method with an access token that the server advertises. The secret is the token.
    AccessToken,
    /// This method only.
    Only(Method),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_begins_with_the_strongest_method() {
        assert!(Method::LADDER.is_sorted_by(|a, b| a > b));
    }
}
