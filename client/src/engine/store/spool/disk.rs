//! A folder on disk, for the native build.

#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::files::{File, Files, StorageError};

/// The files of one folder.
#[derive(Debug, Clone)]
pub struct DiskFiles {
    folder: PathBuf,
}

impl DiskFiles {
    /// Returns the files in `folder`, which is created with its first file.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl Files for DiskFiles {
    type File = DiskFile;

    async fn names(&self) -> Result<Vec<String>, StorageError> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    async fn open(&self, name: &str) -> Result<DiskFile, StorageError> {
        fs::create_dir_all(&self.folder)?;
        let file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.folder.join(name))?;
        // A new name is durable only once its folder is flushed. Not every system can flush a
        // folder.
        if let Ok(folder) = fs::File::open(&self.folder) {
            let _ = folder.sync_all();
        }
        Ok(DiskFile { file })
    }

    async fn remove(&self, name: &str) -> Result<(), StorageError> {
        Ok(fs::remove_file(self.folder.join(name))?)
    }
}

/// A file on disk.
#[derive(Debug)]
pub struct DiskFile {
    file: fs::File,
}

impl File for DiskFile {
    fn size(&self) -> Result<u64, StorageError> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StorageError> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        let mut read = 0;
        while let Some(rest) = buffer.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match file.read(rest) {
                Ok(0) => break,
                Ok(octets) => read += octets,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(read)
    }

    fn write_at(&mut self, offset: u64, octets: &[u8]) -> Result<(), StorageError> {
        self.file.seek(SeekFrom::Start(offset))?;
        Ok(self.file.write_all(octets)?)
    }

    fn truncate(&mut self, size: u64) -> Result<(), StorageError> {
        Ok(self.file.set_len(size)?)
    }

    fn flush(&mut self) -> Result<(), StorageError> {
        Ok(self.file.sync_data()?)
    }
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::failed(error),
        }
    }
}
