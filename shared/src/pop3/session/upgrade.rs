//! The transition from `STLS` to TLS, which the types allow only after a clean upgrade.

use thiserror::Error;

use super::event::{MisuseError, PeerError};
use super::machine::Session;
use super::secrets::Secrets;
use super::trace::Trace;

/// The permission to begin TLS on the same connection ([RFC 2595 §4]).
///
/// A session becomes one only if the server accepted `STLS` and sent nothing after that. Everything
/// that the session learned before TLS is discarded, except its trace and its secrets.
#[derive(Debug)]
#[must_use = "the server waits for TLS to begin"]
pub struct StlsUpgrade {
    pub(super) trace: Trace,
    pub(super) secrets: Secrets,
}

impl StlsUpgrade {
    /// Continues in the AUTHORIZATION state, after the TLS handshake. There is no second greeting.
    pub fn secured(mut self) -> Session {
        self.trace.tls();
        Session::after_upgrade(self.trace, self.secrets)
    }
}

/// The reason why TLS cannot begin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UpgradeError {
    /// The server has not accepted `STLS`.
    #[error(transparent)]
    Misuse(#[from] MisuseError),
    /// Bytes arrived before TLS began.
    #[error(transparent)]
    Peer(#[from] PeerError),
}
