//! The engine's events.

use std::rc::Rc;

use super::page_state::send;
use super::{Dialog, Effect, EngineStatus, Failure, Focus, MailboxForm, Notice, PageState};
use crate::api::check::{CheckEvent, CheckOutcome};
use crate::api::event::EngineEvent;
use crate::api::ids::{MailboxId, RequestId};
use crate::api::mail::{MailEvent, OpenMessage};
use crate::api::mailbox::{Mailbox, MailboxEvent};
use crate::api::problem::{Problem, ProblemKind};
use crate::api::report::ReportEvent;
use crate::api::storage::{Healing, Storage};
use crate::ui::route::{Route, Screen};

impl PageState {
    pub(super) fn on_engine_event(&mut self, event: EngineEvent) -> Vec<Effect> {
        match event {
            EngineEvent::Listening => Vec::new(),
            EngineEvent::Occupied => {
                self.engine = EngineStatus::Occupied;
                Vec::new()
            }
            EngineEvent::Unusable { problem } => {
                self.engine = EngineStatus::Unusable(problem);
                Vec::new()
            }
            EngineEvent::Ready {
                storage,
                healed,
                mailboxes,
            } => self.on_ready(storage, healed, mailboxes),
            EngineEvent::Healed { healed } => {
                self.notify(Notice::Healed(healed));
                Vec::new()
            }
            EngineEvent::StoreFailed { problem } => {
                self.notify(Notice::Failed(problem));
                Vec::new()
            }
            EngineEvent::RequestFailed { request, problem } => {
                self.on_request_failed(request, problem)
            }
            EngineEvent::Mailbox(event) => self.on_mailbox_event(event),
            EngineEvent::Check(event) => self.on_check_event(event),
            EngineEvent::Console(event) => self.on_console_event(event),
            EngineEvent::Mail(event) => self.on_mail_event(event),
            EngineEvent::Report(ReportEvent::Loaded { request, report }) => {
                self.connection.receive(request, &report);
                Vec::new()
            }
        }
    }

    /// Shows that the engine is lost. Nothing works until the page is reloaded.
    pub(super) fn on_engine_lost(&mut self) -> Vec<Effect> {
        self.engine = match self.engine {
            EngineStatus::Loading | EngineStatus::Absent => EngineStatus::Absent,
            EngineStatus::Occupied
            | EngineStatus::Unusable(_)
            | EngineStatus::Ready(_)
            | EngineStatus::Stopped => EngineStatus::Stopped,
        };
        self.dialog = None;
        Vec::new()
    }

    fn on_mailbox_event(&mut self, event: MailboxEvent) -> Vec<Effect> {
        match event {
            MailboxEvent::Added { request, mailbox } => self.on_mailbox_added(request, mailbox),
            MailboxEvent::Changed { mailboxes } => self.replace_mailboxes(mailboxes),
        }
    }

    fn on_check_event(&mut self, event: CheckEvent) -> Vec<Effect> {
        match event {
            CheckEvent::Progress { progress } => {
                self.checks.advance(progress);
                Vec::new()
            }
            CheckEvent::Finished { mailbox, outcome } => self.on_check_finished(mailbox, outcome),
        }
    }

    fn on_mail_event(&mut self, event: MailEvent) -> Vec<Effect> {
        match event {
            MailEvent::Listed {
                request,
                total,
                offset,
                rows,
                unsearched,
                cut,
            } => {
                let list = &mut self.list;
                list.unsearched = unsearched;
                list.cut = cut;
                send(list.receive(request, total, offset, rows, &mut self.last_request))
            }
            MailEvent::Opened { request, message } => self.on_message_opened(request, *message),
            MailEvent::Bytes { request, bytes } => self.on_bytes(request, bytes.into()),
            MailEvent::Changed if matches!(self.engine, EngineStatus::Ready(_)) => {
                send(self.list.refresh(&mut self.last_request))
            }
            MailEvent::Changed => Vec::new(),
        }
    }

    fn on_message_opened(&mut self, request: RequestId, message: OpenMessage) -> Vec<Effect> {
        let id = message.id;
        if !self.reading.receive(request, message) {
            return Vec::new();
        }
        self.list.mark(id, false);
        let focus = self.reading.focus.take();
        focus.map(Effect::Focus).into_iter().collect()
    }

