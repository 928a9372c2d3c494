//! The store: spool and index as one, which is all that the rest of the engine sees of either.
//!
//! What is to be kept goes to the spool first, is flushed there, and then goes to the index in one
//! transaction. A crash between the two is healed at the next start, when the index catches up.

use std::collections::HashMap;
use std::fmt;

use super::command::MessageQuery;
use super::delivery::Delivery;
use super::event::{Healing, MailboxId, MessageId, MessageRow, OpenMessage, Problem, ProblemKind};
use super::index::{Index, IndexError, IndexPlace, Kept, MailboxState, Opened};
use super::mime::{self, MessageFacts};
use super::spool::{Checkpoint, Files, Found, MessageHead, Record, Scan, Scanned, Spool};
use crate::clock::Clock;

#[cfg(test)]
mod tests;

/// All mail on this device.
///
/// Of the futures of its methods, those that write may be dropped at any await; what was finished
/// then waits for the next [`commit`](Delivery::commit).
pub struct Store<F: Files> {
    spool: Spool<F>,
    index: Index,
    /// Finished in the spool, not in the index yet.
    pending: Vec<Pending>,
    /// Not in the spool yet, because a message is being written there.
    deferred: Vec<Record>,
    /// Mailbox and unique-id of the message that is being written.
    arriving: Option<(MailboxId, String)>,
    /// Set while the index is derived again: if that is cut short, it has to be begun anew before
    /// the index is asked or told anything.
    unfinished: bool,
    healed: Vec<Healing>,
    /// The time in seconds since 1970.
    now: Box<dyn Fn() -> i64>,
}

struct Pending {
    number: u64,
    checkpoint: Checkpoint,
    /// Of a message: mailbox and unique-id.
    message: Option<(MailboxId, String)>,
}

impl<F: Files + Clone> Store<F> {
    /// Opens the store, and heals what a crash or a bad disk has left; says what was healed.
    ///
    /// # Errors
    /// [`ProblemKind::StorageFull`] or [`ProblemKind::StorageFailed`].
    pub async fn open(
        files: F,
        place: IndexPlace,
        clock: impl Clock,
    ) -> Result<(Self, Vec<Healing>), Problem> {
        let (mut index, opened) = Index::open(place).await?;
        let scan = Scan::open(files.clone()).await?;
        let mut rebuilt = opened == Opened::Cleared;
        let mut from = match opened {
            Opened::Sound(checkpoint) => checkpoint,
            Opened::Cleared => None,
        };
        if let Some(checkpoint) = &from
            && !scan.holds(checkpoint)?
        {
            index.clear().await?;
            rebuilt = true;
            from = None;
        }
        let (spool, scanned) = match catch_up(scan, &mut index, from).await {
            Err(IndexError::Damaged(_)) => {
                index.clear().await?;
                rebuilt = true;
                catch_up(Scan::open(files).await?, &mut index, None).await?
            }
            caught_up => caught_up?,
        };
        // An index that was lost looks like one that was never made.
        rebuilt |= from.is_none()
            && index
                .mailboxes()?
                .iter()
                .any(|mailbox| mailbox.messages > 0);
        let mut healed = Vec::new();
        if scanned.tail_cut {
            healed.push(Healing::SpoolTailCut);
        }
        if scanned.damaged > 0 {
            healed.push(Healing::SpoolRecordDamaged);
        }
        if rebuilt {
            healed.push(Healing::IndexRebuilt);
        }
        let store = Self {
            spool,
            index,
            pending: Vec::new(),
            deferred: Vec::new(),
            arriving: None,
            unfinished: false,
            healed: Vec::new(),
            now: Box::new(move || i64::try_from(clock.now().as_secs()).unwrap_or(i64::MAX)),
        };
        Ok((store, healed))
    }
}

/// Gives the index what the spool has after `from`.
async fn catch_up<F: Files>(
    scan: Scan<F>,
    index: &mut Index,
    from: Option<Checkpoint>,
) -> Result<(Spool<F>, Scanned), IndexError> {
    let mut writer = index.writer();
    let found = scan.run(from.as_ref(), |found| writer.apply(found)).await?;
    writer.finish()?;
    Ok(found)
}

