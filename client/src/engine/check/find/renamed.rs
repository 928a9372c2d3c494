//! Messages that are kept, though the server calls them by other unique-ids than before, and messages
//! that are not, though it calls them by unique-ids of others.
//!
//! A mail host that moves to another server gives every message a new unique-id. Where hardly any
//! known one is listed, a listed message is told by its size and its header: it has to be of the very
//! octets of a kept message, and what `TOP n 0` gives has to have the [fingerprint](super::fingerprint)
//! of that one, which names itself by a `Message-ID` and is not listed under its own name. It then
//! counts as known. Whatever is in doubt is fetched: to have a message twice is better than not to
//! have it.
//!
//! Where a message with a known unique-id has another size than any kept one, its header decides: if
//! that is a kept one's, sizes are guesses here, and are not looked at any more, unless that one has
//! this size: then unique-ids were given anew. Otherwise it is another message, and is fetched.

use std::cell::RefCell;
use std::ops::Range;

use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::quirk::Quirk;

use super::fingerprint::{AT_A_TIME, Fingerprint, Listed, Reader};
use super::listing::{News, too_many};
use super::queue::Queue;
use crate::api::ids::MessageId;
use crate::api::problem::Problem;
use crate::clock::Clock;
use crate::engine::check::fetch::batch::Batch;
use crate::engine::mailboxes::server_profile::Remembered;
use crate::engine::server::connection::Connection;
use crate::engine::server::fault::Fault;
use crate::engine::sink::Delivery;
use crate::engine::unique_ids::UniqueIds;

/// One listed message in so many may be known by its unique-id: it came while others were moved.
const FEW: usize = 20;

/// How many are asked for at a time. The first goes alone, since it shows whether the server knows
/// `TOP`, and gives no more than was asked for; if none of the next few is recognised, the sizes are
/// equal by chance.
const ROUNDS: [usize; 3] = [1, 10, AT_A_TIME];

/// Looks at headers where unique-ids may mislead. Commands go ahead of the answers if `ahead`.
///
/// # Errors
/// If storage fails.
pub(in crate::engine) async fn look<D: Delivery, C: Clock>(
    connection: &mut Connection<C>,
    ahead: bool,
    news: &mut News,
    remembered: &RefCell<Remembered>,
    batch: &mut Batch<'_, D>,
) -> Result<Result<(), Fault>, Problem> {
    let reader = Reader {
        by_text: false,
        ahead,
    };
    let unlisted = std::mem::take(&mut news.unlisted);
    if !news.doubtful.is_empty() {
        find_other(connection, reader, news, remembered, batch).await
    } else if is_likely(news, &unlisted, remembered.borrow().moving) {
        // What was recognised already hides that the rest was not, should this be cut short.
        remembered.borrow_mut().moving = true;
        let looked = recognise(connection, reader, &mut news.queue, &unlisted, batch).await?;
        remembered.borrow_mut().moving = looked.is_err();
        Ok(looked)
    } else {
        Ok(Ok(()))
    }
}

/// Whether the maildrop looks like one that has moved. `unlisted` is what is kept and not listed.
fn is_likely(news: &News, unlisted: &UniqueIds, moving: bool) -> bool {
    let known = news.listed.saturating_sub(news.queue.len());
    let is_moved = moving || known <= news.listed / FEW;
    !unlisted.is_empty() && !news.queue.is_empty() && is_moved
}

