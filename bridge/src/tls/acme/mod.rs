//! Certificates from an authority that speaks ACME [RFC 8555], validated with tls-alpn-01 [RFC 8737].
//!
//! That challenge is answered in a TLS handshake on the port that the bridge serves anyway, so no other
//! port has to be opened, routed or configured.

mod cache;
mod http;
mod order;
mod order_error;
mod renewal;

pub(super) use renewal::Acme;
pub use renewal::AcmeSettings;
pub(crate) use renewal::{FIRST_RETRY, LETS_ENCRYPT};
