//! What the engine asks of the world, so that it runs alike in a worker and under `cargo test`.

#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(target_arch = "wasm32")]
pub mod web;

use futures::{AsyncRead, AsyncWrite};
use restante_shared::relay::Target;

use super::store::index::IndexPlace;
use super::store::spool::Files;
use crate::api::event::{Problem, Storage};
use crate::clock::Clock;
use crate::transport::TransportError;

/// The world around an engine.
#[allow(async_fn_in_trait)] // One thread: no caller needs the futures to be `Send`.
pub trait Platform {
    /// Its time.
    type Clock: Clock;
    /// Its files.
    type Files: Files + Clone;
    /// A connection to a target through the bridge.
    type Relay: AsyncRead + AsyncWrite + Unpin + 'static;

    /// The time.
    fn clock(&self) -> Self::Clock;

    /// Waits until no other engine uses the store, and holds it from then on.
    ///
    /// `occupied` is called if there is a wait at all.
    async fn hold_store(&self, occupied: impl FnOnce());

    /// Finds the place where mail can be kept.
    ///
    /// # Errors
    /// Where there is a place, but it cannot be used.
    async fn storage(&self) -> Result<Place<Self::Files>, Problem>;

    /// Connects to a target through the bridge.
    ///
    /// # Errors
    /// What came between: the bridge is unreachable, or said why it could not serve.
    async fn open_relay(
        &self,
        address: &str,
        target: &Target,
    ) -> Result<Self::Relay, TransportError>;
}

/// Where mail can be kept.
#[derive(Debug)]
pub struct Place<F> {
    /// Whether it outlives the tab.
    pub storage: Storage,
    /// The files of spool and accounts.
    pub files: F,
    /// The place of the index.
    pub index: IndexPlace,
}
