//! The console: a reader speaks to a server, one line at a time, on a session that is logged in.
//!
//! | file | holds |
//! |---|---|
//! | `desk` | the one console that may be open, as the rest of the engine sees it |
//! | `typed` | what a typed line is, and which are not sent |
//! | `session` | the session: a line out, its answer in, alive while nobody types |
//! | `ending` | how it ended, and what is said of it |
//! | `marks` | the messages that are marked to be deleted, and what that means |
//! | `message_lines` | the lines of a message, limited in number and length |
//! | `top` | whether `TOP` gave as many lines as were asked for |
//!
//! Nothing is deleted unless the reader has agreed to a `QUIT`: however else a console ends, its
//! marks are taken back by `RSET`, or are lost with the connection.

mod desk;
mod ending;
mod marks;
mod message_lines;
mod session;
mod top;
mod typed;

use std::cell::RefCell;
use std::pin::pin;

use futures::StreamExt as _;
use futures::channel::{mpsc, oneshot};
use futures::future::{self, Either};
use restante_shared::pop3::quirk::Quirk;

use super::Engine;
use super::check::{self, Maildrop};
use super::diagnostics::journal::Journal;
use super::mailboxes::server_profile::{Remembered, seconds_of};
use super::platform::Platform;
use crate::api::console::{ConsoleChange, ConsoleEvent};
use crate::api::event::EngineEvent;
use crate::api::ids::MailboxId;
use crate::api::problem::{Problem, ProblemKind};
use crate::clock::Clock;

pub(super) use desk::{Asked, Desk, Line, Opening};
use ending::Ending;
use session::Console;

impl<P: Platform> Engine<P> {
    /// Opens a console, unless one is open already.
    pub(super) fn open_console(&self, mailbox: MailboxId) {
        let refused = if self.checks.checks_now(mailbox) {
            let detail = "a check of this mailbox is under way";
            Problem::with_detail(ProblemKind::MaildropInUse, detail)
        } else {
            match self.consoles.open(mailbox) {
                Ok(()) => return,
                // Its own events go on.
                Err(holder) if holder == mailbox => return,
                Err(_) => Problem::new(ProblemKind::ConsoleOpen),
            }
        };
        self.emit_console(
            mailbox,
            ConsoleChange::Closed {
                problem: Some(refused),
            },
        );
    }

    /// Serves one console after the other, until the [`Desk`] is left.
    pub(super) async fn run_consoles(&self, mut asked: Asked) {
        while let Some(opening) = asked.next().await {
            let mailbox = opening.mailbox;
            let problem = self.console(opening).await.err();
            self.consoles.end();
            self.emit_console(mailbox, ConsoleChange::Closed { problem });
        }
    }

    async fn console(&self, opening: Opening) -> Result<(), Problem> {
        let Opening {
            mailbox,
            lines,
            mut closed,
        } = opening;
        let clock = self.platform.clock();
        let accounts = self.accounts.lock().await;
        let (Some(settings), Some(password)) = (
            accounts.settings(mailbox).cloned(),
            accounts.password(mailbox).cloned(),
        ) else {
            let detail = "the password of this mailbox is not known here: check mail to enter it";
            return Err(Problem::with_detail(ProblemKind::WrongCredentials, detail));
        };
        let remembered = RefCell::new(accounts.remembered(mailbox));
        drop(accounts);
        if let Some(at) = remembered.borrow().pause_at(seconds_of(clock.now())) {
            return Err(Problem {
                retry_at: Some(at),
                ..Problem::new(ProblemKind::TryLater)
            });
        }
        let journal = self.journals.of(mailbox);
        let maildrop = Maildrop {
            settings: &settings,
            password: &password,
            clock: &clock,
            remembered: &remembered,
            journal: &journal,
        };
        let opened = {
            let opening = pin!(check::open(&maildrop, self.dialler(&settings)));
            match future::select(opening, &mut closed).await {
                Either::Left((opened, _)) => opened.map(Some),
                Either::Right(_) => Ok(None),
            }
        };
        let ended = match opened {
            Err(problem) => Err(problem),
            Ok(None) => Ok(Ending::Closed),
            Ok(Some(connection)) => {
                let say = |change| self.emit_console(mailbox, change);
                let shares_ids = remembered
                    .borrow()
                    .quirks
                    .contains(&Quirk::DuplicateUniqueId);
                let console = Console::new(connection, clock, &password, shares_ids, &say);
                self.converse(mailbox, console, lines, closed).await
            }
        };
        let ended = note_end(&journal, &remembered, ended);
        let mut accounts = self.accounts.lock().await;
        self.complain(accounts.remember(mailbox, remembered.into_inner()));
        ended
    }

    /// Serves a console until it ends or is closed.
    async fn converse(
        &self,
        mailbox: MailboxId,
        mut console: Console<'_, P::Clock>,
        mut lines: mpsc::UnboundedReceiver<Line>,
        closed: oneshot::Receiver<()>,
    ) -> Result<Ending, Problem> {
        let keeps = async |unique_id: &str| {
            let mut store = self.store.lock().await;
            store.keeps(mailbox, unique_id).await
        };
        let ended = {
            let serving = pin!(console.serve(&mut lines, keeps));
            match future::select(serving, closed).await {
                Either::Left((ended, _)) => ended,
                Either::Right(_) => Ok(Ending::Closed),
            }
        };
        if let Ok(Ending::Closed | Ending::Idle) = ended {
            console.take_back().await;
        }
        ended
    }

    fn emit_console(&self, mailbox: MailboxId, change: ConsoleChange) {
        self.emit(EngineEvent::Console(ConsoleEvent { mailbox, change }));
    }
}

/// Writes into the journal how a console ended, and returns what the reader has to be told of it.
fn note_end(
    journal: &RefCell<Journal>,
    remembered: &RefCell<Remembered>,
    ended: Result<Ending, Problem>,
) -> Result<(), Problem> {
    let mut journal = journal.borrow_mut();
    journal.teach(&mut remembered.borrow_mut());
    if let Ok(ending) = &ended {
        journal.end(&ending.sentence());
    }
    let mut result = ended.and_then(Ending::result);
    if let Err(problem) = &mut result {
        journal.end_failed(problem);
    }
    result
}
