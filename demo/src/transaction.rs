//! The TRANSACTION state: one session's view of the maildrop ([RFC 1939 §5]).

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::server::{ReplyWriter, top};

use crate::maildrop::{DemoMessage, DemoMessages};

/// A maildrop, and the deletion marks of this session.
pub(crate) struct Transaction {
    maildrop: Arc<DemoMessages>,
    deleted: BTreeSet<MessageNumber>,
}

impl Transaction {
    /// Begins without deletion marks.
    pub(crate) fn new(maildrop: Arc<DemoMessages>) -> Self {
        Self {
            maildrop,
            deleted: BTreeSet::new(),
        }
    }

    /// Returns the number of the messages that are not deleted, and their total size.
    pub(crate) fn totals(&self) -> (u32, u64) {
        self.remaining()
            .fold((0, 0), |(messages, bytes), (_, message)| {
                (messages + 1, bytes + size(message))
            })
    }

    /// Answers `LIST`.
    pub(crate) fn list(&self, number: Option<MessageNumber>, out: &mut ReplyWriter) {
        match number.map(|number| (number, self.find(number))) {
            None => {
                let (messages, bytes) = self.totals();
                let sizes = self
                    .remaining()
                    .map(|(number, message)| (number, size(message)));
                out.scan_listings(&format!("{messages} messages ({bytes} octets)"), sizes);
            }
            Some((number, Ok(message))) => out.scan_listing(number, size(message)),
            Some((_, Err(reason))) => out.err(reason),
        }
    }

    /// Answers `UIDL`.
    pub(crate) fn uidl(&self, number: Option<MessageNumber>, out: &mut ReplyWriter) {
        match number.map(|number| (number, self.find(number))) {
            None => {
                let ids = self
                    .remaining()
                    .map(|(number, message)| (number, &message.unique_id));
                out.unique_id_listings("unique-id listing follows", ids);
            }
            Some((number, Ok(message))) => out.unique_id_listing(number, &message.unique_id),
            Some((_, Err(reason))) => out.err(reason),
        }
    }

    /// Writes the status line of `RETR`, and returns the message to send.
    pub(crate) fn retr(&self, number: MessageNumber, out: &mut ReplyWriter) -> Option<Bytes> {
        match self.find(number) {
            Ok(message) => {
                out.ok(&format!("{} octets", size(message)));
                Some(message.bytes.clone())
            }
            Err(reason) => {
                out.err(reason);
                None
            }
        }
    }

    /// Writes the status line of `TOP`, and returns the lines to send.
    pub(crate) fn top(
        &self,
        number: MessageNumber,
        lines: u32,
        out: &mut ReplyWriter,
    ) -> Option<Bytes> {
        match self.find(number) {
            Ok(message) => {
                out.ok("top of message follows");
                Some(message.bytes.slice_ref(top(&message.bytes, lines)))
            }
            Err(reason) => {
                out.err(reason);
                None
            }
        }
    }

    /// Answers `DELE`.
    pub(crate) fn dele(&mut self, number: MessageNumber, out: &mut ReplyWriter) {
        match self.find(number) {
            Ok(_) => {
                self.deleted.insert(number);
                out.ok(&format!("message {number} deleted"));
            }
            Err(reason) => out.err(reason),
        }
    }

    /// Answers `RSET`.
    pub(crate) fn rset(&mut self, out: &mut ReplyWriter) {
        self.deleted.clear();
        let (messages, bytes) = self.totals();
        out.ok(&format!(
            "maildrop has {messages} messages ({bytes} octets)"
        ));
    }

    fn find(&self, number: MessageNumber) -> Result<&DemoMessage, &'static str> {
        if self.deleted.contains(&number) {
            return Err("message already deleted");
        }
        usize::try_from(number.number() - 1)
            .ok()
            .and_then(|index| self.maildrop.messages().get(index))
            .ok_or("no such message")
    }

    fn remaining(&self) -> impl Iterator<Item = (MessageNumber, &DemoMessage)> {
        (1..)
            .filter_map(MessageNumber::new)
            .zip(self.maildrop.messages())
            .filter(|(number, _)| !self.deleted.contains(number))
    }
}

fn size(message: &DemoMessage) -> u64 {
    message.bytes.len() as u64
}
