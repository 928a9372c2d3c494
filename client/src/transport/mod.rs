//! How octets reach a POP3 server: a WebSocket to the bridge, and TLS that ends here.
//!
//! [`relay::open`] connects to a target through the bridge, and [`tls::secure`] lays TLS over that, at
//! once or after `STLS`. Both give `AsyncRead + AsyncWrite`, and put a
//! [`TransportError`] inside the [`io::Error`](std::io::Error) where it knows more than the
//! operating system's kinds can say; [`TransportError::of`] takes it out again.

mod certificate;
mod error;
mod messages;
pub mod relay;
pub mod security;
pub mod tls;
mod x509;

pub use error::TransportError;
