//! The unique-ids of the messages that are kept, a million of them in little memory.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

/// Unique-ids, and how many messages have each: servers may give one to several.
///
/// Their text is one string and the table has numbers only, since a `HashMap<String, u32>` takes
/// three times the memory.
#[derive(Default)]
pub struct UniqueIds {
    text: String,
    entries: Vec<Entry>,
    /// Indices of `entries`, by the hash of their text.
    table: HashTable<u32>,
    /// Keyed at random, so that no server can choose unique-ids that collide.
    hasher: RandomState,
}

struct Entry {
    /// Where its text ends; it begins where the one before ends.
    end: usize,
    messages: u32,
}

impl UniqueIds {
    /// Adds so many messages with a unique-id.
    ///
    /// What is beyond the four thousand millionth unique-id is not added.
    pub fn add(&mut self, unique_id: &str, messages: u32) {
        let hash = self.hasher.hash_one(unique_id);
        let Self {
            text,
            entries,
            table,
            hasher,
        } = self;
        let found = table.find(hash, |at| text_of(text, entries, *at) == unique_id);
        if let Some(entry) = found.and_then(|at| entries.get_mut(*at as usize)) {
            entry.messages = entry.messages.saturating_add(messages);
            return;
        }
        let Ok(at) = u32::try_from(entries.len()) else {
            return;
        };
        text.push_str(unique_id);
        entries.push(Entry {
            end: text.len(),
            messages,
        });
        table.insert_unique(hash, at, |at| hasher.hash_one(text_of(text, entries, *at)));
    }

    /// Takes one message with this unique-id out, if there is one.
    pub fn take(&mut self, unique_id: &str) -> bool {
        let Some(entry) = self.find(unique_id) else {
            return false;
        };
        match self.entries.get_mut(entry) {
            Some(Entry {
                messages: messages @ 1..,
                ..
            }) => {
                *messages -= 1;
                true
            }
            Some(_) | None => false,
        }
    }

    /// How many messages have this unique-id.
    #[must_use]
    pub fn count(&self, unique_id: &str) -> u32 {
        let entry = self.find(unique_id).and_then(|at| self.entries.get(at));
        entry.map_or(0, |entry| entry.messages)
    }

    /// Whether something holds for every unique-id.
    pub fn all(&self, holds: impl Fn(&str) -> bool) -> bool {
        let mut all = (0..).take(self.entries.len());
        all.all(|at| holds(text_of(&self.text, &self.entries, at)))
    }

    /// How many different unique-ids were added.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn find(&self, unique_id: &str) -> Option<usize> {
        let hash = self.hasher.hash_one(unique_id);
        let found = self.table.find(hash, |at| {
            text_of(&self.text, &self.entries, *at) == unique_id
        });
        found.map(|at| *at as usize)
    }
}

fn text_of<'a>(text: &'a str, entries: &[Entry], at: u32) -> &'a str {
    let at = at as usize;
    let begin = match at.checked_sub(1).and_then(|before| entries.get(before)) {
        None => 0,
        Some(before) => before.end,
    };
    let end = entries.get(at).map_or(begin, |entry| entry.end);
    text.get(begin..end).unwrap_or_default()
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
    fn each_message_is_taken_once() {
        let mut ids = UniqueIds::default();
        for (id, messages) in [("a", 1), ("ab", 1), ("", 1), ("b", 2), ("a", 1)] {
            ids.add(id, messages);
        }
        assert_eq!((ids.len(), ids.count("a"), ids.count("c")), (4, 2, 0));
        assert!(ids.all(|id| id.len() < 3) && !ids.all(|id| id != "b"));
        for id in ["a", "b", "a", "b", "ab", ""] {
            assert!(ids.take(id), "{id}");
        }
        for id in ["a", "b", "ab", "", "c"] {
            assert!(!ids.take(id), "{id}");
        }
    }

    #[test]
    fn none_of_many_is_mistaken_for_another() {
        let mut ids = UniqueIds::default();
        for n in 0..10_000 {
            ids.add(&n.to_string(), n);
        }
        assert_eq!(ids.len(), 10_000);
        for n in 0..10_000 {
            assert_eq!(ids.count(&n.to_string()), n);
        }
    }
}
