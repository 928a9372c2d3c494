//! A message on its way into the spool.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use crc32fast::Hasher;

use super::files::File;
use super::format::RECORD_HEADER;
use super::record::MessageHead;
use super::scratch::ScratchFile;

/// A message that was begun and is not finished yet. Dropping it gives the message up.
///
/// Its bytes gather in a buffer. If that overflows, they go to the end of the last segment, unless
/// another message is being written there: then to a scratch file.
pub struct IncomingMessage<H: File> {
    pub(super) head: MessageHead,
    /// The bytes that are not written yet. The first one has room for the record header.
    pub(super) buffer: Vec<u8>,
    /// The offset of the message's bytes in the record.
    start: usize,
    /// The number of bytes that are written, including room for the header.
    pub(super) written: u64,
    pub(super) checksum: Hasher,
    /// Shared with the spool, which moves the message if it needs the end of the segment.
    pub(super) place: SharedPlace<H>,
}

/// The place of the bytes that did not fit into the buffer.
pub(super) enum IncomingPlace<H: File> {
    /// There are none.
    Memory,
    /// The end of the last segment.
    Tail,
    /// A scratch file.
    Scratch(ScratchFile<H>),
    /// They are lost, because storage failed.
    Lost,
}

type SharedPlace<H> = Rc<RefCell<IncomingPlace<H>>>;

impl<H: File> IncomingMessage<H> {
    /// Begins a message in an empty buffer.
    pub(super) fn new(head: MessageHead, mut buffer: Vec<u8>) -> Self {
        let payload = head.to_bytes();
        buffer.resize(RECORD_HEADER, 0);
        buffer.extend_from_slice(&payload);
        let mut checksum = Hasher::new();
        checksum.update(&payload);
        Self {
            head,
            start: buffer.len(),
            buffer,
            written: 0,
            checksum,
            place: Rc::new(RefCell::new(IncomingPlace::Memory)),
        }
    }

    /// Returns the properties of the message apart from its bytes.
    #[must_use]
    pub fn head(&self) -> &MessageHead {
        &self.head
    }

    /// Returns the bytes of the message, if none of them had to be written yet.
    #[must_use]
    pub fn gathered(&self) -> Option<&[u8]> {
        match self.written {
            0 => self.buffer.get(self.start..),
            _ => None,
        }
    }

    pub(super) fn gather(&mut self, bytes: &[u8]) {
        self.checksum.update(bytes);
        self.buffer.extend_from_slice(bytes);
    }
}

impl<H: File> fmt::Debug for IncomingMessage<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingMessage")
            .field("head", &self.head)
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}
