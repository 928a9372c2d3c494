//! The commands about the report on a connection.

use restante_shared::pop3::session::Secrets;

use crate::api::event::EngineEvent;
use crate::api::ids::{MailboxId, RequestId};
use crate::api::problem::{Problem, ProblemKind};
use crate::api::report::{ConnectionReport, ReportCommand, ReportEvent};
use crate::engine::Engine;
use crate::engine::diagnostics::report;
use crate::engine::platform::Platform;

impl<P: Platform> Engine<P> {
    pub(super) async fn handle_report(&self, command: ReportCommand) {
        match command {
            ReportCommand::Load { request, mailbox } => self.load_report(request, mailbox).await,
        }
    }

    async fn load_report(&self, request: RequestId, mailbox: MailboxId) {
        let accounts = self.accounts.lock().await;
        let report = match accounts.settings(mailbox) {
            None => Err(Problem::new(ProblemKind::NotFound)),
            Some(_) => {
                let journal = self.journals.of(mailbox);
                let journal = journal.borrow();
                let mut secrets = Secrets::default();
                if let Some(password) = accounts.password(mailbox) {
                    secrets.register(password.reveal().as_bytes());
                }
                let profile = accounts.profile(mailbox);
                Ok(ConnectionReport {
                    mailbox,
                    server: report::server_report(&profile, &journal, &secrets),
                    sessions: journal.records(),
                })
            }
        };
        drop(accounts);
        self.reply(request, report, |report| {
            EngineEvent::Report(ReportEvent::Loaded {
                request,
                report: Box::new(report),
            })
        });
    }
}