    fn on_ready(
        &mut self,
        storage: Storage,
        healed: Vec<Healing>,
        mailboxes: Vec<Mailbox>,
    ) -> Vec<Effect> {
        self.engine = EngineStatus::Ready(storage);
        if !healed.is_empty() {
            self.notify(Notice::Healed(healed));
        }
        let mut effects = self.replace_mailboxes(mailboxes);
        effects.extend(self.list_again());
        match self.route.screen {
            Screen::Message(id, part) if !self.mailboxes.is_empty() => {
                let open = self.reading.open((id, part), false, &mut self.last_request);
                effects.push(Effect::Send(open));
            }
            Screen::Connection | Screen::Settings => effects.extend(self.enter()),
            Screen::Message(..) | Screen::List | Screen::AddMailbox => {}
        }
        effects
    }

    fn replace_mailboxes(&mut self, mailboxes: Vec<Mailbox>) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.expects_mailboxes == mailboxes.is_empty() {
            self.expects_mailboxes = !mailboxes.is_empty();
            effects.push(Effect::ExpectMailboxes(self.expects_mailboxes));
        }
        // The focused button disappeared with its mailbox.
        if mailboxes.len() < self.mailboxes.len() {
            effects.push(Effect::Focus(Focus::Heading));
        }
        self.mailboxes = mailboxes;
        let gone = self
            .route
            .mailbox
            .is_some_and(|id| self.mailbox(id).is_none());
        if gone {
            self.route = Route {
                mailbox: None,
                screen: match self.route.screen {
                    Screen::Settings | Screen::Connection => Screen::List,
                    other @ (Screen::List | Screen::Message(..) | Screen::AddMailbox) => other,
                },
            };
            effects.push(Effect::Replace(self.route));
            effects.extend(self.list_again());
        }
        effects.extend(self.refresh_demo());
        effects
    }

    fn on_mailbox_added(&mut self, request: RequestId, mailbox: MailboxId) -> Vec<Effect> {
        if self.form.attempt.is_none_or(|a| a.request != request) {
            return Vec::new();
        }
        self.form = MailboxForm::default();
        self.checks.end_proof();
        self.checks.begin(mailbox);
        let is_only = self.mailboxes.iter().all(|other| other.id == mailbox);
        self.route = Route {
            mailbox: (!is_only).then_some(mailbox),
            screen: Screen::List,
        };
        self.search.clear();
        let mut effects = vec![Effect::Replace(self.route)];
        effects.extend(self.list_again());
        effects.push(Effect::Focus(Focus::Heading));
        effects
    }

    fn on_check_finished(&mut self, mailbox: MailboxId, outcome: CheckOutcome) -> Vec<Effect> {
        self.checks.finish(mailbox, outcome.clone());
        let mut ask = None;
        match outcome {
            CheckOutcome::Done { .. } => {
                self.dismiss_check(mailbox);
            }
            CheckOutcome::Cancelled { .. } | CheckOutcome::Postponed { .. } => {}
            CheckOutcome::Failed { problem, .. } => {
                ask = self.asks_bridge(problem.kind);
                self.notify(Notice::Check { mailbox, problem });
            }
            CheckOutcome::PasswordNeeded => {
                if self.dialog.is_none() {
                    self.dialog = Some(Dialog::password(mailbox, false));
                }
            }
        }
        let mut effects = self.load_report(mailbox);
        effects.extend(ask);
        effects
    }

    fn on_bytes(&mut self, request: RequestId, bytes: Rc<[u8]>) -> Vec<Effect> {
        if let Some(Dialog::Source {
            request: asked,
            bytes: slot,
        }) = &mut self.dialog
            && *asked == request
        {
            *slot = Some(bytes);
            return Vec::new();
        }
        let Some(part) = self.reading.saved(request) else {
            return Vec::new();
        };
        let attachments = self.reading.message.iter().flat_map(|m| &m.attachments);
        let found = attachments.into_iter().find(|a| a.part == part);
        found.map_or_else(Vec::new, |attachment| {
            vec![Effect::Save {
                name: attachment.name.clone(),
                bytes,
            }]
        })
    }

    fn on_request_failed(&mut self, request: RequestId, problem: Problem) -> Vec<Effect> {
        if let Some(attempt) = self.form.attempt.filter(|a| a.request == request) {
            self.checks.end_proof();
            self.form.attempt = None;
            let ask = self.asks_bridge(problem.kind);
            self.form.problem = (problem.kind != ProblemKind::Cancelled).then_some(Failure {
                problem,
                demo: attempt.demo,
            });
            let demo = attempt.demo;
            let mut effects = vec![Effect::Focus(Focus::Attempt { demo })];
            effects.extend(ask);
            return effects;
        }
        if self.reading.fail(request, &problem) || self.connection.fail(request, &problem) {
            return Vec::new();
        }
        if matches!(&self.dialog, Some(Dialog::Source { request: r, .. }) if *r == request) {
            self.dialog = None;
        }
        self.reading.saved(request);
        self.list.fail(request);
        self.notify(Notice::Failed(problem));
        Vec::new()
    }
}
