//! The environment as the engine sees it.

use futures::{AsyncRead, AsyncWrite};
use restante_shared::relay::Target;

use crate::api::problem::Problem;
use crate::api::storage::Storage;
use crate::clock::Clock;
use crate::engine::store::index::IndexPlace;
use crate::engine::store::spool::Files;
use crate::transport::TransportError;

/// The environment of an engine.
#[allow(async_fn_in_trait)] // One thread: no caller needs the futures to be `Send`.
pub trait Platform {
    /// Its time.
    type Clock: Clock;
    /// Its files.
    type Files: Files + Clone;
    /// Its vault.
    type Vault: Vault;
    /// A connection to a target through the bridge.
    type Relay: AsyncRead + AsyncWrite + Unpin + 'static;

    /// Returns the vault for secrets that are stored.
    async fn vault(&self) -> Self::Vault;

    /// Returns the clock.
    fn clock(&self) -> Self::Clock;

    /// Waits until no other engine uses the store, and holds it from then on.
    ///
    /// Calls `occupied` if it has to wait.
    async fn hold_store(&self, occupied: impl FnOnce());

    /// Returns the place where mail can be stored.
    ///
    /// # Errors
    /// If there is a place, but it cannot be used.
    async fn storage(&self) -> Result<Place<Self::Files>, Problem>;

    /// Connects to a target through the bridge.
    ///
    /// # Errors
    /// If the bridge is unreachable or rejects the request.
    async fn open_relay(
        &self,
        address: &str,
        target: &Target,
    ) -> Result<Self::Relay, TransportError>;
}

/// Seals secrets with a key of this device before they are stored (AES-256-GCM).
#[allow(async_fn_in_trait)] // One thread: no caller needs the futures to be `Send`.
pub trait Vault {
    /// Seals a secret for a purpose; `None` if the environment has no place for a key.
    async fn seal(&self, secret: &[u8], purpose: &[u8]) -> Option<Vec<u8>>;

    /// Returns the secret; `None` if it was sealed with another key or for another purpose, or was
    /// changed.
    async fn unseal(&self, sealed: &[u8], purpose: &[u8]) -> Option<Vec<u8>>;
}

/// A place where mail can be stored.
#[derive(Debug)]
pub struct Place<F> {
    /// The lifetime of the storage: whether it outlives the tab.
    pub storage: Storage,
    /// The files of spool and accounts.
    pub files: F,
    /// The place of the index.
    pub index: IndexPlace,
}
