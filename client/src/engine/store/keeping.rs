//! Writing messages and marks to the spool.

use super::spool::{Files, MessageHead, Record};
use super::{Pending, Store};
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
    /// Stores a record that is not a message. While a message is being written, only the index
    /// receives the record; the spool follows with the next commit.
    pub(super) async fn note(&mut self, record: Record) -> Result<(), Problem> {
        if self.spool.is_writing() {
            self.index.anticipate(&record)?;
            self.deferred.push(record);
            return Ok(());
        }
        self.deferred.push(record);
        let committed = self.commit().await;
        if committed.is_err() {
            // A caller that receives an error must not find the record applied later.
            self.deferred.pop();
        }
        committed
    }
}

impl<F: Files> Delivery for Store<F> {
    async fn known(&mut self, mailbox: MailboxId) -> Result<UniqueIds, Problem> {
        let mut known = self.ask(|index| index.unique_ids(mailbox)).await?;
        for pending in &self.pending {
            if let Some(head) = &pending.message
                && head.mailbox == mailbox
            {
                known.add(&head.unique_id, 1);
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
        octets: usize,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let Some(kept) = self.ask(|index| index.message(message)).await? else {
            return Ok(None);
        };
        // A damaged record is detected and repaired when the message is opened.
        Ok(match self.spool.read(message.0, kept.place)? {
            Some(Record::Message {
                octets: mut all, ..
            }) => {
                all.truncate(octets);
                Some(all)
            }
            _ => None,
        })
    }

    async fn rename(&mut self, message: MessageId, unique_id: &str) -> Result<(), Problem> {
        self.deferred.push(Record::Renamed {
            message,
            unique_id: unique_id.to_owned(),
        });
        Ok(())
    }

    async fn begin(&mut self, mailbox: MailboxId, unique_id: &str) -> Result<(), Problem> {
        let head = MessageHead {
            mailbox,
            arrived: (self.now)(),
            unique_id: unique_id.to_owned(),
        };
        self.spool.begin(&head).await?;
        self.arriving = Some(head);
        Ok(())
    }

    async fn push(&mut self, octets: &[u8]) -> Result<(), Problem> {
        Ok(self.spool.push(octets)?)
    }

    async fn finish(&mut self) -> Result<MessageId, Problem> {
        // Done while the bytes are in memory: reading them back costs more than parsing them.
        let octets = self.spool.gathered();
        let shown = octets.map(|octets| (summary(octets), octets.len() as u64));
        let (number, checkpoint) = self.spool.finish()?;
        self.pending.push(Pending {
            number,
            checkpoint,
            message: self.arriving.take(),
            shown,
        });
        Ok(MessageId(number))
    }

    async fn abandon(&mut self) {
        self.spool.abandon();
        self.arriving = None;
    }

    async fn commit(&mut self) -> Result<(), Problem> {
        let mut appended = Vec::new();
        while !self.spool.is_writing()
            && let Some(record) = self.deferred.first()
        {
            let (number, checkpoint) = self.spool.append(record).await?;
            appended.push(self.deferred.remove(0));
            self.pending.push(Pending {
                number,
                checkpoint,
                message: None,
                shown: None,
            });
        }
        if let Err(error) = self.spool.flush() {
            let next = self.spool.next_number();
            self.pending.retain(|pending| pending.number < next);
            self.deferred.splice(..0, appended);
            return Err(error.into());
        }
        if self.unfinished || self.pending.len() >= MOST_PENDING {
            self.follow().await?;
        }
        Ok(())
    }
}
