//! Finds stored messages that the server now lists under other unique-ids, and new messages that it
//! lists under the unique-ids of stored ones.
//!
//! A mail host that moves to another server gives every message a new unique-id. If hardly any known
//! one is listed, listed messages are matched with stored ones by size and header. A match has exactly
//! the size of the stored message, and `TOP n 0` returns a header with the same
//! [fingerprint](super::fingerprint). The stored message must have a `Message-ID`, and must not be
//! listed under its own name. The listed message then counts as known. In case of doubt it is fetched:
//! two copies are better than none.
//!
//! If a listed message has a known unique-id and a size that no stored message has, its header decides.
//! If a stored message has that header and another size, the server's sizes are guesses, and are
//! ignored from then on. If a stored message has that header and this size, the server has changed its
//! unique-ids. Otherwise it is another message, and is fetched.

use std::ops::Range;

use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::quirk::Quirk;

use super::fingerprint::{AT_A_TIME, Fingerprint, Listed};
use super::fingerprint_reader::FingerprintReader;
use super::listing::{News, too_many};
use super::queue::Queue;
use crate::api::ids::MessageId;
use crate::api::problem::Problem;
use crate::clock::Clock;
use crate::engine::check::error::PhaseError;
use crate::engine::check::fetch::batch::Batch;
use crate::engine::mailboxes::lesson::Lesson;
use crate::engine::mailboxes::live_profile::LiveProfile;
use crate::engine::server::connection::Connection;
use crate::engine::sink::Delivery;
use crate::engine::unique_ids::UniqueIds;

/// The largest share of known messages in a maildrop that has moved, as a divisor: one message in
/// twenty may have arrived while others were moved.
const KNOWN_SHARE: usize = 20;

/// The number of messages that are asked for at a time. The first goes alone, because it shows whether
/// the server supports `TOP` and returns headers only. If none of the next few matches, the sizes are
/// equal by chance.
const ROUNDS: [usize; 3] = [1, 10, AT_A_TIME];

/// Matches listed messages with stored ones if unique-ids may be misleading. Pipelines commands if
/// `pipelining`.
///
/// # Errors
/// If the session is lost, or storage fails.
pub(in crate::engine) async fn match_stored<D: Delivery, C: Clock>(
    connection: &mut Connection<C>,
    pipelining: bool,
    news: &mut News,
    profile: &mut LiveProfile<'_>,
    batch: &mut Batch<'_, D>,
) -> Result<(), PhaseError> {
    let reader = FingerprintReader {
        by_text: false,
        pipelining,
    };
    let unlisted = std::mem::take(&mut news.unlisted);
    if !news.doubtful.is_empty() {
        find_other(connection, reader, news, profile, batch).await
    } else if is_likely(news, &unlisted, profile.moving) {
        // If this is interrupted, the messages that were matched hide that others were not.
        profile.learn([Lesson::Moving(true)]).await;
        recognise(connection, reader, &mut news.queue, &unlisted, batch).await?;
        profile.learn([Lesson::Moving(false)]).await;
        Ok(())
    } else {
        Ok(())
    }
}

/// Returns true if the maildrop seems to have moved. `unlisted` holds the unique-ids of stored messages
/// that are not listed.
fn is_likely(news: &News, unlisted: &UniqueIds, moving: bool) -> bool {
    let known = news.listed.saturating_sub(news.queue.len());
    let is_moved = moving || known <= news.listed / KNOWN_SHARE;
    !unlisted.is_empty() && !news.queue.is_empty() && is_moved
}

/// Queues the messages that only have the unique-id of a stored one.
async fn find_other<D: Delivery, C: Clock>(
    connection: &mut Connection<C>,
    mut reader: FingerprintReader,
    news: &mut News,
    profile: &mut LiveProfile<'_>,
    batch: &mut Batch<'_, D>,
) -> Result<(), PhaseError> {
    let doubtful = std::mem::take(&mut news.doubtful);
    let listed: Vec<Listed> = doubtful.sized().collect();
    let unique_id = |message| doubtful.unique_id(message).unwrap_or_default();
    let mut stored = Vec::new();
    {
        let mut unique_ids: Vec<&str> = listed.iter().map(|(n, _)| unique_id(*n)).collect();
        unique_ids.sort_unstable();
        let is_wanted = |unique_id: &str, _| unique_ids.binary_search(&unique_id).is_ok();
        for (octets, message) in batch.kept(is_wanted).await? {
            match batch.fingerprint(message, octets).await? {
                Some(fingerprint) => stored.push((octets, fingerprint)),
                // Without it, there is nothing to compare with.
                None => return Ok(()),
            }
        }
    }
    let mut left = listed.as_slice();
    let mut most = 1;
    while !left.is_empty() {
        let (next, rest) = left.split_at(left.len().min(most));
        (left, most) = (rest, AT_A_TIME);
        let fingerprints = reader.read(connection, next).await?;
        for (&(message, octets), fingerprint) in next.iter().zip(fingerprints) {
            // Without a `Message-ID`, the fingerprint contains the size, which is in doubt.
            let Some(fingerprint) = fingerprint.filter(|fingerprint| fingerprint.is_named) else {
                continue;
            };
            let mut twins = stored.iter().filter(|(_, stored)| *stored == fingerprint);
            let is_sized = |(size, _): &(u64, _)| *size == octets || *size == octets + 2;
            if twins.clone().any(is_sized) {
                // It is stored, under the unique-id of another message.
            } else if twins.next().is_some() {
                profile.learn([Lesson::Quirk(Quirk::WrongSize)]).await;
                left = &[];
            } else {
                let pushed = news.queue.push_sized(message, unique_id(message), octets);
                pushed.map_err(too_many)?;
                let quirk = Lesson::Quirk(Quirk::DuplicateUniqueId);
                profile.learn([quirk]).await;
            }
        }
    }
    news.queue.sort();
    Ok(())
}

