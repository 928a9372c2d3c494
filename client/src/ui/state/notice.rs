//! Notices: messages to the user that stay until they are dismissed.

use super::PageState;
use crate::api::ids::MailboxId;
use crate::api::problem::Problem;
use crate::api::storage::Healing;

/// A message to the user that stays until it is dismissed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A check failed.
    Check {
        /// The mailbox.
        mailbox: MailboxId,
        /// The reason.
        problem: Problem,
    },
    /// Another operation failed.
    Failed(Problem),
    /// Damage to the store was repaired.
    Healed(Vec<Healing>),
}

impl Notice {
    /// True if this is about a failed check of the mailbox.
    pub(super) fn is_check_of(&self, id: MailboxId) -> bool {
        matches!(self, Self::Check { mailbox, .. } if *mailbox == id)
    }
}

impl PageState {
    /// Adds a notice. It replaces an equal one, or an earlier one about a check of the same mailbox.
    pub(super) fn notify(&mut self, notice: Notice) {
        self.notices.retain(|other| match &notice {
            Notice::Check { mailbox, .. } => !other.is_check_of(*mailbox),
            Notice::Failed(_) | Notice::Healed(_) => *other != notice,
        });
        self.notices.push(notice);
    }

    /// Removes the notice about a failed check of the mailbox.
    pub(super) fn dismiss_check(&mut self, mailbox: MailboxId) {
        self.notices.retain(|notice| !notice.is_check_of(mailbox));
    }

    /// Removes the notice at a position.
    pub(super) fn dismiss(&mut self, position: usize) {
        if position < self.notices.len() {
            self.notices.remove(position);
        }
    }
}
