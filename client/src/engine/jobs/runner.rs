//! Runs the queue of checks, and reports their results.

use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;

use futures::future::{self, Either};
use restante_shared::relay::{CloseCode, Target};

use super::delivery::SharedStore;
use super::queue::{Job, NewMailbox, Wake};
use crate::api::check::{CheckEvent, CheckOutcome};
use crate::api::event::EngineEvent;
use crate::api::ids::MailboxId;
use crate::api::mailbox::MailboxEvent;
use crate::api::problem::{Problem, ProblemKind};
use crate::api::report::SessionOutcome;
use crate::api::settings::{MailboxSettings, Secret};
use crate::clock::Clock as _;
use crate::engine::Engine;
use crate::engine::check;
use crate::engine::diagnostics::journal::Journal;
use crate::engine::mailboxes::live_profile::LiveProfile;
use crate::engine::mailboxes::server_profile::{ServerProfile, seconds_of};
use crate::engine::platform::Platform;
use crate::engine::server::context::{Dialler, SessionContext};
use crate::engine::server::login::log_in::LoggedIn;
use crate::engine::sink::Delivery;
use crate::transport::TransportError;

impl<P: Platform> Engine<P> {
    /// Runs one job after the other, for as long as the engine lives.
    pub(in crate::engine) async fn run_checks(&self, mut woken: Wake) {
        let clock = self.platform.clock();
        while let Some(job) = self.checks.next(&mut woken, &clock).await {
            match job {
                Job::Check(mailbox) => self.check(mailbox, None).await,
                Job::Add(new) => self.add(new).await,
            }
        }
    }

    /// Verifies the settings of a new mailbox, stores it if they work, and then checks it.
    async fn add(&self, new: NewMailbox) {
        let request = new.request;
        let failed = match self.prove(&new).await {
            Err(problem) => problem,
            Ok((logged_in, learned)) => match self.keep_mailbox(new, learned).await {
                Ok(mailbox) => {
                    self.announce_mailboxes().await;
                    self.emit(EngineEvent::Mailbox(MailboxEvent::Added {
                        request,
                        mailbox,
                    }));
                    // In the same session: a server that requires a pause between logins would
                    // reject another login.
                    return self.check(mailbox, Some(logged_in)).await;
                }
                Err(problem) => {
                    logged_in.leave().await;
                    problem
                }
            },
        };
        self.emit(EngineEvent::RequestFailed {
            request,
            problem: failed,
        });
    }

    /// Logs in. Returns the session and the server's profile.
    async fn prove(
        &self,
        new: &NewMailbox,
    ) -> Result<(LoggedIn<P::Clock>, ServerProfile), Problem> {
        let clock = self.platform.clock();
        let mut profile = LiveProfile::in_memory(ServerProfile::default(), &clock);
        let journal = RefCell::default();
        let NewMailbox {
            settings, password, ..
        } = new;
        let context = self.session_context(settings, password, &clock, &journal);
        let progress = |progress| self.emit(EngineEvent::Check(CheckEvent::Progress { progress }));
        let cancelled = self.checks.begin(None);
        let proven = {
            let proof = pin!(check::prove(context, &mut profile, progress));
            match future::select(proof, cancelled).await {
                Either::Left((proven, _)) => proven,
                Either::Right(_) => Err(Problem::new(ProblemKind::Cancelled)),
            }
        };
        self.checks.end();
        let mut journal = journal.take();
        if proven.is_err() {
            journal.end(SessionOutcome::TestCancelled);
        }
        self.journals.keep_test(settings, journal);
        proven.map(|logged_in| (logged_in, profile.into_profile()))
    }

    async fn keep_mailbox(
        &self,
        new: NewMailbox,
        learned: ServerProfile,
    ) -> Result<MailboxId, Problem> {
        // Checked again: the same mailbox may have been added meanwhile.
        if self.accounts.lock().await.has_twin_of(&new.settings) {
            return Err(already_added(&new.settings));
        }
        let mailbox = self.store.lock().await.add_mailbox().await?;
        self.journals.assign_test(mailbox, &new.settings);
        let mut accounts = self.accounts.lock().await;
        let kept = async {
            accounts.set_settings(mailbox, new.settings).await?;
            accounts.set_profile(mailbox, learned)?;
            accounts
                .set_password(mailbox, new.password, new.remember)
                .await
        };
        let kept = kept.await;
        if kept.is_err() {
            // Undo everything. If the removal fails too, the next start cleans up.
            let _ = accounts.remove(mailbox);
            drop(accounts);
            let _ = self.store.lock().await.remove_mailbox(mailbox).await;
        }
        kept.map(|()| mailbox)
    }

