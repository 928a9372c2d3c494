//! What is in the maildrop, and what of it is new.

use std::collections::{HashMap, VecDeque};

use restante_shared::pop3::argument::{MessageNumber, UniqueId};
use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::{Event, Request};

use super::connection::Connection;
use super::login::Capabilities;
use super::problem::refused;
use crate::clock::Clock;
use crate::engine::event::{Problem, ProblemKind};

/// How many messages are listed at the most: at 100 octets each they take some 50 MB here.
const MAX_MESSAGES: usize = 500_000;

/// How many octets all unique-ids have at the most, whatever their number.
const MAX_UNIQUE_ID_OCTETS: usize = 64 * 1024 * 1024;

/// The size that is assumed of a message where the server names none.
const ASSUMED_OCTETS: u64 = 64 * 1024;

/// Larger messages are left on the server, since the engine takes a message apart in memory: a tab
/// has 4 GB at the most, and no mail host known delivers more than 150 MB.
pub(super) const MAX_MESSAGE_OCTETS: u64 = 256 * 1024 * 1024;

/// A message to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Its number in this session.
    pub(super) message: MessageNumber,
    /// What it is called for as long as the server keeps it.
    pub(super) unique_id: UniqueId,
    /// Its size in octets, as far as the server knows.
    pub(super) octets: u64,
}

/// What `UIDL` and `LIST` say.
#[derive(Debug, Default)]
pub(super) struct Listing {
    unique_ids: Vec<(MessageNumber, UniqueId)>,
    octets: HashMap<MessageNumber, u64>,
    /// How many messages have a unique-id that cannot be read.
    unreadable: u32,
}

/// What is new in a maildrop.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct News {
    /// The messages to fetch.
    pub(super) wanted: VecDeque<Wanted>,
    /// How many others there are: too large, or without a unique-id that can be read.
    pub(super) left_out: u32,
}

/// Asks for all unique-ids and sizes. Sizes are for progress and may be missing; unique-ids may not.
pub(super) async fn list<C: Clock>(
    connection: &mut Connection<C>,
    capabilities: &Capabilities,
) -> Result<Listing, Problem> {
    let mut listing = Listing::default();
    let mut id_octets = 0;
    let commands = [Command::Uidl(None), Command::List(None)];
    let mut unasked = commands.into_iter();
    let ahead = if capabilities.pipelining() { 2 } else { 1 };
    for command in unasked.by_ref().take(ahead) {
        connection.send(command)?;
    }
    let mut unanswered = 2;
    while unanswered > 0 {
        match connection.event().await? {
            Event::UniqueId(line) => {
                id_octets += line.unique_id.as_str().len();
                listing.unique_ids.push((line.message, line.unique_id));
            }
            Event::ScanListing(line) => {
                listing.octets.insert(line.message, line.octets);
            }
            Event::Refused {
                request: Request::Uidl(_),
                text,
            } => {
                let mut problem = refused(&text);
                if problem.kind == ProblemKind::ServerRefused {
                    problem.detail = Some(match text.text.as_str() {
                        "" => "the server has no unique-ids (UIDL)".to_owned(),
                        text => format!("the server has no unique-ids (UIDL): {text}"),
                    });
                }
                return Err(problem);
            }
            Event::Completed { .. } | Event::Refused { .. } => {
                unanswered -= 1;
                if let Some(command) = unasked.next() {
                    connection.send(command)?;
                }
            }
            // The unique-ids come first. An empty line stands for nothing.
            Event::Unreadable(line) if unanswered == 2 && !line.trim_ascii().is_empty() => {
                listing.unreadable = listing.unreadable.saturating_add(1);
            }
            _ => {}
        }
        let too_many = listing.unique_ids.len().max(listing.octets.len()) > MAX_MESSAGES;
        if too_many || id_octets > MAX_UNIQUE_ID_OCTETS {
            return Err(Problem::with_detail(
                ProblemKind::ProtocolBroken,
                format!("the server lists more than {MAX_MESSAGES} messages"),
            ));
        }
    }
    Ok(listing)
}

impl Listing {
    /// Leaves out the messages that are kept already, of each unique-id as many as are kept: a server
    /// may give one to several messages.
    pub(super) fn new_messages(self, mut known: HashMap<String, u32>) -> News {
        let Self {
            unique_ids,
            octets,
            unreadable,
        } = self;
        let is_new = |unique_id: &UniqueId| match known.get_mut(unique_id.as_str()) {
            Some(kept @ 1..) => {
                *kept -= 1;
                false
            }
            Some(0) | None => true,
        };
        let mut is_new = is_new;
        let mut wanted: VecDeque<Wanted> = unique_ids
            .into_iter()
            .filter(|(_, unique_id)| is_new(unique_id))
            .map(|(message, unique_id)| Wanted {
                message,
                unique_id,
                octets: octets.get(&message).copied().unwrap_or(ASSUMED_OCTETS),
            })
            .collect();
        let new = wanted.len();
        wanted.retain(|wanted| wanted.octets <= MAX_MESSAGE_OCTETS);
        let too_large = u32::try_from(new - wanted.len()).unwrap_or(u32::MAX);
        News {
            wanted,
            left_out: unreadable.saturating_add(too_large),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(listed: &[&str], known: &[(&str, u32)]) -> Vec<u32> {
        let listing = Listing {
            unique_ids: (1..)
                .zip(listed)
                .map(|(n, id)| (MessageNumber::new(n).unwrap(), UniqueId::new(*id).unwrap()))
                .collect(),
            ..Listing::default()
        };
        let known = known.iter().map(|(id, count)| ((*id).to_owned(), *count));
        let News { wanted, .. } = listing.new_messages(known.collect());
        wanted
            .iter()
            .map(|wanted| wanted.message.number())
            .collect()
    }

    #[test]
    fn what_is_kept_is_not_fetched_again() {
        assert_eq!(numbers(&["a", "b", "c"], &[("a", 1), ("c", 1)]), [2]);
        assert_eq!(numbers(&["a", "b"], &[]), [1, 2]);
        assert_eq!(numbers(&[], &[("a", 1)]), [] as [u32; 0]);
    }

    #[test]
    fn a_unique_id_that_is_listed_twice_is_two_messages() {
        assert_eq!(numbers(&["a", "a"], &[]), [1, 2]);
        assert_eq!(numbers(&["a", "a"], &[("a", 1)]), [2]);
        assert_eq!(numbers(&["a", "a"], &[("a", 2)]), [] as [u32; 0]);
    }
}