/// Removes the messages from the queue that are stored under other unique-ids, and renames those.
async fn recognise<D: Delivery, C: Clock>(
    connection: &mut Connection<C>,
    mut reader: FingerprintReader,
    queue: &mut Queue,
    unlisted: &UniqueIds,
    batch: &mut Batch<'_, D>,
) -> Result<(), PhaseError> {
    let mut stored = {
        let mut sizes: Vec<u64> = queue.sized().map(|(_, octets)| octets).collect();
        sizes.sort_unstable();
        sizes.dedup();
        let is_wanted = |unique_id: &str, octets: u64| {
            sizes.binary_search(&octets).is_ok() && unlisted.count(unique_id) > 0
        };
        StoredMessages::new(batch.kept(is_wanted).await?)
    };
    let has_twin = |(_, octets): &Listed| !stored.range(*octets).is_empty();
    let likely: Vec<Listed> = queue.sized().filter(has_twin).collect();
    let mut left = likely.as_slice();
    let mut recognised = Vec::new();
    let mut fault = None;
    for round in 0.. {
        let most = ROUNDS.get(round).unwrap_or(&AT_A_TIME);
        let (next, rest) = left.split_at(left.len().min(*most));
        left = rest;
        let by_chance = round >= ROUNDS.len() - 1 && recognised.is_empty();
        if next.is_empty() || by_chance {
            break;
        }
        let mut fingerprints = match reader.read(connection, next).await {
            Ok(fingerprints) => fingerprints,
            Err(lost) => {
                fault = Some(lost);
                break;
            }
        };
        if round == 0 && fingerprints.iter().all(Option::is_none) {
            break;
        }
        let fingerprints = &mut fingerprints;
        stored
            .compare(next, fingerprints, queue, batch, &mut recognised)
            .await?;
        batch.commit_names().await?;
    }
    recognised.sort_unstable();
    queue.remove(&recognised);
    fault.map_or(Ok(()), |fault| Err(fault.into()))
}

/// Stored messages that may match listed ones, sorted by size. A matched message is taken out, so that
/// it matches only once.
struct StoredMessages(Vec<(u64, Option<MessageId>)>);

impl StoredMessages {
    fn new(stored: Vec<(u64, MessageId)>) -> Self {
        let stored = stored.into_iter().map(|(octets, id)| (octets, Some(id)));
        let mut stored: Vec<_> = stored.collect();
        stored.sort_unstable();
        Self(stored)
    }

    /// Returns the range of the messages of a size.
    fn range(&self, octets: u64) -> Range<usize> {
        let begin = self.0.partition_point(|(other, _)| *other < octets);
        begin..self.0.partition_point(|(other, _)| *other <= octets)
    }

    /// Compares listed messages with all stored ones of their sizes. Reads each stored one once.
    async fn compare<D: Delivery>(
        &mut self,
        listed: &[Listed],
        fingerprints: &mut [Option<Fingerprint>],
        queue: &Queue,
        batch: &mut Batch<'_, D>,
        recognised: &mut Vec<MessageNumber>,
    ) -> Result<(), Problem> {
        let mut sizes: Vec<u64> = listed.iter().map(|(_, octets)| *octets).collect();
        sizes.sort_unstable();
        sizes.dedup();
        for octets in sizes {
            let range = self.range(octets);
            for (_, slot) in self.0.get_mut(range).into_iter().flatten() {
                let mut candidates = listed.iter().zip(fingerprints.iter_mut());
                if !candidates.any(|((_, size), found)| *size == octets && found.is_some()) {
                    break;
                }
                let Some(message) = *slot else {
                    continue;
                };
                let stored = batch.fingerprint(message, octets).await?;
                let Some(stored) = stored.filter(|stored| stored.is_named) else {
                    continue;
                };
                let mut candidates = listed.iter().zip(fingerprints.iter_mut());
                let twin = candidates
                    .find(|((_, size), found)| *size == octets && **found == Some(stored));
                if let Some(((number, _), found)) = twin
                    && let Some(unique_id) = queue.unique_id(*number)
                {
                    *found = None;
                    *slot = None;
                    batch.rename(message, unique_id).await?;
                    recognised.push(*number);
                }
            }
        }
        Ok(())
    }
}
