//! The ways to log in, without I/O: what each says, how they rank, and which to try.
//!
//! | file | holds |
//! |---|---|
//! | `method` | their names and their order |
//! | `ladder` | which of them to try, from the strongest down |
//! | `exchange` | an `AUTH` exchange, whatever the mechanism |
//! | `clear` | PLAIN and LOGIN |
//! | `cram` | CRAM-MD5 and APOP |
//! | `bearer` | OAUTHBEARER and XOAUTH2 |
//! | `scram` | SCRAM with SHA-1 and SHA-256, bound to the TLS channel or not |
//! | `saslprep` | the form in which SCRAM hashes names and passwords |
//! | `binding` | what ties a login to one TLS connection |
//! | `credentials` | a name, a secret, and how it is written |
//!
//! Hashes are ring's, which TLS brings along in every build; MD5 alone, which ring has not, is
//! RustCrypto's. Randomness and the normalisation of Unicode are parameters.

mod bearer;
mod binding;
mod clear;
mod cram;
mod credentials;
mod exchange;
mod ladder;
mod method;
mod saslprep;
mod scram;

pub use binding::{BindingKind, ChannelBinding};
pub use cram::apop;
pub use credentials::{Charset, Credentials};
pub use exchange::{Exchange, ExchangeError, MAX_CHALLENGE_OCTETS, Surroundings};
pub use ladder::{Announced, Descent, MAX_REFUSALS, Offer, ladder};
pub use method::{Login, Method, Strength};
pub use saslprep::saslprep;
pub use scram::MAX_ITERATIONS;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pop3::argument::SaslResponse;
    use crate::pop3::command::Auth;

    pub(super) const SURROUNDINGS: Surroundings<'_> = Surroundings {
        host: "pop.example.org",
        port: 995,
        binding: None,
        plus_offered: false,
        nonce: "rOprNGfwEbeRWgbNEkqO",
    };

    /// Normalises as much as the tests need.
    pub(super) fn nfkc(text: &str) -> String {
        text.replace('\u{aa}', "a").replace('\u{2168}', "IX")
    }

    pub(super) fn credentials<'a>(user: &'a str, secret: &'a str) -> Credentials<'a> {
        Credentials {
            user,
            secret,
            charset: Charset::Utf8,
            nfkc,
        }
    }

    pub(super) fn begin(
        method: Method,
        credentials: &Credentials<'_>,
        announced: bool,
    ) -> (Exchange, Auth) {
        let begun = Exchange::begin(method, credentials, &SURROUNDINGS, announced);
        begun.unwrap().unwrap()
    }

    pub(super) fn text(response: &SaslResponse) -> String {
        String::from_utf8(response.octets().to_vec()).unwrap()
    }

    #[test]
    fn commands_of_their_own_are_no_exchange() {
        for method in [Method::UserPass, Method::Apop] {
            let credentials = credentials("mrose", "tanstaaf");
            assert!(Exchange::begin(method, &credentials, &SURROUNDINGS, true).is_none());
        }
    }
}
