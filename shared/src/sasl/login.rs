//! LOGIN, which sends the user name and then the password.

use super::Credentials;
use super::exchange::{Dialogue, ExchangeError};

/// The client side of a `LOGIN` exchange. No standard defines the mechanism: servers prompt with
/// different texts, which are ignored.
pub(super) struct LoginDialogue {
    /// The responses that are still to be sent, in reverse order.
    unsent: Vec<Vec<u8>>,
}

impl LoginDialogue {
    pub(super) fn new(credentials: &Credentials<'_>) -> Self {
        let user = credentials.user.as_bytes().to_vec();
        Self {
            unsent: vec![credentials.secret_bytes(), user],
        }
    }
}

impl Dialogue for LoginDialogue {
    fn initial_response(&self) -> Option<Vec<u8>> {
        None
    }

    fn answer(&mut self, _challenge: &[u8]) -> Result<Vec<u8>, ExchangeError> {
        self.unsent.pop().ok_or(ExchangeError::TooManyChallenges)
    }

    fn accepted(&self) -> Result<(), ExchangeError> {
        let early = ExchangeError::Malformed("LOGIN", "it ends before the password was given");
        self.unsent.is_empty().then_some(()).ok_or(early)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mechanism;
    use super::super::test_support::{begin, credentials, text};
    use super::*;

    #[test]
    fn login_sends_the_name_and_then_the_password_after_any_prompt() {
        let mut exchange = begin(Mechanism::Login, &credentials("tim", "secret"));
        assert_eq!(exchange.initial_response(), None);
        assert_eq!(text(&exchange.answer(b"VXNlcm5hbWU6").unwrap()), "tim");
        assert!(
            exchange.accepted().is_err(),
            "a name alone authenticates no one"
        );
        assert_eq!(text(&exchange.answer(b"").unwrap()), "secret");
        assert_eq!(exchange.accepted(), Ok(()));
        let more = exchange.answer(b"UGFzc3dvcmQ6");
        assert_eq!(more, Err(ExchangeError::TooManyChallenges));
    }
}
