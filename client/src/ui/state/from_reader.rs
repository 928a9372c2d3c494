//! What the reader's wishes change.

use std::rc::Rc;

use super::{Action, Dialog, Effect, Engine, Focus, Form, Notice, Page, State, send};
use crate::api::check::CheckCommand;
use crate::api::command::EngineCommand;
use crate::api::ids::{MailboxId, MessageId};
use crate::api::mail::MailCommand;
use crate::api::mailbox::MailboxCommand;
use crate::api::problem::ProblemKind;
use crate::ui::route::{Route, Screen};

impl State {
    pub(super) fn obey(&mut self, wish: Action) -> Vec<Effect> {
        match wish {
            Action::WentTo(route) => self.go_to(route),
            Action::Edit(edit) => {
                self.form.edit(edit);
                Vec::new()
            }
            Action::SubmitMailbox => self.submit_mailbox(),
            Action::TryDemo => self.try_demo(),
            Action::AddMailbox => self.visit(self.route.mailbox, Screen::AddMailbox),
            Action::EditSettings(mailbox) => self.visit(Some(mailbox), Screen::Settings),
            Action::SeeConnection(mailbox) => self.visit(Some(mailbox), Screen::Connection),
            Action::Connection(wish) => self.obey_connection(wish),
            Action::SignIn(wish) => self.obey_sign_in(wish),
            Action::Back => match self.route.screen {
                Screen::List => Vec::new(),
                Screen::Message(_) | Screen::AddMailbox | Screen::Settings | Screen::Connection => {
                    vec![Effect::GoBack]
                }
            },
            Action::CheckMail => self.check_mail(),
            Action::Cancel => vec![Effect::Send(EngineCommand::Cancel)],
            Action::Choose(mailbox) => self.choose(mailbox),
            Action::Drawer(open) => {
                self.drawer = open;
                let focus = if open { Focus::Mailboxes } else { Focus::Menu };
                vec![Effect::Focus(focus)]
            }
            Action::Widened => {
                self.drawer = false;
                Vec::new()
            }
            Action::TypeSearch(text) => {
                self.search = text;
                vec![Effect::SearchSoon]
            }
            Action::Search if self.search == self.list.query.search => Vec::new(),
            Action::Search => {
                let mut effects = self.leave_connection();
                effects.extend(self.list_again());
                effects
            }
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
                let open = self.reading.open(id, true, &mut self.last_request);
                // The button goes with the images that it was for.
                self.reading.focus = Some(Focus::Message { if_lost: true });
                vec![Effect::Send(open)]
            }),
            Action::MarkUnread(unread) => self.mark_unread(unread),
            Action::SaveAttachment(part) => {
                let command = self.reading.save(part, &mut self.last_request);
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
                let asked = matches!(self.dialog.take(), Some(Dialog::Confirm { .. }));
                let focus = asked.then_some(Effect::Focus(Focus::Console));
                focus.into_iter().collect()
            }
            Action::PutAway(position) => {
                if position < self.notices.len() {
                    self.notices.remove(position);
                }
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

    /// Goes to a page that has one step of history, however it was come by.
    fn visit(&mut self, mailbox: Option<MailboxId>, screen: Screen) -> Vec<Effect> {
        self.drawer = false;
        let next = Route { mailbox, screen };
        let step = match self.route.screen {
            Screen::Connection | Screen::Settings => Effect::Replace(next),
            Screen::List | Screen::Message(_) | Screen::AddMailbox => Effect::Push(next),
        };
        self.route = next;
        let mut effects = vec![step];
        effects.extend(self.enter());
        effects.push(Effect::Focus(Focus::Heading));
        effects
    }

    /// Gets ready what the page needs that the reader has come to.
    pub(super) fn enter(&mut self) -> Vec<Effect> {
        match (self.route.screen, self.chosen()) {
            (Screen::Settings, Some(mailbox)) => {
                self.form = Form::of(mailbox);
                Vec::new()
            }
            (Screen::AddMailbox, _) if self.form.editing.is_some() => {
                self.form = Form::default();
                Vec::new()
            }
            (Screen::Connection, Some(mailbox)) => {
                let mailbox = mailbox.id;
                self.connection.enter(mailbox);
                self.load_connection(mailbox)
            }
            _ => Vec::new(),
        }
    }

    /// Follows the browser's Back and Forward.
    fn go_to(&mut self, route: Route) -> Vec<Effect> {
        let before = std::mem::replace(&mut self.route, route);
        self.dialog = None;
        self.drawer = false;
        let mut effects = Vec::new();
        let lists = matches!(route.screen, Screen::List | Screen::Message(_));
        if lists && self.list.query.mailbox != route.mailbox {
            self.search.clear();
            effects.extend(self.list_again());
        }
        effects.extend(self.enter());
        match route.screen {
            Screen::Message(id) if self.reading.id != Some(id) => {
                let open = self.reading.open(id, false, &mut self.last_request);
                effects.push(Effect::Send(open));
                self.reading.focus = Some(Focus::Message { if_lost: false });
            }
            // What had the focus on the form is gone.
            Screen::Message(_) => effects.push(Effect::Focus(Focus::Message { if_lost: true })),
            Screen::List => {
                self.reading.close();
                match before.screen {
                    Screen::Message(_) => effects.push(Effect::Focus(Focus::Row)),
                    Screen::AddMailbox | Screen::Settings | Screen::Connection => {
                        effects.push(Effect::Focus(Focus::Heading));
                    }
                    Screen::List => {}
                }
            }
            Screen::AddMailbox | Screen::Settings | Screen::Connection => {
                effects.push(Effect::Focus(Focus::Heading));
            }
        }
        effects
    }

    pub(super) fn check_mail(&mut self) -> Vec<Effect> {
        if !matches!(self.engine, Engine::Ready(_)) || self.checks.is_running() {
            return Vec::new();
        }
        for mailbox in &self.mailboxes {
            self.checks.begin(mailbox.id);
        }
        vec![Effect::Send(EngineCommand::Check(CheckCommand::Start {
            mailbox: None,
        }))]
    }

    fn choose(&mut self, mailbox: Option<MailboxId>) -> Vec<Effect> {
        self.drawer = false;
        let mut effects = self.leave_connection();
        self.route.mailbox = mailbox;
        effects.push(Effect::Replace(self.route));
        effects.extend(self.list_again());
        effects
    }

    /// Shows the list in place of a connection, which the reader does not look at any more.
    fn leave_connection(&mut self) -> Vec<Effect> {
        if self.route.screen != Screen::Connection {
            return Vec::new();
        }
        self.route = Route {
            mailbox: self.list.query.mailbox,
            screen: Screen::List,
        };
        vec![Effect::Replace(self.route)]
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
        let open = self.reading.open(id, false, &mut self.last_request);
        self.reading.focus = Some(Focus::Message { if_lost: !by_key });
        // One step of history however many messages are read: Back always leads to the list.
        let step = match self.route.screen {
            Screen::Message(_) => Effect::Replace(next),
            Screen::List | Screen::AddMailbox | Screen::Settings | Screen::Connection => {
                Effect::Push(next)
            }
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
        self.reading.unread = unread;
        Rc::make_mut(&mut self.list).mark(message, unread);
        vec![Effect::Send(EngineCommand::Mail(MailCommand::MarkRead {
            message,
            read: !unread,
        }))]
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
        self.checks.begin(mailbox);
        vec![Effect::Send(EngineCommand::Mailbox(
            MailboxCommand::SetPassword {
                mailbox,
                password,
                remember,
            },
        ))]
    }

    fn remove(&mut self) -> Vec<Effect> {
        let Some(Dialog::Remove(mailbox)) = self.dialog else {
            return Vec::new();
        };
        self.dialog = None;
        self.put_away(|n| matches!(n, Notice::Check { mailbox: m, .. } if *m == mailbox));
        self.checks.forget(mailbox);
        let mut effects = vec![Effect::Send(EngineCommand::Mailbox(
            MailboxCommand::Remove { mailbox },
        ))];
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
