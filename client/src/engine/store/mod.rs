//! The store: spool and index as one, which is all that the rest of the engine sees of either.
//!
//! What is to be kept goes to the spool and is flushed there: then it is kept. The index follows
//! before it is asked anything, in one transaction for all that came since; the words of messages
//! follow when there is time. A crash between these is healed at the next start, when the index
//! catches up, and so nobody waits for it while mail arrives.
//!
//! | file | holds |
//! |---|---|
//! | `opening` | catching up at the start |
//! | `keeping` | messages and marks on their way to the spool |
//! | `following` | the index on its way behind the spool, and deriving it again |
//! | `reading` | lists, searches, messages |

use std::fmt;

use super::mail::parse::Summary;
use super::store::index::{Index, MailboxState};
use super::store::spool::{Checkpoint, Files, MessageHead, Record, Spool};
use crate::api::event::{Healing, MailboxId, MessageId, Problem, ProblemKind};

mod following;
pub mod index;
mod keeping;
mod opening;
mod reading;
pub mod spool;
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
    /// The message that is being written.
    arriving: Option<MessageHead>,
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
    message: Option<MessageHead>,
    /// What a list shows of the message, and its octets, where they were in memory when it came.
    shown: Option<(Summary, u64)>,
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

    /// Makes a mailbox again whose record was damaged, empty, for its messages to be fetched again.
    /// Returns whether it is there: not if it was removed.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn restore_mailbox(&mut self, mailbox: MailboxId) -> Result<bool, Problem> {
        let removed = self.ask(|index| index.was_removed(mailbox)).await?;
        if !removed {
            self.note(Record::MailboxAdded { mailbox }).await?;
        }
        Ok(!removed)
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
    Problem::new(ProblemKind::NotFound)
}
