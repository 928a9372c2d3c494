//! PLAIN, which sends the password itself ([RFC 4616]).

use std::fmt;

use super::exchange::{Dialogue, ExchangeError};
use super::{Credentials, SaslResponse, SaslSyntaxError};

/// The one message of the mechanism ([RFC 4616 §2]).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PlainMessage<'a> {
    /// The authorisation identity, which is empty in most messages.
    pub identity: &'a str,
    /// The user name.
    pub user: &'a str,
    /// The password, as bytes in the character set that the client chose.
    pub password: &'a [u8],
}

impl<'a> PlainMessage<'a> {
    /// Parses a message; `None` if it does not have three fields, or names that are not UTF-8.
    #[must_use]
    pub fn parse(response: &'a SaslResponse) -> Option<Self> {
        let mut fields = response.as_bytes().split(|byte| *byte == 0);
        let (identity, user, password) = (fields.next()?, fields.next()?, fields.next()?);
        if fields.next().is_some() {
            return None;
        }
        Some(Self {
            identity: str::from_utf8(identity).ok()?,
            user: str::from_utf8(user).ok()?,
            password,
        })
    }

    /// Encodes the message as a response.
    ///
    /// # Errors
    /// [`SaslSyntaxError::TooLong`] if a field is that long.
    pub fn to_response(self) -> Result<SaslResponse, SaslSyntaxError> {
        SaslResponse::new(self.to_bytes())
    }

    fn to_bytes(self) -> Vec<u8> {
        [
            self.identity.as_bytes(),
            self.user.as_bytes(),
            self.password,
        ]
        .join(&0)
    }
}

impl fmt::Debug for PlainMessage<'_> {
    /// Omits the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainMessage")
            .field("identity", &self.identity)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// The client side of a `PLAIN` exchange.
pub(super) struct Plain {
    message: Vec<u8>,
    sent: bool,
}

impl Plain {
    pub(super) fn new(credentials: &Credentials<'_>) -> Self {
        let message = PlainMessage {
            identity: "",
            user: credentials.user,
            password: &credentials.secret_bytes(),
        };
        Self {
            message: message.to_bytes(),
            sent: false,
        }
    }
}

impl Dialogue for Plain {
    fn initial_response(&self) -> Option<Vec<u8>> {
        Some(self.message.clone())
    }

    fn answer(&mut self, _challenge: &[u8]) -> Result<Vec<u8>, ExchangeError> {
        // Some servers put a prompt into the challenge that should be empty.
        match std::mem::replace(&mut self.sent, true) {
            false => Ok(std::mem::take(&mut self.message)),
            true => Err(ExchangeError::TooManyChallenges),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{begin, credentials};
    use super::super::{Charset, Mechanism};
    use super::*;

    #[test]
    fn plain_is_the_example_of_rfc_4616() {
        let tim = credentials("tim", "tanstaaftanstaaf");
        let mut exchange = begin(Mechanism::Plain, &tim);
        let message = b"\0tim\0tanstaaftanstaaf";
        assert_eq!(exchange.initial_response().unwrap().as_bytes(), message);
        // A server may ask for the message again, but not for ever.
        for challenge in [b"".as_slice(), b"cGxlYXNl"] {
            assert_eq!(exchange.answer(challenge).unwrap().as_bytes(), message);
        }
        assert_eq!(exchange.answer(b""), Err(ExchangeError::TooManyChallenges));
    }

    #[test]
    fn a_password_is_sent_in_the_selected_character_set() {
        let latin1 = Credentials {
            charset: Charset::Latin1,
            ..credentials("tim", "p\u{e4}ss")
        };
        let exchange = begin(Mechanism::Plain, &latin1);
        let message = b"\0tim\0p\xe4ss";
        assert_eq!(exchange.initial_response().unwrap().as_bytes(), message);
    }

    #[test]
    fn a_plain_message_is_parsed_as_it_was_encoded() {
        for password in [b" pass word ".as_slice(), b"\xfc", b""] {
            let message = PlainMessage {
                identity: "",
                user: "jör g",
                password,
            };
            let wire = message.to_response().unwrap().to_base64();
            let response = SaslResponse::from_base64(wire.as_bytes()).unwrap();
            assert_eq!(PlainMessage::parse(&response), Some(message));
        }
        for wrong in [b"\0a\0b\0c".as_slice(), b"\0a", b"\0\xfc\0b"] {
            let response = SaslResponse::new(wrong).unwrap();
            assert_eq!(PlainMessage::parse(&response), None);
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        let message = PlainMessage {
            identity: "",
            user: "mrose",
            password: b"tanstaaf",
        };
        let printed = format!("{message:?}");
        assert_eq!(
            printed,
            "PlainMessage { identity: \"\", user: \"mrose\", .. }"
        );
    }
}
