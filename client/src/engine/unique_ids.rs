//! The unique-ids of the messages that are kept, a million of them in little memory.
//!
//! A server may give one unique-id to several messages, and one that it has given before to another
//! message. The first is told by how many there are; the second is not, but by the sizes, which are
//! kept here as well.

use std::collections::HashMap;
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
    /// The sizes of messages that share a unique-id and have several, by index of `entries`.
    several: HashMap<u32, Vec<u32>>,
    /// Indices of `entries`, by the hash of their text.
    table: HashTable<u32>,
    /// Keyed at random, so that no server can choose unique-ids that collide.
    hasher: RandomState,
}

struct Entry {
    /// Where its text ends; it begins where the one before ends.
    end: usize,
    messages: u32,
    /// The size of them all in octets, or [`ANY`].
    octets: u32,
}

/// Stands for a size that is not known, or for several.
const ANY: u32 = u32::MAX;

impl UniqueIds {
    /// Adds so many messages of one size in octets with a unique-id.
    pub fn add_sized(&mut self, unique_id: &str, octets: u64, messages: u32) {
        let octets = u32::try_from(octets).unwrap_or(ANY);
        let found = self.find(unique_id);
        let known = found.and_then(|at| Some((at, self.entries.get(at as usize)?.octets)));
        self.add(unique_id, messages);
        match known {
            Some((at, before)) if before == octets => self.size(at, octets),
            Some((at, before)) => {
                // Of those whose sizes nobody knows, each may have this one.
                if let Some(several) = self.several.get_mut(&at) {
                    several.push(octets);
                } else if before != ANY {
                    self.several.insert(at, vec![before, octets]);
                }
            }
            None => self.size(u32::try_from(self.len() - 1).unwrap_or(ANY), octets),
        }
    }

    fn size(&mut self, at: u32, octets: u32) {
        if let Some(entry) = self.entries.get_mut(at as usize) {
            entry.octets = octets;
        }
    }

    /// Whether a message may have this size in octets, by the index of its unique-id. A server may
    /// not count the line end that it adds to a message without one.
    #[must_use]
    pub fn has_size(&self, at: u32, octets: u64) -> bool {
        let is = |kept: &u32| {
            let kept = u64::from(*kept);
            kept == octets || kept == octets.saturating_add(2)
        };
        match (self.several.get(&at), self.entries.get(at as usize)) {
            (Some(several), _) => several.iter().any(is),
            (None, Some(entry)) => entry.octets == ANY || is(&entry.octets),
            (None, None) => true,
        }
    }

    /// A unique-id by its index.
    #[must_use]
    pub fn text(&self, at: u32) -> &str {
        text_of(&self.text, &self.entries, at)
    }

    /// Adds so many messages with a unique-id, of whatever size.
    ///
    /// What is beyond the four thousand millionth unique-id is not added.
    pub fn add(&mut self, unique_id: &str, messages: u32) {
        let hash = self.hasher.hash_one(unique_id);
        let Self {
            text,
            entries,
            table,
            hasher,
            several: _,
        } = self;
        let found = table.find(hash, |at| text_of(text, entries, *at) == unique_id);
        if let Some(entry) = found.and_then(|at| entries.get_mut(*at as usize)) {
            entry.messages = entry.messages.saturating_add(messages);
            entry.octets = ANY;
            return;
        }
        let Ok(at) = u32::try_from(entries.len()) else {
            return;
        };
        text.push_str(unique_id);
        entries.push(Entry {
            end: text.len(),
            messages,
            octets: ANY,
        });
        table.insert_unique(hash, at, |at| hasher.hash_one(text_of(text, entries, *at)));
    }

    /// Takes one message with this unique-id out, if there is one, and returns its index.
    pub fn take(&mut self, unique_id: &str) -> Option<u32> {
        let at = self.find(unique_id)?;
        let entry = self.entries.get_mut(at as usize)?;
        entry.messages = entry.messages.checked_sub(1)?;
        Some(at)
    }

    /// How many messages have this unique-id.
    #[must_use]
    pub fn count(&self, unique_id: &str) -> u32 {
        let at = self.find(unique_id);
        let entry = at.and_then(|at| self.entries.get(at as usize));
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

    fn find(&self, unique_id: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(unique_id);
        let found = self.table.find(hash, |at| {
            text_of(&self.text, &self.entries, *at) == unique_id
        });
        found.copied()
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
    fn each_message_can_be_taken_once() {
        let mut ids = UniqueIds::default();
        for (id, messages) in [("a", 1), ("ab", 1), ("", 1), ("b", 2), ("a", 1)] {
            ids.add(id, messages);
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
        for (id, octets) in [("a", 7), ("b", 7), ("b", 7), ("c", 7), ("c", 9), ("c", 20)] {
            ids.add_sized(id, octets, 1);
        }
        ids.add("any", 1);
        ids.add_sized("any", 7, 1);
        ids.add_sized("was", 7, 1);
        ids.add("was", 1);
        for (id, sizes, others) in [
            ("a", &[7, 5][..], &[9, 8][..]),
            ("b", &[7], &[9]),
            ("c", &[7, 9, 20], &[8, 22]),
            ("any", &[7, 9], &[]),
            ("was", &[7, 9], &[]),
        ] {
            let at = ids.take(id).unwrap();
            assert_eq!(ids.text(at), id);
            assert!(sizes.iter().all(|octets| ids.has_size(at, *octets)), "{id}");
            assert!(
                !others.iter().any(|octets| ids.has_size(at, *octets)),
                "{id}"
            );
        }
    }

    #[test]
    fn no_message_of_many_is_confused_with_another() {
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
