//! SCRAM, in which each side proves that it knows the password without sending it ([RFC 5802],
//! [RFC 7677]).

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, pbkdf2};

use super::exchange::{Dialogue, ExchangeError, printable};
use super::saslprep::saslprep;
use super::{ChannelBinding, Credentials};

/// The maximum number of hashing rounds.
///
/// The server chooses the number, and the worker is blocked meanwhile: one million rounds take a
/// second or two in WebAssembly. [RFC 7677 §4] requires at least 4,096, and current recommendations
/// go up to 600,000. A smaller number weakens only the server's own password database, so it is
/// accepted.
pub const MAX_ITERATIONS: u32 = 1_000_000;

const NAME: &str = "SCRAM";

/// The hash function of a mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScramHash {
    /// SHA-1, of `SCRAM-SHA-1` and `SCRAM-SHA-1-PLUS`.
    Sha1,
    /// SHA-256, of `SCRAM-SHA-256` and `SCRAM-SHA-256-PLUS`.
    Sha256,
}

impl ScramHash {
    fn mac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
        }
    }

    fn derivation(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        }
    }

    fn digest(self) -> &'static digest::Algorithm {
        self.mac().digest_algorithm()
    }
}

/// The channel binding flag of the client ([RFC 5802 §6]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gs2 {
    /// `n`: the client has no channel binding, or does not use it.
    Unbound,
    /// `y`: the client has one, but the server advertises no mechanism with channel binding. If an
    /// attacker removed that mechanism from the list, the server notices it here.
    NotOffered,
    /// `p=…`: the exchange is bound to the TLS connection.
    Bound(ChannelBinding),
}

impl Gs2 {
    fn header(&self) -> String {
        match self {
            Self::Unbound => "n,,".to_owned(),
            Self::NotOffered => "y,,".to_owned(),
            Self::Bound(binding) => format!("p={},,", binding.kind.name()),
        }
    }

    /// Returns the header and the binding data, in base64.
    fn input(&self) -> String {
        let mut input = self.header().into_bytes();
        if let Self::Bound(binding) = self {
            input.extend_from_slice(&binding.data);
        }
        STANDARD.encode(input)
    }
}

/// The client side of a `SCRAM-…` exchange.
pub(super) struct Scram {
    hash: ScramHash,
    gs2: Gs2,
    password: String,
    nonce: String,
    /// The client's first message without the GS2 header of [RFC 5801].
    first: String,
    stage: ScramStage,
    failure_detail: Option<String>,
}

enum ScramStage {
    /// Waiting for salt and number of rounds.
    Challenge,
    /// Waiting for the server's signature.
    Signature {
        /// The server key, which both sides derive from the password.
        key: hmac::Key,
        /// The messages so far, which the signature covers.
        message: String,
    },
    /// The signature of the server is valid.
    Proven,
    /// The server reported an error.
    Refused,
}

impl Scram {
    pub(super) fn new(
        hash: ScramHash,
        gs2: Gs2,
        credentials: &Credentials<'_>,
        nonce: &str,
    ) -> Self {
        let name = saslprep(credentials.user, credentials.nfkc);
        let name = name.replace('=', "=3D").replace(',', "=2C");
        Self {
            hash,
            gs2,
            password: saslprep(credentials.secret, credentials.nfkc),
            nonce: nonce.to_owned(),
            first: format!("n={name},r={nonce}"),
            stage: ScramStage::Challenge,
            failure_detail: None,
        }
    }

