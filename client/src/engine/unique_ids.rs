//! The unique-ids of stored messages: a million of them in little memory.
//!
//! A server may give one unique-id to several messages, and the unique-id of a removed message to
//! another one. The first case shows in the number of messages with a unique-id. The second shows
//! in their sizes, which are therefore part of it.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

use crate::api::ids::MessageId;

/// Unique-ids, each with the stored messages that have it.
///
/// The texts are one string, and the table has numbers only: a `HashMap<String, u32>` takes three
/// times the memory. Each unique-id takes 20 bytes, its text, and 5 to 10 bytes in the table.
#[derive(Default)]
pub struct UniqueIds {
    text: String,
    entries: Vec<UniqueIdEntry>,
    /// All messages with the same unique-id, if there are several, by index of `entries`.
    shared: HashMap<u32, Vec<StoredMessage>>,
    /// Indices of `entries`, by the hash of their text.
    table: HashTable<u32>,
    /// Keyed at random, so that no server can choose unique-ids that collide.
    hasher: RandomState,
}

struct UniqueIdEntry {
    /// The end of its text, which begins at the end of the previous one.
    end: u32,
    /// The number of messages that were not taken.
    left: u32,
    first: StoredMessage,
}

/// A stored message. It consists of small numbers, because padding would take memory.
#[derive(Clone, Copy)]
struct StoredMessage {
    /// The size in bytes, or [`ANY`].
    bytes: u32,
    /// The lower and upper half of the message's number; 0 if it is unknown.
    number: [u32; 2],
}

/// The size of a message whose size is not known.
const ANY: u32 = u32::MAX;

impl StoredMessage {
    #[allow(clippy::cast_possible_truncation)] // Both halves are kept.
    fn new(message: Option<MessageId>, bytes: Option<u64>) -> Self {
        let number = message.map_or(0, |message| message.0);
        Self {
            bytes: bytes
                .and_then(|bytes| u32::try_from(bytes).ok())
                .unwrap_or(ANY),
            number: [number as u32, (number >> 32) as u32],
        }
    }

    fn id(self) -> Option<MessageId> {
        let [lower, upper] = self.number.map(u64::from);
        Some(lower | upper << 32)
            .filter(|number| *number > 0)
            .map(MessageId)
    }

    /// Returns true if the message may have this size in bytes. A server may not count the line end
    /// that it adds to a message without one.
    fn may_have(self, bytes: u64) -> bool {
        let own = u64::from(self.bytes);
        self.bytes == ANY || own == bytes || own == bytes.saturating_add(2)
    }
}

impl UniqueIds {
    /// Adds a stored message with a unique-id, as far as its number and its size in bytes are
    /// known.
    ///
    /// Unique-ids beyond 4 GB of text are not added.
    pub fn add(&mut self, unique_id: &str, message: Option<MessageId>, bytes: Option<u64>) {
        let stored = StoredMessage::new(message, bytes);
        if let Some(at) = self.find(unique_id)
            && let Some(entry) = self.entries.get_mut(at as usize)
        {
            entry.left = entry.left.saturating_add(1);
            let shared = self.shared.entry(at);
            shared.or_insert_with(|| vec![entry.first]).push(stored);
            return;
        }
        let end = u32::try_from(self.text.len() + unique_id.len());
        let (Ok(at), Ok(end)) = (u32::try_from(self.entries.len()), end) else {
            return;
        };
        self.text.push_str(unique_id);
        self.entries.push(UniqueIdEntry {
            end,
            left: 1,
            first: stored,
        });
        let Self {
            text,
            entries,
            table,
            hasher,
            shared: _,
        } = self;
        let hash = hasher.hash_one(unique_id);
        table.insert_unique(hash, at, |at| hasher.hash_one(text_of(text, entries, *at)));
    }

    /// Returns true if a message with a unique-id may have this size in bytes, by the index of the
    /// unique-id.
    #[must_use]
    pub fn has_size(&self, at: u32, bytes: u64) -> bool {
        let messages = self.messages(at);
        messages.is_empty() || messages.iter().any(|message| message.may_have(bytes))
    }

    /// Returns the stored message with a unique-id, by the index of the unique-id. If several have
    /// it, the size in bytes selects one. `None` if it is unknown which message is meant.
    #[must_use]
    pub fn message(&self, at: u32, bytes: Option<u64>) -> Option<MessageId> {
        let is_meant = |message: &&StoredMessage| bytes.is_none_or(|bytes| message.may_have(bytes));
        let mut meant = self.messages(at).iter().filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some(only), None) => only.id(),
            _ => None,
        }
    }

    /// Returns a unique-id by its index.
    #[must_use]
    pub fn text(&self, at: u32) -> &str {
        text_of(&self.text, &self.entries, at)
    }

    /// Takes out one message with this unique-id, if there is one. Returns the index of the
    /// unique-id.
    pub fn take(&mut self, unique_id: &str) -> Option<u32> {
        let at = self.find(unique_id)?;
        let entry = self.entries.get_mut(at as usize)?;
        entry.left = entry.left.checked_sub(1)?;
        Some(at)
    }

    /// Returns the number of messages with this unique-id that were not taken.
    #[must_use]
    pub fn count(&self, unique_id: &str) -> u32 {
        let at = self.find(unique_id);
        let entry = at.and_then(|at| self.entries.get(at as usize));
        entry.map_or(0, |entry| entry.left)
    }

    /// Returns true if a condition holds for every unique-id.
    pub fn all(&self, holds: impl Fn(&str) -> bool) -> bool {
        let mut all = (0..).take(self.entries.len());
        all.all(|at| holds(self.text(at)))
    }

    /// Returns the number of different unique-ids.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns true if there is no unique-id.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn messages(&self, at: u32) -> &[StoredMessage] {
        match (self.shared.get(&at), self.entries.get(at as usize)) {
            (Some(shared), _) => shared,
            (None, Some(entry)) => std::slice::from_ref(&entry.first),
            (None, None) => &[],
        }
    }

    fn find(&self, unique_id: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(unique_id);
        let found = self.table.find(hash, |at| self.text(*at) == unique_id);
        found.copied()
    }
}