impl<F: Files> Store<F> {
    /// All mailboxes with their counts, in the order of their making.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn mailboxes(&mut self) -> Result<Vec<MailboxState>, Problem> {
        self.ask(Index::mailboxes).await
    }

    /// Makes a mailbox and returns its number, which no other ever had.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn add_mailbox(&mut self) -> Result<MailboxId, Problem> {
        let mailbox = self.ask(Index::new_mailbox).await?;
        self.note(Record::MailboxAdded { mailbox }).await?;
        Ok(mailbox)
    }

    /// Removes a mailbox and its messages from every list. No check of it may be under way.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn remove_mailbox(&mut self, mailbox: MailboxId) -> Result<(), Problem> {
        self.note(Record::MailboxRemoved { mailbox }).await
    }

    /// Notes that a mailbox was checked with success just now.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn note_check(&mut self, mailbox: MailboxId) -> Result<(), Problem> {
        let at = (self.now)();
        self.note(Record::Checked { mailbox, at }).await
    }

    /// A window of the messages of a query, newest first, and how many there are in all.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn rows(
        &mut self,
        query: &MessageQuery,
        offset: u32,
        limit: u32,
    ) -> Result<(u32, Vec<MessageRow>), Problem> {
        self.ask(|index| index.rows(query, offset, limit)).await
    }

    /// A message made ready to show. It is not marked as read by this.
    ///
    /// # Errors
    /// [`ProblemKind::NotFound`], or if storage fails.
    pub async fn open_message(
        &mut self,
        message: MessageId,
        remote_images: bool,
    ) -> Result<OpenMessage, Problem> {
        let (kept, octets) = self.load(message).await?;
        let facts = MessageFacts {
            id: message,
            mailbox: kept.mailbox,
            date: kept.date,
        };
        Ok(mime::open_message(&octets, facts, remote_images))
    }

    /// A message as the server sent it.
    ///
    /// # Errors
    /// [`ProblemKind::NotFound`], or if storage fails.
    pub async fn source(&mut self, message: MessageId) -> Result<Vec<u8>, Problem> {
        self.load(message).await.map(|(_, octets)| octets)
    }

    /// The decoded octets of an attachment.
    ///
    /// # Errors
    /// [`ProblemKind::NotFound`], or if storage fails.
    pub async fn attachment(&mut self, message: MessageId, part: u32) -> Result<Vec<u8>, Problem> {
        let (_, octets) = self.load(message).await?;
        mime::attachment(&octets, part).ok_or_else(not_found)
    }

    /// Marks a message as read or unread; returns whether that changed anything.
    ///
    /// # Errors
    /// [`ProblemKind::NotFound`], or if storage fails.
    pub async fn mark_read(&mut self, message: MessageId, read: bool) -> Result<bool, Problem> {
        let kept = self.ask(|index| index.message(message)).await?;
        let changes = kept.ok_or_else(not_found)?.unread == read;
        if changes {
            self.note(Record::ReadState { message, read }).await?;
        }
        Ok(changes)
    }

    /// What has been healed since the store was opened, or since this was last asked.
    pub fn take_healed(&mut self) -> Vec<Healing> {
        std::mem::take(&mut self.healed)
    }

    /// Keeps a record that is no message. While a message is being written, only the index knows
    /// it; the spool follows with the next commit.
    async fn note(&mut self, record: Record) -> Result<(), Problem> {
        if self.spool.is_writing() {
            self.index.anticipate(&record)?;
            self.deferred.push(record);
            return Ok(());
        }
        self.deferred.push(record);
        let committed = self.commit().await;
        if committed.is_err() {
            // Whoever hears that it failed must not find it done later.
            self.deferred.pop();
        }
        committed
    }

    /// Asks the index, and derives it again if it proves to be damaged.
    async fn ask<T>(
        &mut self,
        question: impl Fn(&Index) -> Result<T, IndexError>,
    ) -> Result<T, Problem> {
        if self.unfinished {
            self.rebuild().await?;
        }
        match question(&self.index) {
            Err(IndexError::Damaged(_)) => {
                self.rebuild().await?;
                Ok(question(&self.index)?)
            }
            answer => Ok(answer?),
        }
    }

    async fn load(&mut self, message: MessageId) -> Result<(Kept, Vec<u8>), Problem> {
        for _ in 0..2 {
            let kept = self.ask(|index| index.message(message)).await?;
            let kept = kept.ok_or_else(not_found)?;
            if let Some(Record::Message { octets, .. }) = self.spool.read(message.0, kept.place)? {
                return Ok((kept, octets));
            }
            // Either the record is damaged or the index is wrong about its place. Deriving the
            // index again mends the latter, and otherwise leaves the message out, so that it will
            // be fetched again if the server still has it.
            self.healed.push(Healing::SpoolRecordDamaged);
            self.rebuild().await?;
        }
        Err(not_found())
    }

    /// Derives the index from the spool.
    async fn rebuild(&mut self) -> Result<(), Problem> {
        // The index must not know what may yet be lost. If the flush fails, the spool gives up what
        // it could not flush.
        let flushed = self.spool.flush();
        self.unfinished = true;
        self.pending.clear();
        self.index.clear().await?;
        let mut writer = self.index.writer();
        self.spool.replay(|found| writer.apply(found))?;
        writer.finish()?;
        self.unfinished = false;
        for record in &self.deferred {
            self.index.anticipate(record)?;
        }
        self.healed.push(Healing::IndexRebuilt);
        Ok(flushed?)
    }

    /// Brings the index up to what the spool has made durable.
    fn index_pending(&mut self) -> Result<(), IndexError> {
        let mut writer = self.index.writer();
        for pending in &self.pending {
            let place = pending.checkpoint.location;
            // A record that cannot be read back a moment after it was flushed is left out, as it
            // would be at the next start.
            if let Some(record) = self.spool.read(pending.number, place)? {
                writer.apply(Found {
                    number: pending.number,
                    checkpoint: pending.checkpoint,
                    record,
                })?;
            }
        }
        writer.finish()?;
        self.pending.clear();
        Ok(())
    }
}

