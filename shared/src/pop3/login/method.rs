//! The ways to log in: their names, how they rank, and which an account allows.

use serde::{Deserialize, Serialize};

/// A way to log in. The order is that of strength: the greater the stronger.
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
    /// All of them, the strongest first.
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

    /// Its name: that of the SASL mechanism, or the commands.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UserPass => "USER/PASS",
            Self::Apop => "APOP",
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

    /// How little it gives away.
    #[must_use]
    pub fn strength(self) -> Strength {
        match self {
            Self::UserPass | Self::Login | Self::Plain | Self::XOauth2 | Self::OauthBearer => {
                Strength::Clear
            }
            Self::Apop | Self::CramMd5 => Strength::Digest,
            Self::ScramSha1 | Self::ScramSha256 => Strength::Mutual,
            Self::ScramSha1Plus | Self::ScramSha256Plus => Strength::Bound,
        }
    }

    /// Whether it sends an access token instead of a password.
    #[must_use]
    pub fn takes_token(self) -> bool {
        matches!(self, Self::XOauth2 | Self::OauthBearer)
    }
}

/// How little a method gives away: the greater the less. Going from one kind to a lesser one is
/// what somebody in between would want; within a kind there is nothing to gain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// The server gets the password or token itself.
    Clear,
    /// The server gets a digest, from which weak passwords can be guessed, and proves nothing.
    Digest,
    /// The server gets nothing that serves elsewhere, and proves that it knows the password.
    Mutual,
    /// The same, and nobody sits between the two ends of TLS.
    Bound,
}

/// Which ways to log in an account allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Login {
    /// By the strongest method with a password that the server offers.
    #[default]
    Password,
    /// By the strongest method with an access token that the server offers; the secret is the
    /// token.
    AccessToken,
    /// By this method and no other.
    Only(Method),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_goes_down_from_the_strongest() {
        assert!(Method::LADDER.is_sorted_by(|a, b| a > b));
    }
}
