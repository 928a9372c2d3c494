//! The environment of the worker: OPFS, Web Locks and the browser's WebSocket.

use futures::channel::oneshot;
use futures::future::{self, Either};
use js_sys::{Function, Object, Promise, Reflect};
use restante_shared::relay::Target;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::web_vault::WebVault;
use super::{Place, Platform};
use crate::api::problem::Problem;
use crate::api::storage::Storage;
use crate::clock::SystemClock;
use crate::engine::store::index::IndexPlace;
use crate::engine::store::spool::{
    File, Files, MemoryFile, MemoryFiles, OpfsFile, OpfsFiles, StorageError,
};
use crate::transport::TransportError;
use crate::transport::relay::{self, RelayStream};

/// The name of the lock that the engine with the store holds, per origin.
const LOCK: &str = "restante-store";

/// The folders in the browser's storage: of spool and accounts, and of the index.
const FILES: &str = "restante";
const INDEX: &str = "restante-index";

/// The environment of a dedicated worker.
#[derive(Debug, Default)]
pub struct WebPlatform(());

impl WebPlatform {
    /// Returns the environment of this worker.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// Requests the lock. Returns true if it was granted. It is held until the worker ends.
///
/// web-sys offers the Web Locks API only with a compiler flag, hence the look-up by name.
async fn request_lock(if_available: bool) -> Result<bool, JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let locks = Reflect::get(&navigator, &"locks".into())?;
    let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &if_available.into())?;

    let (answer, answered) = oneshot::channel();
    let given = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        let given = !lock.is_null();
        // The lock is held for as long as the promise that is returned here stays open.
        let hold = Promise::new(&mut |_, _| {});
        if answer.send(given).is_ok() && given {
            hold.into()
        } else {
            JsValue::UNDEFINED
        }
    });
    let released: Promise = request
        .call3(&locks, &LOCK.into(), &options, &given)?
        .dyn_into()?;
    match future::select(answered, JsFuture::from(released)).await {
        Either::Left((given, _)) => given.map_err(|_| JsValue::NULL),
        // A failing request does not call back, for instance in a sandboxed frame.
        Either::Right((released, answered)) => match released {
            Ok(_) => answered.await.map_err(|_| JsValue::NULL),
            Err(error) => Err(error),
        },
    }
}

/// The files of the browser's storage, or of memory if the browser gives this window none.
#[derive(Debug, Clone)]
pub enum WebFiles {
    /// In the browser's storage for this site.
    Opfs(OpfsFiles),
    /// In memory.
    Memory(MemoryFiles),
}

/// A file of [`WebFiles`].
#[derive(Debug)]
pub enum WebFile {
    /// In the browser's storage for this site.
    Opfs(OpfsFile),
    /// In memory.
    Memory(MemoryFile),
}

impl Files for WebFiles {
    type File = WebFile;

    async fn names(&self) -> Result<Vec<String>, StorageError> {
        match self {
            Self::Opfs(files) => files.names().await,
            Self::Memory(files) => files.names().await,
        }
    }

    async fn open(&self, name: &str) -> Result<WebFile, StorageError> {
        Ok(match self {
            Self::Opfs(files) => WebFile::Opfs(files.open(name).await?),
            Self::Memory(files) => WebFile::Memory(files.open(name).await?),
        })
    }

    async fn remove(&self, name: &str) -> Result<(), StorageError> {
        match self {
            Self::Opfs(files) => files.remove(name).await,
            Self::Memory(files) => files.remove(name).await,
        }
    }
}

/// Calls the same method on either kind of file.
macro_rules! either {
    ($self:ident, $file:ident => $call:expr) => {
        match $self {
            WebFile::Opfs($file) => $call,
            WebFile::Memory($file) => $call,
        }
    };
}

impl File for WebFile {
    fn size(&self) -> Result<u64, StorageError> {
        either!(self, file => file.size())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StorageError> {
        either!(self, file => file.read_at(offset, buffer))
    }

    fn write_at(&mut self, offset: u64, octets: &[u8]) -> Result<(), StorageError> {
        either!(self, file => file.write_at(offset, octets))
    }

    fn truncate(&mut self, size: u64) -> Result<(), StorageError> {
        either!(self, file => file.truncate(size))
    }

    fn flush(&mut self) -> Result<(), StorageError> {
        either!(self, file => file.flush())
    }
}

impl Platform for WebPlatform {
    type Clock = SystemClock;
    type Files = WebFiles;
    type Vault = WebVault;
    type Relay = RelayStream;

    async fn vault(&self) -> WebVault {
        WebVault::open().await
    }

    fn clock(&self) -> SystemClock {
        SystemClock
    }

    async fn hold_store(&self, occupied: impl FnOnce()) {
        // Without locks there is no OPFS either, and nothing to share: both need a secure context.
        if let Ok(false) = request_lock(true).await {
            occupied();
            let _ = request_lock(false).await;
        }
    }

    async fn storage(&self) -> Result<Place<WebFiles>, Problem> {
        Ok(match OpfsFiles::open(FILES).await {
            Ok(files) => Place {
                storage: Storage::Persistent,
                files: WebFiles::Opfs(files),
                index: IndexPlace::Opfs(INDEX.to_owned()),
            },
            // Only in this case: an empty store must not hide existing mail.
            Err(StorageError::Absent) => Place {
                storage: Storage::Memory,
                files: WebFiles::Memory(MemoryFiles::new()),
                index: IndexPlace::Memory,
            },
            Err(error) => return Err(error.into()),
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
