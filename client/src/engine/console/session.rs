//! The session of a console: sends a line, shows its reply, and keeps the connection alive.

use std::pin::pin;
use std::time::Duration;

use futures::StreamExt as _;
use futures::channel::mpsc;
use futures::future::{self, Either};
use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::session::{Event, Request};
use restante_shared::pop3::transcript::Step;

use super::deletion_marks::DeletionMarks;
use super::ending::{Ending, IDLE_LIMIT};
use super::handle::ConsoleLine;
use super::message_lines::MessageLines;
use super::top_lines::TopLines;
use super::typed_line;
use crate::api::console::{Consequence, ConsoleChange, LocalCopy};
use crate::api::problem::{Detail, Problem, ProblemKind};
use crate::api::settings::Secret;
use crate::api::transcript::TranscriptLine;
use crate::clock::Clock;
use crate::engine::server::connection::{Connection, Reply};

/// The time without input after which `NOOP` is sent: some servers hang up after a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(45);

/// The silences after which a lost connection counts as the server's idle timeout. A longer silence
/// means that the device was suspended or the network was down.
const IDLE_LOSS: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(5)..=Duration::from_secs(60);

/// The time limit for removing all marks. Without a reply, they are lost with the connection.
const RESET_LIMIT: Duration = Duration::from_secs(5);

/// The most lines of a listing that are shown.
const LISTING_LINES: u64 = 2000;

/// The number of listing lines that are shown at a time.
const LISTING_CHUNK: usize = 200;

/// A console on a session that is logged in.
pub(super) struct ConsoleSession<'a, C> {
    connection: Connection<C>,
    clock: C,
    password: &'a Secret,
    marks: DeletionMarks,
    /// True if this server gives the same unique-id to several messages.
    shares_ids: bool,
    /// The message that the user was last asked to confirm, and its local copy.
    looked_up: Option<(MessageNumber, LocalCopy)>,
    /// The number of transcript steps that were shown.
    shown: usize,
    emit: &'a dyn Fn(ConsoleChange),
}

/// The state after a line.
enum AfterLine {
    /// The reply is complete: the next line may be typed.
    Ready,
    /// The line was not sent, and the user was asked or informed.
    NotSent,
    /// The session is over.
    Over(Ending),
}

/// The end of a wait for a line.
enum Happened {
    /// The user typed a line; `None` if the page is gone.
    Line(Option<ConsoleLine>),
    /// Nothing happened for a while.
    Silence,
    /// The server sent something, or closed the connection.
    Unsolicited(Result<(), Problem>),
}

impl<'a, C: Clock> ConsoleSession<'a, C> {
    /// Returns a console on an open session.
    pub(super) fn new(
        mut connection: Connection<C>,
        clock: C,
        password: &'a Secret,
        shares_ids: bool,
        emit: &'a dyn Fn(ConsoleChange),
    ) -> Self {
        connection.record_listing_lines(LISTING_LINES);
        Self {
            connection,
            clock,
            password,
            marks: DeletionMarks::default(),
            shares_ids,
            looked_up: None,
            shown: 0,
            emit,
        }
    }

    /// Sends lines until the session ends. `count_stored` returns the number of messages on this
    /// device with a unique-id. May be cancelled at any time; then call
    /// [`reset_and_quit`](Self::reset_and_quit).
    pub(super) async fn serve(
        &mut self,
        lines: &mut mpsc::UnboundedReceiver<ConsoleLine>,
        count_stored: impl AsyncFn(&str) -> Result<u32, Problem>,
    ) -> Result<Ending, Problem> {
        let mut after = AfterLine::Ready;
        loop {
            self.show_new(|_| true);
            match after {
                AfterLine::Ready => (self.emit)(ConsoleChange::Ready {
                    marked: self.marks.count(),
                }),
                AfterLine::NotSent => {}
                AfterLine::Over(ending) => return Ok(ending),
            }
            after = match self.next_line(lines).await? {
                Some(line) => self.submit(line, &count_stored).await?,
                None => return Ok(Ending::Idle),
            };
        }
    }

    /// Removes all marks and quits. If the server does not confirm that nothing is marked, `QUIT` is
    /// not sent: without it, the server deletes nothing.
    pub(super) async fn reset_and_quit(mut self) {
        if self.connection.unanswered() > 0 {
            return;
        }
        let limit = self.clock.sleep(RESET_LIMIT);
        let reset = {
            let resetting = pin!(self.connection.ask(Command::Rset));
            match future::select(resetting, limit).await {
                Either::Left((reply, _)) => matches!(reply, Ok(Reply::Accepted(_))),
                Either::Right(_) => false,
            }
        };
        if reset {
            // RSET has taken the marks back, so the reply does not matter.
            let _ = self.connection.quit().await;
        }
    }

