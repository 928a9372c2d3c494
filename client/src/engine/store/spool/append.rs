//! Writing to a spool, and reading single records from it.

use std::mem::take;

use crc32fast::Hasher;

use super::files::{File, Files, StorageError};
use super::format::{
    Checkpoint, FIRST_RECORD, Location, Marker, RECORD_HEADER, RecordHeader, SegmentHeader,
};
use super::record::{MessageHead, Record};
use super::scan::{Found, Walk, segment_name};
use super::window::Window;

/// The size in bytes at which a new segment starts. It limits the loss from a damaged file, and a
/// backup need not copy all mail because of one new message.
const SEGMENT_SIZE: u64 = 64 * 1024 * 1024;
/// The number of message bytes that are buffered before they are written: a write through OPFS
/// costs some 50 µs whatever its size.
const BUFFER: usize = 256 * 1024;

/// A segment file.
#[derive(Debug)]
pub(in crate::engine) struct Segment<H> {
    pub(in crate::engine) number: u32,
    pub(in crate::engine) file: H,
}

impl<H: File> Segment<H> {
    pub(in crate::engine) fn window(&self, marker: Marker, limit: u64) -> Window<'_, H> {
        Window {
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
    files: F,
    marker: Marker,
    /// Never empty; records are appended to the last one.
    segments: Vec<Segment<F::File>>,
    end: Position,
    /// The end at the last flush; it lies in the last segment.
    durable: Position,
    writing: Option<Writing>,
    /// The buffer of the last message, reused for the next one.
    spare: Vec<u8>,
    /// Set when invalid data could not be truncated: nothing may be written after it.
    broken: bool,
}

/// A position in the last segment.
#[derive(Debug, Clone, Copy)]
struct Position {
    offset: u64,
    /// The number of the record that begins at this position.
    number: u64,
}

/// A message that is not complete yet.
#[derive(Debug)]
struct Writing {
    /// The bytes that are not written yet.
    buffer: Vec<u8>,
    /// The offset of the message's bytes in the record.
    start: usize,
    /// The number of bytes that are written, including room for the header.
    written: u64,
    checksum: Hasher,
}

impl Writing {
    /// Begins a record in an empty buffer.
    fn new(mut buffer: Vec<u8>, payload: &[u8]) -> Self {
        buffer.resize(RECORD_HEADER, 0);
        buffer.extend_from_slice(payload);
        let mut checksum = Hasher::new();
        checksum.update(payload);
        Self {
            start: buffer.len(),
            buffer,
            written: 0,
            checksum,
        }
    }
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
            writing: None,
            spare: Vec::new(),
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

    /// Returns true if a message was begun and neither finished nor abandoned. Until then no other
    /// record can be appended.
    #[must_use]
    pub fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// Begins a message. Abandons the previous one if it is unfinished.
    ///
    /// # Errors
    /// If a new segment is due and cannot be made.
    pub async fn begin(&mut self, head: &MessageHead) -> Result<(), StorageError> {
        self.abandon();
        self.rotate().await?;
        self.writing = Some(Writing::new(take(&mut self.spare), &head.to_octets()));
        Ok(())
    }

    /// Returns the bytes of the current message, if none of them had to be written yet.
    #[must_use]
    pub fn gathered(&self) -> Option<&[u8]> {
        let writing = self
            .writing
            .as_ref()
            .filter(|writing| writing.written == 0)?;
        writing.buffer.get(writing.start..)
    }

    /// Appends bytes to the current message. An error abandons the message.
    ///
    /// # Errors
    /// If there is no room, or the file cannot be written.
    pub fn push(&mut self, octets: &[u8]) -> Result<(), StorageError> {
        let Some(writing) = &mut self.writing else {
            return Err(StorageError::failed("no message was begun"));
        };
        writing.checksum.update(octets);
        writing.buffer.extend(octets);
        if writing.buffer.len() >= BUFFER
            && let Err(error) = self.write_buffer()
        {
            self.abandon();
            return Err(error);
        }
        Ok(())
    }

    /// Finishes the current message. It is durable after the next [`flush`](Self::flush).
    ///
    /// # Errors
    /// If there is no room, or the file cannot be written: then the message is given up.
    pub fn finish(&mut self) -> Result<(u64, Checkpoint), StorageError> {
        let finished = self.write_end(MessageHead::KIND);
        if finished.is_err() {
            self.abandon();
        }
        self.end_writing();
        finished
    }

    /// Abandons the current message, if any.
    pub fn abandon(&mut self) {
        if self.end_writing() > 0 {
            self.cut(self.end);
        }
    }

