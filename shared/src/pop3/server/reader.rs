//! Splits the bytes of a client into command lines.

use std::fmt;

use crate::pop3::argument::ArgumentError;
use crate::pop3::command::{Command, CommandError};
use crate::pop3::limits::MAX_COMMAND_BYTES;
use crate::sasl::{MAX_SASL_LINE_BYTES, SaslResponse};

/// A buffer that collects the bytes of a client, split anywhere, and returns commands.
///
/// Bytes stay in the buffer until they are read, so a server reads from its socket again only if
/// the buffer has no complete line. A line over the limit is discarded up to its end and reported
/// once, so that the reader stays in step with the client.
#[derive(Default)]
pub struct CommandReader {
    buffer: Vec<u8>,
    /// The length of the front of `buffer` that has no line end.
    searched: usize,
    /// True while the bytes up to the next line end belong to a line over the limit.
    skipping: bool,
}

impl fmt::Debug for CommandReader {
    /// Omits the bytes, which may contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandReader")
            .field("waiting", &self.buffer.len())
            .field("skipping", &self.skipping)
            .finish_non_exhaustive()
    }
}

/// One line of the client during an `AUTH` exchange ([RFC 5034 §4]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaslLine {
    /// The response to the challenge.
    Response(SaslResponse),
    /// `*`: the client cancels the exchange and expects `-ERR`.
    Cancel,
}

impl CommandReader {
    /// Creates a reader with an empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends bytes from the client.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Returns true if no byte waits to be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty() && !self.skipping
    }

    /// Returns the next command, or `None` until its line is complete.
    ///
    /// The server answers a [`CommandError`] with `-ERR` and continues the session.
    pub fn next_command(&mut self) -> Option<Result<Command, CommandError>> {
        let line = self.next_line(MAX_COMMAND_BYTES)?;
        Some(line.and_then(|line| Command::parse(&line)))
    }

    /// Returns the next line of an `AUTH` exchange, or `None` until it is complete.
    ///
    /// The server answers a [`CommandError`] with `-ERR`, which ends the exchange.
    pub fn next_sasl_line(&mut self) -> Option<Result<SaslLine, CommandError>> {
        let line = self.next_line(MAX_SASL_LINE_BYTES)?;
        Some(line.and_then(|line| match line.as_slice() {
            b"*" => Ok(SaslLine::Cancel),
            base64 => {
                let response = SaslResponse::from_base64(base64).map_err(ArgumentError::from)?;
                Ok(SaslLine::Response(response))
            }
        }))
    }

    /// Removes a line from the buffer and returns it without its CRLF or bare LF.
    fn next_line(&mut self, limit: usize) -> Option<Result<Vec<u8>, CommandError>> {
        let unsearched = self.buffer.get(self.searched..).unwrap_or_default();
        let Some(found) = memchr::memchr(b'\n', unsearched) else {
            self.skipping |= self.buffer.len() >= limit;
            if self.skipping {
                self.buffer.clear();
            }
            self.searched = self.buffer.len();
            return None;
        };
        let end = self.searched + found + 1;
        let mut line: Vec<u8> = self.buffer.drain(..end).collect();
        self.searched = 0;
        let too_long = line.len() > limit;
        if std::mem::take(&mut self.skipping) || too_long {
            return Some(Err(CommandError::LineTooLong));
        }
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Some(Ok(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sasl::SaslSyntaxError;

    fn read(pieces: &[&[u8]]) -> Vec<Result<Command, CommandError>> {
        let mut reader = CommandReader::new();
        let mut commands = Vec::new();
        for piece in pieces {
            reader.push(piece);
            commands.extend(std::iter::from_fn(|| reader.next_command()));
        }
        assert!(reader.is_empty());
        commands
    }

    #[test]
    fn the_same_commands_are_read_after_every_split() {
        let long = format!("USER {}\r\n", "x".repeat(300));
        let input = [
            b"CAPA\r\nnoop\n".as_slice(),
            long.as_bytes(),
            b"\r\nQUIT\r\n",
        ]
        .concat();
        let whole = read(&[&input]);
        assert_eq!(
            whole,
            [
                Ok(Command::Capa),
                Ok(Command::Noop),
                Err(CommandError::LineTooLong),
                Err(CommandError::Unknown),
                Ok(Command::Quit),
            ]
        );
        for at in 0..input.len() {
            let (front, back) = input.split_at(at);
            assert_eq!(read(&[front, back]), whole, "split at {at}");
        }
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        assert_eq!(read(&bytes), whole);
    }

    #[test]
    fn a_line_of_255_bytes_is_read_and_one_of_256_is_not() {
        let line = |length: usize| format!("USER {}\r\n", "x".repeat(length - 7));
        assert!(matches!(
            read(&[line(255).as_bytes()]).as_slice(),
            [Ok(Command::User(_))]
        ));
        assert_eq!(
            read(&[line(256).as_bytes()]),
            [Err(CommandError::LineTooLong)]
        );
    }

    #[test]
    fn a_reader_never_prints_its_buffer() {
        let mut reader = CommandReader::new();
        reader.push(b"PASS tanstaaf");
        let printed = format!("{reader:?}");
        assert!(
            printed.contains("13") && !printed.contains("116"),
            "{printed}"
        );
    }

    #[test]
    fn an_endless_line_uses_no_memory() {
        let mut reader = CommandReader::new();
        for _ in 0..1000 {
            reader.push(&[b'x'; 1024]);
            assert_eq!(reader.next_command(), None);
            assert_eq!(reader.buffer.len(), 0);
        }
        assert!(!reader.is_empty());
        reader.push(b"\r\nNOOP\r\n");
        assert_eq!(reader.next_command(), Some(Err(CommandError::LineTooLong)));
        assert_eq!(reader.next_command(), Some(Ok(Command::Noop)));
    }

    #[test]
    fn a_sasl_line_is_a_response_or_a_cancellation_and_may_be_long() {
        let mut reader = CommandReader::new();
        reader.push(b"AHRlc3QAdGVzdA==\r\n\r\n*\r\n!\r\n");
        let response = |base64| SaslLine::Response(SaslResponse::from_base64(base64).unwrap());
        assert_eq!(
            reader.next_sasl_line(),
            Some(Ok(response(b"AHRlc3QAdGVzdA==")))
        );
        assert_eq!(reader.next_sasl_line(), Some(Ok(response(b""))));
        assert_eq!(reader.next_sasl_line(), Some(Ok(SaslLine::Cancel)));
        assert_eq!(
            reader.next_sasl_line(),
            Some(Err(ArgumentError::from(SaslSyntaxError::Base64).into()))
        );
        let long = "AAAA".repeat(1000);
        reader.push(format!("{long}\r\n").as_bytes());
        assert_eq!(reader.next_sasl_line(), Some(Ok(response(long.as_bytes()))));
    }
}
