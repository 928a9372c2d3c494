//! The messages to fetch, a million of them in little memory.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use restante_shared::pop3::argument::MessageNumber;

/// The largest number of listed messages. A million is more than any known mail host stores for one
/// user. Twice that, with the longest unique-ids, takes 250 MB.
pub(in crate::engine) const MAX_MESSAGES: usize = 2_000_000;

/// The largest total length of the unique-ids of new messages, in bytes: 70 for each of
/// [`MAX_MESSAGES`].
pub(in crate::engine) const MAX_UNIQUE_ID_BYTES: usize = 140_000_000;

/// The assumed size in bytes of a message whose size the server does not report.
const ASSUMED_BYTES: u32 = 64 * 1024;

/// A message to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Wanted {
    /// Its number in this session.
    pub(in crate::engine) message: MessageNumber,
    /// Its unique-id, which lasts as long as the server stores it.
    pub(in crate::engine) unique_id: String,
    /// Its size in bytes, if the server reports it.
    pub(in crate::engine) announced: Option<u64>,
    /// True if it is asked for while nothing else is in flight.
    pub(in crate::engine) alone: bool,
}

impl Wanted {
    /// Returns its size in bytes, or a guess.
    pub(in crate::engine) fn octets(&self) -> u64 {
        self.announced.unwrap_or(ASSUMED_BYTES.into())
    }
}

/// The server lists more messages, or longer unique-ids, than the limits allow.
#[derive(Debug)]
pub(in crate::engine) struct TooMany;

/// Messages in the order in which to fetch them. All unique-ids share one string.
#[derive(Debug, Default)]
pub(in crate::engine) struct Queue {
    text: String,
    entries: Vec<QueueEntry>,
    /// The number of messages that were taken.
    taken: usize,
    /// The position from which on messages are fetched alone.
    alone_from: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
struct QueueEntry {
    message: MessageNumber,
    /// The position of its unique-id in the text.
    begin: u32,
    length: u32,
    /// Its size; [`UNKNOWN`] if the server did not report it.
    octets: u32,
}

/// Stands for an unreported size. No message is that large: see [`MAX_MESSAGE_BYTES`].
///
/// [`MAX_MESSAGE_BYTES`]: crate::engine::limits::MAX_MESSAGE_BYTES
const UNKNOWN: u32 = u32::MAX;

impl Queue {
    /// Adds a message.
    ///
    /// # Errors
    /// If a limit is exceeded.
    pub(in crate::engine) fn push(
        &mut self,
        message: MessageNumber,
        unique_id: &str,
    ) -> Result<(), TooMany> {
        let (begin, length) = (self.text.len(), unique_id.len());
        if self.entries.len() >= MAX_MESSAGES || begin + length > MAX_UNIQUE_ID_BYTES {
            return Err(TooMany);
        }
        self.text.push_str(unique_id);
        self.entries.push(QueueEntry {
            message,
            begin: u32::try_from(begin).map_err(|_| TooMany)?,
            length: u32::try_from(length).map_err(|_| TooMany)?,
            octets: UNKNOWN,
        });
        Ok(())
    }

    /// Adds a message of known size.
    ///
    /// # Errors
    /// If a limit is exceeded.
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

    /// Sorts the messages by number. If several lines have the same number, the first counts.
    pub(in crate::engine) fn sort(&mut self) {
        self.entries.sort_by_key(|entry| entry.message);
        self.entries.dedup_by_key(|entry| entry.message);
    }

    /// Sets the size of a message, if it is in the queue. Requires [`sort`](Self::sort).
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

    /// Keeps the messages for which `keep` returns true. Passes it unique-id and size.
    pub(in crate::engine) fn retain(&mut self, mut keep: impl FnMut(&str, u64) -> bool) {
        let text = &self.text;
        self.entries
            .retain(|entry| keep(text_of(text, entry), size(entry)));
    }

    /// Moves suspects to the end, where they are fetched alone.
    pub(in crate::engine) fn postpone(&mut self, is_suspect: impl Fn(&str) -> bool) {
        let text = &self.text;
        let (suspects, mut others): (Vec<QueueEntry>, Vec<QueueEntry>) =
            std::mem::take(&mut self.entries)
                .into_iter()
                .partition(|entry| is_suspect(text_of(text, entry)));
        self.alone_from = Some(others.len());
        others.extend(suspects);
        self.entries = others;
    }

    /// Returns true if messages share a unique-id.
    pub(in crate::engine) fn has_twins(&self) -> bool {
        let hasher = RandomState::new();
        let mut seen = HashSet::with_capacity(self.entries.len());
        let is_new = |entry| seen.insert(hasher.hash_one(text_of(&self.text, entry)));
        !self.entries.iter().all(is_new)
    }

    /// Returns the numbers of the messages.
    pub(in crate::engine) fn messages(&self) -> impl Iterator<Item = MessageNumber> {
        self.entries.iter().map(|entry| entry.message)
    }

    /// Returns the messages with known sizes, and these sizes in bytes.
    pub(in crate::engine) fn sized(&self) -> impl Iterator<Item = (MessageNumber, u64)> {
        let sized = self.entries.iter().filter(|entry| entry.octets != UNKNOWN);
        sized.map(|entry| (entry.message, entry.octets.into()))
    }

    /// Returns the unique-id of a message. Requires [`sort`](Self::sort).
    pub(in crate::engine) fn unique_id(&self, message: MessageNumber) -> Option<&str> {
        let found = self
            .entries
            .binary_search_by_key(&message, |entry| entry.message);
        let entry = self.entries.get(found.ok()?)?;
        Some(text_of(&self.text, entry))
    }

    /// Removes messages, which are sorted by number.
    pub(in crate::engine) fn remove(&mut self, messages: &[MessageNumber]) {
        self.entries
            .retain(|entry| messages.binary_search(&entry.message).is_err());
    }

    /// Returns the number of messages that are left.
    pub(in crate::engine) fn len(&self) -> usize {
        self.entries.len() - self.taken
    }

    /// Returns true if no message is left.
    pub(in crate::engine) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of bytes that are left.
    pub(in crate::engine) fn octets(&self) -> u64 {
        self.entries.iter().skip(self.taken).map(size).sum()
    }

    /// Returns true if the next message is fetched alone.
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

fn text_of<'a>(text: &'a str, entry: &QueueEntry) -> &'a str {
    let begin = entry.begin as usize;
    text.get(begin..begin + entry.length as usize)
        .unwrap_or_default()
}

fn bounded(octets: u64) -> u32 {
    u32::try_from(octets).unwrap_or(UNKNOWN).min(UNKNOWN - 1)
}

fn size(entry: &QueueEntry) -> u64 {
    match entry.octets {
        UNKNOWN => ASSUMED_BYTES.into(),
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
    fn unique_ids_have_a_limit() {
        let mut queue = Queue::default();
        let long = "x".repeat(MAX_UNIQUE_ID_BYTES);
        queue.push(number(1), &long).unwrap();
        assert!(queue.push(number(2), "y").is_err());
    }
}
