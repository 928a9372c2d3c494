//! Splits what a client sends into command lines, whatever the pieces it arrives in.

use std::fmt;

use crate::pop3::argument::ArgumentError;
use crate::pop3::command::{Command, CommandError};
use crate::pop3::limits::MAX_COMMAND_BYTES;
use crate::sasl::{MAX_SASL_LINE_BYTES, SaslResponse};

/// Reads the lines of a client, split anywhere.
///
/// What was pushed is kept until it is asked for, so a server reads its socket again only when
/// there is no further line. A line over the limit is thrown away up to its end and reported once:
/// the reader stays in step.
#[derive(Default)]
pub struct CommandReader {
    buffer: Vec<u8>,
    /// How much of `buffer` is known to have no line end.
    searched: usize,
    /// Whether the octets up to the next line end belong to a line that is too long.
    skipping: bool,
}

impl fmt::Debug for CommandReader {
    /// Leaves the octets out: a password may be among them.
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
    /// The answer to the challenge.
    Response(SaslResponse),
    /// `*`: the client gives up, and expects `-ERR`.
    Cancel,
}

impl CommandReader {
    /// Begins with an empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes octets from the client.
    pub fn push(&mut self, octets: &[u8]) {
        self.buffer.extend_from_slice(octets);
    }

    /// Whether no octet waits to be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty() && !self.skipping
    }

    /// Returns the next command, or `None` until its line is complete.
    ///
    /// A [`CommandError`] is to be answered with `-ERR`; the session goes on.
    pub fn next_command(&mut self) -> Option<Result<Command, CommandError>> {
        let line = self.next_line(MAX_COMMAND_BYTES)?;
        Some(line.and_then(|line| Command::parse(&line)))
    }

    /// Returns the next line of an `AUTH` exchange, or `None` until it is complete.
    ///
    /// A [`CommandError`] is to be answered with `-ERR`, which ends the exchange.
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

    /// Takes a line without its CRLF, or bare LF, off the buffer.
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
    fn commands_are_the_same_however_they_are_split() {
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
        let octets: Vec<&[u8]> = input.chunks(1).collect();
        assert_eq!(read(&octets), whole);
    }

    #[test]
    fn a_line_of_255_octets_is_read_and_one_of_256_is_not() {
        let line = |octets: usize| format!("USER {}\r\n", "x".repeat(octets - 7));
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
    fn a_reader_never_shows_what_it_holds() {
        let mut reader = CommandReader::new();
        reader.push(b"PASS tanstaaf");
        let printed = format!("{reader:?}");
        assert!(
            printed.contains("13") && !printed.contains("116"),
            "{printed}"
        );
    }

    #[test]
    fn an_endless_line_takes_no_memory() {
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
    fn a_sasl_exchange_has_responses_a_way_out_and_longer_lines() {
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
