//! A few bytes that are replaced as a whole, in two copies, so that a torn write leaves one
//! intact.
//!
//! Every change writes both copies, one after the other. Replaced data is then in neither of them.

use crate::engine::store::spool::{File, Files, StorageError};

/// The size of checksum and generation, which precede the data.
const HEADER: usize = 4 + 8;

/// More than any valid copy has: 1,000 accounts, each with its own CA.
const MAX_OCTETS: u64 = 4 * 1024 * 1024;

/// Data stored in two files.
#[derive(Debug)]
pub(in crate::engine) struct Copies<F> {
    files: [F; 2],
    generation: u64,
    /// The index of the file with the newest data. It is written last, since the other may be
    /// torn.
    newest: usize,
    differ: bool,
}

impl<F: File> Copies<F> {
    /// Opens both copies, and returns the newest valid data.
    pub(in crate::engine) async fn open<D: Files<File = F>>(
        files: &D,
        names: [&str; 2],
    ) -> Result<(Self, Option<Vec<u8>>), StorageError> {
        let [first, second] = names;
        let files = [files.open(first).await?, files.open(second).await?];
        let mut copies = Self {
            files,
            generation: 0,
            newest: 0,
            differ: false,
        };
        let mut octets = None;
        let mut previous = None;
        for (position, file) in copies.files.iter().enumerate() {
            let found = read(file)?;
            let content = found.as_ref().map(|(_, found)| found.clone());
            copies.differ = position > 0 && content != previous;
            previous = content;
            if let Some((generation, found)) = found
                && generation > copies.generation
            {
                (copies.generation, copies.newest) = (generation, position);
                octets = Some(found);
            }
        }
        Ok((copies, octets))
    }

    /// Returns true if the copies had different contents when they were opened: a crash came
    /// between the two writes, or one is damaged.
    pub(in crate::engine) fn differ(&self) -> bool {
        self.differ
    }

    /// Replaces both copies durably. After an error, the data is either the new or the old.
    ///
    /// The bytes of longer old data are overwritten with zeros before the file is cut, so that a
    /// removed password is not left in the free blocks of the disk.
    pub(in crate::engine) fn replace(&mut self, octets: &[u8]) -> Result<(), StorageError> {
        if (HEADER + octets.len()) as u64 > MAX_OCTETS {
            return Err(StorageError::failed(
                "the accounts are too large to be kept",
            ));
        }
        for position in [1 - self.newest, self.newest] {
            let Some(file) = self.files.get_mut(position) else {
                continue;
            };
            self.generation += 1;
            let mut copy = vec![0; 4];
            copy.extend_from_slice(&self.generation.to_le_bytes());
            copy.extend_from_slice(octets);
            let checksum = crc32fast::hash(copy.get(4..).unwrap_or_default());
            copy.splice(..4, checksum.to_le_bytes());
            // Reserve room first: a full disk must not truncate a copy.
            let before = file.size()?.min(MAX_OCTETS);
            let excess = before.saturating_sub(copy.len() as u64);
            file.write_at(0, &copy)?;
            if excess > 0 {
                let zeros = vec![0; usize::try_from(excess).unwrap_or_default()];
                file.write_at(copy.len() as u64, &zeros)?;
                file.flush()?;
            }
            file.truncate(copy.len() as u64)?;
            file.flush()?;
            self.newest = position;
        }
        Ok(())
    }
}

