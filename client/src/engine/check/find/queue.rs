//! The messages to fetch, a million of them in little memory.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use restante_shared::pop3::argument::MessageNumber;

/// How many messages are listed at the most. A million is more than any mail host known keeps for
/// one reader; twice that, with the longest unique-ids, takes 250 MB.
pub(in crate::engine) const MAX_MESSAGES: usize = 2_000_000;

/// How many octets the unique-ids of new messages have at the most, whatever their number: 70 for
/// each of [`MAX_MESSAGES`].
pub(in crate::engine) const MAX_UNIQUE_ID_OCTETS: usize = 140_000_000;

/// The size that is assumed of a message where the server names none.
const ASSUMED_OCTETS: u32 = 64 * 1024;

/// A message to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Wanted {
    /// Its number in this session.
    pub(in crate::engine) message: MessageNumber,
    /// What it is called for as long as the server keeps it.
    pub(in crate::engine) unique_id: String,
    /// Its size in octets, where the server says it.
    pub(in crate::engine) announced: Option<u64>,
    /// Whether it is asked for while nothing else is in flight.
    pub(in crate::engine) alone: bool,
}

impl Wanted {
    /// Its size, or a guess.
    pub(in crate::engine) fn octets(&self) -> u64 {
        self.announced.unwrap_or(ASSUMED_OCTETS.into())
    }
}

/// More messages, or longer unique-ids, than there are limits for.
#[derive(Debug)]
pub(in crate::engine) struct TooMany;

/// Messages in the order in which they are to be fetched. All unique-ids are one string.
#[derive(Debug, Default)]
pub(in crate::engine) struct Queue {
    text: String,
    entries: Vec<Entry>,
    /// How many have been taken.
    taken: usize,
    /// From which on messages are fetched alone.
    alone_from: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    message: MessageNumber,
    /// Where in the text its unique-id is.
    begin: u32,
    length: u32,
    /// Its size; [`UNKNOWN`] where the server has not said it.
    octets: u32,
}

/// A size that was not said. No message is that large: see the limit in `batch`.
const UNKNOWN: u32 = u32::MAX;

impl Queue {
    /// Adds a message.
    pub(in crate::engine) fn push(
        &mut self,
        message: MessageNumber,
        unique_id: &str,
    ) -> Result<(), TooMany> {
        let (begin, length) = (self.text.len(), unique_id.len());
        if self.entries.len() >= MAX_MESSAGES || begin + length > MAX_UNIQUE_ID_OCTETS {
            return Err(TooMany);
        }
        self.text.push_str(unique_id);
        self.entries.push(Entry {
            message,
            begin: u32::try_from(begin).map_err(|_| TooMany)?,
            length: u32::try_from(length).map_err(|_| TooMany)?,
            octets: UNKNOWN,
        });
        Ok(())
    }

    /// Adds a message whose size is known.
    pub(in crate::engine) fn push_sized(
        &mut self,
        message: MessageNumber,
        unique_id: &str,
        octets: u64,
    ) -> Result<(), TooMany> {
        self.push(message, unique_id)?;
        if let Some(entry) = self.entries.last_mut() {
            entry.octets = bounded(octets);
        }
        Ok(())
    }

    /// Brings messages into the order of their numbers. Of several lines about one number, the
    /// first counts.
    pub(in crate::engine) fn sort(&mut self) {
        self.entries.sort_by_key(|entry| entry.message);
        self.entries.dedup_by_key(|entry| entry.message);
    }

    /// Notes the size of a message, if it is one of these. Only after [`sort`](Self::sort).
    pub(in crate::engine) fn set_octets(&mut self, message: MessageNumber, octets: u64) {
        let found = self
            .entries
            .binary_search_by_key(&message, |entry| entry.message);
        if let Ok(at) = found
            && let Some(entry) = self.entries.get_mut(at)
        {
            entry.octets = bounded(octets);
        }
    }

    /// Keeps what is to be fetched.
    pub(in crate::engine) fn retain(&mut self, mut keep: impl FnMut(&str, u64) -> bool) {
        let text = &self.text;
        self.entries
            .retain(|entry| keep(text_of(text, entry), size(entry)));
    }

    /// Puts some messages at the end, where they are fetched alone.
    pub(in crate::engine) fn postpone(&mut self, is_suspect: impl Fn(&str) -> bool) {
        let text = &self.text;
        let (suspects, mut others): (Vec<Entry>, Vec<Entry>) = std::mem::take(&mut self.entries)
            .into_iter()
            .partition(|entry| is_suspect(text_of(text, entry)));
        self.alone_from = Some(others.len());
        others.extend(suspects);
        self.entries = others;
    }

    /// Whether several messages have one unique-id.
    pub(in crate::engine) fn has_twins(&self) -> bool {
        let hasher = RandomState::new();
        let mut seen = HashSet::with_capacity(self.entries.len());
        let is_new = |entry| seen.insert(hasher.hash_one(text_of(&self.text, entry)));
        !self.entries.iter().all(is_new)
    }