    /// Waits for a line, and keeps the session alive meanwhile. Returns `None` after the idle limit.
    async fn next_line(
        &mut self,
        lines: &mut mpsc::UnboundedReceiver<ConsoleLine>,
    ) -> Result<Option<ConsoleLine>, Problem> {
        let begun = self.clock.now();
        loop {
            let silent_since = self.clock.now();
            let silence = self.clock.sleep(KEEP_ALIVE);
            let happened = {
                // Detects at once that the server hangs up.
                let unsolicited = pin!(self.connection.event());
                let typed = future::select(lines.next(), silence);
                match future::select(typed, unsolicited).await {
                    Either::Left((Either::Left((line, _)), _)) => Happened::Line(line),
                    Either::Left((Either::Right(_), _)) => Happened::Silence,
                    Either::Right((event, _)) => Happened::Unsolicited(event.map(drop)),
                }
            };
            let still_alive = match happened {
                Happened::Line(Some(line)) => return Ok(Some(line)),
                // The page is gone: the caller cancels this future.
                Happened::Line(None) => future::pending().await,
                Happened::Silence if self.clock.now().saturating_sub(begun) >= IDLE_LIMIT => {
                    return Ok(None);
                }
                Happened::Silence => {
                    let reply = self.connection.ask(Command::Noop).await;
                    // The user did not type this: it is in the journal only.
                    self.shown = self.connection.recorder().steps_since(self.shown).1;
                    reply.map(drop)
                }
                Happened::Unsolicited(event) => event,
            };
            if let Err(problem) = still_alive {
                self.record_idle_loss(silent_since, &problem);
                return Err(problem);
            }
        }
    }

    /// Records that the server closes idle connections, if the connection was lost after a silence.
    fn record_idle_loss(&self, silent_since: Duration, problem: &Problem) {
        let silence = self.clock.now().saturating_sub(silent_since);
        if problem.kind == ProblemKind::ConnectionLost && IDLE_LOSS.contains(&silence) {
            self.connection
                .recorder()
                .record_quirks([Quirk::ShortIdleTimeout]);
        }
    }

    /// Sends a line, or rejects it, or asks the user to confirm it.
    async fn submit(
        &mut self,
        line: ConsoleLine,
        count_stored: &impl AsyncFn(&str) -> Result<u32, Problem>,
    ) -> Result<AfterLine, Problem> {
        let command = match typed_line::parse(&line.text, line.several_lines, self.password) {
            Ok(command) => command,
            Err(reason) => {
                (self.emit)(ConsoleChange::Rejected { reason });
                return Ok(AfterLine::NotSent);
            }
        };
        let request = Request::from(&command);
        let mut copy = LocalCopy::Unknown;
        let consequence = if let Request::Dele(message) = request {
            copy = self.look_up(message, count_stored).await?;
            Some(Consequence::Mark {
                message: message.number(),
                copy,
            })
        } else if request == Request::Rset {
            Some(self.marks.at_reset())
        } else if request == Request::Quit {
            self.marks.at_quit()
        } else {
            None
        };
        if let Some(consequence) = consequence.filter(|_| !line.confirmed) {
            self.show_new(|_| true);
            (self.emit)(ConsoleChange::Confirm {
                line: line.text,
                several_lines: line.several_lines,
                consequence,
            });
            return Ok(AfterLine::NotSent);
        }
        let top = match &command {
            Command::Top { lines, .. } => Some(TopLines::new(*lines)),
            _ => None,
        };
        if let Err(problem) = self.connection.send(command) {
            let reason = typed_line::invalid(&problem);
            (self.emit)(ConsoleChange::Rejected { reason });
            return Ok(AfterLine::NotSent);
        }
        self.show_reply(request, copy, top).await
    }

