//! The layout of segment and record headers. All numbers are little-endian.

use super::files::StorageError;

/// The first bytes of a segment file.
const MAGIC: [u8; 8] = *b"RSTSPOOL";
/// The format of headers. New kinds of records need no new format.
const FORMAT: u32 = 1;
/// The size in bytes of one copy of a segment header; a segment begins with two copies.
const SEGMENT_HEADER: usize = 64;
/// The offset of the first record in a segment.
pub(in crate::engine) const FIRST_RECORD: u64 = SEGMENT_HEADERS as u64;
/// The size in bytes of both copies.
pub(in crate::engine) const SEGMENT_HEADERS: usize = 2 * SEGMENT_HEADER;
/// The size in bytes of a record header.
pub(in crate::engine) const RECORD_HEADER: usize = 32;

/// Eight random bytes, drawn once for each spool, at the start of every record header.
pub(in crate::engine) type Marker = [u8; 8];

/// The bytes of a record header.
pub(in crate::engine) type HeaderBytes = [u8; RECORD_HEADER];

/// The place where a record begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The number of the segment, from 1.
    pub segment: u32,
    /// The offset of the record header in it.
    pub offset: u64,
}

/// A position up to which a spool was processed: the place and header of the last record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The place of the record.
    pub location: Location,
    pub(in crate::engine) header: HeaderBytes,
}

impl Checkpoint {
    /// Returns the number of the record.
    #[must_use]
    pub fn number(&self) -> u64 {
        let number = self.header.get(12..).and_then(|rest| rest.first_chunk());
        number.map_or(0, |number| u64::from_le_bytes(*number))
    }

    /// Returns the checkpoint as bytes, for storage elsewhere.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(12 + RECORD_HEADER);
        octets.extend(self.location.segment.to_le_bytes());
        octets.extend(self.location.offset.to_le_bytes());
        octets.extend(self.header);
        octets
    }

    /// Parses the output of [`to_bytes`](Self::to_bytes); `None` if it is invalid.
    #[must_use]
    pub fn from_bytes(octets: &[u8]) -> Option<Self> {
        let mut fields = FieldReader(octets);
        let checkpoint = Self {
            location: Location {
                segment: u32::from_le_bytes(fields.take()?),
                offset: u64::from_le_bytes(fields.take()?),
            },
            header: fields.take()?,
        };
        fields.0.is_empty().then_some(checkpoint)
    }
}

/// The head of a segment file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) struct SegmentHeader {
    pub(in crate::engine) segment: u32,
    pub(in crate::engine) marker: Marker,
    /// The number of its first record.
    pub(in crate::engine) first: u64,
}

impl SegmentHeader {
    /// Returns both copies.
    pub(in crate::engine) fn to_bytes(self) -> Vec<u8> {
        let mut copy = Vec::with_capacity(SEGMENT_HEADER);
        copy.extend(MAGIC);
        copy.extend(FORMAT.to_le_bytes());
        copy.extend(self.segment.to_le_bytes());
        copy.extend(self.marker);
        copy.extend(self.first.to_le_bytes());
        copy.resize(SEGMENT_HEADER - 4, 0);
        copy.extend(crc32fast::hash(&copy).to_le_bytes());
        copy.repeat(2)
    }

    /// Parses the first valid copy; `None` if neither is valid.
    ///
    /// # Errors
    /// If a newer version has written it.
    pub(in crate::engine) fn from_bytes(octets: &[u8]) -> Result<Option<Self>, StorageError> {
        for copy in octets.chunks_exact(SEGMENT_HEADER).take(2) {
            if let Some((format, header)) = Self::from_copy(copy) {
                if format > FORMAT {
                    let what = "the spool was written by a newer version";
                    return Err(StorageError::failed(what));
                }
                return Ok(Some(header));
            }
        }
        Ok(None)
    }

    fn from_copy(copy: &[u8]) -> Option<(u32, Self)> {
        let (checked, checksum) = copy.split_last_chunk::<4>()?;
        if crc32fast::hash(checked) != u32::from_le_bytes(*checksum) {
            return None;
        }
        let mut fields = FieldReader(checked);
        if fields.take()? != MAGIC {
            return None;
        }
        let format = u32::from_le_bytes(fields.take()?);
        let header = Self {
            segment: u32::from_le_bytes(fields.take()?),
            marker: fields.take()?,
            first: u64::from_le_bytes(fields.take()?),
        };
        Some((format, header))
    }
}

