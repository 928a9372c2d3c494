//! CRAM-MD5 and APOP, which send an MD5 digest of password and challenge.

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};

use super::Credentials;
use super::exchange::{Dialogue, ExchangeError};
use crate::pop3::argument::{ApopDigest, ApopTimestamp, ArgumentError, UserName};
use crate::pop3::command::Apop;

/// `CRAM-MD5` ([RFC 2195]).
pub(super) struct CramMd5 {
    user: String,
    password: Vec<u8>,
    answered: bool,
}

impl CramMd5 {
    pub(super) fn new(credentials: &Credentials<'_>) -> Self {
        Self {
            user: credentials.user.to_owned(),
            password: credentials.secret_octets(),
            answered: false,
        }
    }
}

impl Dialogue for CramMd5 {
    fn opening(&self) -> Option<Vec<u8>> {
        None
    }

    fn answer(&mut self, challenge: &[u8]) -> Result<Vec<u8>, ExchangeError> {
        if std::mem::replace(&mut self.answered, true) {
            return Err(ExchangeError::Endless);
        }
        if challenge.is_empty() {
            // A digest of nothing but the password would serve for every later login.
            return Err(ExchangeError::Malformed("CRAM-MD5", "it is empty"));
        }
        let Ok(mut mac) = Hmac::<Md5>::new_from_slice(&self.password) else {
            return Err(ExchangeError::TooLong);
        };
        mac.update(challenge);
        let digest: [u8; 16] = mac.finalize().into_bytes().into();
        let digits = ApopDigest::new(digest).to_hex();
        Ok(format!("{} {digits}", self.user).into_bytes())
    }
}

/// Makes the arguments of `APOP` from the timestamp of the greeting ([RFC 1939 §7]).
///
/// # Errors
/// [`ArgumentError`] where `APOP` cannot carry the name.
pub fn apop(
    user: &UserName,
    credentials: &Credentials<'_>,
    timestamp: &ApopTimestamp,
) -> Result<Apop, ArgumentError> {
    let mut hash = Md5::new();
    hash.update(timestamp.as_str().as_bytes());
    hash.update(credentials.secret_octets());
    Apop::new(user.clone(), ApopDigest::new(hash.finalize().into()))
}

#[cfg(test)]
mod tests {
    use super::super::Method;
    use super::super::tests::{begin, credentials, text};
    use super::*;

    #[test]
    fn cram_md5_is_the_example_of_rfc_2195() {
        let tim = credentials("tim", "tanstaaftanstaaf");
        let (mut exchange, auth) = begin(Method::CramMd5, &tim, true);
        assert_eq!(auth.initial_response(), None);
        let challenge = b"PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+";
        let response = exchange.answer(challenge).unwrap();
        assert_eq!(text(&response), "tim b913a602c7eda7a495b4e6e7334d3890");
        assert_eq!(exchange.answer(challenge), Err(ExchangeError::Endless));
    }

    #[test]
    fn a_challenge_of_nothing_is_not_answered() {
        let (mut exchange, _) = begin(Method::CramMd5, &credentials("tim", "secret"), true);
        assert!(matches!(
            exchange.answer(b""),
            Err(ExchangeError::Malformed(..))
        ));
    }

    #[test]
    fn apop_is_the_example_of_rfc_1939() {
        let timestamp = ApopTimestamp::new("<1896.697170952@dbc.mtview.ca.us>").unwrap();
        let user = UserName::new("mrose").unwrap();
        let apop = apop(&user, &credentials("mrose", "tanstaaf"), &timestamp).unwrap();
        let digest = "c4c9334bac560ecc979e58001b3e22fb".parse().unwrap();
        assert_eq!(apop.digest(), &digest);
    }
}
