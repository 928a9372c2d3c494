//! The index's location: a file, the browser's storage, or memory.

#[cfg(not(target_arch = "wasm32"))]
use std::path::PathBuf;

#[cfg(not(target_arch = "wasm32"))]
use rusqlite::Connection;

use super::error::IndexError;

/// The location of the index.
#[derive(Debug, Clone)]
pub enum IndexPlace {
    /// In memory: it is rebuilt from the spool at every start.
    Memory,
    /// A file on disk.
    #[cfg(not(target_arch = "wasm32"))]
    File(PathBuf),
    /// A folder of the browser's storage for this site, by name, in a pool of sync access handles.
    #[cfg(target_arch = "wasm32")]
    Opfs(String),
}

#[cfg(not(target_arch = "wasm32"))]
impl IndexPlace {
    pub(in crate::engine) async fn connect(&self) -> Result<Connection, IndexError> {
        Ok(match self {
            Self::Memory => Connection::open_in_memory()?,
            Self::File(path) => Connection::open(path)?,
        })
    }

    /// Deletes the index, if present.
    pub(in crate::engine) async fn clear(&self) -> Result<(), IndexError> {
        use crate::engine::store::spool::StorageError;

        match self {
            Self::Memory => {}
            Self::File(path) => {
                for suffix in ["", "-journal", "-wal", "-shm"] {
                    let mut name = path.clone().into_os_string();
                    name.push(suffix);
                    match std::fs::remove_file(&name) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                            return Err(StorageError::from(error).into());
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use rusqlite::{Connection, OpenFlags, ffi};
    use sqlite_wasm_vfs::sahpool::{
        OpfsSAHError, OpfsSAHPoolCfg, OpfsSAHPoolCfgBuilder, OpfsSAHPoolUtil, install,
    };

    use super::{IndexError, IndexPlace};
    use crate::engine::store::spool::StorageError;

    /// The name of the pool in SQLite, and of the database in it.
    const POOL: &str = "restante-index";
    const DATABASE: &str = "index.sqlite";

    impl IndexPlace {
        pub(in crate::engine) async fn connect(&self) -> Result<Connection, IndexError> {
            let Self::Opfs(folder) = self else {
                return Ok(Connection::open_in_memory()?);
            };
            pool(folder).await?;
            let flags = OpenFlags::default();
            Ok(Connection::open_with_flags_and_vfs(DATABASE, flags, POOL)?)
        }

        /// Deletes the index, if present. It must not be open.
        pub(in crate::engine) async fn clear(&self) -> Result<(), IndexError> {
            use rsqlite_vfs::VfsFilesManager as _;

            if let Self::Opfs(folder) = self {
                pool(folder).await?.clear().map_err(error)?;
            }
            Ok(())
        }
    }

    /// Returns the pool in `folder`, and installs it at the first call. If the pool's own
    /// bookkeeping is damaged, it is created again.
    async fn pool(folder: &str) -> Result<OpfsSAHPoolUtil, IndexError> {
        let mut clear = false;
        loop {
            match install::<ffi::WasmOsCallback>(&options(folder, clear), false).await {
                Err(OpfsSAHError::InvalidHeader { .. }) if !clear => clear = true,
                pool => return pool.map_err(error),
            }
        }
    }

    fn options(folder: &str, clear: bool) -> OpfsSAHPoolCfg {
        OpfsSAHPoolCfgBuilder::new()
            .vfs_name(POOL)
            .directory(folder)
            .clear_on_init(clear)
            .build()
    }

    fn error(error: OpfsSAHError) -> IndexError {
        if error.to_string().contains("QuotaExceededError") {
            StorageError::Full.into()
        } else {
            StorageError::failed(error).into()
        }
    }
}
