//! What the engine's events change.

use std::rc::Rc;

use super::{Dialog, Effect, Engine, Failure, Focus, Form, Notice, State, send};
use crate::api::check::{CheckEvent, CheckOutcome};
use crate::api::command::EngineCommand;
use crate::api::console::ConsoleEvent;
use crate::api::event::EngineEvent;
use crate::api::ids::{MailboxId, RequestId};
use crate::api::mail::{MailCommand, MailEvent};
use crate::api::mailbox::{Mailbox, MailboxEvent};
use crate::api::problem::{Problem, ProblemKind};
use crate::api::report::ReportEvent;
use crate::api::storage::{Healing, Storage};
use crate::ui::route::{Route, Screen};

impl State {
    pub(super) fn hear(&mut self, event: EngineEvent) -> Vec<Effect> {
        match event {
            EngineEvent::Listening => Vec::new(),
            EngineEvent::Report(ReportEvent::Loaded { request, report }) => {
                self.connection.receive(request, &report);
                Vec::new()
            }
            EngineEvent::Console(ConsoleEvent { mailbox, change }) => {
                self.hear_console(mailbox, change)
            }
            EngineEvent::Occupied => {
                self.engine = Engine::Occupied;
                Vec::new()
            }
            EngineEvent::Unusable { problem } => {
                self.engine = Engine::Unusable(problem);
                Vec::new()
            }
            EngineEvent::Ready {
                storage,
                healed,
                mailboxes,
            } => self.ready(storage, healed, mailboxes),
            EngineEvent::Healed { healed } => {
                self.notify(Notice::Healed(healed));
                Vec::new()
            }
            EngineEvent::Mailbox(MailboxEvent::Changed { mailboxes }) => {
                self.take_mailboxes(mailboxes)
            }
            EngineEvent::Mailbox(MailboxEvent::Added { request, mailbox }) => {
                self.added(request, mailbox)
            }
            EngineEvent::Check(CheckEvent::Progress { progress }) => {
                self.checks.advance(progress);
                Vec::new()
            }
            EngineEvent::Check(CheckEvent::Finished { mailbox, outcome }) => {
                self.finished(mailbox, outcome)
            }
            EngineEvent::Mail(MailEvent::Listed {
                request,
                total,
                offset,
                rows,
                unsearched,
            }) => {
                let list = Rc::make_mut(&mut self.list);
                list.unsearched = unsearched;
                send(list.receive(request, total, offset, rows, &mut self.last_request))
            }
            EngineEvent::Mail(MailEvent::Opened { request, message }) => {
                let id = message.id;
                let reading = &mut self.reading;
                if !reading.receive(request, *message) {
                    return Vec::new();
                }
                Rc::make_mut(&mut self.list).mark(id, false);
                reading
                    .focus
                    .take()
                    .map(Effect::Focus)
                    .into_iter()
                    .collect()
            }
            EngineEvent::Mail(MailEvent::Bytes { request, bytes }) => {
                self.take_bytes(request, bytes.into())
            }
            EngineEvent::RequestFailed { request, problem } => self.failed(request, problem),
            EngineEvent::Mail(MailEvent::Changed) if matches!(self.engine, Engine::Ready(_)) => {
                send(Rc::make_mut(&mut self.list).refresh(&mut self.last_request))
            }
            EngineEvent::Mail(MailEvent::Changed) => Vec::new(),
            EngineEvent::StoreFailed { problem } => {
                self.notify(Notice::Failed(problem));
                Vec::new()
            }
        }
    }

    fn ready(
        &mut self,
        storage: Storage,
        healed: Vec<Healing>,
        mailboxes: Vec<Mailbox>,
    ) -> Vec<Effect> {
        self.engine = Engine::Ready(storage);
        if !healed.is_empty() {
            self.notify(Notice::Healed(healed));
        }
        let mut effects = self.take_mailboxes(mailboxes);
        effects.extend(self.list_again());
        match self.route.screen {
            Screen::Message(id) if !self.mailboxes.is_empty() => {
                let open = self.reading.open(id, false, &mut self.last_request);
                effects.push(Effect::Send(open));
            }
            Screen::Connection | Screen::Settings => effects.extend(self.enter()),
            Screen::Message(_) | Screen::List | Screen::AddMailbox => {}
        }
        effects
    }

    fn take_mailboxes(&mut self, mailboxes: Vec<Mailbox>) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.expects_mailboxes == mailboxes.is_empty() {
            self.expects_mailboxes = !mailboxes.is_empty();
            effects.push(Effect::ExpectMailboxes(self.expects_mailboxes));
        }
        // The button that removed a mailbox went with it.
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
                    other @ (Screen::List | Screen::Message(_) | Screen::AddMailbox) => other,
                },
            };
            effects.push(Effect::Replace(self.route));
            effects.extend(self.list_again());
        }
        effects.extend(self.refresh_demo());
        effects
    }

    fn added(&mut self, request: RequestId, mailbox: MailboxId) -> Vec<Effect> {
        if self.form.attempt.is_none_or(|a| a.request != request) {
            return Vec::new();
        }
        self.form = Form::default();
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

    fn finished(&mut self, mailbox: MailboxId, outcome: CheckOutcome) -> Vec<Effect> {
        self.checks.finish(mailbox, outcome.clone());
        let mut ask = None;
        match outcome {
            CheckOutcome::Done { .. } => {
                self.put_away(|n| matches!(n, Notice::Check { mailbox: m, .. } if *m == mailbox));
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
        let mut effects = self.load_connection(mailbox);
        effects.extend(ask);
        effects
    }

    fn take_bytes(&mut self, request: RequestId, bytes: Rc<[u8]>) -> Vec<Effect> {
        if let Some(Dialog::Source {
            request: asked,
            octets: slot,
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
                media_type: attachment.media_type.clone(),
                octets: bytes,
            }]
        })
    }

    fn failed(&mut self, request: RequestId, problem: Problem) -> Vec<Effect> {
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
        Rc::make_mut(&mut self.list).fail(request);
        self.notify(Notice::Failed(problem));
        Vec::new()
    }

    /// Asks for the source of the open message.
    pub(super) fn view_source(&mut self) -> Vec<Effect> {
        let Some(message) = self.reading.id else {
            return Vec::new();
        };
        self.last_request += 1;
        self.dialog = Some(Dialog::Source {
            request: self.last_request,
            octets: None,
        });
        vec![Effect::Send(EngineCommand::Mail(MailCommand::LoadSource {
            request: self.last_request,
            message,
        }))]
    }
}
