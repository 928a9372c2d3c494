//! The seam between checking mail and keeping it.

use std::collections::HashMap;

use super::event::{MailboxId, MessageId, Problem};

/// Where a check puts what it fetches: one message at a time, octets as they come.
///
/// A message counts as kept only once [`commit`](Delivery::commit) has returned; a delivery that
/// is dropped before that leaves nothing behind.
#[allow(async_fn_in_trait)] // One thread: no caller needs the futures to be `Send`.
pub trait Delivery {
    /// How many messages with each unique-id are already kept. A server may list one twice.
    async fn known(&mut self, mailbox: MailboxId) -> Result<HashMap<String, u32>, Problem>;

    /// Begins a message; one that was begun and not finished is given up.
    async fn begin(&mut self, mailbox: MailboxId, unique_id: &str) -> Result<(), Problem>;

    /// Adds octets to the message that was begun, as the server sent them, byte-stuffing undone.
    async fn push(&mut self, octets: &[u8]) -> Result<(), Problem>;

    /// Ends the message that was begun.
    async fn finish(&mut self) -> Result<MessageId, Problem>;

    /// Gives up the message that was begun.
    async fn abandon(&mut self);

    /// Makes all that was finished durable: flushed spool first, then the index.
    async fn commit(&mut self) -> Result<(), Problem>;
}
