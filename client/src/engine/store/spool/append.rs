//! Writing to a spool: messages piece by piece, several at a time, and other records at once.
//!
//! A spool has one end, and records are appended to it whole, in the order in which they are
//! finished. Small messages gather in memory until then. The first large message is written
//! straight to the end: it holds the [`Lease`]. Large messages beside it go to scratch files, and
//! if another record is finished meanwhile, the message with the lease moves to one as well. So
//! the usual case, one message at a time, writes every byte once.

use std::cell::RefCell;
use std::mem::take;
use std::rc::{Rc, Weak};

use crc32fast::Hasher;

use super::files::{File, Files, StorageError};
use super::format::{Checkpoint, HeaderBytes, Location, RECORD_HEADER, RecordHeader};
use super::incoming::{IncomingMessage, IncomingPlace};
use super::record::{MessageHead, Record};
use super::scratch::ScratchFile;
use super::segments::{Position, Spool};

/// The number of message bytes that are buffered before they are written: a write through OPFS
/// costs some 50 µs whatever its size.
pub(super) const BUFFER: usize = 256 * 1024;

/// The right of one message to be written at the end of the spool before it is complete.
#[derive(Debug)]
pub(super) struct Lease<H: File> {
    /// The place of the message; it is gone once the message was dropped.
    pub(super) place: Weak<RefCell<IncomingPlace<H>>>,
    /// The number of bytes written, including room for the record header.
    written: u64,
}

impl<F: Files> Spool<F> {
    /// Begins a message.
    pub fn begin(&mut self, head: MessageHead) -> IncomingMessage<F::File> {
        IncomingMessage::new(head, take(&mut self.spare))
    }

    /// Appends bytes to a message. An error gives the message up.
    ///
    /// # Errors
    /// If there is no room, or a file cannot be read or written.
    pub async fn push(
        &mut self,
        message: &mut IncomingMessage<F::File>,
        bytes: &[u8],
    ) -> Result<(), StorageError> {
        message.gather(bytes);
        if message.buffer.len() < BUFFER {
            return Ok(());
        }
        let written = match self.find_place(message).await {
            Ok(()) => self.write_buffer(message),
            error => error,
        };
        if written.is_err() {
            self.give_up(message);
        }
        written
    }

    /// Finishes a message, which gets the next number. It is durable after the next
    /// [`flush`](Self::flush).
    ///
    /// # Errors
    /// If there is no room, or a file cannot be read or written: then the message is given up.
    pub async fn finish(
        &mut self,
        mut message: IncomingMessage<F::File>,
    ) -> Result<(u64, Checkpoint), StorageError> {
        let place = message.place.replace(IncomingPlace::Lost);
        match place {
            IncomingPlace::Lost => return Err(lost()),
            IncomingPlace::Tail => self.lease = None,
            IncomingPlace::Memory | IncomingPlace::Scratch(_) => self.free_end().await?,
        }
        let length = message.written + message.buffer.len() as u64 - RECORD_HEADER as u64;
        let checksum = message.checksum.clone().finalize();
        let write = |file: &mut F::File, offset, header: &HeaderBytes| {
            if message.written == 0 {
                if let Some(room) = message.buffer.first_chunk_mut() {
                    *room = *header;
                }
                return file.write_at(offset, &message.buffer);
            }
            if let IncomingPlace::Scratch(scratch) = &place {
                copy_back(scratch, &message, file, offset)?;
            }
            file.write_at(offset + message.written, &message.buffer)?;
            file.write_at(offset, header)
        };
        let finished = self.write_record(MessageHead::KIND, length, checksum, write);
        self.keep_buffer(message.buffer);
        finished
    }

    /// Gives a message up.
    pub fn abandon(&mut self, message: IncomingMessage<F::File>) {
        self.give_up(&message);
        self.keep_buffer(message.buffer);
    }

    /// Appends a record that is not a message. It is durable after the next
    /// [`flush`](Self::flush).
    ///
    /// # Errors
    /// If there is no room, or a file cannot be read or written.
    pub async fn append(&mut self, record: &Record) -> Result<(u64, Checkpoint), StorageError> {
        self.free_end().await?;
        let (kind, payload) = record.to_bytes();
        let checksum = crc32fast::hash(&payload);
        self.write_record(
            kind,
            payload.len() as u64,
            checksum,
            |file, offset, header| {
                let mut record = header.to_vec();
                record.extend(&payload);
                file.write_at(offset, &record)
            },
        )
    }

    /// Truncates the bytes of a message that was dropped while it was written at the end.
    pub(super) fn end_dropped(&mut self) {
        let is_dropped = |lease: &Lease<_>| lease.place.strong_count() == 0;
        if self.lease.as_ref().is_some_and(is_dropped) {
            self.lease = None;
            self.cut(self.end);
        }
    }

    /// Gives a message that outgrew its buffer a place to be written to.
    async fn find_place(&mut self, message: &IncomingMessage<F::File>) -> Result<(), StorageError> {
        if message.written > 0 {
            return Ok(());
        }
        self.end_dropped();
        let place = if self.lease.is_some() {
            IncomingPlace::Scratch(self.scratch.take(&self.files).await?)
        } else {
            self.free_end().await?;
            self.lease = Some(Lease {
                place: Rc::downgrade(&message.place),
                written: 0,
            });
            IncomingPlace::Tail
        };
        message.place.replace(place);
        Ok(())
    }

