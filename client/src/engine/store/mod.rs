//! The store: spool and index combined in one interface, the only one that the rest of the engine
//! uses.
//!
//! New data is written to the spool and flushed; from then on it is durable. The index catches up
//! before it is queried, in one transaction for all new records. The words of messages are indexed
//! when there is time. After a crash in between, the index catches up at the next start. Incoming
//! mail therefore never waits for the index.
//!
//! | file | holds |
//! |---|---|
//! | `opening` | catching up at the start |
//! | `keeping` | messages and marks on their way to the spool |
//! | `following` | bringing the index up to date with the spool, and rebuilding it |
//! | `reading` | lists, searches, messages |

use std::fmt;

use super::mail::parse::Summary;
use super::store::index::{Index, MailboxState};
use super::store::spool::{Checkpoint, Files, MessageHead, Record, Spool};
use crate::api::ids::{MailboxId, MessageId};
use crate::api::problem::{Problem, ProblemKind};
use crate::api::storage::Healing;

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
/// Futures of the writing methods may be dropped at any await. Records that were finished by then
/// wait for the next [`commit`](Delivery::commit).
pub struct Store<F: Files> {
    spool: Spool<F>,
    index: Index,
    /// Records that are finished in the spool but not yet in the index.
    pending: Vec<Pending>,
    /// Set while the index is being rebuilt. If the rebuild is interrupted, it must start again
    /// before the index is queried or written.
    unfinished: bool,
    healed: Vec<Healing>,
    /// The time in seconds since 1970.
    now: Box<dyn Fn() -> i64>,
}

struct Pending {
    number: u64,
    checkpoint: Checkpoint,
    message: Option<MessageHead>,
    /// The summary for lists and the size in bytes, if the message was in memory when it arrived.
    shown: Option<(Summary, u64)>,
}

impl<F: Files> Store<F> {
    /// Returns all mailboxes with their counts, in the order of creation.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn mailboxes(&mut self) -> Result<Vec<MailboxState>, Problem> {
        self.ask(Index::mailboxes).await
    }

    /// Creates a mailbox and returns its number, which was never used before.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn add_mailbox(&mut self) -> Result<MailboxId, Problem> {
        let mailbox = self.ask(Index::new_mailbox).await?;
        self.note(Record::MailboxAdded { mailbox }).await?;
        Ok(mailbox)
    }

    /// Recreates a mailbox whose record was damaged. It is empty, so its messages are fetched
    /// again. Returns false if the mailbox was removed.
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

    /// Records that a mailbox was checked successfully just now.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn note_check(&mut self, mailbox: MailboxId) -> Result<(), Problem> {
        let at = (self.now)();
        self.note(Record::Checked { mailbox, at }).await
    }

    /// Marks a message as read or unread. Returns true if that changed its state.
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
