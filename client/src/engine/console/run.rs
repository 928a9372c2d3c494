//! The life of a console, from the login to the journal.

use std::cell::RefCell;
use std::pin::pin;

use futures::StreamExt as _;
use futures::channel::{mpsc, oneshot};
use futures::future::{self, Either};
use restante_shared::pop3::quirk::Quirk;

use super::ending::Ending;
use super::handle::{ConsoleLine, ConsoleRequest, ConsoleRequests};
use super::session::ConsoleSession;
use crate::api::console::{ConsoleChange, ConsoleEvent};
use crate::api::event::EngineEvent;
use crate::api::ids::MailboxId;
use crate::api::problem::{Detail, Problem, ProblemKind};
use crate::api::report::SessionOutcome;
use crate::clock::Clock as _;
use crate::engine::Engine;
use crate::engine::diagnostics::journal::Journal;
use crate::engine::mailboxes::server_profile::seconds_of;
use crate::engine::platform::Platform;
use crate::engine::server::login::connect::LoginError;
use crate::engine::server::login::log_in::{LoggedIn, log_in};

impl<P: Platform> Engine<P> {
    /// Opens a console, unless one is open already.
    pub(in crate::engine) fn open_console(&self, mailbox: MailboxId) {
        let refused = if self.checks.checks_now(mailbox) {
            Problem::with_detail(ProblemKind::MaildropInUse, Detail::CheckRunning)
        } else {
            match self.consoles.open(mailbox) {
                Ok(()) => return,
                // The page asked twice: the console reports its own changes.
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

    /// Serves one console after another, until the requests end.
    pub(in crate::engine) async fn run_consoles(&self, mut requests: ConsoleRequests) {
        while let Some(request) = requests.next().await {
            let mailbox = request.mailbox;
            let problem = self.run_console(request).await.err();
            self.consoles.end();
            self.emit_console(mailbox, ConsoleChange::Closed { problem });
        }
    }

    async fn run_console(&self, request: ConsoleRequest) -> Result<(), Problem> {
        let ConsoleRequest {
            mailbox,
            lines,
            mut closed,
        } = request;
        let clock = self.platform.clock();
        let accounts = self.accounts.lock().await;
        let (Some(settings), Some(password)) = (
            accounts.settings(mailbox).cloned(),
            accounts.password(mailbox).cloned(),
        ) else {
            return Err(Problem::with_detail(
                ProblemKind::WrongCredentials,
                Detail::PasswordNotStored,
            ));
        };
        let profile = accounts.profile(mailbox);
        drop(accounts);
        if let Some(at) = profile.pause_at(seconds_of(clock.now())) {
            return Err(Problem {
                retry_at: Some(at),
                ..Problem::new(ProblemKind::TryLater)
            });
        }
        let mut profile = self.live_profile(mailbox, profile);
        let journal = self.journals.of(mailbox);
        let context = self.session_context(&settings, &password, &clock, &journal);
        let opened = {
            let mut on_stage = |_| {};
            let opening = pin!(log_in(&context, &mut profile, &mut on_stage, &[]));
            match future::select(opening, &mut closed).await {
                Either::Left((opened, _)) => opened.map(Some).map_err(LoginError::into_problem),
                Either::Right(_) => Ok(None),
            }
        };
        let ended = match opened {
            Err(problem) => Err(problem),
            Ok(None) => Ok(Ending::Closed),
            Ok(Some(LoggedIn { connection, .. })) => {
                let emit = |change| self.emit_console(mailbox, change);
                let shares_ids = profile.quirks.contains(&Quirk::DuplicateUniqueId);
                let clock = clock.clone();
                let session = ConsoleSession::new(connection, clock, &password, shares_ids, &emit);
                self.serve_console(mailbox, session, lines, closed).await
            }
        };
        let lessons = journal.borrow().take_lessons();
        profile.learn(lessons).await;
        record_end(&journal, ended)
    }

    /// Serves a console until it ends or is closed.
    async fn serve_console(
        &self,
        mailbox: MailboxId,
        mut session: ConsoleSession<'_, P::Clock>,
        mut lines: mpsc::UnboundedReceiver<ConsoleLine>,
        closed: oneshot::Receiver<()>,
    ) -> Result<Ending, Problem> {
        let count_stored = async |unique_id: &str| {
            let mut store = self.store.lock().await;
            store.keeps(mailbox, unique_id).await
        };
        let ended = {
            let serving = pin!(session.serve(&mut lines, count_stored));
            match future::select(serving, closed).await {
                Either::Left((ended, _)) => ended,
                Either::Right(_) => Ok(Ending::Closed),
            }
        };
        if let Ok(Ending::Closed | Ending::Idle) = ended {
            session.reset_and_quit().await;
        }
        ended
    }

    fn emit_console(&self, mailbox: MailboxId, change: ConsoleChange) {
        self.emit(EngineEvent::Console(ConsoleEvent { mailbox, change }));
    }
}

/// Records the end of a console in the journal. Returns the problem that the user has to know of, if
/// there is one.
fn record_end(journal: &RefCell<Journal>, ended: Result<Ending, Problem>) -> Result<(), Problem> {
    let mut journal = journal.borrow_mut();
    if let Ok(ending) = &ended {
        journal.end(SessionOutcome::Console(ending.outcome()));
    }
    let mut result = ended.and_then(Ending::result);
    if let Err(problem) = &mut result {
        journal.end_failed(problem);
    }
    result
}
