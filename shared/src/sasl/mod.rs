//! The client side of SASL exchanges ([RFC 4422]) without I/O: challenges in, responses out.
//!
//! | file | holds |
//! |---|---|
//! | `mechanism` | the mechanisms, their names and their strength |
//! | `exchange` | one exchange, independent of the mechanism |
//! | `plain` | PLAIN |
//! | `login` | LOGIN |
//! | `cram` | CRAM-MD5 |
//! | `bearer` | OAUTHBEARER and XOAUTH2 |
//! | `scram` | SCRAM with SHA-1 and SHA-256, with and without channel binding |
//! | `saslprep` | the normalisation of names and passwords before SCRAM hashes them |
//! | `binding` | the channel binding of a TLS connection |
//! | `credentials` | user name, secret and character set |
//! | `response` | responses as decoded bytes, and the limits of their lines |
//!
//! Nothing here depends on a mail protocol. A protocol sends the mechanism's name and, where it allows
//! that, the initial response; every line that it receives afterwards is a challenge.
//!
//! The hashes are ring's, which TLS links into every build anyway; only MD5, which ring lacks, is
//! RustCrypto's. Random numbers and Unicode normalisation are parameters.

mod bearer;
mod binding;
mod cram;
mod credentials;
mod exchange;
mod login;
mod mechanism;
mod plain;
mod response;
mod saslprep;
mod scram;

pub use binding::{BindingKind, ChannelBinding};
pub use credentials::{Charset, Credentials};
pub use exchange::{Exchange, ExchangeContext, ExchangeError, MAX_CHALLENGE_BYTES};
pub use mechanism::{Mechanism, MechanismName, Strength};
pub use plain::PlainMessage;
pub use response::{MAX_SASL_LINE_BYTES, MAX_SASL_RESPONSE_BYTES, SaslResponse, SaslSyntaxError};
pub use saslprep::saslprep;
pub use scram::MAX_ITERATIONS;

#[cfg(test)]
mod test_support;