    /// Forgets the record that is being written. Returns the number of its bytes in the file.
    fn end_writing(&mut self) -> u64 {
        let Some(mut writing) = self.writing.take() else {
            return 0;
        };
        writing.buffer.clear();
        self.spare = writing.buffer;
        writing.written
    }

    /// Appends a record that is not a message. It is durable after the next
    /// [`flush`](Self::flush).
    ///
    /// # Errors
    /// If a message is being written, there is no room, or the file cannot be written.
    pub async fn append(&mut self, record: &Record) -> Result<(u64, Checkpoint), StorageError> {
        if self.is_writing() {
            return Err(StorageError::failed("a message is being written"));
        }
        self.rotate().await?;
        let (kind, payload) = record.to_octets();
        self.writing = Some(Writing::new(take(&mut self.spare), &payload));
        let appended = self.write_end(kind);
        self.end_writing();
        if appended.is_err() {
            self.cut(self.end);
        }
        appended
    }

    /// Makes all finished records durable. If that fails, the records since the last flush are
    /// given up, because it is unknown which of them would survive.
    ///
    /// # Errors
    /// If the file cannot be flushed, or the spool is broken.
    pub fn flush(&mut self) -> Result<(), StorageError> {
        self.check()?;
        if self.durable.number == self.end.number {
            return Ok(());
        }
        if let Err(error) = self.last()?.file.flush() {
            self.writing = None;
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
        let Some(segment) = self.segments.iter().find(|s| s.number == place.segment) else {
            return Ok(None);
        };
        let window = segment.window(self.marker, segment.file.size()?);
        match window.head(place.offset)? {
            Some(head) if head.header.number == number => window.record(&head),
            _ => Ok(None),
        }
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

    fn check(&self) -> Result<(), StorageError> {
        if self.broken {
            return Err(StorageError::failed("an earlier error could not be undone"));
        }
        Ok(())
    }

    fn last(&mut self) -> Result<&mut Segment<F::File>, StorageError> {
        self.segments
            .last_mut()
            .ok_or_else(|| StorageError::failed("the spool has no segment"))
    }

    /// Starts a new segment if the last one is full.
    async fn rotate(&mut self) -> Result<(), StorageError> {
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
        file.write_at(0, &header.to_octets())?;
        file.flush()?;
        self.segments.push(Segment { number, file });
        self.end.offset = FIRST_RECORD;
        self.durable = self.end;
        Ok(())
    }

    /// Writes the buffered bytes of the message.
    fn write_buffer(&mut self) -> Result<(), StorageError> {
        let Some(mut writing) = self.writing.take() else {
            return Ok(());
        };
        let offset = self.end.offset + writing.written;
        let result = self
            .last()
            .and_then(|segment| segment.file.write_at(offset, &writing.buffer));
        writing.written += writing.buffer.len() as u64;
        writing.buffer.clear();
        self.writing = Some(writing);
        result
    }

    /// Writes the header and the remaining bytes of the record.
    fn write_end(&mut self, kind: u16) -> Result<(u64, Checkpoint), StorageError> {
        let end = self.end;
        let marker = self.marker;
        let Some(writing) = &mut self.writing else {
            return Err(StorageError::failed("no message was begun"));
        };
        let extent = writing.written + writing.buffer.len() as u64;
        let header = RecordHeader {
            kind,
            number: end.number,
            length: u32::try_from(extent - RECORD_HEADER as u64)
                .map_err(|_| StorageError::failed("the message is larger than 4 GB"))?,
            checksum: writing.checksum.clone().finalize(),
        };
        let octets = header.to_octets(marker);
        if writing.written == 0 {
            if let Some(room) = writing.buffer.first_chunk_mut() {
                *room = octets;
            }
            self.write_buffer()?;
        } else {
            self.write_buffer()?;
            self.last()?.file.write_at(end.offset, &octets)?;
        }
        self.end = Position {
            offset: end.offset + extent,
            number: end.number + 1,
        };
        let location = Location {
            segment: self.last()?.number,
            offset: end.offset,
        };
        let checkpoint = Checkpoint {
            location,
            header: octets,
        };
        Ok((end.number, checkpoint))
    }

    /// Truncates the segment at `position`.
    fn cut(&mut self, position: Position) {
        self.end = position;
        let cut = self
            .last()
            .and_then(|segment| segment.file.truncate(position.offset));
        if cut.is_err() {
            self.broken = true;
        }
    }
}
