//! Where the retrieved messages go.

use std::time::Instant;

use restante_client::api::event::{MailboxId, MessageId, Problem};
use restante_client::engine::sink::Delivery;
use restante_client::engine::store::Store;
use restante_client::engine::store::spool::DiskFiles;
use restante_client::engine::unique_ids::UniqueIds;

/// Into the store, noting when.
pub(crate) struct Timed<'a> {
    store: &'a mut Store<DiskFiles>,
    /// When the last commit was over.
    pub(crate) committed: Option<Instant>,
}

impl<'a> Timed<'a> {
    pub(crate) fn new(store: &'a mut Store<DiskFiles>) -> Self {
        Self {
            store,
            committed: None,
        }
    }
}

impl Delivery for Timed<'_> {
    async fn known(&mut self, mailbox: MailboxId) -> Result<UniqueIds, Problem> {
        self.store.known(mailbox).await
    }

    async fn begin(&mut self, mailbox: MailboxId, unique_id: &str) -> Result<(), Problem> {
        self.store.begin(mailbox, unique_id).await
    }

    async fn push(&mut self, octets: &[u8]) -> Result<(), Problem> {
        self.store.push(octets).await
    }

    async fn finish(&mut self) -> Result<MessageId, Problem> {
        self.store.finish().await
    }

    async fn abandon(&mut self) {
        self.store.abandon().await;
    }

    async fn commit(&mut self) -> Result<(), Problem> {
        self.store.commit().await?;
        self.committed = Some(Instant::now());
        Ok(())
    }
}
