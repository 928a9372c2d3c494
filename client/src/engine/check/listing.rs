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
    pub(super) fn new_messages(self, mut known: HashMap<String, u32>) -> VecDeque<Wanted> {
        let Self { unique_ids, octets } = self;
        let is_new = |unique_id: &UniqueId| match known.get_mut(unique_id.as_str()) {
            Some(kept @ 1..) => {
                *kept -= 1;
                false
            }
            Some(0) | None => true,
        };
        let mut is_new = is_new;
        unique_ids
            .into_iter()
            .filter(|(_, unique_id)| is_new(unique_id))
            .map(|(message, unique_id)| Wanted {
                message,
                unique_id,
                octets: octets.get(&message).copied().unwrap_or(ASSUMED_OCTETS),
            })
            .collect()
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
            octets: HashMap::new(),
        };
        let known = known.iter().map(|(id, count)| ((*id).to_owned(), *count));
        let wanted = listing.new_messages(known.collect());
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
