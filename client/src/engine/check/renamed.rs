//! Messages that are kept, though the server calls them by other unique-ids than before.
//!
//! A mail host that moves to another server gives every message a new unique-id. Where hardly any
//! known one is listed, a listed message is told by its size and its header: `TOP n 0` must give,
//! octet for octet, the header of a kept message of that size which names itself by a `Message-ID`
//! and is not listed under its own name. It then counts as known. Whatever is in doubt is fetched:
//! to have a message twice is better than not to have it.

use std::ops::Range;

use memchr::memmem;
use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::Event;

use super::batch::{Batch, MAX_MESSAGE_OCTETS};
use super::connection::Connection;
use super::fault::Fault;
use super::listing::News;
use super::queue::Queue;
use crate::clock::Clock;
use crate::engine::delivery::{BLANK_LINE, Delivery};
use crate::engine::event::{MessageId, Problem};
use crate::engine::unique_ids::UniqueIds;

/// One listed message in so many may be known by its unique-id: it came while others were moved.
const FEW: usize = 20;

/// How many headers are asked for at a time. The first goes alone, since it shows whether the server
/// knows `TOP`, and gives no more than was asked for; if none of the next few is recognised, the
/// sizes are equal by chance. The commands fit into one segment of TCP.
const AT_A_TIME: [usize; 3] = [1, 10, 100];

/// Larger headers are not compared. Those of mail have some kilobytes, and many are in flight.
const MAX_HEADER_OCTETS: usize = 64 * 1024;

/// A listed message, and its size in octets.
type Listed = (MessageNumber, u64);

/// Whether the maildrop looks like one that has moved. `unlisted` is what is kept and not listed.
pub(super) fn is_likely(news: &News, unlisted: &UniqueIds) -> bool {
    let known = news.listed.saturating_sub(news.queue.len());
    !unlisted.is_empty() && !news.queue.is_empty() && known <= news.listed / FEW
}

/// Takes those messages out of the queue that are kept already. Commands go ahead of the answers if
/// `ahead`.
///
/// # Errors
/// If storage fails.
pub(super) async fn recognise<D: Delivery, C: Clock>(
    connection: &mut Connection<C>,
    ahead: bool,
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
        let most = AT_A_TIME.get(round).or(AT_A_TIME.last());
        let (next, rest) = left.split_at(left.len().min(*most.unwrap_or(&1)));
        left = rest;
        let by_chance = round >= AT_A_TIME.len() - 1 && recognised.is_empty();
        if next.is_empty() || by_chance {
            break;
        }
        let mut headers = match headers(connection, ahead, next).await {
            Ok(headers) => headers,
            Err(lost) => {
                fault = Some(lost);
                break;
            }
        };
        if round == 0 && headers.iter().all(Option::is_none) {
            break;
        }
        kept.compare(next, &mut headers, queue, batch, &mut recognised)
            .await?;
        batch.commit_names().await?;
    }
    recognised.sort_unstable();
    queue.remove(&recognised);
    Ok(fault.map_or(Ok(()), Err))
}

/// Asks for the headers of messages; `None` for what cannot be compared.
async fn headers<C: Clock>(
    connection: &mut Connection<C>,
    ahead: bool,
    messages: &[Listed],
) -> Result<Vec<Option<Vec<u8>>>, Fault> {
    let mut commands = messages.iter().map(|(message, _)| Command::Top {
        message: *message,
        lines: 0,
    });
    if ahead {
        for command in commands.by_ref() {
            connection.send(command)?;
        }
    }
    let mut headers = Vec::with_capacity(messages.len());
    for _ in messages {
        if let Some(command) = commands.next() {
            connection.send(command)?;
        }
        headers.push(header(connection).await?);
    }
    Ok(headers)
}

/// Collects an answer to `TOP`, if it is a header up to its blank line and no more.
async fn header<C: Clock>(connection: &mut Connection<C>) -> Result<Option<Vec<u8>>, Fault> {
    let mut header = Vec::new();
    let mut octets = 0;
    loop {
        match connection.step().await? {
            Event::Octets(more) => {
                octets += more.len();
                if octets as u64 > MAX_MESSAGE_OCTETS {
                    return Err(Fault::Endless);
                }
                if octets <= MAX_HEADER_OCTETS {
                    header.extend_from_slice(&more);
                }
            }
            Event::Completed { .. } => {
                let end = memmem::find(&header, BLANK_LINE).map(|at| at + BLANK_LINE.len());
                return Ok((end == Some(octets)).then_some(header));
            }
            Event::Refused { .. } => return Ok(None),
            _ => {}
        }
    }
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
        headers: &mut [Option<Vec<u8>>],
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
                let mut asked = listed.iter().zip(headers.iter_mut());
                if !asked.any(|((_, other), header)| *other == octets && header.is_some()) {
                    break;
                }
                let Some(message) = *slot else {
                    continue;
                };
                let Some(kept) = batch.header(message).await? else {
                    continue;
                };
                let mut asked = listed.iter().zip(headers.iter_mut());
                let twin = asked.find(|((_, other), header)| {
                    *other == octets && header.as_ref() == Some(&kept)
                });
                if let Some(((number, _), header)) = twin
                    && let Some(unique_id) = queue.unique_id(*number)
                {
                    *header = None;
                    *slot = None;
                    batch.rename(message, unique_id).await?;
                    recognised.push(*number);
                }
            }
        }
        Ok(())
    }
}
