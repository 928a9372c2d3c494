//! One exchange from its initial response to its end, independent of the mechanism.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use super::bearer::{OauthBearer, XOauth2};
use super::cram::CramMd5;
use super::login::Login;
use super::plain::Plain;
use super::scram::{Gs2, Hash, Scram};
use super::{ChannelBinding, Credentials, Mechanism, SaslResponse};

/// The longest challenge in octets, before base64. No mechanism here has a reason for one tenth of
/// it, and what is not read need not be kept.
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
    /// The challenge is not in the mechanism's form.
    #[error("the challenge is not what {0} has: {1}")]
    Malformed(&'static str, &'static str),
    /// There was nothing more to say, but the server asked.
    #[error("the server goes on asking")]
    Endless,
    /// The server wants the password to be hashed more often than anybody has reason to.
    #[error("the server wants {0} rounds of hashing, and more than {1} are not done")]
    Iterations(u64, u32),
    /// The server did not prove that it knows the password, as the mechanism has it do: somebody
    /// may have taken its place.
    #[error("the server could not prove that it knows the password")]
    NotProven,
    /// The connection has no channel binding, and the mechanism needs one.
    #[error("the connection has no channel binding")]
    NoChannelBinding,
    /// The response is longer than a line allows.
    #[error("the response is too long to be sent")]
    TooLong,
}

/// What one mechanism says.
pub(super) trait Dialogue {
    /// Returns the initial response, if the client speaks first.
    fn initial_response(&self) -> Option<Vec<u8>>;

    /// What answers a challenge.
    fn answer(&mut self, challenge: &[u8]) -> Result<Vec<u8>, ExchangeError>;

    /// Whether the server may say that it is done.
    fn accepted(&self) -> Result<(), ExchangeError> {
        Ok(())
    }

    /// What the server said of a failure inside of the exchange.
    fn complaint(&self) -> Option<&str> {
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

/// What the connection adds to the credentials.
#[derive(Debug, Clone, Copy)]
pub struct ExchangeContext<'a> {
    /// The host that was dialled.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// What binds to the TLS connection, where there is such a thing.
    pub binding: Option<&'a ChannelBinding>,
    /// Whether the server offers a method that binds to it.
    pub plus_offered: bool,
    /// 18 octets of randomness or more in base64, used once.
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
        let unbound = || match (context.binding, context.plus_offered) {
            (Some(_), false) => Gs2::NotOffered,
            (_, _) => Gs2::Unbound,
        };
        let scram = |hash: Hash, gs2: Gs2| -> Box<dyn Dialogue> {
            Box::new(Scram::new(hash, gs2, credentials, context.nonce))
        };
        let dialogue: Box<dyn Dialogue> = match mechanism {
            Mechanism::Login => Box::new(Login::new(credentials)),
            Mechanism::Plain => Box::new(Plain::new(credentials)),
            Mechanism::CramMd5 => Box::new(CramMd5::new(credentials)),
            Mechanism::XOauth2 => Box::new(XOauth2::new(credentials)),
            Mechanism::OauthBearer => Box::new(OauthBearer::new(credentials, context)),
            Mechanism::ScramSha1 => scram(Hash::Sha1, unbound()),
            Mechanism::ScramSha256 => scram(Hash::Sha256, unbound()),
            Mechanism::ScramSha1Plus => scram(Hash::Sha1, bound()?),
            Mechanism::ScramSha256Plus => scram(Hash::Sha256, bound()?),
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

    /// Answers a challenge, in base64 as it came.
    ///
    /// # Errors
    /// [`ExchangeError`]: the exchange has to be cancelled.
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

    /// Ends the exchange, after the server has accepted it.
    ///
    /// # Errors
    /// [`ExchangeError::NotProven`] where the server did not do its part: nothing of it is to be
    /// believed.
    pub fn accepted(&self) -> Result<(), ExchangeError> {
        self.dialogue.accepted()
    }

    /// What the server said of a failure inside of the exchange, for people.
    #[must_use]
    pub fn complaint(&self) -> Option<&str> {
        self.dialogue.complaint()
    }
}

fn response(octets: Vec<u8>) -> Result<SaslResponse, ExchangeError> {
    SaslResponse::new(octets).map_err(|_| ExchangeError::TooLong)
}

/// Keeps a server's text to what may be shown on one line.
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

    /// Challenges as servers have them, nearly.
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
        fn no_challenges_make_an_exchange_panic_or_go_on_for_ever(
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
    fn a_challenge_longer_than_any_is_not_read() {
        let mut exchange = begin(Mechanism::CramMd5, &credentials("tim", "secret"));
        let long = STANDARD.encode(vec![b'a'; MAX_CHALLENGE_BYTES + 3]);
        assert_eq!(
            exchange.answer(long.as_bytes()),
            Err(ExchangeError::ChallengeTooLong)
        );
    }
}