    /// Checks a mailbox, in an open session or in a new one.
    async fn check(&self, mailbox: MailboxId, logged_in: Option<LoggedIn<P::Clock>>) {
        let cancelled = self.checks.begin(Some(mailbox));
        let outcome = self.check_until(mailbox, logged_in, cancelled).await;
        self.checks.end();
        if let CheckOutcome::Postponed { until } = outcome {
            let until = Duration::from_secs(until.unsigned_abs());
            self.checks.postpone(mailbox, until);
        }
        self.announce_healed().await;
        self.announce_mailboxes().await;
        self.emit(EngineEvent::Check(CheckEvent::Finished {
            mailbox,
            outcome,
        }));
    }

    async fn check_until(
        &self,
        mailbox: MailboxId,
        logged_in: Option<LoggedIn<P::Clock>>,
        cancelled: impl Future<Output = ()>,
    ) -> CheckOutcome {
        if self.consoles.holds(mailbox) {
            return CheckOutcome::Failed {
                new_messages: 0,
                problem: Problem::new(ProblemKind::ConsoleOpen),
            };
        }
        let accounts = self.accounts.lock().await;
        let Some(settings) = accounts.settings(mailbox).cloned() else {
            // The mailbox was removed meanwhile.
            return CheckOutcome::Cancelled { new_messages: 0 };
        };
        let Some(password) = accounts.password(mailbox).cloned() else {
            return CheckOutcome::PasswordNeeded;
        };
        let profile = accounts.profile(mailbox);
        drop(accounts);
        let clock = self.platform.clock();
        if logged_in.is_none()
            && let Some(until) = profile.pause_at(seconds_of(clock.now()))
        {
            return CheckOutcome::Postponed { until };
        }
        let mut profile = self.live_profile(mailbox, profile);
        let journal = self.journals.of(mailbox);
        let context = self.session_context(&settings, &password, &clock, &journal);
        let progress = |progress| self.emit(EngineEvent::Check(CheckEvent::Progress { progress }));
        let mut delivery = SharedStore::new(self);
        let outcome = check::resume(
            context,
            &mut profile,
            logged_in,
            mailbox,
            &mut delivery,
            progress,
            cancelled,
        )
        .await;
        let mut store = self.store.lock().await;
        let noted = match outcome {
            CheckOutcome::Done { .. } => store.note_check(mailbox).await,
            // Changes by the user while a message arrived wait for a commit. Without a complete
            // message, the check has made none.
            CheckOutcome::Cancelled { .. }
            | CheckOutcome::Failed { .. }
            | CheckOutcome::PasswordNeeded
            | CheckOutcome::Postponed { .. } => store.commit().await,
        };
        drop(store);
        self.complain(noted);
        if delivery.has_unannounced() {
            self.announce_messages().await;
        }
        self.search_lag.kept();
        outcome
    }

    /// Returns the surroundings of a session with a mailbox's server, which is reached through the
    /// bridge.
    pub(in crate::engine) fn session_context<'a>(
        &'a self,
        settings: &'a MailboxSettings,
        password: &'a Secret,
        clock: &'a P::Clock,
        journal: &'a RefCell<Journal>,
    ) -> SessionContext<'a, P::Clock> {
        SessionContext {
            settings,
            password,
            clock,
            dialler: Dialler::new(async || self.dial(settings).await),
            journal,
        }
    }

    /// Returns the profile of a mailbox's server for a session. It saves each lesson.
    pub(in crate::engine) fn live_profile(
        &self,
        mailbox: MailboxId,
        profile: ServerProfile,
    ) -> LiveProfile<'_> {
        LiveProfile::new(profile, &self.platform.clock(), move |profile| async move {
            let saved = self.accounts.lock().await.set_profile(mailbox, profile);
            self.complain(saved);
        })
    }

    async fn dial(&self, settings: &MailboxSettings) -> Result<P::Relay, TransportError> {
        match Target::new(settings.host.as_str(), settings.port) {
            Ok(target) => self.platform.open_relay(&self.relay, &target).await,
            // A host is always valid here, and port 0 belongs to no server.
            Err(_) => Err(TransportError::Relay(CloseCode::Refused)),
        }
    }
}

/// Returns the problem that such a mailbox already exists.
pub(in crate::engine) fn already_added(settings: &MailboxSettings) -> Problem {
    Problem::with_detail(ProblemKind::AlreadyAdded, settings.address.as_str())
}