    /// Returns the proof, which answers the server's first message.
    fn prove(&mut self, challenge: &[u8]) -> Result<Vec<u8>, ExchangeError> {
        let challenge = str::from_utf8(challenge).map_err(|_| malformed("it is not UTF-8"))?;
        let ServerFirst {
            nonce,
            salt,
            rounds,
        } = ServerFirst::read(challenge)?;
        if nonce.len() <= self.nonce.len() || !nonce.starts_with(&self.nonce) {
            return Err(malformed("its nonce does not begin with the client's"));
        }
        let input = self.gs2.input();
        let without_proof = format!("c={input},r={nonce}");
        let message = format!("{},{challenge},{without_proof}", self.first);

        let mut salted = vec![0; self.hash.digest().output_len()];
        let password = self.password.as_bytes();
        pbkdf2::derive(self.hash.derivation(), rounds, &salt, password, &mut salted);
        let salted = hmac::Key::new(self.hash.mac(), &salted);
        let client_key = hmac::sign(&salted, b"Client Key");
        let stored_key = digest::digest(self.hash.digest(), client_key.as_ref());
        let stored_key = hmac::Key::new(self.hash.mac(), stored_key.as_ref());
        let signature = hmac::sign(&stored_key, message.as_bytes());
        let pairs = client_key.as_ref().iter().zip(signature.as_ref());
        let proof: Vec<u8> = pairs.map(|(one, other)| one ^ other).collect();

        let server_key = hmac::sign(&salted, b"Server Key");
        self.stage = ScramStage::Signature {
            key: hmac::Key::new(self.hash.mac(), server_key.as_ref()),
            message,
        };
        Ok(format!("{without_proof},p={}", STANDARD.encode(proof)).into_bytes())
    }
}

impl Dialogue for Scram {
    fn initial_response(&self) -> Option<Vec<u8>> {
        Some(format!("{}{}", self.gs2.header(), self.first).into_bytes())
    }

    fn answer(&mut self, challenge: &[u8]) -> Result<Vec<u8>, ExchangeError> {
        let (key, message) = match &self.stage {
            ScramStage::Challenge => return self.prove(challenge),
            ScramStage::Signature { key, message } => (key, message),
            ScramStage::Proven | ScramStage::Refused => {
                return Err(ExchangeError::TooManyChallenges);
            }
        };
        // Extensions may follow a comma, which does not occur in base64.
        let field = challenge.split(|octet| *octet == b',').next();
        let field = field.unwrap_or_default();
        if let Some(error) = field.strip_prefix(b"e=") {
            self.failure_detail = Some(printable(error));
            self.stage = ScramStage::Refused;
            return Ok(Vec::new());
        }
        let signature = field.strip_prefix(b"v=");
        let signature = signature.and_then(|text| STANDARD.decode(text).ok());
        let signature = signature.ok_or(malformed("it has no signature"))?;
        hmac::verify(key, message.as_bytes(), &signature)
            .map_err(|_| ExchangeError::ServerNotProven)?;
        self.stage = ScramStage::Proven;
        Ok(Vec::new())
    }

    fn accepted(&self) -> Result<(), ExchangeError> {
        match self.stage {
            ScramStage::Proven => Ok(()),
            ScramStage::Challenge | ScramStage::Signature { .. } | ScramStage::Refused => {
                Err(ExchangeError::ServerNotProven)
            }
        }
    }

    fn failure_detail(&self) -> Option<&str> {
        self.failure_detail.as_deref()
    }
}

/// The server's first message.
struct ServerFirst<'a> {
    nonce: &'a str,
    salt: Vec<u8>,
    rounds: NonZeroU32,
}

impl<'a> ServerFirst<'a> {
    fn read(text: &'a str) -> Result<Self, ExchangeError> {
        // An extension before the nonce is mandatory, and none is defined.
        let mut fields = text.split(',');
        let mut field = |prefix| fields.next().and_then(|field| field.strip_prefix(prefix));
        let nonce: &str = field("r=").ok_or(malformed("it has no nonce"))?;
        let salt = field("s=").and_then(|salt| STANDARD.decode(salt).ok());
        let salt = salt.ok_or(malformed("it has no salt"))?;
        let rounds: u64 = field("i=")
            .and_then(|rounds| rounds.parse().ok())
            .ok_or(malformed("it has no number of rounds"))?;
        let bounded = u32::try_from(rounds).ok().filter(|n| *n <= MAX_ITERATIONS);
        let bounded = bounded.ok_or(ExchangeError::Iterations(rounds, MAX_ITERATIONS))?;
        let rounds =
            NonZeroU32::new(bounded).ok_or(malformed("it requests no rounds of hashing"))?;
        Ok(Self {
            nonce,
            salt,
            rounds,
        })
    }
}

fn malformed(what: &'static str) -> ExchangeError {
    ExchangeError::Malformed(NAME, what)
}

#[cfg(test)]
mod tests;
