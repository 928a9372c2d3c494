//! The bridge's own TLS, whose certificates are replaced while connections stay open.
//!
//! [`Tls`] holds one configuration of rustls for the lifetime of the bridge. A resolver selects the
//! certificate of each handshake, so a new one needs no new listener and does not affect open relays. The
//! certificate comes from two files that another program renews ([`Tls::of_files`]), or from an authority
//! that speaks ACME ([`Tls::of_acme`], [RFC 8555]).

mod acme;
mod cert_resolver;
mod certificate;
mod config;
mod error;
mod files;

pub use acme::AcmeSettings;
pub(crate) use acme::{FIRST_RETRY, LETS_ENCRYPT};
pub(crate) use cert_resolver::ACME_PROTOCOL;
pub use certificate::CertificateError;
pub use config::Tls;
pub use error::TlsError;
