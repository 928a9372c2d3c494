//! The messages as they are served, equal for all sessions.

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
pub(crate) struct DemoMessages {
    messages: Vec<DemoMessage>,
}

/// One message.
#[derive(Debug)]
pub(crate) struct DemoMessage {
    /// Computed from the template, so it changes only when the template is edited.
    pub(crate) unique_id: UniqueId,
    /// The message as `RETR` sends it, before byte-stuffing.
    pub(crate) bytes: Bytes,
}

impl DemoMessages {
    /// Fills in the templates.
    ///
    /// # Errors
    /// A template has an invalid placeholder.
    pub(crate) fn new(now: SystemTime) -> io::Result<Self> {
        let now = OffsetDateTime::from(now);
        let message = |template: &Template| {
            let bytes = placeholder::fill(template.bytes, now)
                .map_err(|error| io::Error::other(format!("{}: {error}", template.name)))?;
            let unique_id = UniqueId::new(format!("{:x}", Md5::digest(template.bytes)))
                .map_err(io::Error::other)?;
            Ok(DemoMessage {
                unique_id,
                bytes: bytes.into(),
            })
        };
        let messages = TEMPLATES.iter().map(message).collect::<io::Result<_>>()?;
        Ok(Self { messages })
    }

    /// Returns the messages in order; the first has the number 1.
    pub(crate) fn messages(&self) -> &[DemoMessage] {
        &self.messages
    }
}