impl<F: Files> Delivery for Store<F> {
    async fn known(&mut self, mailbox: MailboxId) -> Result<HashMap<String, u32>, Problem> {
        let mut known = self.ask(|index| index.unique_ids(mailbox)).await?;
        for pending in &self.pending {
            if let Some((of, unique_id)) = &pending.message
                && *of == mailbox
            {
                *known.entry(unique_id.clone()).or_default() += 1;
            }
        }
        Ok(known)
    }

    async fn begin(&mut self, mailbox: MailboxId, unique_id: &str) -> Result<(), Problem> {
        let head = MessageHead {
            mailbox,
            arrived: (self.now)(),
            unique_id: unique_id.to_owned(),
        };
        self.spool.begin(&head).await?;
        self.arriving = Some((mailbox, head.unique_id));
        Ok(())
    }

    async fn push(&mut self, octets: &[u8]) -> Result<(), Problem> {
        Ok(self.spool.push(octets)?)
    }

    async fn finish(&mut self) -> Result<MessageId, Problem> {
        let (number, checkpoint) = self.spool.finish()?;
        self.pending.push(Pending {
            number,
            checkpoint,
            message: self.arriving.take(),
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
            });
        }
        if let Err(error) = self.spool.flush() {
            let next = self.spool.next_number();
            self.pending.retain(|pending| pending.number < next);
            self.deferred.splice(..0, appended);
            return Err(error.into());
        }
        if self.unfinished {
            return self.rebuild().await;
        }
        match self.index_pending() {
            Err(IndexError::Damaged(_)) => self.rebuild().await,
            indexed => Ok(indexed?),
        }
    }
}

impl<F: Files> fmt::Debug for Store<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("index", &self.index)
            .field("pending", &self.pending.len())
            .finish_non_exhaustive()
    }
}

fn not_found() -> Problem {
    Problem {
        kind: ProblemKind::NotFound,
        detail: None,
    }
}
