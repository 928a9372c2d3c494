//! What the reader's wishes change.

use std::rc::Rc;

use restante_shared::page::DemoMaildrop;

use super::{
    Action, Attempt, Dialog, Effect, Engine, Focus, Notice, Page, State, demo_settings, send,
};
use crate::engine::command::{EngineCommand, MailboxSettings, Secret};
use crate::engine::event::{MailboxId, MessageId, ProblemKind};
use crate::ui::route::{Route, Screen};

impl State {
    pub(super) fn obey(&mut self, wish: Action) -> Vec<Effect> {
        match wish {
            Action::WentTo(route) => self.go_to(route),
            Action::Edit(edit) => {
                Rc::make_mut(&mut self.adding).edit(edit);
                Vec::new()
            }
            Action::SubmitMailbox => self.submit_mailbox(),
            Action::TryDemo => self.try_demo(),
            Action::AddMailbox => {
                self.drawer = false;
                let mut effects = self.push(Route {
                    screen: Screen::AddMailbox,
                    ..self.route
                });
                effects.push(Effect::Focus(Focus::Heading));
                effects
            }
            Action::Back => match self.route.screen {
                Screen::List => Vec::new(),
                Screen::Message(_) | Screen::AddMailbox => vec![Effect::GoBack],
            },
            Action::CheckMail => self.check_mail(),
            Action::Cancel => vec![Effect::Send(EngineCommand::Cancel)],
            Action::Choose(mailbox) => self.choose(mailbox),
            Action::Drawer(open) => {
                self.drawer = open;
                let focus = if open { Focus::Mailboxes } else { Focus::Menu };
                vec![Effect::Focus(focus)]
            }
            Action::TypeSearch(text) => {
                self.search = text;
                vec![Effect::SearchSoon]
            }
            Action::Search if self.search == self.list.query.search => Vec::new(),
            Action::Search => self.list_again(),
            Action::Look(from, to) => {
                send(Rc::make_mut(&mut self.list).look(from..to, &mut self.last_request))
            }
            Action::Focus(index) => {
                Rc::make_mut(&mut self.list).activate(index);
                vec![Effect::Focus(Focus::Row)]
            }
            Action::Open { id, by_key } => self.open(id, by_key),
            Action::Step(by) => self.step(by),
            Action::LoadImages => self.reading.id.map_or_else(Vec::new, |id| {
                let reading = Rc::make_mut(&mut self.reading);
                let open = reading.open(id, true, &mut self.last_request);
                // The button goes with the images that it was for.
                reading.focus = Some(Focus::Message { if_lost: true });
                vec![Effect::Send(open)]
            }),
            Action::MarkUnread(unread) => self.mark_unread(unread),
            Action::SaveAttachment(part) => {
                let command = Rc::make_mut(&mut self.reading).save(part, &mut self.last_request);
                send(command.into_iter().collect())
            }
            Action::ViewSource => self.view_source(),
            Action::SaveSource => self.save_source(),
            Action::AskPassword(mailbox) => {
                let refused = self.notices.iter().any(|notice| {
                    matches!(notice, Notice::Check { mailbox: m, problem }
                        if *m == mailbox && problem.kind == ProblemKind::WrongCredentials)
                });
                self.dialog = Some(Dialog::password(mailbox, refused));
                Vec::new()
            }
            Action::TypePassword(typed) => {
                if let Some(Dialog::Password { password, .. }) = &mut self.dialog {
                    *password = typed;
                }
                Vec::new()
            }
            Action::RememberPassword(keep) => {
                if let Some(Dialog::Password { remember, .. }) = &mut self.dialog {
                    *remember = keep;
                }
                Vec::new()
            }
            Action::EnterPassword => self.enter_password(),
            Action::AskRemove(mailbox) => {
                self.dialog = Some(Dialog::Remove(mailbox));
                Vec::new()
            }
            Action::Remove => self.remove(),
            Action::CloseDialog => {
                self.dialog = None;
                Vec::new()
            }
            Action::PutAway(position) => {
                let mut notices = self.notices.to_vec();
                if position < notices.len() {
                    notices.remove(position);
                }
                self.notices = notices.into();
                Vec::new()
            }
            // Told by `apply` before it comes here.
            Action::Begin { .. }
            | Action::Engine(_)
            | Action::EngineLost
            | Action::Configured(_)
            | Action::Online(_) => Vec::new(),
        }
    }

