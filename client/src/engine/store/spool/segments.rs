//! A spool that is open: its segments, their durable part, and reading single records.

use super::append::Lease;
use super::files::{File, Files, StorageError};
use super::format::{FIRST_RECORD, Location, Marker, SegmentHeader};
use super::incoming::IncomingPlace;
use super::record::Record;
use super::scan::{Found, Walk, segment_name};
use super::scratch::ScratchFiles;
use super::window::{Head, SegmentWindow};

/// The size in bytes at which a new segment starts. It limits the loss from a damaged file, and a
/// backup need not copy all mail because of one new message.
const SEGMENT_SIZE: u64 = 64 * 1024 * 1024;

/// A segment file.
#[derive(Debug)]
pub(in crate::engine) struct Segment<H> {
    pub(in crate::engine) number: u32,
    pub(in crate::engine) file: H,
}

impl<H: File> Segment<H> {
    pub(in crate::engine) fn window(&self, marker: Marker, limit: u64) -> SegmentWindow<'_, H> {
        SegmentWindow {
            file: &self.file,
            segment: self.number,
            marker,
            limit,
        }
    }
}

/// A spool that is open for appending at its last valid record.
#[derive(Debug)]
pub struct Spool<F: Files> {
    pub(super) files: F,
    pub(super) marker: Marker,
    /// Never empty; records are appended to the last one.
    segments: Vec<Segment<F::File>>,
    pub(super) end: Position,
    /// The end at the last flush; it lies in the last segment.
    durable: Position,
    /// The message that is being written at the end.
    pub(super) lease: Option<Lease<F::File>>,
    pub(super) scratch: ScratchFiles<F::File>,
    /// The buffer of the last message, reused for the next one.
    pub(super) spare: Vec<u8>,
    /// The number of times that finished records were given up.
    losses: u64,
    /// Set when invalid data could not be truncated: nothing may be written after it.
    broken: bool,
}

/// The head of a record, and the segment in which it is.
type RecordPlace<'a, H> = (SegmentWindow<'a, H>, Head);

/// A position in the last segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    pub(super) offset: u64,
    /// The number of the record that begins at this position.
    pub(super) number: u64,
}

impl<F: Files> Spool<F> {
    pub(in crate::engine) async fn new(
        files: F,
        marker: Marker,
        segments: Vec<Segment<F::File>>,
        end: u64,
        number: u64,
    ) -> Result<Self, StorageError> {
        let end = Position {
            offset: end,
            number,
        };
        let mut spool = Self {
            files,
            marker,
            segments,
            end,
            durable: end,
            lease: None,
            scratch: ScratchFiles::new(),
            spare: Vec::new(),
            losses: 0,
            broken: false,
        };
        if spool.segments.is_empty() {
            spool.add_segment().await?;
        }
        Ok(spool)
    }

    /// Returns the number of the next record: all lower numbers are finished.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.end.number
    }

    /// Returns the number of the first record that is not flushed yet.
    #[must_use]
    pub fn durable_number(&self) -> u64 {
        self.durable.number
    }

    /// Returns the number of times that finished records were given up, because they could not be
    /// flushed.
    #[must_use]
    pub fn losses(&self) -> u64 {
        self.losses
    }

    /// Makes all finished records durable. If that fails, the records since the last flush are
    /// given up, because it is unknown which of them would survive. So is a message that is being
    /// written after them.
    ///
    /// # Errors
    /// If the file cannot be flushed, or the spool is broken.
    pub fn flush(&mut self) -> Result<(), StorageError> {
        self.end_dropped();
        self.check()?;
        if self.durable.number == self.end.number {
            return Ok(());
        }
        if let Err(error) = self.last()?.file.flush() {
            self.losses += 1;
            if let Some(place) = self.lease.take().and_then(|lease| lease.place.upgrade()) {
                *place.borrow_mut() = IncomingPlace::Lost;
            }
            self.cut(self.durable);
            return Err(error);
        }
        self.durable = self.end;
        Ok(())
    }

    /// Reads a record; `None` if there is no valid record with this number at this place.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(&self, number: u64, place: Location) -> Result<Option<Record>, StorageError> {
        match self.find(number, place)? {
            Some((window, head)) => window.record(&head),
            None => Ok(None),
        }
    }

    /// Reads at most `bytes` bytes from the beginning of a message; `None` if there is no message
    /// with this number at this place. The bytes may be damaged.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn beginning(
        &self,
        number: u64,
        place: Location,
        bytes: usize,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        match self.find(number, place)? {
            Some((window, head)) => window.beginning(&head, bytes),
            None => Ok(None),
        }
    }

    fn find(
        &self,
        number: u64,
        place: Location,
    ) -> Result<Option<RecordPlace<'_, F::File>>, StorageError> {
        let Some(segment) = self.segments.iter().find(|s| s.number == place.segment) else {
            return Ok(None);
        };
        let window = segment.window(self.marker, segment.file.size()?);
        let head = window.head(place.offset)?;
        let head = head.filter(|head| head.header.number == number);
        Ok(head.map(|head| (window, head)))
    }

    /// Passes each valid finished record to `each`, in order.
    ///
    /// # Errors
    /// If a file cannot be read, or what `each` returned.
    pub fn replay<E: From<StorageError>>(
        &self,
        mut each: impl FnMut(Found) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut walk = Walk::new(self.marker, None);
        for (position, segment) in self.segments.iter().enumerate() {
            let limit = if position + 1 == self.segments.len() {
                self.end.offset
            } else {
                segment.file.size()?
            };
            walk.segment(segment, limit, &mut each)?;
        }
        Ok(())
    }

    pub(super) fn check(&self) -> Result<(), StorageError> {
        if self.broken {
            return Err(StorageError::failed("an earlier error could not be undone"));
        }
        Ok(())
    }

    pub(super) fn last(&mut self) -> Result<&mut Segment<F::File>, StorageError> {
        self.segments
            .last_mut()
            .ok_or_else(|| StorageError::failed("the spool has no segment"))
    }

    /// Starts a new segment if the last one is full.
    pub(super) async fn rotate(&mut self) -> Result<(), StorageError> {
        self.check()?;
        if self.end.offset >= SEGMENT_SIZE {
            // Only the last segment may end in the middle of a record.
            self.flush()?;
            self.add_segment().await?;
        }
        Ok(())
    }

    async fn add_segment(&mut self) -> Result<(), StorageError> {
        let number = self.segments.last().map_or(1, |segment| segment.number + 1);
        let mut file = self.files.open(&segment_name(number)).await?;
        let header = SegmentHeader {
            segment: number,
            marker: self.marker,
            first: self.end.number,
        };
        file.truncate(0)?;
        file.write_at(0, &header.to_bytes())?;
        file.flush()?;
        self.segments.push(Segment { number, file });
        self.end.offset = FIRST_RECORD;
        self.durable = self.end;
        Ok(())
    }

    /// Truncates the segment at `position`.
    pub(super) fn cut(&mut self, position: Position) {
        self.end = position;
        let cut = self
            .last()
            .and_then(|segment| segment.file.truncate(position.offset));
        if cut.is_err() {
            self.broken = true;
        }
    }
}
