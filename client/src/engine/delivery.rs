//! The seam between checking mail and keeping it.

use super::event::{MailboxId, MessageId, Problem};
use super::unique_ids::UniqueIds;

/// Where a check puts what it fetches: one message at a time, octets as they come.
///
/// A message counts as kept only once [`commit`](Delivery::commit) has returned; a delivery that
/// is dropped before that leaves nothing behind.
#[allow(async_fn_in_trait)] // One thread: no caller needs the futures to be `Send`.
pub trait Delivery {
    /// The unique-ids of the messages that are already kept.
    async fn known(&mut self, mailbox: MailboxId) -> Result<UniqueIds, Problem>;

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

/// Knows messages and keeps none: what a check is measured with.
#[derive(Debug)]
pub struct Nowhere {
    /// Tells what is kept already.
    pub known: fn() -> UniqueIds,
}

impl Default for Nowhere {
    fn default() -> Self {
        Self {
            known: UniqueIds::default,
        }
    }
}

impl Delivery for Nowhere {
    async fn known(&mut self, _: MailboxId) -> Result<UniqueIds, Problem> {
        Ok((self.known)())
    }

    async fn begin(&mut self, _: MailboxId, _: &str) -> Result<(), Problem> {
        Ok(())
    }

    async fn push(&mut self, _: &[u8]) -> Result<(), Problem> {
        Ok(())
    }

    async fn finish(&mut self) -> Result<MessageId, Problem> {
        Ok(MessageId(0))
    }

    async fn abandon(&mut self) {}

    async fn commit(&mut self) -> Result<(), Problem> {
        Ok(())
    }
}
