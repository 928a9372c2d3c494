//! The TRANSACTION state: one session's view of the maildrop ([RFC 1939 §5]).

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::server::{ReplyWriter, top};

use crate::maildrop::{Maildrop, Message};

/// A maildrop, and what this session has marked as deleted.
pub(crate) struct Transaction {
    maildrop: Arc<Maildrop>,
    deleted: BTreeSet<MessageNumber>,
}

impl Transaction {
    /// Begins with nothing deleted.
    pub(crate) fn new(maildrop: Arc<Maildrop>) -> Self {
        Self {
            maildrop,
            deleted: BTreeSet::new(),
        }
    }

    /// How many messages are not deleted, and their octets.
    pub(crate) fn totals(&self) -> (u32, u64) {
        self.remaining()
            .fold((0, 0), |(messages, octets), (_, message)| {
                (messages + 1, octets + size(message))
            })
    }

    /// Answers `LIST`.
    pub(crate) fn list(&self, number: Option<MessageNumber>, out: &mut ReplyWriter) {
        match number.map(|number| (number, self.find(number))) {
            None => {
                let (messages, octets) = self.totals();
                let sizes = self
                    .remaining()
                    .map(|(number, message)| (number, size(message)));
                out.scan_listings(&format!("{messages} messages ({octets} octets)"), sizes);
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

    /// Answers `RETR` but for the message, which it returns.
    pub(crate) fn retr(&self, number: MessageNumber, out: &mut ReplyWriter) -> Option<Bytes> {
        match self.find(number) {
            Ok(message) => {
                out.ok(&format!("{} octets", size(message)));
                Some(message.octets.clone())
            }
            Err(reason) => {
                out.err(reason);
                None
            }
        }
    }

    /// Answers `TOP` but for the lines, which it returns.
    pub(crate) fn top(
        &self,
        number: MessageNumber,
        lines: u32,
        out: &mut ReplyWriter,
    ) -> Option<Bytes> {
        match self.find(number) {
            Ok(message) => {
                out.ok("top of message follows");
                Some(message.octets.slice_ref(top(&message.octets, lines)))
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
        let (messages, octets) = self.totals();
        out.ok(&format!(
            "maildrop has {messages} messages ({octets} octets)"
        ));
    }

    fn find(&self, number: MessageNumber) -> Result<&Message, &'static str> {
        if self.deleted.contains(&number) {
            return Err("message already deleted");
        }
        usize::try_from(number.number() - 1)
            .ok()
            .and_then(|index| self.maildrop.messages().get(index))
            .ok_or("no such message")
    }

    fn remaining(&self) -> impl Iterator<Item = (MessageNumber, &Message)> {
        (1..)
            .filter_map(MessageNumber::new)
            .zip(self.maildrop.messages())
            .filter(|(number, _)| !self.deleted.contains(number))
    }
}

fn size(message: &Message) -> u64 {
    message.octets.len() as u64
}
