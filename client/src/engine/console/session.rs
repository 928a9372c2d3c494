//! The session of a console: a line out, its answer in, and alive while nobody types.

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

use super::desk::Line;
use super::ending::{Ending, IDLE_LIMIT};
use super::marks::{self, Here, Marks};
use super::message_lines::MessageLines;
use super::top::TopLines;
use super::typed;
use crate::api::console::ConsoleChange;
use crate::api::problem::{Problem, ProblemKind};
use crate::api::settings::Secret;
use crate::api::transcript::TranscriptLine;
use crate::clock::Clock;
use crate::engine::server::connection::{Connection, Reply};

/// After how much silence the server is told that somebody is there: some hang up after a minute.
const ALIVE_AFTER: Duration = Duration::from_secs(45);

/// How long taking back all marks may take; without an answer, they are lost with the connection.
const RESET_LIMIT: Duration = Duration::from_secs(5);

/// How many lines of a listing are shown.
const LISTING_LINES: u64 = 2000;

/// How many lines of a listing are shown at a time.
const TOGETHER: usize = 200;

/// A console on a session that is logged in.
pub(super) struct Console<'a, C> {
    connection: Connection<C>,
    clock: C,
    password: &'a Secret,
    marks: Marks,
    /// Whether this server gives one unique-id to several messages.
    shares_ids: bool,
    /// The message that the reader was asked about last, and whether it is here.
    asked_about: Option<(MessageNumber, Here)>,
    /// How many steps of the session are on screen.
    seen: usize,
    say: &'a dyn Fn(ConsoleChange),
}

/// What comes after a line.
enum Turn {
    /// The answer is there: the next line may be typed.
    Ready,
    /// The line was not sent, and the reader knows.
    Asked,
    /// Nothing.
    Over(Ending),
}

impl<'a, C: Clock> Console<'a, C> {
    pub(super) fn new(
        mut connection: Connection<C>,
        clock: C,
        password: &'a Secret,
        shares_ids: bool,
        say: &'a dyn Fn(ConsoleChange),
    ) -> Self {
        connection.record_listing_lines(LISTING_LINES);
        Self {
            connection,
            clock,
            password,
            marks: Marks::default(),
            shares_ids,
            asked_about: None,
            seen: 0,
            say,
        }
    }

    /// Answers lines until the session ends. It may be dropped at any time, for
    /// [`take_back`](Self::take_back) to follow.
    pub(super) async fn serve(
        &mut self,
        lines: &mut mpsc::UnboundedReceiver<Line>,
        keeps: impl AsyncFn(&str) -> Result<u32, Problem>,
    ) -> Result<Ending, Problem> {
        let mut turn = Turn::Ready;
        loop {
            self.show_new(|_| true);
            match turn {
                Turn::Ready => (self.say)(ConsoleChange::Ready {
                    marked: self.marks.count(),
                }),
                Turn::Asked => {}
                Turn::Over(ending) => return Ok(ending),
            }
            turn = match self.next_line(lines).await? {
                Some(line) => self.obey(line, &keeps).await?,
                None => return Ok(Ending::Idle),
            };
        }
    }