/// The head of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) struct RecordHeader {
    pub(in crate::engine) kind: u16,
    pub(in crate::engine) number: u64,
    /// The size of the payload in bytes.
    pub(in crate::engine) length: u32,
    /// The CRC-32 of the payload.
    pub(in crate::engine) checksum: u32,
}

impl RecordHeader {
    pub(in crate::engine) fn to_bytes(self, marker: Marker) -> HeaderBytes {
        let mut octets = Vec::with_capacity(RECORD_HEADER);
        octets.extend(marker);
        octets.extend(self.kind.to_le_bytes());
        octets.extend([0; 2]);
        octets.extend(self.number.to_le_bytes());
        octets.extend(self.length.to_le_bytes());
        octets.extend(self.checksum.to_le_bytes());
        octets.extend(crc32fast::hash(&octets).to_le_bytes());
        let mut header = [0; RECORD_HEADER];
        header.copy_from_slice(&octets);
        header
    }

    /// Parses a header; `None` if it does not belong to this spool.
    pub(in crate::engine) fn from_bytes(octets: &HeaderBytes, marker: Marker) -> Option<Self> {
        let (checked, checksum) = octets.split_last_chunk::<4>()?;
        if !octets.starts_with(&marker) || crc32fast::hash(checked) != u32::from_le_bytes(*checksum)
        {
            return None;
        }
        let mut fields = FieldReader(checked);
        let _: Marker = fields.take()?;
        let kind = u16::from_le_bytes(fields.take()?);
        let _: [u8; 2] = fields.take()?;
        Some(Self {
            kind,
            number: u64::from_le_bytes(fields.take()?),
            length: u32::from_le_bytes(fields.take()?),
            checksum: u32::from_le_bytes(fields.take()?),
        })
    }

    /// Returns the size in bytes of header and payload together.
    pub(in crate::engine) fn extent(&self) -> u64 {
        RECORD_HEADER as u64 + u64::from(self.length)
    }
}

/// Takes byte arrays off the front of a slice.
pub(in crate::engine) struct FieldReader<'a>(pub(in crate::engine) &'a [u8]);

impl FieldReader<'_> {
    pub(in crate::engine) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*array)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: RecordHeader = RecordHeader {
        kind: 1,
        number: 42,
        length: 7,
        checksum: 0xDEAD_BEEF,
    };

    #[test]
    fn a_record_header_is_read_as_written_and_every_flipped_bit_is_detected() {
        let marker = *b"8 octets";
        let octets = RECORD.to_bytes(marker);
        assert_eq!(RecordHeader::from_bytes(&octets, marker), Some(RECORD));
        for bit in 0..RECORD_HEADER * 8 {
            let mut flipped = octets;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(RecordHeader::from_bytes(&flipped, marker), None);
        }
    }

    #[test]
    fn a_segment_header_survives_the_loss_of_either_copy() {
        let header = SegmentHeader {
            segment: 3,
            marker: *b"8 octets",
            first: 99,
        };
        let octets = header.to_bytes();
        for position in [5, SEGMENT_HEADER + 5] {
            let mut damaged = octets.clone();
            damaged[position] ^= 1;
            assert_eq!(SegmentHeader::from_bytes(&damaged), Ok(Some(header)));
        }
    }

    #[test]
    fn a_newer_format_is_refused() {
        let header = SegmentHeader {
            segment: 1,
            marker: [0; 8],
            first: 1,
        };
        let mut copy = header.to_bytes()[..SEGMENT_HEADER - 4].to_vec();
        copy[8] = 2;
        copy.extend(crc32fast::hash(&copy).to_le_bytes());
        assert!(SegmentHeader::from_bytes(&copy.repeat(2)).is_err());
    }

    #[test]
    fn a_checkpoint_is_read_as_written() {
        let checkpoint = Checkpoint {
            location: Location {
                segment: 2,
                offset: 1 << 33,
            },
            header: RECORD.to_bytes([1; 8]),
        };
        let octets = checkpoint.to_bytes();
        assert_eq!(Checkpoint::from_bytes(&octets), Some(checkpoint));
        assert_eq!(Checkpoint::from_bytes(&octets[1..]), None);
        assert_eq!(checkpoint.number(), RECORD.number);
    }
}
