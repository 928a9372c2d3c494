//! What is in the maildrop, and what of it is new.
//!
//! Unique-ids are compared with those that are kept as they come, and sizes are asked for only where
//! something is new: of a maildrop with a million messages, little more than the new ones is held.
//!
//! Where sizes are asked for, those of known messages are looked at too: one that is not the size of a
//! kept message is another message's, to which the server may have given the same unique-id. They are
//! asked for at each check where unique-ids are shared, since there a number of messages that has not
//! changed may hide that one went and another one came. One of the very same size stays unseen: to
//! find it, all headers would have to be asked for at each check.

use std::cell::RefCell;

use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::listing::ScanListing;
use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::reply::StatusText;
use restante_shared::pop3::session::Event;

use super::fingerprint::{Listed, PREFIX};
use super::queue::{MAX_MESSAGES, Queue, TooMany};
use crate::api::problem::{Problem, ProblemKind};
use crate::clock::Clock;
use crate::engine::check::fetch::batch::MAX_MESSAGE_OCTETS;
use crate::engine::mailboxes::server_profile::Remembered;
use crate::engine::server::capabilities::Capabilities;
use crate::engine::server::connection::Connection;
use crate::engine::server::refusal::{is_about_the_method, refused};
use crate::engine::unique_ids::UniqueIds;

/// In maildrops with more messages than this, some servers answer `LIST n` sooner than `LIST`,
const LARGE_MAILDROP: usize = 5_000;
/// so sizes are asked for one by one there if there are no more new messages than this.
const FEW_MESSAGES: usize = 500;

/// How many commands about single messages are in flight: they fit into one segment of TCP.
const SINGLE_COMMANDS: usize = 100;

/// What is new in a maildrop.
#[derive(Debug, Default)]
pub(in crate::engine) struct News {
    /// The messages to fetch.
    pub(in crate::engine) queue: Queue,
    /// How many messages are listed.
    pub(in crate::engine) listed: usize,
    /// Messages with unique-ids that are known, and sizes that are not.
    pub(in crate::engine) doubtful: Queue,
    /// What is kept and not listed.
    pub(in crate::engine) unlisted: UniqueIds,
    /// How many new ones are left on the server: too large, not due to be tried again, or without
    /// a unique-id that can be read.
    pub(in crate::engine) left_out: u32,
}

/// What [`list`] is certain to ask for: unique-ids where there are any, and sizes where all that is
/// listed is new, or there is nothing else.
pub(in crate::engine) fn certain(remembered: &Remembered, is_kept: bool) -> Vec<Command> {
    let unique_ids = remembered.told_by_text().is_none();
    let commands = [
        unique_ids.then_some(Command::Uidl(None)),
        (!unique_ids || !is_kept).then_some(Command::List(None)),
    ];
    commands.into_iter().flatten().collect()
}

/// A maildrop that is listed.
pub(in crate::engine) struct Listing<'a, C> {
    pub(in crate::engine) connection: &'a mut Connection<C>,
    pub(in crate::engine) pipelining: bool,
    known: UniqueIds,
    /// Listed messages with unique-ids that are known, and the indices of these; none in a large
    /// maildrop.
    old: Vec<(MessageNumber, u32)>,
    pub(in crate::engine) remembered: &'a RefCell<Remembered>,
    pub(in crate::engine) now: i64,
    pub(in crate::engine) news: News,
}

/// Asks for all unique-ids and, where something is new, for sizes, as far as that was not
/// [asked for ahead](certain). `is_due` leaves out what is not to be tried; commands go `ahead` where
/// that has not broken; `now` is in seconds since 1970.
pub(in crate::engine) async fn list<C: Clock>(
    connection: &mut Connection<C>,
    capabilities: &Capabilities,
    ahead: bool,
    known: UniqueIds,
    remembered: &RefCell<Remembered>,
    now: i64,
    is_due: impl Fn(&str) -> bool,
) -> Result<News, Problem> {
    let pipelining = ahead && !remembered.borrow().pipelining.broken;
    let mut listing = Listing {
        connection,
        pipelining,
        known,
        old: Vec::new(),
        remembered,
        now,
        news: News::default(),
    };
    let told_by_text = remembered.borrow().told_by_text();
    if told_by_text.is_some() {
        let messages = listing.messages(&StatusText::default()).await?;
        listing.name(messages, told_by_text).await?;
    } else {
        let is_announced = capabilities.has(&Capability::Uidl);
        match listing.unique_ids().await? {
            Ok(()) if is_announced || !capabilities.are_known() => {}
            Ok(()) => listing.met(Quirk::Unadvertised),
            // What is wrong for now, or for good, is no matter of how it is asked.
            Err(text) if refused(&text).kind != ProblemKind::ServerRefused => {
                return Err(refused(&text));
            }
            Err(text) => listing.each_unique_id(&text, is_announced).await?,
        }
    }
    let Listing {
        mut news, known, ..
    } = listing;
    news.unlisted = known;
    news.leave_out(is_due);
    Ok(news)
}

