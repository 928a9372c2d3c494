//! The answers to the page's commands, in the order of the commands.

use futures::StreamExt as _;
use futures::channel::mpsc;
use restante_shared::pop3::session::Secrets;

use crate::api::check::CheckOutcome;
use crate::api::command::EngineCommand;
use crate::api::event::EngineEvent;
use crate::api::ids::{MailboxId, RequestId};
use crate::api::mail::{MessageQuery, MessageRow};
use crate::api::problem::{Problem, ProblemKind};
use crate::api::report::ConnectionReport;
use crate::api::settings::{MailboxSettings, Secret};
use crate::engine::Engine;
use crate::engine::console::Line;
use crate::engine::diagnostics::report;
use crate::engine::jobs::queue::{Job, NewMailbox};
use crate::engine::jobs::runner::already_added;
use crate::engine::platform::Platform;

impl<P: Platform> Engine<P> {
    /// Answers commands until the page is closed.
    pub(in crate::engine) async fn answer_commands(
        &self,
        mut commands: mpsc::UnboundedReceiver<EngineCommand>,
    ) {
        while let Some(command) = commands.next().await {
            self.answer(command).await;
            self.announce_healed().await;
        }
    }

    async fn answer(&self, command: EngineCommand) {
        match command {
            // Answered once, by `run`.
            EngineCommand::Start { .. } => {}
            EngineCommand::AddMailbox {
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
            EngineCommand::UpdateSettings { mailbox, settings } => {
                self.update_settings(mailbox, settings).await;
            }
            EngineCommand::RemoveMailbox { mailbox } => self.remove_mailbox(mailbox).await,
            EngineCommand::CheckMail {
                mailbox: Some(mailbox),
            } => {
                self.checks.push(Job::Check(mailbox));
            }
            EngineCommand::CheckMail { mailbox: None } => {
                for mailbox in self.mailboxes().await {
                    self.checks.push(Job::Check(mailbox.id));
                }
            }
            EngineCommand::SetPassword {
                mailbox,
                password,
                remember,
            } => {
                self.set_password(mailbox, password, remember).await;
            }
            EngineCommand::Cancel => self.cancel(),
            EngineCommand::LoadConnection { request, mailbox } => {
                self.load_connection(request, mailbox).await;
            }
            EngineCommand::OpenConsole { mailbox } => self.open_console(mailbox),
            EngineCommand::ConsoleSend {
                line,
                several_lines,
                confirmed,
            } => self.consoles.send(Line {
                text: line,
                several_lines,
                confirmed,
            }),
            EngineCommand::CloseConsole => self.consoles.close(),
            EngineCommand::ListMessages {
                request,
                query,
                offset,
                limit,
            } => {
                let limit = limit.clamp(1, 500);
                let listed = self.list(&query, offset, limit).await;
                self.reply(request, listed, |(total, rows, unsearched)| {
                    EngineEvent::Messages {
                        request,
                        total,
                        offset,
                        rows,
                        unsearched,
                    }
                });
            }
            EngineCommand::OpenMessage {
                request,
                message,
                remote_images,
            } => {
                let mut store = self.store.lock().await;
                let opened = store.open_message(message, remote_images).await;
                let marked = match &opened {
                    Ok(_) => store.mark_read(message, true).await,
                    Err(_) => Ok(false),
                };
                drop(store);
                self.reply(request, opened, |message| EngineEvent::Message {
                    request,
                    message: Box::new(message),
                });
                self.announce_change(marked).await;
            }
            EngineCommand::MarkRead { message, read } => {
                let marked = self.store.lock().await.mark_read(message, read).await;
                self.announce_change(marked).await;
            }
            EngineCommand::LoadSource { request, message } => {
                let octets = self.store.lock().await.source(message).await;
                self.reply(request, octets, |octets| EngineEvent::Octets {
                    request,
                    octets,
                });
            }
            EngineCommand::LoadAttachment {
                request,
                message,
                part,
            } => {
                let octets = self.store.lock().await.attachment(message, part).await;
                self.reply(request, octets, |octets| EngineEvent::Octets {
                    request,
                    octets,
                });
            }
        }
    }

    /// Returns the number of messages that match a query, a window of them, and the number that
    /// were not searched.
    async fn list(
        &self,
        query: &MessageQuery,
        offset: u32,
        limit: u32,
    ) -> Result<(u32, Vec<MessageRow>, u32), Problem> {
        let mut store = self.store.lock().await;
        let (total, rows) = store.rows(query, offset, limit).await?;
        let unsearched = match query.search.trim() {
            "" => 0,
            _ => store.unsearched().await?,
        };
        if unsearched > 0 {
            self.search_lag.told();
        }
        Ok((total, rows, unsearched))
    }

    /// Sends the answer to a request, or the reason for its failure.
    fn reply<T>(
        &self,
        request: RequestId,
        result: Result<T, Problem>,
        event: impl FnOnce(T) -> EngineEvent,
    ) {
        self.emit(match result {
            Ok(value) => event(value),
            Err(problem) => EngineEvent::RequestFailed { request, problem },
        });
    }

    /// Announces a change by the user, if there was one.
    async fn announce_change(&self, changed: Result<bool, Problem>) {
        match changed {
            Ok(true) => self.announce_messages().await,
            Ok(false) => {}
            Err(problem) => self.complain(Err(problem)),
        }
    }

    async fn load_connection(&self, request: RequestId, mailbox: MailboxId) {
        let accounts = self.accounts.lock().await;
        let report = match accounts.settings(mailbox) {
            None => Err(Problem::new(ProblemKind::NotFound)),
            Some(settings) => {
                let journal = self.journals.of(mailbox);
                let journal = journal.borrow();
                let mut secrets = Secrets::default();
                if let Some(password) = accounts.password(mailbox) {
                    secrets.register(password.reveal().as_bytes());
                }
                let remembered = accounts.remembered(mailbox);
                Ok(ConnectionReport {
                    mailbox,
                    card: report::card(settings, &remembered, &journal, &secrets),
                    sessions: journal.records(),
                })
            }
        };
        drop(accounts);
        self.reply(request, report, |report| EngineEvent::Connection {
            request,
            report: Box::new(report),
        });
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
        // A mailbox that was removed meanwhile must not come back.
        let updated = match accounts.settings(mailbox) {
            Some(_) => accounts.set_settings(mailbox, settings),
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
            self.emit(EngineEvent::CheckFinished { mailbox, outcome });
        }
        self.announce_messages().await;
    }

    async fn set_password(&self, mailbox: MailboxId, password: Secret, remember: bool) {
        let kept = self
            .accounts
            .lock()
            .await
            .set_password(mailbox, password, remember);
        self.complain(kept);
        self.announce_mailboxes().await;
        // A check that runs with the old password is no longer useful; a waiting one uses the new
        // one.
        self.checks.stop(mailbox);
        self.checks.push(Job::Check(mailbox));
    }

    fn cancel(&self) {
        self.consoles.close();
        for job in self.checks.cancel() {
            self.emit(match job {
                Job::Check(mailbox) => EngineEvent::CheckFinished {
                    mailbox,
                    outcome: CheckOutcome::Cancelled { new_messages: 0 },
                },
                Job::Add(new) => EngineEvent::RequestFailed {
                    request: new.request,
                    problem: Problem::new(ProblemKind::Cancelled),
                },
            });
        }
    }
}
