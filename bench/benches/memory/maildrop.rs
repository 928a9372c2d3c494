//! A mail server within the process: its maildrop is never in memory.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::Result;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::{AsyncRead, AsyncWrite};

/// What is in the maildrop: small messages, and a large one behind them.
#[derive(Clone, Copy)]
pub(crate) struct Letters {
    pub(crate) small: usize,
    pub(crate) small_octets: usize,
    /// None is there if this is 0.
    pub(crate) large_octets: usize,
}

impl Letters {
    fn count(self) -> usize {
        self.small + usize::from(self.large_octets > 0)
    }

    fn octets(self, number: usize) -> usize {
        match number > self.small {
            true => self.large_octets,
            false => self.small_octets,
        }
    }
}

/// As long as those of widespread servers.
pub(crate) fn unique_id(number: usize) -> String {
    format!("{number:08x}5f3e8a1b{number:016x}")
}

/// What is still to be said.
enum Saying {
    Text(String),
    /// A listing from this message on, of sizes if `true`.
    Listing(usize, bool),
    /// So many octets of an attachment.
    Attachment(usize),
}

/// One connection.
pub(crate) struct Server {
    letters: Letters,
    heard: Vec<u8>,
    sayings: VecDeque<Saying>,
}

/// A line of base64, with which attachments are filled.
const LINE: &str =
    "TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2NpbmcgZWxpdCwgc2Vk\r\n";

impl Server {
    pub(crate) fn new(letters: Letters) -> Self {
        Self {
            letters,
            heard: Vec::new(),
            sayings: VecDeque::from([Saying::Text("+OK ready\r\n".to_owned())]),
        }
    }

    fn answer(&mut self, command: &str) {
        let say = |text: &str| Saying::Text(text.to_owned());
        let (keyword, argument) = command.split_once(' ').unwrap_or((command, ""));
        match keyword {
            "CAPA" => self
                .sayings
                .push_back(say("+OK\r\nUSER\r\nUIDL\r\nPIPELINING\r\n.\r\n")),
            "UIDL" | "LIST" if argument.is_empty() => {
                self.sayings.push_back(say("+OK\r\n"));
                self.sayings
                    .push_back(Saying::Listing(1, keyword == "LIST"));
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
                let octets = self.letters.octets(number).saturating_sub(head.len());
                self.sayings
                    .push_back(Saying::Text(format!("+OK\r\n{head}")));
                self.sayings.push_back(Saying::Attachment(octets));
                self.sayings.push_back(say("--b--\r\n.\r\n"));
            }
            _ => self.sayings.push_back(say("+OK\r\n")),
        }
    }

    /// The next octets, not many at a time.
    fn next(&mut self) -> Option<String> {
        const PIECE: usize = 16 * 1024;
        let letters = self.letters;
        match self.sayings.front_mut()? {
            Saying::Text(text) => {
                let text = std::mem::take(text);
                self.sayings.pop_front();
                Some(text)
            }
            Saying::Attachment(left) => {
                let piece = LINE.repeat(PIECE.min(*left).div_ceil(LINE.len()));
                *left = left.saturating_sub(piece.len());
                if *left == 0 {
                    self.sayings.pop_front();
                }
                Some(piece)
            }
            Saying::Listing(from, sizes) => {
                let mut piece = String::new();
                while piece.len() < PIECE && *from <= letters.count() {
                    let written = match sizes {
                        true => write!(piece, "{from} {}\r\n", letters.octets(*from)),
                        false => write!(piece, "{from} {}\r\n", unique_id(*from)),
                    };
                    written.expect("a string takes it");
                    *from += 1;
                }
                if *from > letters.count() {
                    piece.push_str(".\r\n");
                    self.sayings.pop_front();
                }
                Some(piece)
            }
        }
    }
}

impl AsyncRead for Server {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<Result<usize>> {
        // Whoever reads has written before, in the same task: nobody has to be woken.
        let Some(mut text) = self.next() else {
            return Poll::Pending;
        };
        let rest = text.split_off(text.len().min(buffer.len()));
        if !rest.is_empty() {
            self.sayings.push_front(Saying::Text(rest));
        }
        let (filled, _) = buffer.split_at_mut(text.len());
        filled.copy_from_slice(text.as_bytes());
        Poll::Ready(Ok(text.len()))
    }
}

impl AsyncWrite for Server {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<Result<usize>> {
        self.heard.extend_from_slice(octets);
        while let Some(end) = self.heard.iter().position(|octet| *octet == b'\n') {
            let line: Vec<u8> = self.heard.drain(..=end).collect();
            let line = String::from_utf8(line).expect("commands are ASCII");
            self.answer(line.trim_end());
        }
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }
}