impl News {
    /// Leaves out what is too large, and what is not due.
    pub(in crate::engine) fn leave_out(&mut self, is_due: impl Fn(&str) -> bool) {
        let new = self.queue.len();
        self.queue
            .retain(|unique_id, octets| octets <= MAX_MESSAGE_OCTETS && is_due(unique_id));
        let left_out = u32::try_from(new - self.queue.len()).unwrap_or(u32::MAX);
        self.left_out = self.left_out.saturating_add(left_out);
    }
}

impl<C: Clock> Listing<'_, C> {
    /// Asks for all unique-ids at once.
    async fn unique_ids(&mut self) -> Result<Result<(), StatusText>, Problem> {
        self.connection.send_once(Command::Uidl(None))?;
        let mut lines = 0;
        loop {
            // Empty lines may come between the others.
            lines += 1;
            if lines > 2 * MAX_MESSAGES {
                return Err(too_many(TooMany));
            }
            match self.connection.event().await? {
                Event::UniqueId(line) => self.add(line.message, line.unique_id.as_str())?,
                // An empty line stands for nothing.
                Event::Unreadable(line) if !line.trim_ascii().is_empty() => {
                    self.news.left_out = self.news.left_out.saturating_add(1);
                }
                Event::Completed { .. } => break,
                Event::Refused { text, .. } => return Ok(Err(text)),
                _ => {}
            }
        }
        self.news.queue.sort();
        if self.news.queue.has_twins() {
            self.met(Quirk::DuplicateUniqueId);
        }
        self.sizes().await?;
        Ok(Ok(()))
    }

    /// Asks for the sizes of all messages, which come in the order of their numbers.
    async fn messages(&mut self, refusal: &StatusText) -> Result<Vec<Listed>, Problem> {
        let mut messages = Vec::new();
        let accepted = scan(self.connection, |line| {
            messages.push((line.message, line.octets));
        });
        if !accepted.await? {
            return Err(no_unique_ids(refusal));
        }
        messages.sort_unstable();
        messages.dedup_by_key(|(message, _)| *message);
        Ok(messages)
    }

    /// Asks for unique-ids one by one: there are servers that know `UIDL n` only.
    async fn each_unique_id(
        &mut self,
        refusal: &StatusText,
        is_announced: bool,
    ) -> Result<(), Problem> {
        let messages = self.messages(refusal).await?;
        let mut found = 0;
        let numbers = messages.iter().map(|(message, _)| *message);
        let all = numbers.map(|message| Command::Uidl(Some(message)));
        self.each(all, |listing, event| match event {
            Event::UniqueId(line) => {
                found += 1;
                listing.add(line.message, line.unique_id.as_str())
            }
            _ => Ok(()),
        })
        .await?;
        if found == 0 && !messages.is_empty() {
            // A server that has them is only out of order, and one that had them would name all that
            // is kept anew.
            let has_some = is_announced && !is_about_the_method(refusal);
            if has_some || !self.known.all(|unique_id| unique_id.starts_with(PREFIX)) {
                return Err(no_unique_ids(refusal));
            }
            return self.name(messages, None).await;
        }
        let unnamed = u32::try_from(messages.len().saturating_sub(found));
        self.news.left_out = unnamed.unwrap_or(u32::MAX);
        self.met(Quirk::Unadvertised);
        self.sizes().await
    }

    /// Takes a message for new, unless one with its unique-id is kept that was not listed yet.
    pub(in crate::engine) fn add(
        &mut self,
        message: MessageNumber,
        unique_id: &str,
    ) -> Result<(), Problem> {
        self.news.listed += 1;
        if self.news.listed > MAX_MESSAGES {
            return Err(too_many(TooMany));
        }
        let is_shared = self.known.count(unique_id) > 1;
        if is_shared && self.remembered.borrow().told_by_text().is_none() {
            self.met(Quirk::DuplicateUniqueId);
        }
        if let Some(at) = self.known.take(unique_id) {
            match self.news.listed <= LARGE_MAILDROP {
                true => self.old.push((message, at)),
                false => self.old.clear(),
            }
            return Ok(());
        }
        self.news.queue.push(message, unique_id).map_err(too_many)
    }

    /// Asks how large the new messages are. Sizes bound what is in flight and tell progress; they
    /// may be missing.
    async fn sizes(&mut self) -> Result<(), Problem> {
        let new = self.news.queue.len();
        let has_met = |quirk| self.remembered.borrow().quirks.contains(&quirk);
        if has_met(Quirk::WrongSize) {
            self.old.clear();
        }
        let is_of_use = new > 0 || (!self.old.is_empty() && has_met(Quirk::DuplicateUniqueId));
        // What was asked for ahead comes even so.
        let is_asked = self.connection.unanswered() > 0;
        if !is_of_use && !is_asked {
            return Ok(());
        }
        if self.news.listed > LARGE_MAILDROP && new <= FEW_MESSAGES && !is_asked {
            let all: Vec<_> = self.news.queue.messages().collect();
            let all = all.into_iter().map(|message| Command::List(Some(message)));
            let tell = |listing: &mut Self, event| {
                if let Event::ScanListing(line) = event {
                    listing.news.queue.set_octets(line.message, line.octets);
                }
                Ok(())
            };
            return self.each(all, tell).await;
        }
        let (
            News {
                queue, doubtful, ..
            },
            known,
        ) = (&mut self.news, &self.known);
        self.old.sort_unstable();
        let old = |message| {
            let found = self.old.binary_search_by_key(&message, |(old, _)| *old);
            found.ok().and_then(|at| self.old.get(at))
        };
        let mut told = Ok(());
        scan(self.connection, |line| match old(line.message) {
            Some((_, at)) if known.has_size(*at, line.octets) => {}
            Some((message, at)) => {
                if let Err(error) = doubtful.push_sized(*message, known.text(*at), line.octets) {
                    told = Err(too_many(error));
                }
            }
            None => queue.set_octets(line.message, line.octets),
        })
        .await?;
        doubtful.sort();
        told
    }

    /// Sends commands about single messages, and tells what comes of each, until one is refused
    /// before any was accepted.
    async fn each(
        &mut self,
        mut commands: impl Iterator<Item = Command>,
        mut tell: impl FnMut(&mut Self, Event) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut in_flight = 0;
        // One goes ahead: where it is refused, so would be the others.
        let mut accepted = false;
        loop {
            let most = match accepted && self.pipelining {
                true => SINGLE_COMMANDS,
                false => 1,
            };
            while in_flight < most
                && let Some(command) = commands.next()
            {
                self.connection.send(command)?;
                in_flight += 1;
            }
            if in_flight == 0 {
                return Ok(());
            }
            let event = self.connection.event().await?;
            match &event {
                Event::Completed { .. } => {
                    in_flight -= 1;
                    accepted = true;
                }
                Event::Refused { .. } if accepted => in_flight -= 1,
                Event::Refused { .. } => return Ok(()),
                _ => {}
            }
            tell(self, event)?;
        }
    }

    pub(in crate::engine) fn met(&self, quirk: Quirk) {
        self.remembered.borrow_mut().quirks.insert(quirk);
    }
}

