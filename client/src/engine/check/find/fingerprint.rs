//! What a message is told by where its unique-id does not do: a digest of its header, or of all of it.
//!
//! Fields that servers add or change while a message rests with them do not count. The size counts
//! only where no `Message-ID` names the message, since such a change may change it too.

use std::fmt;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::Event;
use ring::digest::{Context, SHA256, SHA256_OUTPUT_LEN};

use crate::clock::Clock;
use crate::engine::check::fetch::batch::MAX_MESSAGE_OCTETS;
use crate::engine::server::connection::Connection;
use crate::engine::server::fault::Fault;

/// Headers count up to here. Those of mail have some kilobytes.
pub(in crate::engine) const MAX_HEADER_OCTETS: usize = 64 * 1024;

/// How many messages are asked for at a time. The commands fit into one segment of TCP.
pub(in crate::engine) const AT_A_TIME: usize = 100;

/// How a name that is made of a fingerprint begins.
pub(in crate::engine) const PREFIX: &str = "sha256:";

/// The fields that do not count.
const CHANGING: [&[u8]; 10] = [
    b"Status",
    b"X-Status",
    b"X-Keywords",
    b"X-UID",
    b"X-UIDL",
    b"X-IMAP",
    b"X-IMAPbase",
    b"X-Mozilla-Status",
    b"Content-Length",
    b"Lines",
];

/// A listed message, and its size in octets.
pub(in crate::engine) type Listed = (MessageNumber, u64);

/// What a message is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) struct Fingerprint {
    digest: [u8; SHA256_OUTPUT_LEN],
    /// Whether a `Message-ID` is in it.
    pub(in crate::engine) is_named: bool,
}

impl Fingerprint {
    /// Takes that of the header at the beginning of a message, which has so many octets.
    pub(in crate::engine) fn of_header(beginning: &[u8], octets: u64) -> Option<Self> {
        let mut reading = Reading::default();
        reading.push(beginning);
        reading.finish(octets)
    }
}

impl fmt::Display for Fingerprint {
    /// Writes a name for the message, of the characters that unique-ids have.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(self.digest))
    }
}

/// A message that is read, or the beginning of one.
#[derive(Default)]
struct Reading {
    header: Vec<u8>,
    has_ended: bool,
    /// What is behind the header, where that counts.
    text: Option<Context>,
    octets: u64,
}

impl Reading {
    fn push(&mut self, octets: &[u8]) {
        self.octets += octets.len() as u64;
        let mut text = octets;
        if !self.has_ended {
            let before = self.header.len();
            let room = MAX_HEADER_OCTETS - before;
            self.header
                .extend_from_slice(octets.get(..room).unwrap_or(octets));
            let end = end_of_header(&self.header, before.saturating_sub(2));
            self.has_ended = end.is_some() || self.header.len() == MAX_HEADER_OCTETS;
            self.header.truncate(end.unwrap_or(MAX_HEADER_OCTETS));
            text = octets
                .get(self.header.len() - before.min(self.header.len())..)
                .unwrap_or_default();
        }
        if let Some(context) = &mut self.text {
            context.update(text);
        }
    }

    /// Whether there was more than a header.
    fn has_text(&self) -> bool {
        self.octets > self.header.len() as u64
    }

    fn finish(self, octets: u64) -> Option<Fingerprint> {
        let mut context = Context::new(&SHA256);
        let (mut counts, mut is_named, mut is_empty) = (true, false, true);
        for line in self.header.split(|octet| *octet == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.starts_with(b" ") && !line.starts_with(b"\t") {
                let name = line.split(|octet| *octet == b':').next();
                let is =
                    |other: &[u8]| name.is_some_and(|n| n.trim_ascii().eq_ignore_ascii_case(other));
                counts = !CHANGING.iter().any(|other| is(other));
                is_named |= is(b"Message-ID");
            }
            if counts && !line.is_empty() {
                context.update(line);
                context.update(b"\n");
                is_empty = false;
            }
        }
        match self.text {
            Some(text) => context.update(text.finish().as_ref()),
            // A size alone names nothing.
            None if is_empty => return None,
            None if is_named => {}
            None => context.update(&octets.to_be_bytes()),
        }
        Some(Fingerprint {
            digest: context.finish().as_ref().try_into().ok()?,
            is_named,
        })
    }
}

/// Finds the octet behind the blank line that ends a header, from some octet on.
fn end_of_header(header: &[u8], from: usize) -> Option<usize> {
    let blank_at = |at: usize| match header.get(at..)? {
        [b'\n', ..] => Some(at + 1),
        [b'\r', b'\n', ..] => Some(at + 2),
        _ => None,
    };
    let lines = memchr::memchr_iter(b'\n', header.get(from..)?);
    let mut starts = (from == 0)
        .then_some(0)
        .into_iter()
        .chain(lines.map(|at| from + at + 1));
    starts.find_map(blank_at)
}

