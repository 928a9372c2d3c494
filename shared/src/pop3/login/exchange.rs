//! One `AUTH` exchange from its command to its end: no I/O, whatever the mechanism.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use super::bearer::{OauthBearer, XOauth2};
use super::clear::{Login, Plain};
use super::cram::CramMd5;
use super::scram::{Gs2, Hash, Scram};
use super::{ChannelBinding, Credentials, Method};
use crate::pop3::argument::{Mechanism, SaslResponse};
use crate::pop3::command::Auth;

/// The longest challenge in octets, before base64. No mechanism here has a reason for one tenth of
/// it, and what is not read need not be kept.
pub const MAX_CHALLENGE_OCTETS: usize = 8 * 1024;

/// Why an exchange cannot go on: the server is at fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The challenge is not base64.
    #[error("the challenge is not base64")]
    NotBase64,
    /// The challenge is longer than [`MAX_CHALLENGE_OCTETS`].
    #[error("the challenge has more than {MAX_CHALLENGE_OCTETS} octets")]
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
    /// What has to be sent is longer than the protocol allows.
    #[error("the response is too long to be sent")]
    TooLong,
}

/// What one mechanism says.
pub(super) trait Dialogue {
    /// What goes first, where the client speaks first.
    fn opening(&self) -> Option<Vec<u8>>;

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

/// An `AUTH` exchange.
pub struct Exchange {
    dialogue: Box<dyn Dialogue>,
    /// What goes first, until the server's first challenge has come.
    opening: Option<SaslResponse>,
}

/// What the connection adds to the credentials.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
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
    /// Begins an exchange, if the method is one of SASL's and, where it binds to the TLS
    /// connection, there is something to bind to. The command to send comes along: with the first
    /// response in it only if the server announced SASL and the line stays short enough ([RFC 5034
    /// §4]).
    ///
    /// # Errors
    /// [`ExchangeError::TooLong`] where the secret is longer than a response can be.
    pub fn begin(
        method: Method,
        credentials: &Credentials<'_>,
        around: &Surroundings<'_>,
        announced: bool,
    ) -> Option<Result<(Self, Auth), ExchangeError>> {
        let mechanism = Mechanism::new(method.name()).ok()?;
        let bound = || around.binding.cloned().map(Gs2::Bound);
        let unbound = || match (around.binding, around.plus_offered) {
            (Some(_), false) => Gs2::NotOffered,
            (_, _) => Gs2::Unbound,
        };
        let scram = |hash: Hash, gs2: Gs2| -> Box<dyn Dialogue> {
            Box::new(Scram::new(hash, gs2, credentials, around.nonce))
        };
        let dialogue: Box<dyn Dialogue> = match method {
            Method::UserPass | Method::Apop => return None,
            Method::Login => Box::new(Login::new(credentials)),
            Method::Plain => Box::new(Plain::new(credentials)),
            Method::CramMd5 => Box::new(CramMd5::new(credentials)),
            Method::XOauth2 => Box::new(XOauth2::new(credentials)),
            Method::OauthBearer => Box::new(OauthBearer::new(credentials, around)),
            Method::ScramSha1 => scram(Hash::Sha1, unbound()),
            Method::ScramSha256 => scram(Hash::Sha256, unbound()),
            Method::ScramSha1Plus => scram(Hash::Sha1, bound()?),
            Method::ScramSha256Plus => scram(Hash::Sha256, bound()?),
        };
        Some(Self::start(dialogue, mechanism, announced))
    }

    fn start(
        dialogue: Box<dyn Dialogue>,
        mechanism: Mechanism,
        announced: bool,
    ) -> Result<(Self, Auth), ExchangeError> {
        let opening = dialogue.opening().map(response).transpose()?;
        let exchange = Self {
            dialogue,
            opening: opening.clone(),
        };
        let auth = match opening {
            Some(opening) if announced => {
                let short = Auth::with_initial_response(mechanism.clone(), opening);
                short.unwrap_or_else(|_| Auth::new(mechanism))
            }
            Some(_) | None => Auth::new(mechanism),
        };
        Ok((exchange, auth))
    }

    /// Answers a challenge, in base64 as it came.
    ///
    /// # Errors
    /// [`ExchangeError`]: the exchange has to be cancelled.
    pub fn answer(&mut self, challenge: &[u8]) -> Result<SaslResponse, ExchangeError> {
        // An empty challenge asks for what goes first. Some servers ask though they have it.
        if let Some(opening) = self.opening.take()
            && challenge.trim_ascii().is_empty()
        {
            return Ok(opening);
        }
        if challenge.len() / 4 * 3 > MAX_CHALLENGE_OCTETS {
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

    use super::super::tests::{begin, credentials};
    use super::*;

    /// The methods of SASL that need no channel.
    const METHODS: [Method; 7] = [
        Method::ScramSha256,
        Method::ScramSha1,
        Method::OauthBearer,
        Method::XOauth2,
        Method::CramMd5,
        Method::Plain,
        Method::Login,
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
            at in 0..METHODS.len(),
            announced in any::<bool>(),
            challenges in proptest::collection::vec(challenge(), 5),
        ) {
            let credentials = credentials("tim", "tanstaaftanstaaf");
            let (mut exchange, _) = begin(METHODS[at], &credentials, announced);
            let answers: Vec<_> = challenges.iter().map(|c| exchange.answer(c)).collect();
            prop_assert!(answers.iter().any(Result::is_err), "{answers:?}");
        }
    }

    #[test]
    fn a_challenge_longer_than_any_is_not_read() {
        let (mut exchange, _) = begin(Method::CramMd5, &credentials("tim", "secret"), true);
        let long = STANDARD.encode(vec![b'a'; MAX_CHALLENGE_OCTETS + 3]);
        assert_eq!(
            exchange.answer(long.as_bytes()),
            Err(ExchangeError::ChallengeTooLong)
        );
    }
}