    /// The numbers of the messages.
    pub(in crate::engine) fn messages(&self) -> impl Iterator<Item = MessageNumber> {
        self.entries.iter().map(|entry| entry.message)
    }

    /// The messages of which the server has said the sizes, in octets.
    pub(in crate::engine) fn sized(&self) -> impl Iterator<Item = (MessageNumber, u64)> {
        let sized = self.entries.iter().filter(|entry| entry.octets != UNKNOWN);
        sized.map(|entry| (entry.message, entry.octets.into()))
    }

    /// What a message is called. Only after [`sort`](Self::sort).
    pub(in crate::engine) fn unique_id(&self, message: MessageNumber) -> Option<&str> {
        let found = self
            .entries
            .binary_search_by_key(&message, |entry| entry.message);
        let entry = self.entries.get(found.ok()?)?;
        Some(text_of(&self.text, entry))
    }

    /// Takes out messages, which are in the order of their numbers.
    pub(in crate::engine) fn remove(&mut self, messages: &[MessageNumber]) {
        self.entries
            .retain(|entry| messages.binary_search(&entry.message).is_err());
    }

    /// How many messages are left.
    pub(in crate::engine) fn len(&self) -> usize {
        self.entries.len() - self.taken
    }

    /// Whether none is left.
    pub(in crate::engine) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many octets are left.
    pub(in crate::engine) fn octets(&self) -> u64 {
        self.entries.iter().skip(self.taken).map(size).sum()
    }

    /// Whether the next message is fetched alone.
    pub(in crate::engine) fn next_is_alone(&self) -> bool {
        self.alone_from.is_some_and(|from| self.taken >= from)
    }

    /// Takes the next message.
    pub(in crate::engine) fn take(&mut self) -> Option<Wanted> {
        let entry = self.entries.get(self.taken)?;
        let alone = self.next_is_alone();
        let wanted = Wanted {
            message: entry.message,
            unique_id: text_of(&self.text, entry).to_owned(),
            announced: (entry.octets != UNKNOWN).then_some(entry.octets.into()),
            alone,
        };
        self.taken += 1;
        Some(wanted)
    }
}

fn text_of<'a>(text: &'a str, entry: &Entry) -> &'a str {
    let begin = entry.begin as usize;
    text.get(begin..begin + entry.length as usize)
        .unwrap_or_default()
}

fn bounded(octets: u64) -> u32 {
    u32::try_from(octets).unwrap_or(UNKNOWN).min(UNKNOWN - 1)
}

fn size(entry: &Entry) -> u64 {
    match entry.octets {
        UNKNOWN => ASSUMED_OCTETS.into(),
        octets => octets.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(n: u32) -> MessageNumber {
        MessageNumber::new(n).unwrap()
    }

    fn queue(lines: &[(u32, &str)]) -> Queue {
        let mut queue = Queue::default();
        for (n, id) in lines {
            queue.push(number(*n), id).unwrap();
        }
        queue.sort();
        queue
    }

    fn rest(queue: &mut Queue) -> Vec<(u32, String, u64, bool)> {
        std::iter::from_fn(|| queue.take())
            .map(|wanted| {
                let octets = wanted.octets();
                (
                    wanted.message.number(),
                    wanted.unique_id,
                    octets,
                    wanted.alone,
                )
            })
            .collect()
    }

    #[test]
    fn messages_come_in_the_order_of_their_numbers_and_once() {
        let mut queue = queue(&[(3, "c"), (1, "a"), (3, "other"), (2, "")]);
        queue.set_octets(number(3), 7);
        queue.set_octets(number(9), 8);
        assert_eq!((queue.len(), queue.octets()), (3, 7 + 2 * 65_536));
        let expected = [
            (1, "a".to_owned(), 65_536, false),
            (2, String::new(), 65_536, false),
            (3, "c".to_owned(), 7, false),
        ];
        assert_eq!(rest(&mut queue), expected);
        assert!(queue.is_empty());
    }

    #[test]
    fn suspects_come_last_and_alone() {
        let mut queue = queue(&[(1, "bad"), (2, "good"), (3, "worse"), (4, "fine")]);
        queue.retain(|id, _| id != "fine");
        queue.postpone(|id| id == "bad" || id == "worse");
        let order: Vec<_> = rest(&mut queue)
            .into_iter()
            .map(|(n, _, _, alone)| (n, alone))
            .collect();
        assert_eq!(order, [(2, false), (1, true), (3, true)]);
    }

    #[test]
    fn there_is_a_limit_to_unique_ids() {
        let mut queue = Queue::default();
        let long = "x".repeat(MAX_UNIQUE_ID_OCTETS);
        queue.push(number(1), &long).unwrap();
        assert!(queue.push(number(2), "y").is_err());
    }
}