/// Asks a server for what its messages are told by.
pub(in crate::engine) struct Reader {
    /// Whether by all of their text, which then is fetched, or by what `TOP` gives.
    pub(in crate::engine) by_text: bool,
    /// Whether commands go ahead of the answers. They do not once `TOP` gave more than headers: what
    /// is in flight would have no bound.
    pub(in crate::engine) ahead: bool,
}

impl Reader {
    /// Asks for some messages, [`AT_A_TIME`] at the most; there is `None` for what the server refuses
    /// or says nothing about.
    pub(in crate::engine) async fn read<C: Clock>(
        &mut self,
        connection: &mut Connection<C>,
        messages: &[Listed],
    ) -> Result<Vec<Option<Fingerprint>>, Fault> {
        let by_text = self.by_text;
        let mut commands = messages.iter().map(|(message, _)| match by_text {
            true => Command::Retr(*message),
            false => Command::Top {
                message: *message,
                lines: 0,
            },
        });
        if self.ahead && !by_text {
            for command in commands.by_ref() {
                connection.send(command)?;
            }
        }
        let mut found = Vec::with_capacity(messages.len());
        for (_, octets) in messages {
            if let Some(command) = commands.next() {
                connection.send(command)?;
            }
            let mut reading = Reading {
                text: by_text.then(|| Context::new(&SHA256)),
                ..Reading::default()
            };
            found.push(loop {
                match connection.step().await? {
                    Event::Body(octets) => reading.push(&octets),
                    Event::Completed { .. } => break reading.finish(*octets),
                    Event::Refused { .. } => break None,
                    _ => {}
                }
                self.ahead &= !reading.has_text();
                if reading.octets > MAX_MESSAGE_OCTETS {
                    return Err(Fault::Endless);
                }
            });
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Message-ID: <1@a>\r\nSubject: one\r\n\ttwo\r\n\r\n";

    fn told_by(message: &str, by_text: bool, octets: u64) -> Option<Fingerprint> {
        let pieces = |size| {
            let mut reading = Reading {
                text: by_text.then(|| Context::new(&SHA256)),
                ..Reading::default()
            };
            message
                .as_bytes()
                .chunks(size)
                .for_each(|piece| reading.push(piece));
            reading.finish(octets)
        };
        let whole = pieces(1_000_000);
        for size in 1..5 {
            assert_eq!(pieces(size), whole, "{message:?} by {size}");
        }
        whole
    }

    #[test]
    fn what_a_server_adds_to_a_header_does_not_count() {
        let expected = told_by(HEADER, false, 100);
        assert!(expected.is_some_and(|told_by| told_by.is_named));
        for other in [
            HEADER.replace("Subject", "Status: RO\r\nx-uidl: a\r\n b\r\nSubject"),
            HEADER.replace("\r\n", "\n"),
            HEADER.trim_end().to_owned(),
            format!("{HEADER}and text"),
        ] {
            assert_eq!(told_by(&other, false, 200), expected, "{other:?}");
        }
        let of_header = Fingerprint::of_header(HEADER.as_bytes(), 300);
        assert_eq!(of_header, expected);
    }

    #[test]
    fn whatever_else_differs_makes_another_message() {
        let all = [
            HEADER.to_owned(),
            HEADER.replace("<1@a>", "<2@a>"),
            HEADER.replace("\ttwo", "\tthree"),
            HEADER.replace("Subject", "Received: from b\r\nSubject"),
            // No other field swallows what stands behind it.
            HEADER.replace("Subject", "Status: RO\r\nX: a\r\n b\r\nSubject"),
        ];
        let mut told: Vec<_> = all
            .iter()
            .map(|message| told_by(message, false, 1))
            .collect();
        told.sort();
        told.dedup();
        assert_eq!(told.len(), all.len());
        let unnamed = HEADER.replace("Message-ID", "X-ID");
        assert_ne!(told_by(&unnamed, false, 1), told_by(&unnamed, false, 2));
        for empty in ["", "\r\n", "\r\ntext", "Status: RO\r\n\r\n"] {
            assert_eq!(told_by(empty, false, 1), None, "{empty:?}");
        }
    }

    #[test]
    fn where_the_text_counts_all_of_it_does() {
        let expected = told_by(&format!("{HEADER}text"), true, 1);
        let rewritten = HEADER.replace("Subject", "Status: RO\r\nSubject");
        assert_eq!(told_by(&format!("{rewritten}text"), true, 2), expected);
        assert_ne!(told_by(&format!("{HEADER}texts"), true, 1), expected);
        assert_ne!(told_by("\r\ntext", true, 1), told_by("\ntexts", true, 1));
        let long = format!("X: {}", "x".repeat(2 * MAX_HEADER_OCTETS));
        assert_ne!(
            told_by(&long, true, 1),
            told_by(&format!("{long}x"), true, 1)
        );
    }

    #[test]
    fn a_name_is_made_of_what_unique_ids_are_made_of() {
        let name = told_by(HEADER, false, 1).unwrap().to_string();
        assert!(name.len() <= 70 && name.bytes().all(|octet| octet.is_ascii_graphic()));
    }
}
