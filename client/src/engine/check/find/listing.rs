//! Lists the maildrop, and finds the new messages in it.
//!
//! Unique-ids are compared with the stored ones as they arrive, and sizes are asked for only if there
//! are new messages. A stored message takes 8 bytes of the listing, so a maildrop with a million of
//! them takes 8 MB.
//!
//! If sizes are asked for, those of known messages are compared too. If no stored message has such a
//! size, it belongs to another message, to which the server may have given the same unique-id. On a
//! server that shares unique-ids, sizes are asked for at each check: there, an unchanged number of
//! messages may hide that one was replaced by another. A replacement of the very same size is not
//! found, because that would take the headers of all messages at each check.

use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::listing::ScanListing;
use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::reply::StatusText;
use restante_shared::pop3::session::Event;

use super::emptiness::is_empty;
use super::error::ListingError;
use super::fingerprint::{Listed, PREFIX};
use super::queue::{MAX_MESSAGES, Queue, TooMany};
use crate::api::problem::{Detail, Problem, ProblemKind};
use crate::clock::Clock;
use crate::engine::limits::MAX_MESSAGE_BYTES;
use crate::engine::mailboxes::lesson::Lesson;
use crate::engine::mailboxes::live_profile::LiveProfile;
use crate::engine::mailboxes::server_profile::ServerProfile;
use crate::engine::server::capabilities::Capabilities;
use crate::engine::server::connection::Connection;
use crate::engine::server::refusal::{is_about_the_method, refused};
use crate::engine::unique_ids::UniqueIds;

/// The size of a maildrop, in messages, above which some servers answer `LIST n` sooner than `LIST`.
/// The sizes of stored messages are not compared in it.
const LARGE_MAILDROP: usize = 5_000;
/// The largest number of new messages in such a maildrop whose sizes are asked for one by one.
const FEW_MESSAGES: usize = 500;

/// The largest number of commands about single messages in flight: they fit into one TCP segment.
const SINGLE_COMMANDS: usize = 100;

/// The new messages of a maildrop.
#[derive(Debug, Default)]
pub(in crate::engine) struct News {
    /// The messages to fetch.
    pub(in crate::engine) queue: Queue,
    /// The number of listed messages.
    pub(in crate::engine) listed: usize,
    /// The listed messages that are stored, in the order of their numbers: the number of each, and the
    /// index of its unique-id in `unlisted`, which leads to its local id.
    pub(in crate::engine) stored: Vec<(MessageNumber, u32)>,
    /// Messages with known unique-ids and unknown sizes. They are not `stored`.
    pub(in crate::engine) doubtful: Queue,
    /// The unique-ids of stored messages, each of which remains for the messages that are not listed.
    pub(in crate::engine) unlisted: UniqueIds,
    /// The number of new messages that stay on the server: too large, not due to be tried again, or
    /// with an unreadable unique-id.
    pub(in crate::engine) left_out: u32,
}

/// Returns the commands that [`list`] is certain to send: `UIDL` if the server has unique-ids, and
/// `LIST` if it has none, or if all messages are new.
pub(in crate::engine) fn certain(profile: &ServerProfile, has_stored: bool) -> Vec<Command> {
    let unique_ids = profile.identified_by_text().is_none();
    let commands = [
        unique_ids.then_some(Command::Uidl(None)),
        (!unique_ids || !has_stored).then_some(Command::List(None)),
    ];
    commands.into_iter().flatten().collect()
}

/// The reply to `UIDL`.
enum UidlReply {
    Listed,
    Refused(StatusText),
}

/// A listing in progress.
pub(in crate::engine) struct Listing<'a, 'p, C> {
    pub(in crate::engine) connection: &'a mut Connection<C>,
    pub(in crate::engine) pipelining: bool,
    known: UniqueIds,
    pub(in crate::engine) profile: &'a mut LiveProfile<'p>,
    pub(in crate::engine) news: News,
}