    /// Takes every mark back and says good-bye. Where the server does not confirm that nothing is
    /// marked, there is no good-bye: without `QUIT`, it deletes nothing.
    pub(super) async fn take_back(mut self) {
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
            self.connection.quit().await;
        }
    }

    /// Waits for a line, and keeps the session alive meanwhile; `None` if none comes for long.
    async fn next_line(
        &mut self,
        lines: &mut mpsc::UnboundedReceiver<Line>,
    ) -> Result<Option<Line>, Problem> {
        let begun = self.clock.now();
        loop {
            let silence = self.clock.sleep(ALIVE_AFTER);
            let happened = {
                // A server that hangs up is noticed at once, though nothing was asked.
                let unasked = pin!(self.connection.event());
                let typed = future::select(lines.next(), silence);
                match future::select(typed, unasked).await {
                    Either::Left((Either::Left((line, _)), _)) => Some(line),
                    Either::Left((Either::Right(_), _)) => None,
                    Either::Right((event, _)) => {
                        event?;
                        continue;
                    }
                }
            };
            match happened {
                Some(Some(line)) => return Ok(Some(line)),
                // The page is gone; whoever waits for that closes the console.
                Some(None) => future::pending().await,
                None if self.clock.now().saturating_sub(begun) >= IDLE_LIMIT => return Ok(None),
                None => {
                    self.connection.ask(Command::Noop).await?;
                    // Nobody typed that: it is in the journal only.
                    self.seen = self.connection.tap().since(self.seen).1;
                }
            }
        }
    }

    async fn obey(
        &mut self,
        line: Line,
        keeps: &impl AsyncFn(&str) -> Result<u32, Problem>,
    ) -> Result<Turn, Problem> {
        let command = match typed::read(&line.text, line.several_lines, self.password) {
            Ok(command) => command,
            Err(reason) => {
                (self.say)(ConsoleChange::Rejected { reason });
                return Ok(Turn::Asked);
            }
        };
        let request = Request::from(&command);
        let mut here = Here::Unknown;
        let consequence = if let Request::Dele(message) = request {
            here = self.look_up(message, keeps).await?;
            Some(marks::at_delete(message, here))
        } else if request == Request::Rset {
            Some(self.marks.at_reset())
        } else if request == Request::Quit {
            self.marks.at_quit()
        } else {
            None
        };
        if let Some(consequence) = consequence.filter(|_| !line.confirmed) {
            self.show_new(|_| true);
            (self.say)(ConsoleChange::Confirm {
                line: line.text,
                several_lines: line.several_lines,
                consequence,
            });
            return Ok(Turn::Asked);
        }
        let top = match &command {
            Command::Top { lines, .. } => Some(TopLines::new(*lines)),
            _ => None,
        };
        if let Err(problem) = self.connection.send(command) {
            let reason = problem.to_string();
            let reason = format!("This line cannot be sent: {reason}.");
            (self.say)(ConsoleChange::Rejected { reason });
            return Ok(Turn::Asked);
        }
        self.answer(request, here, top).await
    }

    /// Shows the answer to what was sent, and takes note of what it changed.
    async fn answer(
        &mut self,
        request: Request,
        here: Here,
        mut top: Option<TopLines>,
    ) -> Result<Turn, Problem> {
        let mut message = MessageLines::default();
        let mut listed = 0_usize;
        loop {
            let event = match self.connection.event().await {
                Ok(event) => event,
                Err(problem) => {
                    self.show_new(|_| true);
                    return self.broken_off(request, problem);
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
                    return Ok(Turn::Over(Ending::NotDeleted(problem)));
                }
                Event::Refused { .. } => return Ok(Turn::Ready),
                Event::Completed { .. } => {
                    if top.is_some_and(|top| top.are_too_many()) {
                        self.connection.tap().met([Quirk::InexactTop]);
                    }
                    self.show(message.end());
                    // What is in the message is on screen already.
                    self.show_new(|step| !matches!(step, Step::Octets(_)));
                    return Ok(self.done(request, here));
                }
                Event::Accepted { .. } => self.show_new(|_| true),
                _ => {
                    listed += 1;
                    if listed.is_multiple_of(TOGETHER) {
                        self.show_new(|_| true);
                    }
                }
            }
        }
    }

    fn done(&mut self, request: Request, here: Here) -> Turn {
        if let Request::Dele(message) = request {
            self.marks.mark(message, here);
        } else if request == Request::Rset {
            self.marks.clear();
        } else if request == Request::Quit {
            return Turn::Over(Ending::Quit(self.marks.count()));
        }
        Turn::Ready
    }

    /// Many servers hang up on `QUIT` without a word, which is none about the marked messages.
    fn broken_off(&self, request: Request, problem: Problem) -> Result<Turn, Problem> {
        match self.marks.count() {
            _ if request != Request::Quit => Err(problem),
            0 => Ok(Turn::Over(Ending::Quit(0))),
            _ => {
                let detail = "the server did not say whether it deleted the marked messages";
                Err(Problem::with_detail(problem.kind, detail))
            }
        }
    }

    /// Finds out whether a message is on this device too.
    async fn look_up(
        &mut self,
        message: MessageNumber,
        keeps: &impl AsyncFn(&str) -> Result<u32, Problem>,
    ) -> Result<Here, Problem> {
        if let Some((_, here)) = self.asked_about.take_if(|(asked, _)| *asked == message) {
            return Ok(here);
        }
        // Of a message that is marked, the server says no unique-id any more.
        let here = match self.marks.of(message) {
            Some(here) => here,
            None => self.ask_about(message, keeps).await?,
        };
        self.asked_about = Some((message, here));
        Ok(here)
    }

    async fn ask_about(
        &mut self,
        message: MessageNumber,
        keeps: &impl AsyncFn(&str) -> Result<u32, Problem>,
    ) -> Result<Here, Problem> {
        let reply = self.connection.ask(Command::Uidl(Some(message))).await?;
        let Reply::Accepted(items) = reply else {
            return Ok(Here::Unknown);
        };
        let listed = items.into_iter().find_map(|item| match item {
            Event::UniqueId(listing) => Some(listing.unique_id),
            _ => None,
        });
        let Some(unique_id) = listed else {
            return Ok(Here::Unknown);
        };
        let kept = keeps(unique_id.as_str()).await?;
        Ok(match (kept, self.shares_ids) {
            (0, _) => Here::Not,
            (1, false) => Here::Kept,
            (_, _) => Here::Perhaps,
        })
    }

    /// Shows what was said since the last time, as far as it is wanted.
    fn show_new(&mut self, wanted: impl Fn(&Step) -> bool) {
        let (steps, seen) = self.connection.tap().since(self.seen);
        self.seen = seen;
        let lines = steps.into_iter().filter(|(step, _)| wanted(step));
        let lines = lines.map(|(step, millis)| TranscriptLine::Step { step, millis });
        self.show(lines.collect());
    }

    fn show(&self, lines: Vec<TranscriptLine>) {
        if !lines.is_empty() {
            (self.say)(ConsoleChange::Lines { lines });
        }
    }
}
