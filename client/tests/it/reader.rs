//! A user without a page: sends commands to a whole engine, and waits for its events.

use std::path::Path;

use futures::StreamExt as _;
use futures::channel::mpsc;
use restante_client::api::check::{CheckCommand, CheckEvent, CheckOutcome};
use restante_client::api::command::EngineCommand;
use restante_client::api::event::EngineEvent;
use restante_client::api::ids::{MailboxId, MessageId};
use restante_client::api::mail::{MailCommand, MailEvent, MessageQuery, MessageRow};
use restante_client::api::mailbox::{Mailbox, MailboxCommand, MailboxEvent};
use restante_client::api::problem::Problem;
use restante_client::api::settings::{MailboxSettings, Secret};
use restante_client::api::storage::Healing;
use restante_client::engine::platform::Platform;
use restante_client::engine::platform::native::NativePlatform;
use tokio::task::JoinHandle;

use crate::dovecot::PASSWORD;

/// The number of every request. Each is answered before the next one is sent.
const REQUEST: u32 = 7;

/// A running engine, and its reports.
pub(crate) struct Reader {
    commands: mpsc::UnboundedSender<EngineCommand>,
    events: mpsc::UnboundedReceiver<EngineEvent>,
    engine: JoinHandle<()>,
    /// The repairs at the start.
    pub(crate) healed: Vec<Healing>,
    /// The last reported mailboxes.
    pub(crate) mailboxes: Vec<Mailbox>,
}

impl Reader {
    /// Starts an engine with its store in `folder`. Needs a `LocalSet` around it.
    pub(crate) async fn start(folder: &Path, relay: &str) -> Self {
        Self::start_on(NativePlatform::new(folder.to_owned()), relay).await
    }

    /// Starts an engine on a platform of the test. Needs a `LocalSet` around it.
    pub(crate) async fn start_on(platform: impl Platform + 'static, relay: &str) -> Self {
        let (commands, received) = mpsc::unbounded();
        let (said, events) = mpsc::unbounded();
        let emit = move |event| {
            // The test has ended, and needs no more events.
            let _ = said.unbounded_send(event);
        };
        let engine =
            tokio::task::spawn_local(restante_client::engine::run(platform, received, emit));
        let (healed, mailboxes) = (Vec::new(), Vec::new());
        let mut reader = Self {
            commands,
            events,
            engine,
            healed,
            mailboxes,
        };
        let relay = relay.to_owned();
        reader.ask(EngineCommand::Start { relay });
        let ready = reader.until(|event| match event {
            EngineEvent::Ready {
                healed, mailboxes, ..
            } => Some((healed, mailboxes)),
            _ => None,
        });
        let (healed, mailboxes) = ready.await;
        Self {
            healed,
            mailboxes,
            ..reader
        }
    }

    /// Closes the page, and waits until the engine is gone.
    pub(crate) async fn leave(self) {
        drop(self.commands);
        self.engine.await.unwrap();
    }

    pub(crate) fn ask(&self, command: EngineCommand) {
        self.commands.unbounded_send(command).unwrap();
    }

    /// Waits for the wanted event, and records all others.
    pub(crate) async fn until<T>(&mut self, wanted: impl Fn(EngineEvent) -> Option<T>) -> T {
        loop {
            let event = self.events.next().await.unwrap();
            if let EngineEvent::Mailbox(MailboxEvent::Changed { mailboxes }) = &event {
                self.mailboxes.clone_from(mailboxes);
            }
            if let Some(found) = wanted(event) {
                return found;
            }
        }
    }

    /// Adds a mailbox. Waits for the answer, but not for the first check.
    pub(crate) async fn add(
        &mut self,
        settings: MailboxSettings,
        password: &str,
        remember: bool,
    ) -> Result<MailboxId, Problem> {
        let password = Secret::new(password.to_owned());
        self.ask(EngineCommand::Mailbox(MailboxCommand::Add {
            request: REQUEST,
            settings,
            password,
            remember,
        }));
        self.until(|event| match event {
            EngineEvent::Mailbox(MailboxEvent::Added { mailbox, .. }) => Some(Ok(mailbox)),
            EngineEvent::RequestFailed { problem, .. } => Some(Err(problem)),
            _ => None,
        })
        .await
    }

    /// Adds a mailbox with the password of the tests, and waits for the end of its first check.
    pub(crate) async fn add_and_check(&mut self, settings: MailboxSettings) -> CheckOutcome {
        self.add(settings, PASSWORD, true).await.unwrap();
        self.end_of_check().await
    }

    /// Checks the only mailbox.
    pub(crate) async fn check(&mut self) -> CheckOutcome {
        self.ask(EngineCommand::Check(CheckCommand::Start { mailbox: None }));
        self.end_of_check().await
    }

    pub(crate) async fn end_of_check(&mut self) -> CheckOutcome {
        self.until(|event| match event {
            EngineEvent::Check(CheckEvent::Finished { outcome, .. }) => Some(outcome),
            _ => None,
        })
        .await
    }

    /// Returns all messages with these words, newest first, when every message has been searched.
    pub(crate) async fn find(&mut self, words: &str) -> Vec<MessageRow> {
        let mut rows = Vec::new();
        loop {
            let query = MessageQuery {
                mailbox: None,
                search: words.to_owned(),
            };
            let offset = u32::try_from(rows.len()).unwrap();
            self.ask(EngineCommand::Mail(MailCommand::List {
                request: REQUEST,
                query,
                offset,
                limit: 100,
            }));
            let (total, mut window, unsearched) = self
                .until(|event| match event {
                    EngineEvent::Mail(MailEvent::Listed {
                        total,
                        rows,
                        unsearched,
                        ..
                    }) => Some((total, rows, unsearched)),
                    _ => None,
                })
                .await;
            if unsearched > 0 {
                self.until(|event| {
                    matches!(event, EngineEvent::Mail(MailEvent::Changed)).then_some(())
                })
                .await;
                rows.clear();
                continue;
            }
            rows.append(&mut window);
            if rows.len() >= usize::try_from(total).unwrap() {
                return rows;
            }
        }
    }

    /// Returns the bytes of a message.
    pub(crate) async fn source(&mut self, message: MessageId) -> Vec<u8> {
        self.ask(EngineCommand::Mail(MailCommand::LoadSource {
            request: REQUEST,
            message,
        }));
        self.until(|event| match event {
            EngineEvent::Mail(MailEvent::Bytes { bytes, .. }) => Some(bytes),
            _ => None,
        })
        .await
    }

    /// Returns the bytes of all messages, sorted.
    pub(crate) async fn sources(&mut self) -> Vec<Vec<u8>> {
        let mut sources = Vec::new();
        for row in self.find("").await {
            sources.push(self.source(row.id).await);
        }
        sources.sort();
        sources
    }
}
