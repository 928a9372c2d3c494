//! Works the queue of checks, and reports how each went.

use std::collections::HashMap;
use std::pin::pin;

use futures::future::{self, Either};
use restante_shared::relay::{CloseCode, Target};

use super::Engine;
use super::check::{self, Maildrop};
use super::checks::{Job, NewMailbox, Wake};
use super::command::MailboxSettings;
use super::delivery::Delivery;
use super::event::{CheckOutcome, EngineEvent, MailboxId, MessageId, Problem, ProblemKind};
use super::platform::Platform;
use crate::transport::TransportError;

impl<P: Platform> Engine<P> {
    /// Does one job after the other, for as long as the engine lives.
    pub(super) async fn run_checks(&self, mut woken: Wake) {
        while let Some(job) = self.checks.next(&mut woken).await {
            match job {
                Job::Check(mailbox) => self.check(mailbox).await,
                Job::Add(new) => self.add(new).await,
            }
        }
    }

    /// Proves the settings of a new mailbox, keeps it if they work, and checks it then.
    async fn add(&self, new: NewMailbox) {
        let request = new.request;
        let added = match self.prove(&new).await {
            Ok(()) => self.keep_mailbox(new).await,
            Err(problem) => Err(problem),
        };
        match added {
            Ok(mailbox) => {
                self.announce_mailboxes().await;
                self.emit(EngineEvent::MailboxAdded { request, mailbox });
                self.checks.push(Job::Check(mailbox));
            }
            Err(problem) => self.emit(EngineEvent::RequestFailed { request, problem }),
        }
    }

    async fn prove(&self, new: &NewMailbox) -> Result<(), Problem> {
        let clock = self.platform.clock();
        let NewMailbox {
            settings, password, ..
        } = new;
        let maildrop = Maildrop {
            settings,
            password,
            clock: &clock,
        };
        let progress = |progress| self.emit(EngineEvent::Progress { progress });
        let cancelled = self.checks.begin(None);
        let proof = pin!(check::prove(maildrop, self.dial(settings), progress));
        let proven = match future::select(proof, cancelled).await {
            Either::Left((proven, _)) => proven,
            Either::Right(_) => Err(Problem::new(ProblemKind::Cancelled)),
        };
        self.checks.end();
        proven
    }

    async fn keep_mailbox(&self, new: NewMailbox) -> Result<MailboxId, Problem> {
        // Asked again: its twin may have been proven meanwhile.
        if self.accounts.lock().await.has_twin_of(&new.settings) {
            return Err(already_added(&new.settings));
        }
        let mailbox = self.store.lock().await.add_mailbox().await?;
        let mut accounts = self.accounts.lock().await;
        let kept = accounts
            .set_settings(mailbox, new.settings)
            .and_then(|()| accounts.set_password(mailbox, new.password, new.remember));
        if kept.is_err() {
            // Nothing of it stays. What cannot be removed either is cleared at the next start.
            let _ = accounts.remove(mailbox);
            drop(accounts);
            let _ = self.store.lock().await.remove_mailbox(mailbox).await;
        }
        kept.map(|()| mailbox)
    }

    async fn check(&self, mailbox: MailboxId) {
        let cancelled = self.checks.begin(Some(mailbox));
        let outcome = self.check_until(mailbox, cancelled).await;
        self.checks.end();
        self.announce_healed().await;
        self.announce_mailboxes().await;
        self.emit(EngineEvent::CheckFinished { mailbox, outcome });
    }

    async fn check_until(
        &self,
        mailbox: MailboxId,
        cancelled: impl Future<Output = ()>,
    ) -> CheckOutcome {
        let accounts = self.accounts.lock().await;
        let Some(settings) = accounts.settings(mailbox).cloned() else {
            // The mailbox was removed meanwhile.
            return CheckOutcome::Cancelled { new_messages: 0 };
        };
        let Some(password) = accounts.password(mailbox).cloned() else {
            return CheckOutcome::PasswordNeeded;
        };
        drop(accounts);
        let clock = self.platform.clock();
        let maildrop = Maildrop {
            settings: &settings,
            password: &password,
            clock: &clock,
        };
        let progress = |progress| self.emit(EngineEvent::Progress { progress });
        let mut delivery = SharedStore {
            engine: self,
            finished: 0,
        };
        let dialled = self.dial(&settings);
        let outcome = check::check(
            maildrop,
            dialled,
            mailbox,
            &mut delivery,
            progress,
            cancelled,
        )
        .await;
        let mut store = self.store.lock().await;
        let noted = match outcome {
            CheckOutcome::Done { .. } => store.note_check(mailbox).await,
            // What the reader did while a message arrived waits for a commit, and without a
            // message that arrived whole the check has made none.
            CheckOutcome::Cancelled { .. }
            | CheckOutcome::Failed { .. }
            | CheckOutcome::PasswordNeeded => store.commit().await,
        };
        drop(store);
        self.complain(noted);
        outcome
    }

    async fn dial(&self, settings: &MailboxSettings) -> Result<P::Relay, TransportError> {
        match Target::new(settings.host.as_str(), settings.port) {
            Ok(target) => self.platform.open_relay(&self.relay, &target).await,
            // A host is sound as soon as it is one, and port 0 is nobody's.
            Err(_) => Err(TransportError::Relay(CloseCode::Refused)),
        }
    }
}

/// There is such a mailbox already.
pub(super) fn already_added(settings: &MailboxSettings) -> Problem {
    Problem::with_detail(ProblemKind::AlreadyAdded, &settings.address)
}

/// The store as a check sees it: locked for one step at a time, so that the reader can read
/// meanwhile, and announcing what came.
struct SharedStore<'a, P: Platform> {
    engine: &'a Engine<P>,
    /// How many messages were finished since the last commit.
    finished: u32,
}

impl<P: Platform> Delivery for SharedStore<'_, P> {
    async fn known(&mut self, mailbox: MailboxId) -> Result<HashMap<String, u32>, Problem> {
        self.engine.store.lock().await.known(mailbox).await
    }

    async fn begin(&mut self, mailbox: MailboxId, unique_id: &str) -> Result<(), Problem> {
        self.engine
            .store
            .lock()
            .await
            .begin(mailbox, unique_id)
            .await
    }

    async fn push(&mut self, octets: &[u8]) -> Result<(), Problem> {
        self.engine.store.lock().await.push(octets).await
    }

    async fn finish(&mut self) -> Result<MessageId, Problem> {
        let message = self.engine.store.lock().await.finish().await?;
        self.finished += 1;
        Ok(message)
    }

    async fn abandon(&mut self) {
        self.engine.store.lock().await.abandon().await;
    }

    async fn commit(&mut self) -> Result<(), Problem> {
        self.engine.store.lock().await.commit().await?;
        if std::mem::take(&mut self.finished) > 0 {
            self.engine.announce_messages().await;
        }
        Ok(())
    }
}
