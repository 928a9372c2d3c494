//! A mail server within the process, whose maildrop is never in memory.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::Result;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::{AsyncRead, AsyncWrite};

/// The contents of the maildrop: small messages, and a large one after them.
#[derive(Clone, Copy)]
pub(crate) struct GeneratedMaildrop {
    pub(crate) small: usize,
    pub(crate) small_bytes: usize,
    /// The size of the large message, or 0 for none.
    pub(crate) large_bytes: usize,
}

impl GeneratedMaildrop {
    fn count(self) -> usize {
        self.small + usize::from(self.large_bytes > 0)
    }

    fn bytes(self, number: usize) -> usize {
        match number > self.small {
            true => self.large_bytes,
            false => self.small_bytes,
        }
    }
}

/// Returns a unique-id as long as those of widespread servers.
pub(crate) fn unique_id(number: usize) -> String {
    format!("{number:08x}5f3e8a1b{number:016x}")
}

/// A part of the server's output that is still to be sent.
enum Output {
    Text(String),
    /// A listing from this message on: of sizes if true, otherwise of unique-ids.
    Listing(usize, bool),
    /// This number of bytes of an attachment.
    Attachment(usize),
}

/// One connection.
pub(crate) struct GeneratedServer {
    contents: GeneratedMaildrop,
    received: Vec<u8>,
    outputs: VecDeque<Output>,
}

/// A line of base64 that fills attachments.
const LINE: &str =
    "TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2NpbmcgZWxpdCwgc2Vk\r\n";

impl GeneratedServer {
    pub(crate) fn new(contents: GeneratedMaildrop) -> Self {
        Self {
            contents,
            received: Vec::new(),
            outputs: VecDeque::from([Output::Text("+OK ready\r\n".to_owned())]),
        }
    }

    fn answer(&mut self, command: &str) {
        let say = |text: &str| Output::Text(text.to_owned());
        let (keyword, argument) = command.split_once(' ').unwrap_or((command, ""));
        match keyword {
            "CAPA" => self
                .outputs
                .push_back(say("+OK\r\nUSER\r\nUIDL\r\nPIPELINING\r\n.\r\n")),
            "UIDL" | "LIST" if argument.is_empty() => {
                self.outputs.push_back(say("+OK\r\n"));
                self.outputs
                    .push_back(Output::Listing(1, keyword == "LIST"));
            }
            "RETR" => {
                let number = argument.parse().expect("a number");
                let head = format!(
                    "Subject: message {number}\r\nMessage-ID: <{number}@example.org>\r\n\
                     From: someone@example.org\r\nDate: Sun, 22 Nov 2026 03:39:10 +0000\r\n\
                     MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
                     --b\r\nContent-Type: text/plain\r\n\r\nAttached.\r\n--b\r\n\
                     Content-Type: application/octet-stream; name=\"a.bin\"\r\n\
                     Content-Transfer-Encoding: base64\r\n\r\n"
                );
                let bytes = self.contents.bytes(number).saturating_sub(head.len());
                self.outputs
                    .push_back(Output::Text(format!("+OK\r\n{head}")));
                self.outputs.push_back(Output::Attachment(bytes));
                self.outputs.push_back(say("--b--\r\n.\r\n"));
            }
            _ => self.outputs.push_back(say("+OK\r\n")),
        }
    }

    /// Returns the next bytes, a few kilobytes at a time.
    fn next(&mut self) -> Option<String> {
        const PIECE: usize = 16 * 1024;
        let contents = self.contents;
        match self.outputs.front_mut()? {
            Output::Text(text) => {
                let text = std::mem::take(text);
                self.outputs.pop_front();
                Some(text)
            }
            Output::Attachment(left) => {
                let piece = LINE.repeat(PIECE.min(*left).div_ceil(LINE.len()));
                *left = left.saturating_sub(piece.len());
                if *left == 0 {
                    self.outputs.pop_front();
                }
                Some(piece)
            }
            Output::Listing(from, sizes) => {
                let mut piece = String::new();
                while piece.len() < PIECE && *from <= contents.count() {
                    let written = match sizes {
                        true => write!(piece, "{from} {}\r\n", contents.bytes(*from)),
                        false => write!(piece, "{from} {}\r\n", unique_id(*from)),
                    };
                    written.expect("a string takes it");
                    *from += 1;
                }
                if *from > contents.count() {
                    piece.push_str(".\r\n");
                    self.outputs.pop_front();
                }
                Some(piece)
            }
        }
    }
}

impl AsyncRead for GeneratedServer {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<Result<usize>> {
        // The reader writes first, in the same task, so no waker is needed.
        let Some(mut text) = self.next() else {
            return Poll::Pending;
        };
        let rest = text.split_off(text.len().min(buffer.len()));
        if !rest.is_empty() {
            self.outputs.push_front(Output::Text(rest));
        }
        let (filled, _) = buffer.split_at_mut(text.len());
        filled.copy_from_slice(text.as_bytes());
        Poll::Ready(Ok(text.len()))
    }
}

impl AsyncWrite for GeneratedServer {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        self.received.extend_from_slice(bytes);
        while let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.received.drain(..=end).collect();
            let line = String::from_utf8(line).expect("commands are ASCII");
            self.answer(line.trim_end());
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }
}
