//! One exchange from its initial response to its end, independent of the mechanism.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use super::bearer::{OauthBearer, XOauth2};
use super::cram::CramMd5;
use super::login::LoginDialogue;
use super::plain::Plain;
use super::scram::{Gs2, Scram, ScramHash};
use super::{ChannelBinding, Credentials, Mechanism, SaslResponse};

/// The longest challenge in bytes, before base64. No mechanism here needs a tenth of it, and a challenge
/// that is not read need not be buffered.
pub const MAX_CHALLENGE_BYTES: usize = 8 * 1024;

/// The reason why an exchange cannot begin or continue.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The challenge is not base64.
    #[error("the challenge is not base64")]
    NotBase64,
    /// The challenge is longer than [`MAX_CHALLENGE_BYTES`].
    #[error("the challenge has more than {MAX_CHALLENGE_BYTES} bytes")]
    ChallengeTooLong,
    /// The challenge does not have the form of the mechanism.
    #[error("malformed {0} challenge: {1}")]
    Malformed(&'static str, &'static str),
    /// The exchange was complete, but the server sent another challenge.
    #[error("the server sends more challenges than the mechanism has")]
    TooManyChallenges,
    /// The server requests more rounds of hashing than any server needs.
    #[error("the server requests {0} rounds of hashing, more than the limit of {1}")]
    Iterations(u64, u32),
    /// The server did not prove that it knows the password, which the mechanism requires. It may be an
    /// impostor.
    #[error("the server could not prove that it knows the password")]
    ServerNotProven,
    /// The connection has no channel binding, and the mechanism needs one.
    #[error("the connection has no channel binding")]
    NoChannelBinding,
    /// The response is longer than a line allows.
    #[error("the response is too long to be sent")]
    TooLong,
}

/// The messages of one mechanism.
pub(super) trait Dialogue {
    /// Returns the initial response, if the client speaks first.
    fn initial_response(&self) -> Option<Vec<u8>>;

    /// Returns the response to a challenge.
    fn answer(&mut self, challenge: &[u8]) -> Result<Vec<u8>, ExchangeError>;

    /// Checks that the server may accept the exchange at this point.
    fn accepted(&self) -> Result<(), ExchangeError> {
        Ok(())
    }

    /// Returns the error that the server reported inside the exchange.
    fn failure_detail(&self) -> Option<&str> {
        None
    }
}

/// The client side of one exchange.
pub struct Exchange {
    mechanism: Mechanism,
    dialogue: Box<dyn Dialogue>,
    /// The initial response, until the first challenge of the server.
    initial_response: Option<SaslResponse>,
}

/// The facts about the connection that mechanisms use.
#[derive(Debug, Clone, Copy)]
pub struct ExchangeContext<'a> {
    /// The host that was dialled.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// The channel binding of the TLS connection, if it has one.
    pub binding: Option<&'a ChannelBinding>,
    /// True if the server advertises a mechanism with channel binding.
    pub plus_advertised: bool,
    /// At least 18 random bytes in base64, used once.
    pub nonce: &'a str,
}

impl Exchange {
    /// Begins an exchange.
    ///
    /// # Errors
    /// [`ExchangeError::NoChannelBinding`] if the mechanism needs a channel binding and the connection
    /// has none, [`ExchangeError::TooLong`] if the secret does not fit into a response.
    pub fn begin(
        mechanism: Mechanism,
        credentials: &Credentials<'_>,
        context: &ExchangeContext<'_>,
    ) -> Result<Self, ExchangeError> {
        let bound = || {
            let binding = context.binding.cloned().map(Gs2::Bound);
            binding.ok_or(ExchangeError::NoChannelBinding)
        };
        let unbound = || match (context.binding, context.plus_advertised) {
            (Some(_), false) => Gs2::NotOffered,
            (_, _) => Gs2::Unbound,
        };
        let scram = |hash: ScramHash, gs2: Gs2| -> Box<dyn Dialogue> {
            Box::new(Scram::new(hash, gs2, credentials, context.nonce))
        };
        let dialogue: Box<dyn Dialogue> = match mechanism {
            Mechanism::Login => Box::new(LoginDialogue::new(credentials)),
            Mechanism::Plain => Box::new(Plain::new(credentials)),
            Mechanism::CramMd5 => Box::new(CramMd5::new(credentials)),
            Mechanism::XOauth2 => Box::new(XOauth2::new(credentials)),
            Mechanism::OauthBearer => Box::new(OauthBearer::new(credentials, context)),
            Mechanism::ScramSha1 => scram(ScramHash::Sha1, unbound()),
            Mechanism::ScramSha256 => scram(ScramHash::Sha256, unbound()),
            Mechanism::ScramSha1Plus => scram(ScramHash::Sha1, bound()?),
            Mechanism::ScramSha256Plus => scram(ScramHash::Sha256, bound()?),
        };
        let initial_response = dialogue.initial_response().map(response).transpose()?;
        Ok(Self {
            mechanism,
            dialogue,
            initial_response,
        })
    }

