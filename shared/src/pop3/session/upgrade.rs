//! The way from `STLS` to TLS, as values of which only a clean upgrade gives the next.

use thiserror::Error;

use super::event::{MisuseError, PeerError};
use super::machine::Session;
use super::secrets::Secrets;
use super::trace::Trace;

/// The leave to begin TLS on the same connection ([RFC 2595 §4]).
///
/// Only a session whose server accepted `STLS`, and from which nothing else was heard since, turns
/// into one; all that was learned before is gone with that session, except its trace and what it
/// keeps secret.
#[derive(Debug)]
#[must_use = "the server waits for TLS to begin"]
pub struct StlsUpgrade {
    pub(super) trace: Trace,
    pub(super) secrets: Secrets,
}

impl StlsUpgrade {
    /// Goes on, in the AUTHORIZATION state, once TLS is up. There is no second greeting.
    pub fn secured(mut self) -> Session {
        self.trace.tls();
        Session::after_upgrade(self.trace, self.secrets)
    }
}

/// Why TLS cannot begin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UpgradeError {
    /// This side has no reason to begin TLS.
    #[error(transparent)]
    Misuse(#[from] MisuseError),
    /// The server, or somebody in its place, spoke out of turn.
    #[error(transparent)]
    Peer(#[from] PeerError),
}
