//! A store in memory, which forgets uncommitted messages.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use restante_client::api::ids::{MailboxId, MessageId};
use restante_client::api::problem::{Problem, ProblemKind};
use restante_client::engine::sink::Delivery;
use restante_client::engine::unique_ids::UniqueIds;

/// Messages by unique-id.
#[derive(Default)]
pub(crate) struct Kept {
    committed: Vec<(String, Vec<u8>)>,
    finished: Vec<(String, Vec<u8>)>,
    begun: Option<(String, Vec<u8>)>,
    /// The new unique-ids of messages whose unique-id has changed.
    renamed: BTreeMap<MessageId, String>,
    pub(crate) commits: usize,
    /// The number of finished messages, for tests that watch it.
    pub(crate) watched: Rc<Cell<u32>>,
    /// The capacity in bytes; unlimited if absent.
    pub(crate) room: Option<usize>,
}

impl Kept {
    /// Creates a store with empty messages of these unique-ids.
    pub(crate) fn with<'a>(unique_ids: impl IntoIterator<Item = &'a str>) -> Self {
        let empty = |unique_id: &str| (unique_id.to_owned(), Vec::new());
        Self {
            committed: unique_ids.into_iter().map(empty).collect(),
            ..Self::default()
        }
    }

    /// Returns the committed messages, sorted.
    pub(crate) fn messages(&self) -> Vec<(&str, &[u8])> {
        let mut sorted: Vec<_> = self.committed.iter().collect();
        sorted.sort();
        sorted
            .into_iter()
            .map(|(id, octets)| (id.as_str(), octets.as_slice()))
            .collect()
    }

    /// Returns true if a message was begun and neither ended nor abandoned.
    pub(crate) fn is_in_message(&self) -> bool {
        self.begun.is_some()
    }
}

impl Delivery for Kept {
    type Incoming = ();

    async fn known(&mut self, _mailbox: MailboxId) -> Result<UniqueIds, Problem> {
        let mut known = UniqueIds::default();
        for (message, (unique_id, octets)) in (0..).map(MessageId).zip(&self.committed) {
            let names = [Some(unique_id), self.renamed.get(&message)];
            for name in names.into_iter().flatten() {
                known.add(name, Some(message), Some(octets.len() as u64));
            }
        }
        Ok(known)
    }

    async fn kept(
        &mut self,
        _mailbox: MailboxId,
        is_wanted: impl Fn(&str, u64) -> bool,
    ) -> Result<Vec<(u64, MessageId)>, Problem> {
        let numbered = (0..).map(MessageId).zip(&self.committed);
        let sized = numbered.filter_map(|(message, (unique_id, octets))| {
            let name = self.renamed.get(&message).unwrap_or(unique_id);
            let size = octets.len() as u64;
            is_wanted(name, size).then_some((size, message))
        });
        Ok(sized.collect())
    }

    async fn beginning(
        &mut self,
        message: MessageId,
        octets: usize,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let at = usize::try_from(message.0).unwrap();
        let (_, all) = self.committed.get(at).unwrap();
        Ok(all.get(..all.len().min(octets)).map(<[u8]>::to_vec))
    }

    async fn rename(&mut self, message: MessageId, unique_id: &str) -> Result<(), Problem> {
        self.renamed.insert(message, unique_id.to_owned());
        Ok(())
    }

    async fn begin(&mut self, _mailbox: MailboxId, unique_id: Option<&str>) -> Result<(), Problem> {
        self.begun = Some((unique_id.unwrap().to_owned(), Vec::new()));
        Ok(())
    }

    async fn push(&mut self, (): &mut (), octets: &[u8]) -> Result<(), Problem> {
        if let Some(room) = &mut self.room {
            *room = room
                .checked_sub(octets.len())
                .ok_or(Problem::new(ProblemKind::StorageFull))?;
        }
        self.begun.as_mut().unwrap().1.extend_from_slice(octets);
        Ok(())
    }

    async fn finish(&mut self, (): ()) -> Result<MessageId, Problem> {
        self.finished.push(self.begun.take().unwrap());
        self.watched.set(self.watched.get() + 1);
        Ok(MessageId(0))
    }

    async fn abandon(&mut self, (): ()) {
        self.begun = None;
    }

    async fn commit(&mut self) -> Result<(), Problem> {
        self.commits += 1;
        self.committed.append(&mut self.finished);
        Ok(())
    }
}
