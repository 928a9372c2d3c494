//! The connection to a mail server: a WebSocket to the bridge, and TLS that ends in this process.
//!
//! [`relay::open`] connects to a target through the bridge. [`tls::secure`] adds TLS to that
//! stream, at once or after `STLS`. Both streams implement `AsyncRead + AsyncWrite`. Their
//! [`io::Error`](std::io::Error) contains a [`TransportError`] if that is more precise than an
//! [`ErrorKind`](std::io::ErrorKind); [`TransportError::of`] extracts it.

mod byte_stream;
mod certificate;
mod error;
pub mod relay;
pub mod security;
pub mod tls;
mod x509;

pub use error::TransportError;