/// Asks for all unique-ids, and for sizes if there are new messages. Sends only commands that were not
/// [pipelined after the login](certain). With `pipelining`, sends commands about single messages
/// ahead, unless that is known to break on this server.
pub(in crate::engine) async fn list<C: Clock>(
    connection: &mut Connection<C>,
    capabilities: &Capabilities,
    pipelining: bool,
    known: UniqueIds,
    profile: &mut LiveProfile<'_>,
) -> Result<News, ListingError> {
    let by_text = profile.identified_by_text();
    let mut listing = Listing {
        connection,
        pipelining: pipelining && !profile.pipelining.broken,
        known,
        profile,
        news: News::default(),
    };
    if by_text.is_some() {
        let messages = listing.messages(&StatusText::default()).await?;
        listing.name(messages, by_text).await?;
    } else {
        let is_advertised = capabilities.has(&Capability::Uidl);
        match listing.unique_ids().await? {
            UidlReply::Listed if is_advertised || !capabilities.are_known() => {}
            UidlReply::Listed => {
                let lesson = Lesson::Quirk(Quirk::Unadvertised);
                listing.profile.learn([lesson]).await;
            }
            // A temporary or permanent fault has nothing to do with the form of the command.
            UidlReply::Refused(text) if refused(&text).kind != ProblemKind::ServerRefused => {
                return Err(refused(&text).into());
            }
            UidlReply::Refused(text) => listing.each_unique_id(&text, is_advertised).await?,
        }
    }
    let Listing {
        mut news, known, ..
    } = listing;
    news.unlisted = known;
    Ok(news)
}

impl News {
    /// Leaves out messages that are too large or not due.
    pub(in crate::engine) fn leave_out(&mut self, is_due: impl Fn(&str) -> bool) {
        let new = self.queue.len();
        self.queue
            .retain(|unique_id, octets| octets <= MAX_MESSAGE_BYTES && is_due(unique_id));
        let left_out = u32::try_from(new - self.queue.len()).unwrap_or(u32::MAX);
        self.left_out = self.left_out.saturating_add(left_out);
    }
}

impl<C: Clock> Listing<'_, '_, C> {
    /// Asks for all unique-ids at once. Returns the server's text if it refuses.
    async fn unique_ids(&mut self) -> Result<UidlReply, Problem> {
        self.connection.send_once(Command::Uidl(None))?;
        let mut lines = 0;
        loop {
            // There may be empty lines between the others.
            lines += 1;
            if lines > 2 * MAX_MESSAGES {
                return Err(too_many(TooMany));
            }
            match self.connection.event().await? {
                Event::UniqueId(line) => self.add(line.message, line.unique_id.as_str())?,
                // An empty line is not a message.
                Event::Unreadable(line) if !line.trim_ascii().is_empty() => {
                    self.news.left_out = self.news.left_out.saturating_add(1);
                }
                Event::Completed { .. } => break,
                Event::Refused { text, .. } => return Ok(UidlReply::Refused(text)),
                _ => {}
            }
            self.profile.save_due().await;
        }
        self.news.queue.sort();
        if self.news.queue.has_twins() {
            self.saw(Quirk::DuplicateUniqueId);
            self.profile.save_due().await;
        }
        self.sizes().await?;
        Ok(UidlReply::Listed)
    }

    /// Asks for the sizes of all messages. Returns them in the order of their numbers.
    async fn messages(&mut self, refusal: &StatusText) -> Result<Vec<Listed>, Problem> {
        let mut messages = Vec::new();
        let accepted = scan(self.connection, |line| {
            messages.push((line.message, line.octets));
        });
        if !accepted.await? && !is_empty(self.connection).await? {
            return Err(no_unique_ids(refusal));
        }
        messages.sort_unstable();
        messages.dedup_by_key(|(message, _)| *message);
        Ok(messages)
    }

    /// Asks for unique-ids one by one, because some servers support `UIDL n` only.
    async fn each_unique_id(
        &mut self,
        refusal: &StatusText,
        is_advertised: bool,
    ) -> Result<(), ListingError> {
        let messages = self.messages(refusal).await?;
        if messages.is_empty() {
            return Ok(());
        }
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
        if found == 0 {
            // A server with unique-ids has only a temporary fault. On one that had them earlier, all
            // stored messages would be fetched again under other names.
            let has_some = is_advertised && !is_about_the_method(refusal);
            if has_some || !self.known.all(|unique_id| unique_id.starts_with(PREFIX)) {
                return Err(no_unique_ids(refusal).into());
            }
            return self.name(messages, None).await;
        }
        let unnamed = u32::try_from(messages.len().saturating_sub(found));
        self.news.left_out = unnamed.unwrap_or(u32::MAX);
        self.saw(Quirk::Unadvertised);
        self.profile.save_due().await;
        Ok(self.sizes().await?)
    }

