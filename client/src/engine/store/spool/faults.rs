//! Files that fail on command, for tests of storage failures. They are no part of the client: the
//! integration tests include this file as well.

use std::cell::Cell;
use std::rc::Rc;

use super::{File, Files, StorageError};

/// The planned faults. Clones share the plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    /// The number of writes that still succeed; no limit if absent. The first failing write writes
    /// half of its bytes. It and all later writes report a full disk.
    writes_left: Rc<Cell<Option<u32>>>,
    /// The number of reads that still succeed; no limit if absent.
    reads_left: Rc<Cell<Option<u32>>>,
    /// The number of bytes that were read.
    read: Rc<Cell<u64>>,
    flush_fails: Rc<Cell<bool>>,
    truncate_fails: Rc<Cell<bool>>,
}

impl Faults {
    /// Lets `writes` more writes succeed; `None` repairs the disk.
    pub(crate) fn fill_after(&self, writes: Option<u32>) {
        self.writes_left.set(writes);
    }

    /// Lets `reads` more reads succeed; `None` repairs the disk.
    pub(crate) fn fail_reads_after(&self, reads: Option<u32>) {
        self.reads_left.set(reads);
    }

    /// Returns the number of bytes that were read so far.
    #[must_use]
    pub(crate) fn bytes_read(&self) -> u64 {
        self.read.get()
    }

    /// Makes every flush fail, or succeed again.
    pub(crate) fn fail_flush(&self, fail: bool) {
        self.flush_fails.set(fail);
    }

    /// Makes every truncation fail, or succeed again.
    pub(crate) fn fail_truncate(&self, fail: bool) {
        self.truncate_fails.set(fail);
    }
}

/// Wraps other files and adds faults.
#[derive(Debug, Clone)]
pub(crate) struct FaultyFiles<F> {
    files: F,
    faults: Faults,
}

impl<F> FaultyFiles<F> {
    /// Wraps `files` with `faults`.
    pub(crate) fn new(files: F, faults: Faults) -> Self {
        Self { files, faults }
    }
}

impl<F: Files> Files for FaultyFiles<F> {
    type File = FaultyFile<F::File>;

    async fn names(&self) -> Result<Vec<String>, StorageError> {
        self.files.names().await
    }

    async fn open(&self, name: &str) -> Result<Self::File, StorageError> {
        Ok(FaultyFile {
            file: self.files.open(name).await?,
            faults: self.faults.clone(),
        })
    }

    async fn remove(&self, name: &str) -> Result<(), StorageError> {
        self.files.remove(name).await
    }
}

/// A file with faults.
#[derive(Debug)]
pub(crate) struct FaultyFile<H> {
    file: H,
    faults: Faults,
}

impl<H: File> File for FaultyFile<H> {
    fn size(&self) -> Result<u64, StorageError> {
        self.file.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StorageError> {
        match self.faults.reads_left.get() {
            Some(0) => return Err(StorageError::failed("reading fails on command")),
            Some(left) => self.faults.reads_left.set(Some(left - 1)),
            None => {}
        }
        let read = self.file.read_at(offset, buffer)?;
        self.faults.read.set(self.faults.read.get() + read as u64);
        Ok(read)
    }

    fn write_at(&mut self, offset: u64, octets: &[u8]) -> Result<(), StorageError> {
        match self.faults.writes_left.get() {
            Some(0) => {
                let (half, _) = octets.split_at(octets.len() / 2);
                self.file.write_at(offset, half)?;
                return Err(StorageError::Full);
            }
            Some(left) => self.faults.writes_left.set(Some(left - 1)),
            None => {}
        }
        self.file.write_at(offset, octets)
    }

    fn truncate(&mut self, size: u64) -> Result<(), StorageError> {
        if self.faults.truncate_fails.get() {
            return Err(StorageError::failed("truncation fails on command"));
        }
        self.file.truncate(size)
    }

    fn flush(&mut self) -> Result<(), StorageError> {
        if self.faults.flush_fails.get() {
            return Err(StorageError::failed("flushing fails on command"));
        }
        self.file.flush()
    }
}
