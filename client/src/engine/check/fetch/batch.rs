//! What was delivered and is not yet committed: a commit costs a flush, so it is shared.

use std::time::Duration;

use crate::api::ids::{MailboxId, MessageId};
use crate::api::problem::Problem;
use crate::engine::check::find::fingerprint::{Fingerprint, MAX_HEADER_OCTETS};
use crate::engine::sink::Delivery;
use crate::engine::unique_ids::UniqueIds;

/// A batch is committed at this many messages,
const BATCH_MESSAGES: u32 = 200;
/// or at this many octets: a flush costs some milliseconds whatever it flushes, and a fast line
/// brings these in a fifth of a second,
const BATCH_OCTETS: usize = 16 * 1024 * 1024;
/// or at this age, so that mail shows up while more of it comes.
const BATCH_AGE: Duration = Duration::from_secs(2);

/// Larger messages are left on the server, since the engine takes a message apart in memory: a tab
/// has 4 GB at the most, and no mail host known delivers more than 150 MB.
pub(in crate::engine) const MAX_MESSAGE_OCTETS: u64 = 256 * 1024 * 1024;

/// A delivery, counted.
pub(in crate::engine) struct Batch<'a, D> {
    mailbox: MailboxId,
    delivery: &'a mut D,
    /// Whether a message was begun and not ended.
    in_message: bool,
    /// The octets of that message so far.
    message_octets: u64,
    /// Messages and octets since the last commit, and the time of the first look at them.
    messages: u32,
    octets: usize,
    since: Option<Duration>,
    committed: u32,
}

impl<'a, D: Delivery> Batch<'a, D> {
    pub(in crate::engine) fn new(mailbox: MailboxId, delivery: &'a mut D) -> Self {
        Self {
            mailbox,
            delivery,
            in_message: false,
            message_octets: 0,
            messages: 0,
            octets: 0,
            since: None,
            committed: 0,
        }
    }

    /// How many messages are safe.
    pub(in crate::engine) fn committed(&self) -> u32 {
        self.committed
    }

    pub(in crate::engine) async fn known(&mut self) -> Result<UniqueIds, Problem> {
        self.delivery.known(self.mailbox).await
    }

    /// Size and number of kept messages; see [`Delivery::kept`].
    pub(in crate::engine) async fn kept(
        &mut self,
        is_wanted: impl Fn(&str, u64) -> bool,
    ) -> Result<Vec<(u64, MessageId)>, Problem> {
        self.delivery.kept(self.mailbox, is_wanted).await
    }

    /// What a kept message of so many octets is told by; `None` if it is not to be had.
    pub(in crate::engine) async fn fingerprint(
        &mut self,
        message: MessageId,
        octets: u64,
    ) -> Result<Option<Fingerprint>, Problem> {
        let beginning = self.delivery.beginning(message, MAX_HEADER_OCTETS).await?;
        Ok(beginning.and_then(|beginning| Fingerprint::of_header(&beginning, octets)))
    }

    pub(in crate::engine) async fn rename(
        &mut self,
        message: MessageId,
        unique_id: &str,
    ) -> Result<(), Problem> {
        self.delivery.rename(message, unique_id).await
    }

    /// Makes the new names of messages durable.
    pub(in crate::engine) async fn commit_names(&mut self) -> Result<(), Problem> {
        self.delivery.commit().await
    }

    pub(in crate::engine) async fn begin(&mut self, unique_id: &str) -> Result<(), Problem> {
        self.in_message = true;
        self.message_octets = 0;
        self.delivery.begin(self.mailbox, unique_id).await
    }

    /// Adds octets to the message, which a server may have announced as smaller than it is. Returns
    /// whether they still fit into a message.
    pub(in crate::engine) async fn push(&mut self, octets: &[u8]) -> Result<bool, Problem> {
        self.message_octets += octets.len() as u64;
        if self.message_octets > MAX_MESSAGE_OCTETS {
            return Ok(false);
        }
        self.octets += octets.len();
        self.delivery.push(octets).await.map(|()| true)
    }

    /// How many octets the message has that was begun last.
    pub(in crate::engine) fn message_octets(&self) -> u64 {
        self.message_octets
    }

    /// Gives up the message that was begun.
    pub(in crate::engine) async fn abandon(&mut self) {
        if std::mem::take(&mut self.in_message) {
            self.delivery.abandon().await;
        }
    }

    pub(in crate::engine) async fn finish(&mut self) -> Result<(), Problem> {
        self.delivery.finish().await?;
        self.in_message = false;
        self.messages += 1;
        Ok(())
    }

    /// Whether what was finished is much, or old.
    pub(in crate::engine) fn is_due(&mut self, now: Duration) -> bool {
        let since = *self.since.get_or_insert(now);
        let old = now.saturating_sub(since) >= BATCH_AGE;
        let much = self.messages >= BATCH_MESSAGES || self.octets >= BATCH_OCTETS;
        self.messages > 0 && (old || much)
    }

    /// Commits what was finished.
    pub(in crate::engine) async fn commit(&mut self) -> Result<(), Problem> {
        let committed = match self.messages {
            0 => Ok(()),
            _ => self.delivery.commit().await,
        };
        // After a failed commit nobody knows what was kept: none of it counts, now or later.
        let messages = std::mem::take(&mut self.messages);
        self.octets = 0;
        self.since = None;
        committed?;
        self.committed += messages;
        Ok(())
    }

    /// Gives up what was begun and commits what was finished.
    pub(in crate::engine) async fn close(&mut self) -> Result<(), Problem> {
        self.abandon().await;
        self.commit().await
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::api::ids::MessageId;
    use crate::engine::unique_ids::UniqueIds;

    /// Keeps nothing.
    struct Discard;

    impl Delivery for Discard {
        async fn known(&mut self, _: MailboxId) -> Result<UniqueIds, Problem> {
            Ok(UniqueIds::default())
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

    #[test]
    fn a_message_without_end_ends() {
        block_on(async {
            let mut discard = Discard;
            let mut batch = Batch::new(MailboxId(1), &mut discard);
            let megabyte = vec![0; 1024 * 1024];
            for _ in 0..2 {
                batch.begin("endless").await.unwrap();
                for _ in 0..256 {
                    assert!(batch.push(&megabyte).await.unwrap());
                }
            }
            assert!(!batch.push(b"x").await.unwrap());
        });
    }
}
