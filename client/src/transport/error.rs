//! The errors of a connection to a mail server.

use std::io;

use restante_shared::relay::CloseCode;
use thiserror::Error;

/// The reason why a connection failed or ended.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TransportError {
    /// The WebSocket could not be opened.
    #[error("the bridge cannot be reached")]
    BridgeUnreachable,
    /// The bridge closed the relay with this code.
    #[error("the bridge closed the relay: {0:?}")]
    Relay(CloseCode),
    /// The connection ended without a reason.
    #[error("the connection was lost")]
    Lost,
    /// The certificate of the server is not trusted.
    #[error("the certificate is not trusted: {0}")]
    CertificateNotTrusted(String),
    /// The TLS handshake or the TLS connection failed.
    #[error("no TLS with the server: {0}")]
    Tls(String),
    /// The trusted CA of the mailbox cannot be parsed.
    #[error("the trusted CA is no certificate: {0}")]
    CaNotReadable(String),
}

impl TransportError {
    /// Returns the reason inside an error of a stream of this module.
    #[must_use]
    pub fn of(error: &io::Error) -> Self {
        let inner = error.get_ref();
        if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<Self>()) {
            return error.clone();
        }
        match inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(error) => Self::Tls(error.to_string()),
            None => Self::Lost,
        }
    }
}

impl From<TransportError> for io::Error {
    fn from(error: TransportError) -> Self {
        Self::other(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_found_inside_an_io_error() {
        for error in [
            TransportError::Relay(CloseCode::Policy),
            TransportError::CertificateNotTrusted("expired".to_owned()),
        ] {
            assert_eq!(TransportError::of(&io::Error::from(error.clone())), error);
        }
        let other = io::Error::from(io::ErrorKind::ConnectionReset);
        assert_eq!(TransportError::of(&other), TransportError::Lost);
    }
}
