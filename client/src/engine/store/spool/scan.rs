//! Reading a spool from the beginning or from a checkpoint, and finding its last valid record.

use super::files::{File, Files, StorageError};
use super::format::{Checkpoint, FIRST_RECORD, Marker, SEGMENT_HEADERS, SegmentHeader};
use super::record::Record;
use super::scratch;
use super::segments::{Segment, Spool};
use super::window::SegmentWindow;

/// A valid record.
#[derive(Debug)]
pub struct Found {
    /// Its number.
    pub number: u64,
    /// Its place. A scan from this checkpoint skips it.
    pub checkpoint: Checkpoint,
    /// Its content.
    pub record: Record,
}

/// The damage that a scan found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Scanned {
    /// True if a half-written end was truncated.
    pub tail_cut: bool,
    /// The number of records that were left out because they are damaged.
    pub damaged: u64,
}

/// The files of a spool whose end is not known yet.
#[derive(Debug)]
pub struct Scan<F: Files> {
    files: F,
    marker: Marker,
    /// In the order of their numbers.
    segments: Vec<Segment<F::File>>,
    /// The number of the last segment's first record.
    first: u64,
}

impl<F: Files> Scan<F> {
    /// Opens all segments, and removes the scratch files that a crash has left.
    ///
    /// # Errors
    /// If a file cannot be opened or read, or a newer version has written it.
    pub async fn open(files: F) -> Result<Self, StorageError> {
        let names = files.names().await?;
        scratch::remove_left(&files, &names).await;
        let mut numbers: Vec<u32> = names
            .iter()
            .filter_map(|name| segment_number(name))
            .collect();
        numbers.sort_unstable();
        let mut segments = Vec::with_capacity(numbers.len());
        let mut marker = None;
        let mut first = 1;
        for number in numbers {
            let file = files.open(&segment_name(number)).await?;
            let mut octets = [0; SEGMENT_HEADERS];
            file.read_at(0, &mut octets)?;
            if let Some(header) = SegmentHeader::from_bytes(&octets)? {
                marker.get_or_insert(header.marker);
                first = header.first.max(first);
            }
            segments.push(Segment { number, file });
        }
        let marker = match marker {
            Some(marker) => marker,
            None => new_marker()?,
        };
        Ok(Self {
            files,
            marker,
            segments,
            first,
        })
    }

    /// Returns true if the spool still has the record of this checkpoint at its place.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn holds(&self, checkpoint: &Checkpoint) -> Result<bool, StorageError> {
        let place = checkpoint.location;
        let Some(segment) = self.segments.iter().find(|s| s.number == place.segment) else {
            return Ok(false);
        };
        let window = segment.window(self.marker, segment.file.size()?);
        let head = window.head(place.offset)?;
        Ok(head.is_some_and(|head| head.checkpoint == *checkpoint))
    }

    /// Passes every valid record after `from` to `each`, then truncates a half-written end.
    ///
    /// # Errors
    /// If a file cannot be read or cut, or what `each` returned.
    pub async fn run<E: From<StorageError>>(
        mut self,
        from: Option<&Checkpoint>,
        mut each: impl FnMut(Found) -> Result<(), E>,
    ) -> Result<(Spool<F>, Scanned), E> {
        let mut walk = Walk::new(self.marker, from);
        let mut end = FIRST_RECORD;
        for segment in &self.segments {
            let size = segment.file.size()?;
            end = walk.segment(segment, size, &mut each)?;
        }
        let next = self.first.max(walk.last + 1);
        walk.damaged += next - walk.last - 1;
        let mut scanned = Scanned {
            tail_cut: false,
            damaged: walk.damaged,
        };
        if let Some(segment) = self.segments.last_mut() {
            let size = segment.file.size()?;
            if size < FIRST_RECORD {
                // A crash came between creating the file and flushing its header.
                self.segments.pop();
            } else if end < size {
                segment.file.truncate(end)?;
                segment.file.flush()?;
                scanned.tail_cut = true;
            }
        }
        let spool = Spool::new(self.files, self.marker, self.segments, end, next).await?;
        Ok((spool, scanned))
    }
}

/// A walk over the records of consecutive segments.
pub(in crate::engine) struct Walk<'a> {
    marker: Marker,
    from: Option<&'a Checkpoint>,
    /// The number of the last record whose header was valid.
    last: u64,
    damaged: u64,
}

impl<'a> Walk<'a> {
    pub(in crate::engine) fn new(marker: Marker, from: Option<&'a Checkpoint>) -> Self {
        Self {
            marker,
            from,
            last: 0,
            damaged: 0,
        }
    }

    /// Reads one segment up to `limit`. Returns the end of the last record with a valid header.
    pub(in crate::engine) fn segment<H: File, E: From<StorageError>>(
        &mut self,
        segment: &Segment<H>,
        limit: u64,
        each: &mut impl FnMut(Found) -> Result<(), E>,
    ) -> Result<u64, E> {
        let window = segment.window(self.marker, limit);
        let mut offset = match self.from.map(|from| from.location) {
            Some(from) if segment.number < from.segment => return Ok(limit),
            Some(from) if segment.number == from.segment => self.pass(&window, from.offset)?,
            _ => FIRST_RECORD,
        };
        let mut end = offset;
        while offset < limit {
            let head = window.head(offset)?;
            let Some(head) = head.filter(|head| head.header.number > self.last) else {
                match window.next_record(offset + 1, self.last)? {
                    Some(next) => offset = next,
                    None => break,
                }
                continue;
            };
            let number = head.header.number;
            // Numbers have no gaps: records that are missing between two others were damaged.
            self.damaged += number - self.last - 1;
            self.last = number;
            match window.record(&head)? {
                Some(record) => each(Found {
                    number,
                    checkpoint: head.checkpoint,
                    record,
                })?,
                None => self.damaged += 1,
            }
            offset += head.header.extent();
            end = offset;
        }
        Ok(end)
    }

    /// Skips the record of the checkpoint.
    fn pass<H: File>(
        &mut self,
        window: &SegmentWindow<'_, H>,
        offset: u64,
    ) -> Result<u64, StorageError> {
        let Some(head) = window.head(offset)? else {
            return Err(StorageError::failed(
                "the spool is shorter than its checkpoint",
            ));
        };
        self.last = head.header.number;
        Ok(offset + head.header.extent())
    }
}

/// Returns the file name of a segment.
pub(in crate::engine) fn segment_name(number: u32) -> String {
    format!("mail-{number:08}.spool")
}

fn segment_number(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("mail-")?.strip_suffix(".spool")?;
    digits.parse().ok().filter(|n| segment_name(*n) == name)
}

fn new_marker() -> Result<Marker, StorageError> {
    let mut marker = Marker::default();
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut marker)
        .map_err(|_| StorageError::failed("no randomness"))?;
    Ok(marker)
}
