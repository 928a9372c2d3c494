//! Changes of messages by the user.

use super::facade::{Store, not_found};
use super::index::Kept;
use super::spool::{Change, Files, Mark, Record};
use crate::api::problem::Problem;

impl<F: Files> Store<F> {
    /// Changes messages durably. Returns true if that changed the state of any.
    ///
    /// # Errors
    /// [`ProblemKind::NotFound`](crate::api::problem::ProblemKind::NotFound) if none of the
    /// messages is stored, or if storage fails.
    pub async fn change(&mut self, mut change: Change) -> Result<bool, Problem> {
        let mut is_stored = false;
        let mut changed = Vec::new();
        for message in change.messages {
            if let Some(kept) = self.ask(|index| index.message(message)).await? {
                is_stored = true;
                if !has(&kept, change.what) {
                    changed.push(message);
                }
            }
        }
        if !is_stored {
            return Err(not_found());
        }
        if changed.is_empty() {
            return Ok(false);
        }
        change.messages = changed;
        self.note(Record::Changed(change)).await?;
        Ok(true)
    }
}

/// Returns true if a fact is already true of a message.
fn has(kept: &Kept, what: Mark) -> bool {
    match what {
        Mark::Read(read) => kept.unread != read,
    }
}