    /// Shows the reply to a command, and records what it changed.
    async fn show_reply(
        &mut self,
        request: Request,
        copy: LocalCopy,
        mut top: Option<TopLines>,
    ) -> Result<AfterLine, Problem> {
        let mut message = MessageLines::default();
        let mut listed = 0_usize;
        loop {
            let event = match self.connection.event().await {
                Ok(event) => event,
                Err(problem) => {
                    self.show_new(|_| true);
                    return self.after_loss(request, problem);
                }
            };
            match event {
                Event::Body(octets) => {
                    if let Some(top) = &mut top {
                        top.push(&octets);
                    }
                    let lines = message.push(&octets);
                    self.show(lines);
                }
                Event::Refused { text, .. } if request == Request::Quit => {
                    self.show_new(|_| true);
                    let problem = Problem::with_detail(ProblemKind::ServerRefused, text.text);
                    return Ok(AfterLine::Over(Ending::QuitRefused(problem)));
                }
                Event::Refused { .. } => return Ok(AfterLine::Ready),
                Event::Completed { .. } => {
                    if top.is_some_and(|top| top.are_too_many()) {
                        self.connection
                            .recorder()
                            .record_quirks([Quirk::InexactTop]);
                    }
                    self.show(message.end());
                    // The message itself was shown line by line.
                    self.show_new(|step| !matches!(step, Step::Octets(_)));
                    return Ok(self.after_success(request, copy));
                }
                Event::Accepted { .. } => self.show_new(|_| true),
                _ => {
                    listed += 1;
                    if listed.is_multiple_of(LISTING_CHUNK) {
                        self.show_new(|_| true);
                    }
                }
            }
        }
    }

    fn after_success(&mut self, request: Request, copy: LocalCopy) -> AfterLine {
        if let Request::Dele(message) = request {
            self.marks.mark(message, copy);
        } else if request == Request::Rset {
            self.marks.clear();
        } else if request == Request::Quit {
            return AfterLine::Over(Ending::Quit(self.marks.count()));
        }
        AfterLine::Ready
    }

    /// Judges a lost session. Many servers hang up on `QUIT` without a reply. Then it is unknown if
    /// they deleted the marked messages.
    fn after_loss(&self, request: Request, problem: Problem) -> Result<AfterLine, Problem> {
        match self.marks.count() {
            _ if request != Request::Quit => Err(problem),
            0 => Ok(AfterLine::Over(Ending::Quit(0))),
            _ => Err(Problem::with_detail(
                problem.kind,
                Detail::DeletionUnconfirmed,
            )),
        }
    }

    /// Returns the local copy of a message.
    async fn look_up(
        &mut self,
        message: MessageNumber,
        count_stored: &impl AsyncFn(&str) -> Result<u32, Problem>,
    ) -> Result<LocalCopy, Problem> {
        if let Some((_, copy)) = self.looked_up.take_if(|(known, _)| *known == message) {
            return Ok(copy);
        }
        // A server does not list the unique-id of a marked message.
        let copy = match self.marks.copy_of(message) {
            Some(copy) => copy,
            None => self.request_unique_id(message, count_stored).await?,
        };
        self.looked_up = Some((message, copy));
        Ok(copy)
    }

    async fn request_unique_id(
        &mut self,
        message: MessageNumber,
        count_stored: &impl AsyncFn(&str) -> Result<u32, Problem>,
    ) -> Result<LocalCopy, Problem> {
        let reply = self.connection.ask(Command::Uidl(Some(message))).await?;
        let Reply::Accepted(items) = reply else {
            return Ok(LocalCopy::Unknown);
        };
        let listed = items.into_iter().find_map(|item| match item {
            Event::UniqueId(listing) => Some(listing.unique_id),
            _ => None,
        });
        let Some(unique_id) = listed else {
            return Ok(LocalCopy::Unknown);
        };
        let stored = count_stored(unique_id.as_str()).await?;
        Ok(match (stored, self.shares_ids) {
            (0, _) => LocalCopy::Missing,
            (1, false) => LocalCopy::Stored,
            (_, _) => LocalCopy::Ambiguous,
        })
    }

    /// Shows the new steps of the transcript that are `wanted`.
    fn show_new(&mut self, wanted: impl Fn(&Step) -> bool) {
        let (steps, shown) = self.connection.recorder().steps_since(self.shown);
        self.shown = shown;
        let lines = steps.into_iter().filter(|(step, _)| wanted(step));
        let lines = lines.map(|(step, millis)| TranscriptLine::Step { step, millis });
        self.show(lines.collect());
    }

    fn show(&self, lines: Vec<TranscriptLine>) {
        if !lines.is_empty() {
            (self.emit)(ConsoleChange::Lines { lines });
        }
    }
}
