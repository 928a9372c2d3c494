//! PLAIN and LOGIN, which send the password itself.

use super::Credentials;
use super::exchange::{Dialogue, ExchangeError};

/// `PLAIN` ([RFC 4616]): one message, no authorisation identity.
pub(super) struct Plain(Vec<u8>);

impl Plain {
    pub(super) fn new(credentials: &Credentials<'_>) -> Self {
        let mut message = vec![0];
        message.extend_from_slice(credentials.user.as_bytes());
        message.push(0);
        message.extend(credentials.secret_octets());
        Self(message)
    }
}

impl Dialogue for Plain {
    fn opening(&self) -> Option<Vec<u8>> {
        Some(self.0.clone())
    }

    fn answer(&mut self, _challenge: &[u8]) -> Result<Vec<u8>, ExchangeError> {
        // The server may have put a prompt where nothing belongs, once.
        match std::mem::take(&mut self.0) {
            message if message.is_empty() => Err(ExchangeError::Endless),
            message => Ok(message),
        }
    }
}

/// `LOGIN`, which no standard has: the name, then the password. What the server prompts with
/// differs and is not read.
pub(super) struct Login {
    /// What is still to be said, the next one last.
    unsaid: Vec<Vec<u8>>,
}

impl Login {
    pub(super) fn new(credentials: &Credentials<'_>) -> Self {
        let user = credentials.user.as_bytes().to_vec();
        Self {
            unsaid: vec![credentials.secret_octets(), user],
        }
    }
}

impl Dialogue for Login {
    fn opening(&self) -> Option<Vec<u8>> {
        None
    }

    fn answer(&mut self, _challenge: &[u8]) -> Result<Vec<u8>, ExchangeError> {
        self.unsaid.pop().ok_or(ExchangeError::Endless)
    }

    fn accepted(&self) -> Result<(), ExchangeError> {
        let early = ExchangeError::Malformed("LOGIN", "it ends before the password was given");
        self.unsaid.is_empty().then_some(()).ok_or(early)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{begin, credentials, text};
    use super::super::{Charset, Credentials, Method};
    use super::*;

    #[test]
    fn plain_is_the_example_of_rfc_4616() {
        let tim = credentials("tim", "tanstaaftanstaaf");
        let (mut exchange, auth) = begin(Method::Plain, &tim, true);
        let message = b"\0tim\0tanstaaftanstaaf";
        assert_eq!(auth.initial_response().unwrap().octets(), message);
        let (mut unannounced, auth) = begin(Method::Plain, &tim, false);
        assert_eq!(auth.initial_response(), None);
        assert_eq!(unannounced.answer(b"").unwrap().octets(), message);
        // A server that wants it again gets it again, but not for ever.
        for challenge in [b"".as_slice(), b"cGxlYXNl"] {
            assert_eq!(exchange.answer(challenge).unwrap().octets(), message);
        }
        assert_eq!(exchange.answer(b""), Err(ExchangeError::Endless));
    }

    #[test]
    fn a_response_that_is_too_long_for_the_command_waits_for_the_challenge() {
        let long = "p".repeat(200);
        let (mut exchange, auth) = begin(Method::Plain, &credentials("tim", &long), true);
        assert_eq!(auth.initial_response(), None);
        assert_eq!(exchange.answer(b"").unwrap().octets().len(), 205);
    }

    #[test]
    fn login_gives_the_name_and_then_the_password_whatever_it_is_asked() {
        let (mut exchange, auth) = begin(Method::Login, &credentials("tim", "secret"), true);
        assert_eq!(auth.initial_response(), None);
        assert_eq!(text(&exchange.answer(b"VXNlcm5hbWU6").unwrap()), "tim");
        assert!(exchange.accepted().is_err(), "nobody is let in by a name");
        assert_eq!(text(&exchange.answer(b"").unwrap()), "secret");
        assert_eq!(exchange.accepted(), Ok(()));
        let more = exchange.answer(b"UGFzc3dvcmQ6");
        assert_eq!(more, Err(ExchangeError::Endless));
    }

    #[test]
    fn a_password_goes_out_in_the_character_set_asked_for() {
        let latin1 = Credentials {
            charset: Charset::Latin1,
            ..credentials("tim", "p\u{e4}ss")
        };
        let (_, auth) = begin(Method::Plain, &latin1, true);
        let message = b"\0tim\0p\xe4ss";
        assert_eq!(auth.initial_response().unwrap().octets(), message);
    }
}
