//! Writing messages and marks to the spool.

use super::facade::{Pending, Store};
use super::spool::{Files, IncomingMessage, MessageHead, Record, StorageError};
use crate::api::ids::{MailboxId, MessageId};
use crate::api::problem::Problem;
use crate::engine::mail::parse::summary;
use crate::engine::sink::Delivery;
use crate::engine::unique_ids::UniqueIds;

/// The largest number of records that the index may lag while it is not queried. A start after a
/// crash applies them in well under a second. The connection is not read while the index catches
/// up, so this is avoided in the middle of a check where possible.
pub(super) const MOST_PENDING: usize = 4000;

impl<F: Files> Store<F> {
    /// Returns the number of times that finished messages were lost before they were durable.
    ///
    /// The flush that fails need not be the caller's: it is common to all messages.
    #[must_use]
    pub fn losses(&self) -> u64 {
        self.spool.losses()
    }

    /// Stores a record that is not a message, durably. After an error, it is not applied later
    /// either.
    pub(super) async fn note(&mut self, record: Record) -> Result<(), Problem> {
        self.append(&record).await?;
        self.commit().await
    }

    /// Appends a record that is not a message to the spool.
    async fn append(&mut self, record: &Record) -> Result<(), Problem> {
        let appended = self.spool.append(record).await;
        let (number, checkpoint) = self.unless_lost(appended)?;
        self.pending.push(Pending {
            number,
            checkpoint,
            message: None,
            shown: None,
        });
        Ok(())
    }

    /// Forgets the records that the spool gave up, after an error.
    fn unless_lost<T>(&mut self, done: Result<T, StorageError>) -> Result<T, Problem> {
        if done.is_err() {
            let next = self.spool.next_number();
            self.pending.retain(|pending| pending.number < next);
        }
        Ok(done?)
    }
}

impl<F: Files> Delivery for Store<F> {
    type Incoming = IncomingMessage<F::File>;

    async fn known(&mut self, mailbox: MailboxId) -> Result<UniqueIds, Problem> {
        let mut known = self.ask(|index| index.unique_ids(mailbox)).await?;
        for pending in &self.pending {
            if let Some(head) = &pending.message
                && head.mailbox == mailbox
                && let Some(unique_id) = &head.unique_id
            {
                known.add(unique_id, Some(MessageId(pending.number)), None);
            }
        }
        Ok(known)
    }

    async fn kept(
        &mut self,
        mailbox: MailboxId,
        is_wanted: impl Fn(&str, u64) -> bool,
    ) -> Result<Vec<(u64, MessageId)>, Problem> {
        self.ask(|index| index.sized(mailbox, &is_wanted)).await
    }

    async fn beginning(
        &mut self,
        message: MessageId,
        bytes: usize,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let Some(kept) = self.ask(|index| index.message(message)).await? else {
            return Ok(None);
        };
        // A damaged record is detected and repaired when the message is opened.
        Ok(self.spool.beginning(message.0, kept.place, bytes)?)
    }

    async fn rename(&mut self, message: MessageId, unique_id: &str) -> Result<(), Problem> {
        let unique_id = unique_id.to_owned();
        self.append(&Record::Renamed { message, unique_id }).await
    }

    async fn begin(
        &mut self,
        mailbox: MailboxId,
        unique_id: Option<&str>,
    ) -> Result<Self::Incoming, Problem> {
        Ok(self.spool.begin(MessageHead {
            mailbox,
            arrived: (self.now)(),
            unique_id: unique_id.filter(|id| !id.is_empty()).map(str::to_owned),
        }))
    }

    async fn push(&mut self, message: &mut Self::Incoming, bytes: &[u8]) -> Result<(), Problem> {
        let pushed = self.spool.push(message, bytes).await;
        self.unless_lost(pushed)
    }

    async fn finish(&mut self, message: Self::Incoming) -> Result<MessageId, Problem> {
        // Done while the bytes are in memory: reading them back costs more than parsing them.
        let bytes = message.gathered();
        let shown = bytes.map(|bytes| (summary(bytes), bytes.len() as u64));
        let head = message.head().clone();
        let finished = self.spool.finish(message).await;
        let (number, checkpoint) = self.unless_lost(finished)?;
        self.pending.push(Pending {
            number,
            checkpoint,
            message: Some(head),
            shown,
        });
        Ok(MessageId(number))
    }

    async fn abandon(&mut self, message: Self::Incoming) {
        self.spool.abandon(message);
    }

    async fn commit(&mut self) -> Result<(), Problem> {
        let flushed = self.spool.flush();
        self.unless_lost(flushed)?;
        if self.unfinished || self.pending.len() >= MOST_PENDING {
            self.follow().await?;
        }
        Ok(())
    }
}
