//! What was delivered and is not yet committed: a commit costs a flush, so it is shared.

use std::collections::HashMap;
use std::time::Duration;

use crate::engine::delivery::Delivery;
use crate::engine::event::{MailboxId, Problem};

/// A batch is committed at this many messages,
const BATCH_MESSAGES: u32 = 50;
/// or at this many octets,
const BATCH_OCTETS: usize = 4 * 1024 * 1024;
/// or at this age, so that mail shows up while more of it comes.
const BATCH_AGE: Duration = Duration::from_secs(2);

/// A delivery, counted.
pub(super) struct Batch<'a, D> {
    mailbox: MailboxId,
    delivery: &'a mut D,
    /// Whether a message was begun and not ended.
    in_message: bool,
    /// Messages and octets since the last commit, and the time of the first look at them.
    messages: u32,
    octets: usize,
    since: Option<Duration>,
    committed: u32,
}

impl<'a, D: Delivery> Batch<'a, D> {
    pub(super) fn new(mailbox: MailboxId, delivery: &'a mut D) -> Self {
        Self {
            mailbox,
            delivery,
            in_message: false,
            messages: 0,
            octets: 0,
            since: None,
            committed: 0,
        }
    }

    /// How many messages are safe.
    pub(super) fn committed(&self) -> u32 {
        self.committed
    }

    pub(super) async fn known(&mut self) -> Result<HashMap<String, u32>, Problem> {
        self.delivery.known(self.mailbox).await
    }

    pub(super) async fn begin(&mut self, unique_id: &str) -> Result<(), Problem> {
        self.in_message = true;
        self.delivery.begin(self.mailbox, unique_id).await
    }

    pub(super) async fn push(&mut self, octets: &[u8]) -> Result<(), Problem> {
        self.octets += octets.len();
        self.delivery.push(octets).await
    }

    pub(super) async fn finish(&mut self) -> Result<(), Problem> {
        self.delivery.finish().await?;
        self.in_message = false;
        self.messages += 1;
        Ok(())
    }

    /// Commits what was finished if that is much, or old.
    pub(super) async fn commit_if_due(&mut self, now: Duration) -> Result<(), Problem> {
        let since = *self.since.get_or_insert(now);
        let old = now.saturating_sub(since) >= BATCH_AGE;
        if old || self.messages >= BATCH_MESSAGES || self.octets >= BATCH_OCTETS {
            self.commit().await?;
        }
        Ok(())
    }

    /// Commits what was finished.
    pub(super) async fn commit(&mut self) -> Result<(), Problem> {
        if self.messages > 0 {
            self.delivery.commit().await?;
        }
        self.committed += std::mem::take(&mut self.messages);
        self.octets = 0;
        self.since = None;
        Ok(())
    }

    /// Gives up what was begun and commits what was finished.
    pub(super) async fn close(&mut self) -> Result<(), Problem> {
        if std::mem::take(&mut self.in_message) {
            self.delivery.abandon().await;
        }
        self.commit().await
    }
}