    fn push(&mut self, route: Route) -> Vec<Effect> {
        self.route = route;
        vec![Effect::Push(route)]
    }

    /// Follows the browser's Back and Forward.
    fn go_to(&mut self, route: Route) -> Vec<Effect> {
        let before = std::mem::replace(&mut self.route, route);
        self.dialog = None;
        self.drawer = false;
        let mut effects = Vec::new();
        if before.mailbox != route.mailbox {
            self.search.clear();
            effects.extend(self.list_again());
        }
        match route.screen {
            Screen::Message(id) if self.reading.id != Some(id) => {
                let reading = Rc::make_mut(&mut self.reading);
                effects.push(Effect::Send(reading.open(
                    id,
                    false,
                    &mut self.last_request,
                )));
                reading.focus = Some(Focus::Message { if_lost: false });
            }
            // What had the focus on the form is gone.
            Screen::Message(_) => effects.push(Effect::Focus(Focus::Message { if_lost: true })),
            Screen::List => {
                Rc::make_mut(&mut self.reading).close();
                match before.screen {
                    Screen::Message(_) => effects.push(Effect::Focus(Focus::Row)),
                    Screen::AddMailbox => effects.push(Effect::Focus(Focus::Heading)),
                    Screen::List => {}
                }
            }
            Screen::AddMailbox => effects.push(Effect::Focus(Focus::Heading)),
        }
        effects
    }

    fn submit_mailbox(&mut self) -> Vec<Effect> {
        if self.adding.attempt.is_some() {
            return Vec::new();
        }
        let adding = Rc::make_mut(&mut self.adding);
        adding.leave_all();
        if let Some(field) = adding.first_fault() {
            return vec![Effect::Focus(Focus::Field(field))];
        }
        let (password, remember) = (adding.password.clone(), adding.remember);
        let settings = adding.settings();
        self.attempt(settings, password, remember)
    }

    fn try_demo(&mut self) -> Vec<Effect> {
        let Some(demo) = self.demo.clone().filter(|_| self.adding.attempt.is_none()) else {
            return Vec::new();
        };
        let DemoMaildrop { password, .. } = demo.as_ref();
        self.attempt(demo_settings(&demo), Secret::new(password.clone()), true)
    }

    fn attempt(
        &mut self,
        settings: Option<MailboxSettings>,
        password: Secret,
        remember: bool,
    ) -> Vec<Effect> {
        let Some(settings) = settings else {
            return Vec::new();
        };
        self.last_request += 1;
        let request = self.last_request;
        let demo = settings.demo;
        let adding = Rc::make_mut(&mut self.adding);
        adding.problem = None;
        adding.attempt = Some(Attempt { request, demo });
        Rc::make_mut(&mut self.checks).begin_proof();
        let add = EngineCommand::AddMailbox {
            request,
            settings,
            password,
            remember,
        };
        vec![Effect::Send(add), Effect::Focus(Focus::Attempt { demo })]
    }

    fn check_mail(&mut self) -> Vec<Effect> {
        if !matches!(self.engine, Engine::Ready(_)) || self.checks.is_running() {
            return Vec::new();
        }
        let checks = Rc::make_mut(&mut self.checks);
        for mailbox in self.mailboxes.iter() {
            checks.begin(mailbox.id);
        }
        vec![Effect::Send(EngineCommand::CheckMail { mailbox: None })]
    }