/// Puts those messages into the queue that only have the unique-id of a kept one.
async fn find_other<D: Delivery, C: Clock>(
    connection: &mut Connection<C>,
    mut reader: Reader,
    news: &mut News,
    remembered: &RefCell<Remembered>,
    batch: &mut Batch<'_, D>,
) -> Result<Result<(), Fault>, Problem> {
    let doubtful = std::mem::take(&mut news.doubtful);
    let listed: Vec<Listed> = doubtful.sized().collect();
    let unique_id = |message| doubtful.unique_id(message).unwrap_or_default();
    let mut kept = Vec::new();
    {
        let mut unique_ids: Vec<&str> = listed.iter().map(|(n, _)| unique_id(*n)).collect();
        unique_ids.sort_unstable();
        let is_wanted = |unique_id: &str, _| unique_ids.binary_search(&unique_id).is_ok();
        for (octets, message) in batch.kept(is_wanted).await? {
            match batch.fingerprint(message, octets).await? {
                Some(told_by) => kept.push((octets, told_by)),
                // Whether it is this one cannot be told.
                None => return Ok(Ok(())),
            }
        }
    }
    let mut left = listed.as_slice();
    let mut most = 1;
    while !left.is_empty() {
        let (next, rest) = left.split_at(left.len().min(most));
        (left, most) = (rest, AT_A_TIME);
        let told_by = match reader.read(connection, next).await {
            Ok(told_by) => told_by,
            Err(fault) => return Ok(Err(fault)),
        };
        for (&(message, octets), told_by) in next.iter().zip(told_by) {
            // What has no name of its own is told by its size, which is in doubt.
            let Some(told_by) = told_by.filter(|told_by| told_by.is_named) else {
                continue;
            };
            let mut twins = kept.iter().filter(|(_, kept)| *kept == told_by);
            let is_sized = |(kept, _): &(u64, _)| *kept == octets || *kept == octets + 2;
            if twins.clone().any(is_sized) {
                // It is kept, under the unique-id of another one.
            } else if twins.next().is_some() {
                remembered.borrow_mut().quirks.insert(Quirk::WrongSize);
                left = &[];
            } else {
                let pushed = news.queue.push_sized(message, unique_id(message), octets);
                pushed.map_err(too_many)?;
                remembered
                    .borrow_mut()
                    .quirks
                    .insert(Quirk::DuplicateUniqueId);
            }
        }
    }
    news.queue.sort();
    Ok(Ok(()))
}

/// Takes those messages out of the queue that are kept already.
async fn recognise<D: Delivery, C: Clock>(
    connection: &mut Connection<C>,
    mut reader: Reader,
    queue: &mut Queue,
    unlisted: &UniqueIds,
    batch: &mut Batch<'_, D>,
) -> Result<Result<(), Fault>, Problem> {
    let mut kept = {
        let mut sizes: Vec<u64> = queue.sized().map(|(_, octets)| octets).collect();
        sizes.sort_unstable();
        sizes.dedup();
        let is_wanted = |unique_id: &str, octets: u64| {
            sizes.binary_search(&octets).is_ok() && unlisted.count(unique_id) > 0
        };
        Kept::new(batch.kept(is_wanted).await?)
    };
    let has_twin = |(_, octets): &Listed| !kept.range(*octets).is_empty();
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
        let mut told_by = match reader.read(connection, next).await {
            Ok(told_by) => told_by,
            Err(lost) => {
                fault = Some(lost);
                break;
            }
        };
        if round == 0 && told_by.iter().all(Option::is_none) {
            break;
        }
        kept.compare(next, &mut told_by, queue, batch, &mut recognised)
            .await?;
        batch.commit_names().await?;
    }
    recognised.sort_unstable();
    queue.remove(&recognised);
    Ok(fault.map_or(Ok(()), Err))
}

/// Kept messages that listed ones may be, in the order of their sizes. What was recognised is
/// taken out, so that it is not taken for two.
struct Kept(Vec<(u64, Option<MessageId>)>);

impl Kept {
    fn new(kept: Vec<(u64, MessageId)>) -> Self {
        let kept = kept.into_iter().map(|(octets, id)| (octets, Some(id)));
        let mut kept: Vec<_> = kept.collect();
        kept.sort_unstable();
        Self(kept)
    }

    /// Where the messages of a size are.
    fn range(&self, octets: u64) -> Range<usize> {
        let begin = self.0.partition_point(|(other, _)| *other < octets);
        begin..self.0.partition_point(|(other, _)| *other <= octets)
    }

    /// Compares some listed messages with all kept ones of their sizes, each of which is read once.
    async fn compare<D: Delivery>(
        &mut self,
        listed: &[Listed],
        told_by: &mut [Option<Fingerprint>],
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
                let mut asked = listed.iter().zip(told_by.iter_mut());
                if !asked.any(|((_, other), told_by)| *other == octets && told_by.is_some()) {
                    break;
                }
                let Some(message) = *slot else {
                    continue;
                };
                let kept = batch.fingerprint(message, octets).await?;
                let Some(kept) = kept.filter(|kept| kept.is_named) else {
                    continue;
                };
                let mut asked = listed.iter().zip(told_by.iter_mut());
                let twin =
                    asked.find(|((_, other), told_by)| *other == octets && **told_by == Some(kept));
                if let Some(((number, _), told_by)) = twin
                    && let Some(unique_id) = queue.unique_id(*number)
                {
                    *told_by = None;
                    *slot = None;
                    batch.rename(message, unique_id).await?;
                    recognised.push(*number);
                }
            }
        }
        Ok(())
    }
}
