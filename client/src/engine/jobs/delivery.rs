//! The delivery of a check's messages into the engine's store.

use std::time::Duration;

use crate::api::ids::{MailboxId, MessageId};
use crate::api::problem::{Detail, Problem, ProblemKind};
use crate::clock::Clock as _;
use crate::engine::Engine;
use crate::engine::platform::Platform;
use crate::engine::sink::Delivery;
use crate::engine::store::Store;
use crate::engine::unique_ids::UniqueIds;

/// The least time between two announcements: the page asks for its lists after each.
const ANNOUNCEMENT_INTERVAL: Duration = Duration::from_millis(500);

/// The store as a check uses it. It is locked for one step at a time, so that the user can read
/// meanwhile. Announces new messages.
pub(super) struct SharedStore<'a, P: Platform> {
    engine: &'a Engine<P>,
    /// The number of messages that were finished since the last announcement.
    finished: u32,
    /// The time of the last announcement.
    announced: Option<Duration>,
    /// The store's count of losses when the first message or name since the last commit was
    /// stored.
    losses: Option<u64>,
}

impl<'a, P: Platform> SharedStore<'a, P> {
    pub(super) fn new(engine: &'a Engine<P>) -> Self {
        Self {
            engine,
            finished: 0,
            announced: None,
            losses: None,
        }
    }

    /// Returns true if messages were finished since the last announcement.
    pub(super) fn has_unannounced(&self) -> bool {
        self.finished > 0
    }
}

impl<P: Platform> Delivery for SharedStore<'_, P> {
    type Incoming = <Store<P::Files> as Delivery>::Incoming;

    async fn known(&mut self, mailbox: MailboxId) -> Result<UniqueIds, Problem> {
        self.engine.store.lock().await.known(mailbox).await
    }

    async fn kept(
        &mut self,
        mailbox: MailboxId,
        is_wanted: impl Fn(&str, u64) -> bool,
    ) -> Result<Vec<(u64, MessageId)>, Problem> {
        let mut store = self.engine.store.lock().await;
        store.kept(mailbox, is_wanted).await
    }

    async fn beginning(
        &mut self,
        message: MessageId,
        bytes: usize,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let mut store = self.engine.store.lock().await;
        store.beginning(message, bytes).await
    }

    async fn rename(&mut self, message: MessageId, unique_id: &str) -> Result<(), Problem> {
        let mut store = self.engine.store.lock().await;
        self.losses.get_or_insert(store.losses());
        store.rename(message, unique_id).await
    }

    async fn begin(
        &mut self,
        mailbox: MailboxId,
        unique_id: Option<&str>,
    ) -> Result<Self::Incoming, Problem> {
        let mut store = self.engine.store.lock().await;
        store.begin(mailbox, unique_id).await
    }

    async fn push(&mut self, message: &mut Self::Incoming, bytes: &[u8]) -> Result<(), Problem> {
        self.engine.search_lag.arrived(bytes.len());
        let mut store = self.engine.store.lock().await;
        store.push(message, bytes).await
    }

    async fn finish(&mut self, message: Self::Incoming) -> Result<MessageId, Problem> {
        let mut store = self.engine.store.lock().await;
        self.losses.get_or_insert(store.losses());
        let message = store.finish(message).await?;
        self.finished += 1;
        Ok(message)
    }

    async fn abandon(&mut self, message: Self::Incoming) {
        self.engine.store.lock().await.abandon(message).await;
    }

    async fn commit(&mut self) -> Result<(), Problem> {
        let mut store = self.engine.store.lock().await;
        let before = self.losses.take();
        store.commit().await?;
        if before.is_some_and(|before| before != store.losses()) {
            return Err(Problem::with_detail(
                ProblemKind::StorageFailed,
                Detail::NotDurable,
            ));
        }
        drop(store);
        let now = self.engine.platform.clock().now();
        let is_due = |at| now.saturating_sub(at) >= ANNOUNCEMENT_INTERVAL;
        if self.finished > 0 && self.announced.is_none_or(is_due) {
            self.finished = 0;
            self.announced = Some(now);
            self.engine.announce_messages().await;
            self.engine.search_lag.kept();
        }
        Ok(())
    }
}
