//! A delivery that stores nothing, so that only the check is measured.

use restante_client::api::ids::{MailboxId, MessageId};
use restante_client::api::problem::Problem;
use restante_client::engine::sink::Delivery;
use restante_client::engine::unique_ids::UniqueIds;

/// A delivery that drops all messages.
pub(crate) struct Discard {
    /// Returns the messages that count as stored already.
    pub(crate) known: fn() -> UniqueIds,
}

impl Delivery for Discard {
    type Incoming = ();

    async fn known(&mut self, _: MailboxId) -> Result<UniqueIds, Problem> {
        Ok((self.known)())
    }

    async fn begin(&mut self, _: MailboxId, _: Option<&str>) -> Result<(), Problem> {
        Ok(())
    }

    async fn push(&mut self, (): &mut (), _: &[u8]) -> Result<(), Problem> {
        Ok(())
    }

    async fn finish(&mut self, (): ()) -> Result<MessageId, Problem> {
        Ok(MessageId(0))
    }

    async fn abandon(&mut self, (): ()) {}

    async fn commit(&mut self) -> Result<(), Problem> {
        Ok(())
    }
}