    /// Writes the buffered bytes of a message to its place.
    fn write_buffer(&mut self, message: &mut IncomingMessage<F::File>) -> Result<(), StorageError> {
        let written = message.written + message.buffer.len() as u64;
        match &mut *message.place.borrow_mut() {
            IncomingPlace::Tail => {
                let offset = self.end.offset + message.written;
                self.last()?.file.write_at(offset, &message.buffer)?;
                if let Some(lease) = &mut self.lease {
                    lease.written = written;
                }
            }
            IncomingPlace::Scratch(scratch) => scratch.write(&message.buffer)?,
            IncomingPlace::Memory | IncomingPlace::Lost => return Err(lost()),
        }
        message.written = written;
        message.buffer.clear();
        Ok(())
    }

    /// Frees the end of the spool for the next record, and starts a new segment if the last one is
    /// full. The message with the lease moves to a scratch file.
    async fn free_end(&mut self) -> Result<(), StorageError> {
        self.end_dropped();
        if self.lease.is_some() {
            let mut scratch = self.scratch.take(&self.files).await?;
            self.copy_leased(&mut scratch)?;
            if let Some(place) = self.lease.take().and_then(|lease| lease.place.upgrade()) {
                place.replace(IncomingPlace::Scratch(scratch));
            }
            self.cut(self.end);
        }
        self.rotate().await
    }

    /// Copies the message with the lease to a scratch file.
    fn copy_leased(&mut self, scratch: &mut ScratchFile<F::File>) -> Result<(), StorageError> {
        let written = self.lease.as_ref().map_or(0, |lease| lease.written);
        let offset = self.end.offset;
        copy(&self.last()?.file, offset, written, |_, bytes| {
            scratch.write(bytes)
        })
    }

    fn give_up(&mut self, message: &IncomingMessage<F::File>) {
        let place = message.place.replace(IncomingPlace::Lost);
        if matches!(place, IncomingPlace::Tail) {
            self.lease = None;
            self.cut(self.end);
        }
    }

    fn keep_buffer(&mut self, mut buffer: Vec<u8>) {
        buffer.clear();
        self.spare = buffer;
    }

    /// Writes a record at the end, which must be free. `write` writes its header and payload.
    pub(super) fn write_record(
        &mut self,
        kind: u16,
        length: u64,
        checksum: u32,
        write: impl FnOnce(&mut F::File, u64, &HeaderBytes) -> Result<(), StorageError>,
    ) -> Result<(u64, Checkpoint), StorageError> {
        let written = self.try_record(kind, length, checksum, write);
        if written.is_err() {
            self.cut(self.end);
        }
        written
    }

    fn try_record(
        &mut self,
        kind: u16,
        length: u64,
        checksum: u32,
        write: impl FnOnce(&mut F::File, u64, &HeaderBytes) -> Result<(), StorageError>,
    ) -> Result<(u64, Checkpoint), StorageError> {
        self.check()?;
        let Position { offset, number } = self.end;
        let header = RecordHeader {
            kind,
            number,
            length: u32::try_from(length)
                .map_err(|_| StorageError::failed("the message is larger than 4 GB"))?,
            checksum,
        };
        let octets = header.to_bytes(self.marker);
        let segment = self.last()?;
        write(&mut segment.file, offset, &octets)?;
        let location = Location {
            segment: segment.number,
            offset,
        };
        self.end = Position {
            offset: offset + header.extent(),
            number: number + 1,
        };
        let checkpoint = Checkpoint {
            location,
            header: octets,
        };
        Ok((number, checkpoint))
    }
}

/// Copies the written part of a message from its scratch file, and verifies the whole message.
fn copy_back<H: File>(
    scratch: &ScratchFile<H>,
    message: &IncomingMessage<H>,
    file: &mut H,
    offset: u64,
) -> Result<(), StorageError> {
    let mut checksum = Hasher::new();
    let mut room = RECORD_HEADER;
    copy(scratch.file()?, 0, message.written, |at, bytes| {
        checksum.update(bytes.get(take(&mut room)..).unwrap_or_default());
        file.write_at(offset + at, bytes)
    })?;
    checksum.update(&message.buffer);
    if checksum.finalize() != message.checksum.clone().finalize() {
        return Err(StorageError::failed("a scratch file went bad"));
    }
    Ok(())
}

/// Passes `length` bytes of a file from `start` on to `to`, with their distance from `start`.
fn copy<H: File>(
    file: &H,
    start: u64,
    length: u64,
    mut to: impl FnMut(u64, &[u8]) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let mut buffer = vec![0; BUFFER];
    let mut copied = 0;
    while copied < length {
        let left = usize::try_from(length - copied).unwrap_or(BUFFER);
        let piece = buffer.get_mut(..left.min(BUFFER)).unwrap_or_default();
        if file.read_at(start + copied, piece)? < piece.len() {
            return Err(StorageError::failed(
                "a file is shorter than it was written",
            ));
        }
        to(copied, piece)?;
        copied += piece.len() as u64;
    }
    Ok(())
}

fn lost() -> StorageError {
    StorageError::failed("the message was given up after an error")
}