/// Asks for the drop listing, and tells each line of it. Returns whether there is one.
async fn scan<C: Clock>(
    connection: &mut Connection<C>,
    mut tell: impl FnMut(ScanListing),
) -> Result<bool, Problem> {
    let is_ahead = connection.send_once(Command::List(None))?;
    let mut lines = 0;
    loop {
        lines += 1;
        if lines > 2 * MAX_MESSAGES {
            return Err(too_many(TooMany));
        }
        match connection.event().await? {
            Event::ScanListing(line) => tell(line),
            // What stands behind `+OK` first shows whether unique-ids were mixed up with sizes.
            Event::Unreadable(line) if is_ahead && lines == 2 && !line.trim_ascii().is_empty() => {
                let detail = "the answer to LIST is that to another command";
                return Err(Problem::with_detail(ProblemKind::ProtocolBroken, detail));
            }
            Event::Completed { .. } => return Ok(true),
            Event::Refused { .. } => return Ok(false),
            _ => {}
        }
    }
}

pub(in crate::engine) fn too_many(_: TooMany) -> Problem {
    Problem::with_detail(
        ProblemKind::ProtocolBroken,
        format!("the server lists more than {MAX_MESSAGES} messages"),
    )
}

pub(in crate::engine) fn no_unique_ids(text: &StatusText) -> Problem {
    let mut problem = refused(text);
    if problem.kind == ProblemKind::ServerRefused {
        problem.detail = Some(match text.text.as_str() {
            "" => "the server has no unique-ids (UIDL)".to_owned(),
            text => format!("the server has no unique-ids (UIDL): {text}"),
        });
    }
    problem
}
