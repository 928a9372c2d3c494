//! What was delivered and is not yet committed: a commit costs a flush, so it is shared.

use std::collections::HashMap;
use std::time::Duration;

use super::listing::MAX_MESSAGE_OCTETS;
use crate::engine::delivery::Delivery;
use crate::engine::event::{MailboxId, Problem, ProblemKind};

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
    /// The octets of that message so far.
    message_octets: u64,
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
            message_octets: 0,
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
        self.message_octets = 0;
        self.delivery.begin(self.mailbox, unique_id).await
    }

    /// Adds octets to the message, which a server may have announced as smaller than it is.
    pub(super) async fn push(&mut self, octets: &[u8]) -> Result<(), Problem> {
        self.message_octets += octets.len() as u64;
        if self.message_octets > MAX_MESSAGE_OCTETS {
            return Err(Problem::with_detail(
                ProblemKind::ProtocolBroken,
                format!("a message has more than {MAX_MESSAGE_OCTETS} octets"),
            ));
        }
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
    pub(super) async fn close(&mut self) -> Result<(), Problem> {
        if std::mem::take(&mut self.in_message) {
            self.delivery.abandon().await;
        }
        self.commit().await
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::engine::event::MessageId;

    /// Forgets everything.
    struct Nowhere;

    impl Delivery for Nowhere {
        async fn known(&mut self, _: MailboxId) -> Result<HashMap<String, u32>, Problem> {
            Ok(HashMap::new())
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
            let mut nowhere = Nowhere;
            let mut batch = Batch::new(MailboxId(1), &mut nowhere);
            let megabyte = vec![0; 1024 * 1024];
            for _ in 0..2 {
                batch.begin("endless").await.unwrap();
                for _ in 0..256 {
                    batch.push(&megabyte).await.unwrap();
                }
            }
            let problem = batch.push(b"x").await.unwrap_err();
            assert_eq!(problem.kind, ProblemKind::ProtocolBroken);
        });
    }
}
