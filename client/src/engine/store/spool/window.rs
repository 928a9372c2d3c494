//! Reading one segment: headers, payloads, and the next record after a damaged one.

use memchr::memmem::Finder;

use super::files::{File, StorageError};
use super::format::{Checkpoint, HeaderBytes, Location, Marker, RECORD_HEADER, RecordHeader};
use super::record::{MessageHead, Record};

/// The number of bytes that are searched at once for the next record.
const WINDOW: usize = 64 * 1024;

/// One segment, up to its valid end.
#[derive(Debug)]
pub(in crate::engine) struct SegmentWindow<'a, H> {
    pub(in crate::engine) file: &'a H,
    pub(in crate::engine) segment: u32,
    pub(in crate::engine) marker: Marker,
    /// The end of the readable part.
    pub(in crate::engine) limit: u64,
}

/// A header that was found in the segment.
pub(in crate::engine) struct Head {
    pub(in crate::engine) checkpoint: Checkpoint,
    pub(in crate::engine) header: RecordHeader,
}

impl<H: File> SegmentWindow<'_, H> {
    /// Returns the header at `offset`, if there is one whose record ends within the segment.
    pub(in crate::engine) fn head(&self, offset: u64) -> Result<Option<Head>, StorageError> {
        let mut octets: HeaderBytes = [0; RECORD_HEADER];
        if self.file.read_at(offset, &mut octets)? < RECORD_HEADER {
            return Ok(None);
        }
        let header = RecordHeader::from_bytes(&octets, self.marker);
        Ok(header
            .filter(|header| {
                offset
                    .checked_add(header.extent())
                    .is_some_and(|end| end <= self.limit)
            })
            .map(|header| Head {
                checkpoint: Checkpoint {
                    location: Location {
                        segment: self.segment,
                        offset,
                    },
                    header: octets,
                },
                header,
            }))
    }

    /// Returns the record with this head; `None` if its payload is damaged.
    pub(in crate::engine) fn record(&self, head: &Head) -> Result<Option<Record>, StorageError> {
        let length = usize::try_from(head.header.length).map_err(StorageError::failed)?;
        let mut payload = vec![0; length];
        let offset = head.checkpoint.location.offset + RECORD_HEADER as u64;
        let read = self.file.read_at(offset, &mut payload)?;
        if read < length || crc32fast::hash(&payload) != head.header.checksum {
            return Ok(None);
        }
        Ok(Record::from_payload(head.header.kind, payload))
    }

    /// Returns at most `bytes` bytes from the beginning of a message; `None` if the record is not a
    /// message or is too short. Its checksum is not verified, since that would need all of it.
    pub(in crate::engine) fn beginning(
        &self,
        head: &Head,
        bytes: usize,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        let payload = head.checkpoint.location.offset + RECORD_HEADER as u64;
        let length = usize::try_from(head.header.length).map_err(StorageError::failed)?;
        let mut fixed = [0; MessageHead::FIXED];
        if head.header.kind != MessageHead::KIND
            || self.file.read_at(payload, &mut fixed)? < fixed.len()
        {
            return Ok(None);
        }
        let start = MessageHead::start(&fixed);
        let Some(size) = length.checked_sub(start) else {
            return Ok(None);
        };
        let mut beginning = vec![0; size.min(bytes)];
        let read = self.file.read_at(payload + start as u64, &mut beginning)?;
        Ok((read == beginning.len()).then_some(beginning))
    }

    /// Returns the offset of the next record with a number above `last`, from `offset` on.
    pub(in crate::engine) fn next_record(
        &self,
        offset: u64,
        last: u64,
    ) -> Result<Option<u64>, StorageError> {
        let finder = Finder::new(&self.marker);
        let mut octets = vec![0; WINDOW];
        let mut start = offset;
        while start < self.limit {
            let read = self.file.read_at(start, &mut octets)?;
            for hit in finder.find_iter(octets.get(..read).unwrap_or_default()) {
                let candidate = start + hit as u64;
                if let Some(head) = self.head(candidate)?
                    && head.header.number > last
                {
                    return Ok(Some(candidate));
                }
            }
            if read < WINDOW {
                break;
            }
            // A marker may lie across two windows.
            start += (WINDOW - self.marker.len() + 1) as u64;
        }
        Ok(None)
    }
}
