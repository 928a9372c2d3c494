//! A delivery that notes the time of its commits.

use std::time::Instant;

use restante_client::api::ids::{MailboxId, MessageId};
use restante_client::api::problem::Problem;
use restante_client::engine::sink::Delivery;
use restante_client::engine::store::Store;
use restante_client::engine::store::spool::DiskFiles;
use restante_client::engine::unique_ids::UniqueIds;

/// A store with the time of its last commit.
pub(crate) struct TimedStore<'a> {
    store: &'a mut Store<DiskFiles>,
    /// The end of the last commit.
    pub(crate) committed: Option<Instant>,
}

impl<'a> TimedStore<'a> {
    pub(crate) fn new(store: &'a mut Store<DiskFiles>) -> Self {
        Self {
            store,
            committed: None,
        }
    }
}

impl Delivery for TimedStore<'_> {
    type Incoming = <Store<DiskFiles> as Delivery>::Incoming;

    async fn known(&mut self, mailbox: MailboxId) -> Result<UniqueIds, Problem> {
        self.store.known(mailbox).await
    }

    async fn begin(
        &mut self,
        mailbox: MailboxId,
        unique_id: Option<&str>,
    ) -> Result<Self::Incoming, Problem> {
        self.store.begin(mailbox, unique_id).await
    }

    async fn push(&mut self, message: &mut Self::Incoming, bytes: &[u8]) -> Result<(), Problem> {
        self.store.push(message, bytes).await
    }

    async fn finish(&mut self, message: Self::Incoming) -> Result<MessageId, Problem> {
        self.store.finish(message).await
    }

    async fn abandon(&mut self, message: Self::Incoming) {
        self.store.abandon(message).await;
    }

    async fn commit(&mut self) -> Result<(), Problem> {
        self.store.commit().await?;
        self.committed = Some(Instant::now());
        Ok(())
    }
}
