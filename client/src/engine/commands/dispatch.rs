//! The dispatch of commands to the handlers of their groups, and the cancellation of all work.

use futures::StreamExt as _;
use futures::channel::mpsc;

use crate::api::check::{CheckEvent, CheckOutcome};
use crate::api::command::EngineCommand;
use crate::api::event::EngineEvent;
use crate::api::ids::RequestId;
use crate::api::problem::{Problem, ProblemKind};
use crate::engine::Engine;
use crate::engine::jobs::queue::Job;
use crate::engine::platform::Platform;

impl<P: Platform> Engine<P> {
    /// Handles commands until the page is closed.
    pub(in crate::engine) async fn handle_commands(
        &self,
        mut commands: mpsc::UnboundedReceiver<EngineCommand>,
    ) {
        while let Some(command) = commands.next().await {
            self.handle(command).await;
            self.announce_healed().await;
        }
    }

    async fn handle(&self, command: EngineCommand) {
        match command {
            // The store is open: a second `Start` has no meaning.
            EngineCommand::Start { .. } => {}
            EngineCommand::Cancel => self.cancel(),
            EngineCommand::Mailbox(command) => self.handle_mailbox(command).await,
            EngineCommand::Check(command) => self.handle_check(command).await,
            EngineCommand::Console(command) => self.handle_console(command),
            EngineCommand::Mail(command) => self.handle_mail(command).await,
            EngineCommand::Report(command) => self.handle_report(command).await,
        }
    }

    fn cancel(&self) {
        self.consoles.close();
        for job in self.checks.cancel() {
            self.emit(match job {
                Job::Check(mailbox) => EngineEvent::Check(CheckEvent::Finished {
                    mailbox,
                    outcome: CheckOutcome::Cancelled { new_messages: 0 },
                }),
                Job::Add(new) => EngineEvent::RequestFailed {
                    request: new.request,
                    problem: Problem::new(ProblemKind::Cancelled),
                },
            });
        }
    }

    /// Sends the answer to a request, or the reason for its failure.
    pub(super) fn reply<T>(
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
}
