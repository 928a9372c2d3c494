//! Messages that are stored and not yet committed. A commit costs a flush, so they share it.

use std::time::Duration;

use crate::api::ids::{MailboxId, MessageId};
use crate::api::problem::{Problem, ProblemKind};
use crate::engine::check::find::fingerprint::{Fingerprint, MAX_HEADER_BYTES};
use crate::engine::limits::MAX_MESSAGE_BYTES;
use crate::engine::sink::Delivery;
use crate::engine::unique_ids::UniqueIds;

/// The number of messages at which a batch is committed.
const BATCH_MESSAGES: u32 = 200;
/// The number of bytes at which a batch is committed. A flush costs some milliseconds whatever its
/// size, and a fast connection delivers these bytes in a fifth of a second.
const BATCH_BYTES: usize = 16 * 1024 * 1024;
/// The age at which a batch is committed, so that mail appears while more of it arrives.
const BATCH_AGE: Duration = Duration::from_secs(2);

/// A delivery that counts its messages and commits them in batches.
pub(in crate::engine) struct Batch<'a, D: Delivery> {
    mailbox: MailboxId,
    delivery: &'a mut D,
    /// The message that was begun and not finished.
    incoming: Option<D::Incoming>,
    /// The number of bytes of the message that was begun last.
    message_bytes: u64,
    /// The number of messages since the last commit.
    messages: u32,
    /// The number of bytes since the last commit.
    bytes: usize,
    /// The time at which the batch was first tested for its age.
    since: Option<Duration>,
    committed: u32,
}

impl<'a, D: Delivery> Batch<'a, D> {
    pub(in crate::engine) fn new(mailbox: MailboxId, delivery: &'a mut D) -> Self {
        Self {
            mailbox,
            delivery,
            incoming: None,
            message_bytes: 0,
            messages: 0,
            bytes: 0,
            since: None,
            committed: 0,
        }
    }

    /// Returns the number of committed messages.
    pub(in crate::engine) fn committed(&self) -> u32 {
        self.committed
    }

    /// Returns the unique-ids of stored messages; see [`Delivery::known`].
    pub(in crate::engine) async fn known(&mut self) -> Result<UniqueIds, Problem> {
        self.delivery.known(self.mailbox).await
    }

    /// Returns size and number of stored messages; see [`Delivery::kept`].
    pub(in crate::engine) async fn kept(
        &mut self,
        is_wanted: impl Fn(&str, u64) -> bool,
    ) -> Result<Vec<(u64, MessageId)>, Problem> {
        self.delivery.kept(self.mailbox, is_wanted).await
    }

    /// Returns the fingerprint of a stored message of this size in bytes; `None` if the message is
    /// not available.
    pub(in crate::engine) async fn fingerprint(
        &mut self,
        message: MessageId,
        bytes: u64,
    ) -> Result<Option<Fingerprint>, Problem> {
        let beginning = self.delivery.beginning(message, MAX_HEADER_BYTES).await?;
        Ok(beginning.and_then(|beginning| Fingerprint::of_header(&beginning, bytes)))
    }

    /// Adds a unique-id to a stored message; see [`Delivery::rename`].
    pub(in crate::engine) async fn rename(
        &mut self,
        message: MessageId,
        unique_id: &str,
    ) -> Result<(), Problem> {
        self.delivery.rename(message, unique_id).await
    }

    /// Makes the added unique-ids durable.
    pub(in crate::engine) async fn commit_names(&mut self) -> Result<(), Problem> {
        self.delivery.commit().await
    }

    /// Begins a message. Gives up the previous one if it is unfinished.
    pub(in crate::engine) async fn begin(&mut self, unique_id: &str) -> Result<(), Problem> {
        self.abandon().await;
        self.message_bytes = 0;
        self.incoming = Some(self.delivery.begin(self.mailbox, Some(unique_id)).await?);
        Ok(())
    }

    /// Appends bytes to the message that was begun. Returns false if it is now too large: a server
    /// may have announced a smaller size.
    pub(in crate::engine) async fn push(&mut self, bytes: &[u8]) -> Result<bool, Problem> {
        self.message_bytes += bytes.len() as u64;
        if self.message_bytes > MAX_MESSAGE_BYTES {
            return Ok(false);
        }
        self.bytes += bytes.len();
        let incoming = self.incoming.as_mut().ok_or_else(not_begun)?;
        self.delivery.push(incoming, bytes).await.map(|()| true)
    }

    /// Returns the number of bytes of the message that was begun last.
    pub(in crate::engine) fn message_bytes(&self) -> u64 {
        self.message_bytes
    }

    /// Gives up the message that was begun, if any.
    pub(in crate::engine) async fn abandon(&mut self) {
        if let Some(incoming) = self.incoming.take() {
            self.delivery.abandon(incoming).await;
        }
    }

    /// Finishes the message that was begun.
    pub(in crate::engine) async fn finish(&mut self) -> Result<(), Problem> {
        let incoming = self.incoming.take().ok_or_else(not_begun)?;
        self.delivery.finish(incoming).await?;
        self.messages += 1;
        Ok(())
    }

    /// Returns true if the batch is large or old enough to be committed.
    pub(in crate::engine) fn is_due(&mut self, now: Duration) -> bool {
        let since = *self.since.get_or_insert(now);
        let old = now.saturating_sub(since) >= BATCH_AGE;
        let much = self.messages >= BATCH_MESSAGES || self.bytes >= BATCH_BYTES;
        self.messages > 0 && (old || much)
    }

    /// Commits the finished messages.
    pub(in crate::engine) async fn commit(&mut self) -> Result<(), Problem> {
        let committed = match self.messages {
            0 => Ok(()),
            _ => self.delivery.commit().await,
        };
        // It is unknown which messages a failed commit stored: none of them counts, now or later.
        let messages = std::mem::take(&mut self.messages);
        self.bytes = 0;
        self.since = None;
        committed?;
        self.committed += messages;
        Ok(())
    }

    /// Gives up the message that was begun, and commits the finished ones.
    pub(in crate::engine) async fn close(&mut self) -> Result<(), Problem> {
        self.abandon().await;
        self.commit().await
    }
}

fn not_begun() -> Problem {
    Problem::with_detail(ProblemKind::StorageFailed, "no message was begun")
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::api::ids::MessageId;
    use crate::engine::unique_ids::UniqueIds;

    /// Stores nothing.
    struct Discard;

    impl Delivery for Discard {
        type Incoming = ();

        async fn known(&mut self, _: MailboxId) -> Result<UniqueIds, Problem> {
            Ok(UniqueIds::default())
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

    #[test]
    fn an_endless_message_is_ended() {
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
