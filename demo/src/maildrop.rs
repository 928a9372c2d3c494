//! The messages as they are served, the same for every session.

use std::io;
use std::time::SystemTime;

use bytes::Bytes;
use md5::{Digest, Md5};
use restante_shared::pop3::argument::UniqueId;
use time::OffsetDateTime;

use crate::placeholder;
use crate::templates::{TEMPLATES, Template};

/// The messages, oldest first.
#[derive(Debug)]
pub(crate) struct Maildrop {
    messages: Vec<Message>,
}

/// One message.
#[derive(Debug)]
pub(crate) struct Message {
    /// Made from the template's octets: the same at every start, until the message is rewritten.
    pub(crate) unique_id: UniqueId,
    /// What `RETR` sends, before byte-stuffing.
    pub(crate) octets: Bytes,
}

impl Maildrop {
    /// Fills in the templates.
    ///
    /// # Errors
    /// A template has a placeholder that cannot be filled in.
    pub(crate) fn new(now: SystemTime) -> io::Result<Self> {
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
    pub(crate) fn messages(&self) -> &[Message] {
        &self.messages
    }
}
