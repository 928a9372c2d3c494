//! The environment of native tests: a folder, and tungstenite's WebSocket.

use std::path::PathBuf;

use restante_shared::relay::Target;

use super::native_vault::NativeVault;
use super::{Place, Platform};
use crate::api::problem::Problem;
use crate::api::storage::Storage;
use crate::clock::SystemClock;
use crate::engine::store::index::IndexPlace;
use crate::engine::store::spool::DiskFiles;
use crate::transport::TransportError;
use crate::transport::relay::{self, RelayStream};

/// The environment of a process with its own folder.
#[derive(Debug, Clone)]
pub struct NativePlatform {
    folder: PathBuf,
}

impl NativePlatform {
    /// Stores mail in `folder`, which must exist and have no other user.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl Platform for NativePlatform {
    type Clock = SystemClock;
    type Files = DiskFiles;
    type Vault = NativeVault;
    type Relay = RelayStream;

    async fn vault(&self) -> NativeVault {
        NativeVault::in_file(&self.folder.join("vault.key"))
    }

    fn clock(&self) -> SystemClock {
        SystemClock
    }

    async fn hold_store(&self, _occupied: impl FnOnce()) {}

    async fn storage(&self) -> Result<Place<DiskFiles>, Problem> {
        Ok(Place {
            storage: Storage::Persistent,
            files: DiskFiles::new(self.folder.join("spool")),
            index: IndexPlace::File(self.folder.join("index.sqlite")),
        })
    }

    async fn open_relay(
        &self,
        address: &str,
        target: &Target,
    ) -> Result<RelayStream, TransportError> {
        relay::open(address, target).await
    }
}
