//! The user's actions.

use super::page_state::send;
use super::{Dialog, Effect, EngineStatus, Focus, PageState, UserAction};
use crate::api::check::CheckCommand;
use crate::api::command::EngineCommand;
use crate::api::ids::MailboxId;
use crate::api::mail::MailCommand;
use crate::ui::route::Screen;

impl PageState {
    pub(super) fn on_user_action(&mut self, action: UserAction) -> Vec<Effect> {
        match action {
            UserAction::Edit(edit) => {
                self.form.edit(edit);
                Vec::new()
            }
            UserAction::SubmitMailbox => self.submit_mailbox(),
            UserAction::TryDemo => self.try_demo(),
            UserAction::AddMailbox => self.visit(self.route.mailbox, Screen::AddMailbox),
            UserAction::EditSettings(mailbox) => self.visit(Some(mailbox), Screen::Settings),
            UserAction::SeeConnection(mailbox) => self.visit(Some(mailbox), Screen::Connection),
            UserAction::Connection(action) => self.on_connection_action(action),
            UserAction::Console(action) => self.on_console_action(action),
            UserAction::AskSignIn => {
                self.ask_sign_in();
                Vec::new()
            }
            UserAction::SignIn(action) => self.on_sign_in_action(action),
            UserAction::Back => self.back(),
            UserAction::CheckMail => self.check_mail(),
            UserAction::Cancel => vec![Effect::Send(EngineCommand::Cancel)],
            UserAction::Choose(mailbox) => self.choose(mailbox),
            UserAction::Drawer(open) => {
                self.drawer = open;
                let focus = if open { Focus::Mailboxes } else { Focus::Menu };
                vec![Effect::Focus(focus)]
            }
            UserAction::TypeSearch(text) => {
                self.search = text;
                vec![Effect::SearchSoon]
            }
            UserAction::Search => self.search(),
            UserAction::Look(from, to) => self.look(from, to),
            UserAction::Focus(index) => {
                self.list.activate(index);
                vec![Effect::Focus(Focus::Row)]
            }
            UserAction::Open { id, by_key } => self.open(id, by_key),
            UserAction::Step(by) => self.step(by),
            UserAction::LoadImages => self.load_images(),
            UserAction::TrustServer(mailbox, server) => vec![Effect::TrustServer(mailbox, server)],
            UserAction::MarkUnread(unread) => self.mark_unread(unread),
            UserAction::SaveAttachment(part) => {
                send(self.reading.save(part, &mut self.last_request))
            }
            UserAction::OpenAttached(part) => self.open_attached(part),
            UserAction::ViewSource => self.view_source(),
            UserAction::SaveSource => self.save_source(),
            UserAction::AskPassword(mailbox) => {
                self.ask_password(mailbox);
                Vec::new()
            }
            UserAction::TypePassword(typed) => {
                if let Some(Dialog::Password { password, .. }) = &mut self.dialog {
                    *password = typed;
                }
                Vec::new()
            }
            UserAction::RememberPassword(keep) => {
                if let Some(Dialog::Password { remember, .. }) = &mut self.dialog {
                    *remember = keep;
                }
                Vec::new()
            }
            UserAction::EnterPassword => self.enter_password(),
            UserAction::AskRemove(mailbox) => self.ask_remove(mailbox),
            UserAction::Remove => self.remove_mailbox(),
            UserAction::CloseDialog => self.close_dialog(),
            UserAction::Dismiss(position) => {
                self.dismiss(position);
                Vec::new()
            }
        }
    }

    /// Checks all mailboxes, unless a check is running.
    pub(super) fn check_mail(&mut self) -> Vec<Effect> {
        if !matches!(self.engine, EngineStatus::Ready(_)) || self.checks.is_running() {
            return Vec::new();
        }
        for mailbox in &self.mailboxes {
            self.checks.begin(mailbox.id);
        }
        let check = CheckCommand::Start { mailbox: None };
        vec![Effect::Send(EngineCommand::Check(check))]
    }

    fn load_images(&mut self) -> Vec<Effect> {
        let Some(opened) = self.reading.open_part() else {
            return Vec::new();
        };
        let open = self.reading.open(opened, true, &mut self.last_request);
        // The button that loads the images disappears.
        self.reading.focus = Some(Focus::Message { if_lost: true });
        vec![Effect::Send(open)]
    }

    fn mark_unread(&mut self, unread: bool) -> Vec<Effect> {
        let Some(message) = self.reading.id else {
            return Vec::new();
        };
        self.reading.unread = unread;
        self.list.mark(message, unread);
        let mark = MailCommand::MarkRead {
            message,
            read: !unread,
        };
        vec![Effect::Send(EngineCommand::Mail(mark))]
    }

    fn ask_remove(&mut self, mailbox: MailboxId) -> Vec<Effect> {
        self.dialog = Some(Dialog::Remove(mailbox));
        Vec::new()
    }
}
