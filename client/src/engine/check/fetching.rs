//! Fetches messages, as many ahead as the server allows.

use std::collections::VecDeque;

use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::Event;

use super::batch::Batch;
use super::connection::Connection;
use super::listing::Wanted;
use super::meter::Meter;
use crate::clock::Clock;
use crate::engine::delivery::Delivery;
use crate::engine::event::Problem;

/// How many octets of messages are asked for ahead. A WebSocket in a tab takes all that comes, so
/// this bounds what may pile up; it fills 300 Mbit/s over a round trip of 100 ms.
const WINDOW_OCTETS: u64 = 4 * 1024 * 1024;

/// How many messages are asked for ahead: their commands fit into one segment of TCP.
const WINDOW_MESSAGES: usize = 100;

/// Fetches all that is wanted and commits it. Returns how many messages the server refused.
pub(super) async fn fetch<D: Delivery, C: Clock>(
    connection: &mut Connection<C>,
    mut wanted: VecDeque<Wanted>,
    pipelining: bool,
    batch: &mut Batch<'_, D>,
    meter: &mut Meter<'_, C>,
) -> Result<u32, Problem> {
    let most = if pipelining { WINDOW_MESSAGES } else { 1 };
    let mut asked: VecDeque<Wanted> = VecDeque::new();
    let mut ahead = 0;
    let mut skipped = 0;
    loop {
        while let Some(next) = wanted.pop_front_if(|next| {
            let room = asked.len() < most && ahead + next.octets <= WINDOW_OCTETS;
            asked.is_empty() || room
        }) {
            connection.send(Command::Retr(next.message))?;
            ahead += next.octets;
            asked.push_back(next);
        }
        let Some(current) = asked.front() else {
            break;
        };
        // Replies come in order, so every event is about the oldest message asked for.
        let ended = match connection.event().await? {
            Event::Accepted { .. } => {
                batch.begin(current.unique_id.as_str()).await?;
                false
            }
            Event::Octets(octets) => {
                batch.push(&octets).await?;
                meter.octets(octets.len());
                false
            }
            Event::Completed { .. } => {
                batch.finish().await?;
                meter.message();
                batch.commit_if_due(meter.now()).await?;
                true
            }
            Event::Refused { .. } => {
                skipped += 1;
                true
            }
            Event::Challenge(_)
            | Event::Capability(_)
            | Event::DropListing(_)
            | Event::ScanListing(_)
            | Event::UniqueId(_)
            | Event::Unreadable(_) => false,
        };
        if ended && let Some(done) = asked.pop_front() {
            ahead -= done.octets;
        }
    }
    batch.commit().await?;
    Ok(skipped)
}