    /// Counts a listed message as new, unless a message with its unique-id is stored and was not
    /// listed yet.
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
        if is_shared && self.profile.identified_by_text().is_none() {
            self.saw(Quirk::DuplicateUniqueId);
        }
        if let Some(at) = self.known.take(unique_id) {
            self.news.stored.push((message, at));
            return Ok(());
        }
        self.news.queue.push(message, unique_id).map_err(too_many)
    }

    /// Asks for the sizes of the new messages. Sizes bound the bytes in flight and show progress. The
    /// server may omit them.
    async fn sizes(&mut self) -> Result<(), Problem> {
        let new = self.news.queue.len();
        let has_quirk = |quirk| self.profile.quirks.contains(&quirk);
        let is_large = self.news.listed > LARGE_MAILDROP;
        let compares = !is_large && !has_quirk(Quirk::WrongSize) && !self.news.stored.is_empty();
        let is_of_use = new > 0 || (compares && has_quirk(Quirk::DuplicateUniqueId));
        self.news.stored.sort_unstable();
        // A pipelined reply arrives in any case.
        let is_pipelined = self.connection.unanswered() > 0;
        if !is_of_use && !is_pipelined {
            return Ok(());
        }
        if is_large && new <= FEW_MESSAGES && !is_pipelined {
            let all: Vec<_> = self.news.queue.messages().collect();
            let all = all.into_iter().map(|message| Command::List(Some(message)));
            let on_event = |listing: &mut Self, event| {
                if let Event::ScanListing(line) = event {
                    listing.news.queue.set_octets(line.message, line.octets);
                }
                Ok(())
            };
            return self.each(all, on_event).await;
        }
        let News {
            queue,
            doubtful,
            stored,
            ..
        } = &mut self.news;
        let known = &self.known;
        let find = |message| stored.binary_search_by_key(&message, |(stored, _)| *stored);
        let mut result = Ok(());
        scan(self.connection, |line| {
            let Some((message, at)) = find(line.message).ok().and_then(|at| stored.get(at)) else {
                queue.set_octets(line.message, line.octets);
                return;
            };
            if compares
                && !known.has_size(*at, line.octets)
                && let Err(error) = doubtful.push_sized(*message, known.text(*at), line.octets)
            {
                result = Err(too_many(error));
            }
        })
        .await?;
        doubtful.sort();
        // A message of another size is not the stored one.
        stored.retain(|(message, _)| doubtful.unique_id(*message).is_none());
        result
    }

    /// Sends commands about single messages, and passes each event to `on_event`. Stops if the first
    /// command is refused.
    async fn each(
        &mut self,
        mut commands: impl Iterator<Item = Command>,
        mut on_event: impl FnMut(&mut Self, Event) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut in_flight = 0;
        // The first command goes alone: if it is refused, the others would be as well.
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
            on_event(self, event)?;
            self.profile.save_due().await;
        }
    }

    /// Notes a quirk, which is saved before the next wait.
    pub(in crate::engine) fn saw(&mut self, quirk: Quirk) {
        self.profile.note(Lesson::Quirk(quirk));
    }
}

/// Asks for the scan listing ([RFC 1939 §5]), and passes each line to `on_line`. Returns false if the
/// server refuses.
async fn scan<C: Clock>(
    connection: &mut Connection<C>,
    mut on_line: impl FnMut(ScanListing),
) -> Result<bool, Problem> {
    let is_ahead = connection.send_once(Command::List(None))?;
    let mut lines = 0;
    loop {
        lines += 1;
        if lines > 2 * MAX_MESSAGES {
            return Err(too_many(TooMany));
        }
        match connection.event().await? {
            Event::ScanListing(line) => on_line(line),
            // The first line shows whether the reply is that to another command.
            Event::Unreadable(line) if is_ahead && lines == 2 && !line.trim_ascii().is_empty() => {
                return Err(Problem::with_detail(
                    ProblemKind::ProtocolBroken,
                    Detail::ListingMismatch,
                ));
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
        Detail::TooManyMessages {
            limit: u32::try_from(MAX_MESSAGES).unwrap_or(u32::MAX),
        },
    )
}

pub(in crate::engine) fn no_unique_ids(text: &StatusText) -> Problem {
    let mut problem = refused(text);
    if problem.kind == ProblemKind::ServerRefused {
        problem.detail = Some(Detail::NoUniqueIds {
            message: text.text.clone(),
        });
    }
    problem
}
