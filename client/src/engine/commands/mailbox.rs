//! The commands about mailboxes.

use crate::api::check::{CheckEvent, CheckOutcome};
use crate::api::event::EngineEvent;
use crate::api::ids::MailboxId;
use crate::api::mailbox::MailboxCommand;
use crate::api::problem::{Problem, ProblemKind};
use crate::api::settings::{MailboxSettings, Secret};
use crate::engine::Engine;
use crate::engine::jobs::queue::{Job, NewMailbox};
use crate::engine::jobs::runner::already_added;
use crate::engine::platform::Platform;

impl<P: Platform> Engine<P> {
    pub(super) async fn handle_mailbox(&self, command: MailboxCommand) {
        match command {
            MailboxCommand::Add {
                request,
                settings,
                password,
                remember,
            } => {
                self.add_mailbox(NewMailbox {
                    request,
                    settings,
                    password,
                    remember,
                })
                .await;
            }
            MailboxCommand::UpdateSettings { mailbox, settings } => {
                self.update_settings(mailbox, settings).await;
            }
            MailboxCommand::SetPassword {
                mailbox,
                password,
                remember,
            } => self.set_password(mailbox, password, remember).await,
            MailboxCommand::Remove { mailbox } => self.remove_mailbox(mailbox).await,
        }
    }

    async fn add_mailbox(&self, new: NewMailbox) {
        if self.accounts.lock().await.has_twin_of(&new.settings) {
            self.emit(EngineEvent::RequestFailed {
                request: new.request,
                problem: already_added(&new.settings),
            });
        } else {
            self.checks.push(Job::Add(new));
        }
    }

    async fn update_settings(&self, mailbox: MailboxId, settings: MailboxSettings) {
        let mut accounts = self.accounts.lock().await;
        // A mailbox that was removed in the meantime must not reappear.
        let updated = match accounts.settings(mailbox) {
            Some(_) => accounts.set_settings(mailbox, settings).await,
            None => Err(Problem::new(ProblemKind::NotFound)),
        };
        drop(accounts);
        self.complain(updated);
        self.announce_mailboxes().await;
    }

    /// Removes a mailbox, messages first. After a crash, the next start can remove an account
    /// without messages, but for messages without an account it would need the user's decision.
    async fn remove_mailbox(&self, mailbox: MailboxId) {
        let waited = self.checks.forget(mailbox);
        self.consoles.forget(mailbox);
        self.journals.forget(mailbox);
        let removed = self.store.lock().await.remove_mailbox(mailbox).await;
        if removed.is_ok() {
            let forgotten = self.accounts.lock().await.remove(mailbox);
            self.complain(forgotten);
        }
        self.complain(removed);
        if waited {
            let outcome = CheckOutcome::Cancelled { new_messages: 0 };
            self.emit(EngineEvent::Check(CheckEvent::Finished {
                mailbox,
                outcome,
            }));
        }
        self.announce_messages().await;
    }

    async fn set_password(&self, mailbox: MailboxId, password: Secret, remember: bool) {
        let kept = self
            .accounts
            .lock()
            .await
            .set_password(mailbox, password, remember)
            .await;
        self.complain(kept);
        self.announce_mailboxes().await;
        // A check that runs with the old password is no longer useful; a waiting one uses the new
        // one.
        self.checks.stop(mailbox);
        self.checks.push(Job::Check(mailbox));
    }
}
