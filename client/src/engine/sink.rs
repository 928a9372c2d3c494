//! The seam between checking mail and keeping it.

use super::unique_ids::UniqueIds;
use crate::api::ids::{MailboxId, MessageId};
use crate::api::problem::Problem;

/// Where a check puts what it fetches: one message at a time, octets as they come.
///
/// A message counts as kept only once [`commit`](Delivery::commit) has returned; a delivery that
/// is dropped before that leaves nothing behind.
#[allow(async_fn_in_trait)] // One thread: no caller needs the futures to be `Send`.
pub trait Delivery {
    /// The unique-ids of the messages that are already kept.
    async fn known(&mut self, mailbox: MailboxId) -> Result<UniqueIds, Problem>;

    /// Size in octets and number of those kept messages that `is_wanted`, which is told their
    /// unique-ids and sizes. A delivery that knows no sizes need not know any.
    async fn kept(
        &mut self,
        _mailbox: MailboxId,
        _is_wanted: impl Fn(&str, u64) -> bool,
    ) -> Result<Vec<(u64, MessageId)>, Problem> {
        Ok(Vec::new())
    }

    /// So many octets from the beginning of a kept message; `None` if it is not to be had.
    async fn beginning(
        &mut self,
        _message: MessageId,
        _octets: usize,
    ) -> Result<Option<Vec<u8>>, Problem> {
        Ok(None)
    }

    /// Lets a kept message be [`known`](Self::known) by another unique-id too, from the next
    /// [`commit`](Self::commit) on. No message may have been begun.
    async fn rename(&mut self, _message: MessageId, _unique_id: &str) -> Result<(), Problem> {
        Ok(())
    }

    /// Begins a message; one that was begun and not finished is given up.
    async fn begin(&mut self, mailbox: MailboxId, unique_id: &str) -> Result<(), Problem>;

    /// Adds octets to the message that was begun, as the server sent them, byte-stuffing undone.
    async fn push(&mut self, octets: &[u8]) -> Result<(), Problem>;

    /// Ends the message that was begun.
    async fn finish(&mut self) -> Result<MessageId, Problem>;

    /// Gives up the message that was begun.
    async fn abandon(&mut self);

    /// Makes all that was finished durable: the spool is flushed, and the index can follow later.
    async fn commit(&mut self) -> Result<(), Problem>;
}
