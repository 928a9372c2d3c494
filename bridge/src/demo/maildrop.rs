//! The messages as they are served, the same for every session.

use std::io;
use std::time::SystemTime;

use bytes::Bytes;
use md5::{Digest, Md5};
use restante_shared::pop3::argument::UniqueId;
use time::OffsetDateTime;

use super::placeholder;
use super::templates::{TEMPLATES, Template};

/// The messages, oldest first.
#[derive(Debug)]
pub(super) struct Maildrop {
    messages: Vec<Message>,
}

/// One message.
#[derive(Debug)]
pub(super) struct Message {
    /// Made from the template's octets: the same at every start, until the message is rewritten.
    pub(super) unique_id: UniqueId,
    /// What `RETR` sends, before byte-stuffing.
    pub(super) octets: Bytes,
}

impl Maildrop {
    /// Fills in the templates.
    ///
    /// # Errors
    /// A template has a placeholder that cannot be filled in.
    pub(super) fn new(now: SystemTime) -> io::Result<Self> {
        let now = OffsetDateTime::from(now);
        let message = |template: &Template| {
            let octets = placeholder::fill(template.octets, now)
                .map_err(|error| io::Error::other(format!("{}: {error}", template.name)))?;
            let unique_id = UniqueId::new(format!("{:x}", Md5::digest(template.octets)))
                .map_err(io::Error::other)?;
            Ok(Message {
                unique_id,
                octets: octets.into(),
            })
        };
        let messages = TEMPLATES.iter().map(message).collect::<io::Result<_>>()?;
        Ok(Self { messages })
    }

    /// The messages in their order; the first has the number 1.
    pub(super) fn messages(&self) -> &[Message] {
        &self.messages
    }
}
