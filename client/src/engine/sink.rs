//! The interface between checking mail and storing it.

use super::unique_ids::UniqueIds;
use crate::api::ids::{MailboxId, MessageId};
use crate::api::problem::Problem;

/// The destination of fetched messages, whose bytes are passed on as they arrive.
///
/// Several messages may be on their way at the same time. A message counts as stored only after
/// [`commit`](Delivery::commit) has returned; a delivery that is dropped before that leaves
/// nothing.
#[allow(async_fn_in_trait)] // One thread: no caller needs the futures to be `Send`.
pub trait Delivery {
    /// A message that was begun. Dropping it gives the message up.
    type Incoming;

    /// Returns the unique-ids of the messages that are already stored.
    async fn known(&mut self, mailbox: MailboxId) -> Result<UniqueIds, Problem>;

    /// Returns the size in bytes and the number of each stored message that `is_wanted` accepts by
    /// its unique-id and size. A delivery without sizes returns nothing.
    async fn kept(
        &mut self,
        _mailbox: MailboxId,
        _is_wanted: impl Fn(&str, u64) -> bool,
    ) -> Result<Vec<(u64, MessageId)>, Problem> {
        Ok(Vec::new())
    }

    /// Returns at most `bytes` bytes from the beginning of a stored message; `None` if it is not
    /// available.
    async fn beginning(
        &mut self,
        _message: MessageId,
        _bytes: usize,
    ) -> Result<Option<Vec<u8>>, Problem> {
        Ok(None)
    }

    /// Makes a stored message [`known`](Self::known) by another unique-id as well, from the next
    /// [`commit`](Self::commit) on.
    async fn rename(&mut self, _message: MessageId, _unique_id: &str) -> Result<(), Problem> {
        Ok(())
    }

    /// Begins a message. One without a unique-id, such as an imported one, is never
    /// [`known`](Self::known).
    async fn begin(
        &mut self,
        mailbox: MailboxId,
        unique_id: Option<&str>,
    ) -> Result<Self::Incoming, Problem>;

    /// Appends bytes to a message, as the server sent them, without byte-stuffing. An error gives
    /// the message up.
    async fn push(&mut self, message: &mut Self::Incoming, bytes: &[u8]) -> Result<(), Problem>;

    /// Finishes a message.
    async fn finish(&mut self, message: Self::Incoming) -> Result<MessageId, Problem>;

    /// Gives a message up.
    async fn abandon(&mut self, message: Self::Incoming);

    /// Makes all finished messages durable: the spool is flushed, and the index can follow later.
    ///
    /// # Errors
    /// If storage fails, now or earlier: then some of the messages that were finished since the
    /// last commit are lost.
    async fn commit(&mut self) -> Result<(), Problem>;
}