    /// Returns the mechanism.
    #[must_use]
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// Returns the response that the client may send together with the mechanism's name, until the first
    /// challenge is answered; `None` if the mechanism lets the server speak first.
    ///
    /// If the protocol has no room for it, the server asks for it with an empty challenge, which
    /// [`answer`](Self::answer) answers with it.
    #[must_use]
    pub fn initial_response(&self) -> Option<&SaslResponse> {
        self.initial_response.as_ref()
    }

    /// Answers a challenge, which is in base64 as received.
    ///
    /// # Errors
    /// [`ExchangeError`], after which the client must cancel the exchange.
    pub fn answer(&mut self, challenge: &[u8]) -> Result<SaslResponse, ExchangeError> {
        // An empty challenge asks for the initial response. Some servers ask although they have it.
        if let Some(initial_response) = self.initial_response.take()
            && challenge.trim_ascii().is_empty()
        {
            return Ok(initial_response);
        }
        if challenge.len() / 4 * 3 > MAX_CHALLENGE_BYTES {
            return Err(ExchangeError::ChallengeTooLong);
        }
        let challenge = STANDARD.decode(challenge.trim_ascii());
        let challenge = challenge.map_err(|_| ExchangeError::NotBase64)?;
        response(self.dialogue.answer(&challenge)?)
    }

    /// Ends the exchange after the server accepted it.
    ///
    /// # Errors
    /// [`ExchangeError::ServerNotProven`] if the server did not authenticate itself; it must not be
    /// trusted.
    pub fn accepted(&self) -> Result<(), ExchangeError> {
        self.dialogue.accepted()
    }

    /// Returns the error that the server reported inside the exchange, as text for the user.
    #[must_use]
    pub fn failure_detail(&self) -> Option<&str> {
        self.dialogue.failure_detail()
    }
}

fn response(octets: Vec<u8>) -> Result<SaslResponse, ExchangeError> {
    SaslResponse::new(octets).map_err(|_| ExchangeError::TooLong)
}

/// Converts text of a server to at most 300 characters that can be shown on one line.
pub(super) fn printable(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets);
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::test_support::{begin, credentials};
    use super::*;

    /// The mechanisms that need no channel binding.
    const MECHANISMS: [Mechanism; 7] = [
        Mechanism::ScramSha256,
        Mechanism::ScramSha1,
        Mechanism::OauthBearer,
        Mechanism::XOauth2,
        Mechanism::CramMd5,
        Mechanism::Plain,
        Mechanism::Login,
    ];

    /// Generates challenges that resemble those of servers.
    fn challenge() -> impl Strategy<Value = Vec<u8>> {
        let scram =
            "(r=rOprNGfwEbeRWgbNEkqO[a-z]{0,2},s=[A-Za-z0-9]{0,4},i=[0-9]{0,3}|[ve]=[a-z]{4})";
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            proptest::collection::vec(any::<u8>(), 0..40)
                .prop_map(|octets| STANDARD.encode(octets).into_bytes()),
            scram.prop_map(|text| STANDARD.encode(text).into_bytes()),
        ]
    }

    proptest! {
        #[test]
        fn no_sequence_of_challenges_makes_an_exchange_panic_or_continue_for_ever(
            at in 0..MECHANISMS.len(),
            challenges in proptest::collection::vec(challenge(), 5),
        ) {
            let credentials = credentials("tim", "tanstaaftanstaaf");
            let mut exchange = begin(MECHANISMS[at], &credentials);
            let answers: Vec<_> = challenges.iter().map(|c| exchange.answer(c)).collect();
            prop_assert!(answers.iter().any(Result::is_err), "{answers:?}");
        }
    }

    #[test]
    fn a_challenge_over_the_limit_is_not_read() {
        let mut exchange = begin(Mechanism::CramMd5, &credentials("tim", "secret"));
        let long = STANDARD.encode(vec![b'a'; MAX_CHALLENGE_BYTES + 3]);
        assert_eq!(
            exchange.answer(long.as_bytes()),
            Err(ExchangeError::ChallengeTooLong)
        );
    }
}
