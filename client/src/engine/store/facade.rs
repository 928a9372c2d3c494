//! The store itself, and its mailboxes.

use std::fmt;

use super::index::{Index, MailboxState};
use super::spool::{Checkpoint, Files, MessageHead, Record, Spool};
use crate::api::ids::MailboxId;
use crate::api::problem::{Problem, ProblemKind};
use crate::api::storage::Healing;
use crate::engine::mail::parse::Summary;

/// All mail on this device.
///
/// Futures of the writing methods may be dropped at any await. Records that were finished by then
/// wait for the next [`commit`](crate::engine::sink::Delivery::commit).
pub struct Store<F: Files> {
    pub(super) spool: Spool<F>,
    pub(super) index: Index,
    /// Records that are finished in the spool but not yet in the index.
    pub(super) pending: Vec<Pending>,
    /// Set while the index is being rebuilt. If the rebuild is interrupted, it must start again
    /// before the index is queried or written.
    pub(super) unfinished: bool,
    pub(super) healed: Vec<Healing>,
    /// The time in seconds since 1970.
    pub(super) now: Box<dyn Fn() -> i64>,
}

/// A record that is finished in the spool but not yet in the index.
pub(super) struct Pending {
    pub(super) number: u64,
    pub(super) checkpoint: Checkpoint,
    pub(super) message: Option<MessageHead>,
    /// The summary for lists and the size in bytes, if the message was in memory when it arrived.
    pub(super) shown: Option<(Summary, u64)>,
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
}

impl<F: Files> fmt::Debug for Store<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("index", &self.index)
            .field("pending", &self.pending.len())
            .finish_non_exhaustive()
    }
}

/// Returns the problem that a message is not stored.
pub(super) fn not_found() -> Problem {
    Problem::new(ProblemKind::NotFound)
}