    fn choose(&mut self, mailbox: Option<MailboxId>) -> Vec<Effect> {
        self.drawer = false;
        self.route.mailbox = mailbox;
        let mut effects = vec![Effect::Replace(self.route)];
        effects.extend(self.list_again());
        effects
    }

    fn open(&mut self, id: MessageId, by_key: bool) -> Vec<Effect> {
        if self.page() != Page::Mail {
            return Vec::new();
        }
        if let Some(index) = self.list.position(id) {
            Rc::make_mut(&mut self.list).activate(index);
        }
        let next = Route {
            screen: Screen::Message(id),
            ..self.route
        };
        let reading = Rc::make_mut(&mut self.reading);
        let open = reading.open(id, false, &mut self.last_request);
        reading.focus = Some(Focus::Message { if_lost: !by_key });
        // One step of history however many messages are read: Back always leads to the list.
        let step = match self.route.screen {
            Screen::Message(_) => Effect::Replace(next),
            Screen::List | Screen::AddMailbox => Effect::Push(next),
        };
        self.route = next;
        vec![step, Effect::Send(open)]
    }

    fn step(&mut self, by: i32) -> Vec<Effect> {
        let index = self.list.active.saturating_add_signed(by);
        let row = self.list.row(index).map(|row| row.id);
        row.map_or_else(Vec::new, |id| self.open(id, true))
    }

    fn mark_unread(&mut self, unread: bool) -> Vec<Effect> {
        let Some(message) = self.reading.id else {
            return Vec::new();
        };
        Rc::make_mut(&mut self.reading).unread = unread;
        Rc::make_mut(&mut self.list).mark(message, unread);
        vec![Effect::Send(EngineCommand::MarkRead {
            message,
            read: !unread,
        })]
    }

    fn save_source(&mut self) -> Vec<Effect> {
        let Some(Dialog::Source {
            octets: Some(octets),
            ..
        }) = &self.dialog
        else {
            return Vec::new();
        };
        let subject = self.reading.message.as_ref().map(|m| m.subject.as_str());
        vec![Effect::Save {
            name: file_name(subject.unwrap_or_default()),
            media_type: "message/rfc822".to_owned(),
            octets: Rc::clone(octets),
        }]
    }

    fn enter_password(&mut self) -> Vec<Effect> {
        let Some(Dialog::Password {
            mailbox,
            password,
            remember,
            ..
        }) = self.dialog.take_if(|dialog| {
            matches!(dialog, Dialog::Password { password, .. } if !password.reveal().is_empty())
        })
        else {
            return Vec::new();
        };
        self.put_away(|n| matches!(n, Notice::Check { mailbox: m, .. } if *m == mailbox));
        Rc::make_mut(&mut self.checks).begin(mailbox);
        vec![Effect::Send(EngineCommand::SetPassword {
            mailbox,
            password,
            remember,
        })]
    }

    fn remove(&mut self) -> Vec<Effect> {
        let Some(Dialog::Remove(mailbox)) = self.dialog else {
            return Vec::new();
        };
        self.dialog = None;
        self.put_away(|n| matches!(n, Notice::Check { mailbox: m, .. } if *m == mailbox));
        Rc::make_mut(&mut self.checks).forget(mailbox);
        let mut effects = vec![Effect::Send(EngineCommand::RemoveMailbox { mailbox })];
        effects.extend(self.leave_message_of(mailbox));
        effects
    }

    /// Closes the open message if it goes with its mailbox.
    fn leave_message_of(&self, mailbox: MailboxId) -> Option<Effect> {
        let message = self.reading.message.as_ref()?;
        (message.mailbox == mailbox).then_some(Effect::GoBack)
    }
}

/// A file name made of a subject: what no system allows in a name is left out.
fn file_name(subject: &str) -> String {
    let kept: String = subject
        .chars()
        .filter(|c| {
            !c.is_control() && !matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        })
        .take(80)
        .collect();
    match kept.trim().trim_matches('.') {
        "" => "message.eml".to_owned(),
        name => format!("{name}.eml"),
    }
}
