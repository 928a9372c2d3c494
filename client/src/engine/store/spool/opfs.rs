//! The browser's storage for this site (OPFS), through sync access handles.

#![cfg(target_arch = "wasm32")]

use futures::channel::oneshot;
use js_sys::{JsString, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    DedicatedWorkerGlobalScope, FileSystemDirectoryHandle, FileSystemFileHandle,
    FileSystemGetDirectoryOptions, FileSystemGetFileOptions, FileSystemReadWriteOptions,
    FileSystemSyncAccessHandle,
};

use super::files::{File, Files, StorageError};

/// The files of one OPFS folder.
#[derive(Debug, Clone)]
pub struct OpfsFiles {
    folder: FileSystemDirectoryHandle,
}

impl OpfsFiles {
    /// Opens the folder `name` in the root, and creates it if necessary.
    ///
    /// # Errors
    /// [`StorageError::Absent`] if the browser gives this window no OPFS, or else the browser's
    /// error.
    pub async fn open(name: &str) -> Result<Self, StorageError> {
        let scope: DedicatedWorkerGlobalScope = js_sys::global()
            .dyn_into()
            .map_err(|_| StorageError::failed("not a dedicated worker"))?;
        let storage = scope.navigator().storage();
        // Absent outside secure contexts, where calling it would throw an uncaught exception.
        let supported = Reflect::get(&storage, &JsValue::from_str("getDirectory"))
            .is_ok_and(|method| method.is_function());
        if !supported {
            return Err(StorageError::Absent);
        }
        // Browsers deny the root itself to private windows, each with a different error. A later
        // failure is a fault of existing storage.
        let root = JsFuture::from(storage.get_directory()).await;
        let root: FileSystemDirectoryHandle = root.map_err(|_| StorageError::Absent)?.dyn_into()?;
        let options = FileSystemGetDirectoryOptions::new();
        options.set_create(true);
        let folder = root.get_directory_handle_with_options(name, &options);
        Ok(Self {
            folder: JsFuture::from(folder).await?.dyn_into()?,
        })
    }
}

impl Files for OpfsFiles {
    type File = OpfsFile;

    async fn names(&self) -> Result<Vec<String>, StorageError> {
        let keys = self.folder.keys();
        let mut names = Vec::new();
        loop {
            let next = JsFuture::from(keys.next()?).await?;
            if Reflect::get(&next, &JsValue::from_str("done"))?.is_truthy() {
                return Ok(names);
            }
            let name: JsString = Reflect::get(&next, &JsValue::from_str("value"))?.dyn_into()?;
            names.push(name.into());
        }
    }

    async fn open(&self, name: &str) -> Result<OpfsFile, StorageError> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let file = self.folder.get_file_handle_with_options(name, &options);
        let file: FileSystemFileHandle = JsFuture::from(file).await?.dyn_into()?;
        // A handle locks its file until it is closed. If our caller is dropped while the browser
        // still makes the handle, it must not stay open for ever: so a task of its own takes it.
        let (sender, receiver) = oneshot::channel();
        spawn_local(async move {
            let opened = JsFuture::from(file.create_sync_access_handle())
                .await
                .and_then(JsCast::dyn_into::<FileSystemSyncAccessHandle>)
                .map(|handle| OpfsFile { handle })
                .map_err(StorageError::from);
            // Dropping an unclaimed file closes it.
            let _ = sender.send(opened);
        });
        receiver.await.map_err(StorageError::failed)?
    }

    async fn remove(&self, name: &str) -> Result<(), StorageError> {
        JsFuture::from(self.folder.remove_entry(name)).await?;
        Ok(())
    }
}

/// An open OPFS file.
#[derive(Debug)]
pub struct OpfsFile {
    handle: FileSystemSyncAccessHandle,
}

impl Drop for OpfsFile {
    fn drop(&mut self) {
        self.handle.close();
    }
}

#[allow(clippy::cast_precision_loss)] // Exact up to 2^53, far beyond any quota.
fn at(offset: u64) -> FileSystemReadWriteOptions {
    let options = FileSystemReadWriteOptions::new();
    options.set_at(offset as f64);
    options
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A size the browser gave.
fn whole(size: f64) -> u64 {
    size as u64
}

impl File for OpfsFile {
    fn size(&self) -> Result<u64, StorageError> {
        Ok(whole(self.handle.get_size()?))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StorageError> {
        let read = self
            .handle
            .read_with_u8_array_and_options(buffer, &at(offset))?;
        usize::try_from(whole(read)).map_err(StorageError::failed)
    }

    fn write_at(&mut self, offset: u64, octets: &[u8]) -> Result<(), StorageError> {
        let written = self
            .handle
            .write_with_u8_array_and_options(octets, &at(offset))?;
        if whole(written) == octets.len() as u64 {
            Ok(())
        } else {
            // The browser writes less than requested only when it runs out of room.
            Err(StorageError::Full)
        }
    }

    #[allow(clippy::cast_precision_loss)]
    fn truncate(&mut self, size: u64) -> Result<(), StorageError> {
        Ok(self.handle.truncate_with_f64(size as f64)?)
    }

    fn flush(&mut self) -> Result<(), StorageError> {
        Ok(self.handle.flush()?)
    }
}

impl From<JsValue> for StorageError {
    fn from(error: JsValue) -> Self {
        let property = |name: &str| {
            Reflect::get(&error, &JsValue::from_str(name))
                .ok()
                .and_then(|value| value.as_string())
                .unwrap_or_default()
        };
        let (name, message) = (property("name"), property("message"));
        if name == "QuotaExceededError" {
            Self::Full
        } else {
            Self::Failed(format!("{name}: {message}"))
        }
    }
}
