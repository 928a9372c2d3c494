//! CRAM-MD5, which sends an MD5 digest of password and challenge ([RFC 2195]).

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;

use super::Credentials;
use super::exchange::{Dialogue, ExchangeError};

/// The client side of a `CRAM-MD5` exchange.
pub(super) struct CramMd5 {
    user: String,
    password: Vec<u8>,
    answered: bool,
}

impl CramMd5 {
    pub(super) fn new(credentials: &Credentials<'_>) -> Self {
        Self {
            user: credentials.user.to_owned(),
            password: credentials.secret_bytes(),
            answered: false,
        }
    }
}

impl Dialogue for CramMd5 {
    fn initial_response(&self) -> Option<Vec<u8>> {
        None
    }

    fn answer(&mut self, challenge: &[u8]) -> Result<Vec<u8>, ExchangeError> {
        if std::mem::replace(&mut self.answered, true) {
            return Err(ExchangeError::TooManyChallenges);
        }
        if challenge.is_empty() {
            // The digest of the password alone could be replayed in every later login.
            return Err(ExchangeError::Malformed("CRAM-MD5", "it is empty"));
        }
        let Ok(mut mac) = Hmac::<Md5>::new_from_slice(&self.password) else {
            return Err(ExchangeError::TooLong);
        };
        mac.update(challenge);
        let digest: [u8; 16] = mac.finalize().into_bytes().into();
        let digest = u128::from_be_bytes(digest);
        Ok(format!("{} {digest:032x}", self.user).into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mechanism;
    use super::super::test_support::{begin, credentials, text};
    use super::*;

    #[test]
    fn cram_md5_is_the_example_of_rfc_2195() {
        let tim = credentials("tim", "tanstaaftanstaaf");
        let mut exchange = begin(Mechanism::CramMd5, &tim);
        assert_eq!(exchange.initial_response(), None);
        let challenge = b"PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+";
        let response = exchange.answer(challenge).unwrap();
        assert_eq!(text(&response), "tim b913a602c7eda7a495b4e6e7334d3890");
        assert_eq!(
            exchange.answer(challenge),
            Err(ExchangeError::TooManyChallenges)
        );
    }

    #[test]
    fn an_empty_challenge_is_not_answered() {
        let mut exchange = begin(Mechanism::CramMd5, &credentials("tim", "secret"));
        assert!(matches!(
            exchange.answer(b""),
            Err(ExchangeError::Malformed(..))
        ));
    }
}
