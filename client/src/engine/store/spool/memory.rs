//! Files in memory, for tests and for windows without browser storage.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::files::{File, Files, StorageError};

/// The size in bytes of the blocks by which files grow. Growing a single vector would hold all
/// mail twice during the copy.
const BLOCK: usize = 256 * 1024;

/// Files in memory. Clones share the files.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles {
    files: Rc<RefCell<BTreeMap<String, MemoryFile>>>,
}

impl MemoryFiles {
    /// Creates an empty folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Files for MemoryFiles {
    type File = MemoryFile;

    async fn names(&self) -> Result<Vec<String>, StorageError> {
        Ok(self.files.borrow().keys().cloned().collect())
    }

    async fn open(&self, name: &str) -> Result<MemoryFile, StorageError> {
        Ok(self
            .files
            .borrow_mut()
            .entry(name.to_owned())
            .or_default()
            .clone())
    }

    async fn remove(&self, name: &str) -> Result<(), StorageError> {
        self.files.borrow_mut().remove(name);
        Ok(())
    }
}

/// A file in memory. Clones share the bytes.
#[derive(Debug, Clone, Default)]
pub struct MemoryFile {
    content: Rc<RefCell<MemoryContent>>,
}

#[derive(Debug, Default)]
struct MemoryContent {
    /// Each block has [`BLOCK`] bytes.
    blocks: Vec<Vec<u8>>,
    size: usize,
}

impl MemoryContent {
    /// Calls `each` with the pieces of the blocks between `offset` and `offset + length`.
    fn pieces(&mut self, offset: usize, length: usize, mut each: impl FnMut(&mut [u8])) {
        let mut position = offset;
        let end = offset + length;
        while position < end {
            let within = position % BLOCK;
            let piece = (BLOCK - within).min(end - position);
            let Some(octets) = self
                .blocks
                .get_mut(position / BLOCK)
                .and_then(|block| block.get_mut(within..within + piece))
            else {
                return;
            };
            each(octets);
            position += piece;
        }
    }

    fn resize(&mut self, size: usize) {
        let (kept, old) = (size.min(self.size), self.size);
        // The part after the end must read as zero if the file grows again.
        self.pieces(kept, old - kept, |piece| piece.fill(0));
        self.blocks
            .resize_with(size.div_ceil(BLOCK), || vec![0; BLOCK]);
        self.size = size;
    }
}

fn index(offset: u64) -> Result<usize, StorageError> {
    usize::try_from(offset).map_err(|_| StorageError::Full)
}

impl File for MemoryFile {
    fn size(&self) -> Result<u64, StorageError> {
        Ok(self.content.borrow().size as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StorageError> {
        let mut content = self.content.borrow_mut();
        let offset = index(offset)?;
        let length = content.size.saturating_sub(offset).min(buffer.len());
        let mut rest = buffer;
        content.pieces(offset, length, |piece| {
            if let Some((head, tail)) = std::mem::take(&mut rest).split_at_mut_checked(piece.len())
            {
                head.copy_from_slice(piece);
                rest = tail;
            }
        });
        Ok(length)
    }

    fn write_at(&mut self, offset: u64, octets: &[u8]) -> Result<(), StorageError> {
        let mut content = self.content.borrow_mut();
        let offset = index(offset)?;
        let end = offset.checked_add(octets.len()).ok_or(StorageError::Full)?;
        if end > content.size {
            content.resize(end);
        }
        let mut rest = octets;
        content.pieces(offset, octets.len(), |piece| {
            if let Some((head, tail)) = rest.split_at_checked(piece.len()) {
                piece.copy_from_slice(head);
                rest = tail;
            }
        });
        Ok(())
    }

    fn truncate(&mut self, size: u64) -> Result<(), StorageError> {
        self.content.borrow_mut().resize(index(size)?);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StorageError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_written_across_blocks_are_read_back() {
        let mut file = MemoryFile::default();
        let octets: Vec<u8> = (0..=250).cycle().take(BLOCK * 2 + 77).collect();
        file.write_at(BLOCK as u64 - 5, &octets).unwrap();
        let mut back = vec![1; octets.len() + 10];
        assert_eq!(
            file.read_at(BLOCK as u64 - 5, &mut back).unwrap(),
            octets.len()
        );
        assert_eq!(back[..octets.len()], octets[..]);
    }

    #[test]
    fn a_truncated_file_that_grows_again_has_zeros() {
        let mut file = MemoryFile::default();
        file.write_at(0, &[7; 100]).unwrap();
        file.truncate(10).unwrap();
        file.write_at(50, &[7; 1]).unwrap();
        let mut back = [1; 51];
        assert_eq!(file.read_at(0, &mut back).unwrap(), 51);
        assert_eq!(back[10..50], [0; 40]);
    }
}