/// Reads a copy; `None` if it is empty or damaged.
fn read(file: &impl File) -> Result<Option<(u64, Vec<u8>)>, StorageError> {
    let size = usize::try_from(file.size()?.min(MAX_OCTETS)).map_err(StorageError::failed)?;
    let mut copy = vec![0; size];
    let length = file.read_at(0, &mut copy)?;
    copy.truncate(length);
    let parts = copy.split_first_chunk::<4>().and_then(|(checksum, rest)| {
        let sound = crc32fast::hash(rest) == u32::from_le_bytes(*checksum);
        rest.first_chunk::<8>().filter(|_| sound)
    });
    let Some(generation) = parts.map(|octets| u64::from_le_bytes(*octets)) else {
        return Ok(None);
    };
    Ok(Some((generation, copy.split_off(HEADER))))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::engine::store::spool::MemoryFiles;
    use crate::engine::store::spool::faults::{Faults, FaultyFiles};

    const NAMES: [&str; 2] = ["copy.a", "copy.b"];

    fn read_back(files: &MemoryFiles) -> Option<Vec<u8>> {
        block_on(Copies::open(files, NAMES)).unwrap().1
    }

    /// Returns the content of a file.
    fn octets(files: &MemoryFiles, name: &str) -> Vec<u8> {
        let file = block_on(files.open(name)).unwrap();
        let mut octets = vec![0; usize::try_from(file.size().unwrap()).unwrap()];
        file.read_at(0, &mut octets).unwrap();
        octets
    }

    #[test]
    fn the_last_written_bytes_are_read_at_the_next_start() {
        let files = MemoryFiles::new();
        let (mut copies, first) = block_on(Copies::open(&files, NAMES)).unwrap();
        assert_eq!(first, None);
        for text in ["long before", "short", ""] {
            copies.replace(text.as_bytes()).unwrap();
            assert_eq!(read_back(&files), Some(text.as_bytes().to_vec()));
        }
    }

    #[test]
    fn replaced_bytes_are_in_neither_copy() {
        let files = MemoryFiles::new();
        let (mut copies, _) = block_on(Copies::open(&files, NAMES)).unwrap();
        copies.replace(b"a first secret").unwrap();
        copies.replace(b"none").unwrap();
        for name in NAMES {
            let octets = octets(&files, name);
            assert!(
                !octets.windows(6).any(|window| window == b"secret"),
                "{name}"
            );
        }
    }

    #[test]
    fn a_copy_torn_at_any_byte_leaves_the_other_intact() {
        let files = MemoryFiles::new();
        let (mut copies, _) = block_on(Copies::open(&files, NAMES)).unwrap();
        copies.replace(b"whole").unwrap();
        for name in NAMES {
            let whole = octets(&files, name);
            for cut in 0..whole.len() {
                let mut file = block_on(files.open(name)).unwrap();
                file.truncate(cut as u64).unwrap();
                assert_eq!(
                    read_back(&files),
                    Some(b"whole".to_vec()),
                    "{name} cut at {cut}"
                );
                file.write_at(0, &whole).unwrap();
            }
        }
    }

    #[test]
    fn a_disk_that_stays_full_leaves_one_complete_copy() {
        for writes in 0..4 {
            let memory = MemoryFiles::new();
            let faults = Faults::default();
            let files = FaultyFiles::new(memory.clone(), faults.clone());
            let (mut copies, _) = block_on(Copies::open(&files, NAMES)).unwrap();
            copies.replace(b"short").unwrap();
            faults.fill_after(Some(writes));
            for text in ["longer than before", "longer still than before"] {
                let _ = copies.replace(text.as_bytes());
                faults.fill_after(Some(0));
            }
            // The next start finds the same.
            let (mut copies, octets) = block_on(Copies::open(&files, NAMES)).unwrap();
            assert!(octets.is_some(), "nothing after {writes} writes");
            let _ = copies.replace(b"longest of all that were ever written");
            assert_eq!(read_back(&memory), octets);
        }
    }

    #[test]
    fn content_too_large_to_be_read_again_is_not_written() {
        let files = MemoryFiles::new();
        let (mut copies, _) = block_on(Copies::open(&files, NAMES)).unwrap();
        copies.replace(b"small").unwrap();
        let most = usize::try_from(MAX_OCTETS).unwrap() - HEADER;
        assert!(copies.replace(&vec![0; most + 1]).is_err());
        assert_eq!(read_back(&files), Some(b"small".to_vec()));
        copies.replace(&vec![0; most]).unwrap();
        assert_eq!(read_back(&files), Some(vec![0; most]));
    }
}