fn text_of<'a>(text: &'a str, entries: &[UniqueIdEntry], at: u32) -> &'a str {
    let at = at as usize;
    let begin = match at.checked_sub(1).and_then(|before| entries.get(before)) {
        None => 0,
        Some(before) => before.end,
    };
    let end = entries.get(at).map_or(begin, |entry| entry.end);
    text.get(begin as usize..end as usize).unwrap_or_default()
}

impl fmt::Debug for UniqueIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UniqueIds")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_can_be_taken_once() {
        let mut ids = UniqueIds::default();
        for id in ["a", "ab", "", "b", "b", "a"] {
            ids.add(id, None, None);
        }
        assert_eq!((ids.len(), ids.count("a"), ids.count("c")), (4, 2, 0));
        assert!(ids.all(|id| id.len() < 3) && !ids.all(|id| id != "b"));
        for id in ["a", "b", "a", "b", "ab", ""] {
            assert!(ids.take(id).is_some(), "{id}");
        }
        for id in ["a", "b", "ab", "", "c"] {
            assert_eq!(ids.take(id), None, "{id}");
        }
    }

    #[test]
    fn sizes_of_messages_are_known_if_they_were_given() {
        let mut ids = UniqueIds::default();
        for (id, bytes) in [("a", 7), ("b", 7), ("b", 7), ("c", 7), ("c", 9), ("c", 20)] {
            ids.add(id, None, Some(bytes));
        }
        ids.add("any", None, None);
        ids.add("any", None, Some(7));
        ids.add("was", None, Some(7));
        ids.add("was", None, None);
        for (id, sizes, others) in [
            ("a", &[7, 5][..], &[9, 8][..]),
            ("b", &[7], &[9]),
            ("c", &[7, 9, 20], &[8, 22]),
            ("any", &[7, 9], &[]),
            ("was", &[7, 9], &[]),
        ] {
            let at = ids.take(id).unwrap();
            assert_eq!(ids.text(at), id);
            assert!(sizes.iter().all(|bytes| ids.has_size(at, *bytes)), "{id}");
            assert!(!others.iter().any(|bytes| ids.has_size(at, *bytes)), "{id}");
        }
    }

    #[test]
    fn a_unique_id_leads_to_its_message() {
        let mut ids = UniqueIds::default();
        let large = MessageId(u64::from(u32::MAX) + 7);
        for (id, message, bytes) in [
            ("one", Some(MessageId(1)), Some(10)),
            ("large", Some(large), None),
            ("unknown", None, Some(10)),
            ("shared", Some(MessageId(2)), Some(10)),
            ("shared", Some(MessageId(3)), Some(20)),
            ("shared", Some(MessageId(4)), Some(30)),
            ("shared", Some(MessageId(5)), Some(30)),
        ] {
            ids.add(id, message, bytes);
        }
        for (id, bytes, expected) in [
            ("one", None, Some(MessageId(1))),
            ("one", Some(10), Some(MessageId(1))),
            ("one", Some(99), None),
            ("large", None, Some(large)),
            ("large", Some(99), Some(large)),
            ("unknown", None, None),
            ("shared", None, None),
            ("shared", Some(10), Some(MessageId(2))),
            ("shared", Some(20), Some(MessageId(3))),
            ("shared", Some(30), None),
            ("shared", Some(99), None),
        ] {
            let at = ids.find(id).unwrap();
            assert_eq!(ids.message(at, bytes), expected, "{id} {bytes:?}");
        }
        assert_eq!(ids.message(99, None), None);
    }

    #[test]
    fn an_entry_has_the_size_that_is_documented() {
        assert_eq!(size_of::<UniqueIdEntry>(), 20);
    }

    #[test]
    fn no_message_of_many_is_confused_with_another() {
        let mut ids = UniqueIds::default();
        for n in 1..10_000 {
            for _ in 0..n % 4 + 1 {
                ids.add(&n.to_string(), Some(MessageId(n)), Some(n));
            }
        }
        assert_eq!(ids.len(), 9_999);
        for n in 1..10_000 {
            let id = n.to_string();
            assert_eq!(u64::from(ids.count(&id)), n % 4 + 1);
            let at = ids.take(&id).unwrap();
            assert!(ids.has_size(at, n) && !ids.has_size(at, n + 1));
            let expected = (n % 4 == 0).then_some(MessageId(n));
            assert_eq!(ids.message(at, Some(n)), expected);
        }
    }
}
