//! Scratch files, for large messages that arrive while another one is written to the segment.
//!
//! Their content is worthless after a crash: the next start removes them.

use std::cell::RefCell;
use std::rc::Rc;

use super::files::{File, Files, StorageError};

/// The scratch files of a spool. Each message that needs one has its own; empty ones are reused.
#[derive(Debug)]
pub(super) struct ScratchFiles<H> {
    /// The number of files that were opened.
    opened: u32,
    free: Rc<RefCell<Vec<H>>>,
}

impl<H: File> ScratchFiles<H> {
    pub(super) fn new() -> Self {
        Self {
            opened: 0,
            free: Rc::default(),
        }
    }

    /// Returns an empty scratch file.
    pub(super) async fn take<F: Files<File = H>>(
        &mut self,
        files: &F,
    ) -> Result<ScratchFile<H>, StorageError> {
        let free = self.free.borrow_mut().pop();
        let file = match free {
            Some(file) => file,
            None => {
                // Never the same name twice: if this future is dropped, the browser may still be
                // opening the file.
                self.opened += 1;
                let mut file = files.open(&scratch_name(self.opened)).await?;
                file.truncate(0)?;
                file
            }
        };
        Ok(ScratchFile {
            file: Some(file),
            size: 0,
            free: Rc::clone(&self.free),
        })
    }
}

/// Removes the scratch files among these names, which a crash has left.
pub(super) async fn remove_left<F: Files>(files: &F, names: &[String]) {
    for name in names.iter().filter(|name| is_scratch(name)) {
        // A file that stays only wastes room, and the next start tries again.
        let _ = files.remove(name).await;
    }
}

/// A file that is appended to and read back. Dropping it empties it for the next message.
#[derive(Debug)]
pub(super) struct ScratchFile<H: File> {
    /// Present until it is dropped.
    file: Option<H>,
    size: u64,
    free: Rc<RefCell<Vec<H>>>,
}

impl<H: File> ScratchFile<H> {
    /// Appends bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        let file = self.file.as_mut().ok_or_else(no_file)?;
        file.write_at(self.size, bytes)?;
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// Returns the open file, for reading.
    pub(super) fn file(&self) -> Result<&H, StorageError> {
        self.file.as_ref().ok_or_else(no_file)
    }
}

impl<H: File> Drop for ScratchFile<H> {
    fn drop(&mut self) {
        if let Some(mut file) = self.file.take()
            && file.truncate(0).is_ok()
        {
            self.free.borrow_mut().push(file);
        }
    }
}

fn no_file() -> StorageError {
    StorageError::failed("the scratch file is closed")
}

fn scratch_name(number: u32) -> String {
    format!("arriving-{number:08}.scratch")
}

fn is_scratch(name: &str) -> bool {
    name.starts_with("arriving-") && name.ends_with(".scratch")
}
