//! What comes of a form that is sent: a mailbox to add, or settings to change.

use restante_shared::page::DemoMaildrop;

use super::{Attempt, Effect, Focus, Form, Notice, State, demo_settings};
use crate::api::check::CheckCommand;
use crate::api::command::EngineCommand;
use crate::api::ids::MailboxId;
use crate::api::mailbox::MailboxCommand;
use crate::api::settings::{MailboxSettings, Secret};

impl State {
    pub(super) fn submit_mailbox(&mut self) -> Vec<Effect> {
        if self.form.attempt.is_some() {
            return Vec::new();
        }
        // What the last attempt met is not about what is sent now.
        self.form.problem = None;
        self.form.leave_all();
        if let Some(field) = self.form.first_fault() {
            return vec![Effect::Focus(Focus::Field(field))];
        }
        let (password, remember) = (self.form.password.clone(), self.form.remember);
        let settings = self.form.settings();
        match self.form.editing {
            Some(mailbox) => self.save_settings(mailbox, settings, password, remember),
            None => self.attempt(settings, password, remember),
        }
    }

    /// Changes the settings of a mailbox, and shows by a check whether they work.
    fn save_settings(
        &mut self,
        mailbox: MailboxId,
        settings: Option<MailboxSettings>,
        password: Secret,
        remember: bool,
    ) -> Vec<Effect> {
        let Some(settings) = settings else {
            return Vec::new();
        };
        self.put_away(|n| matches!(n, Notice::Check { mailbox: m, .. } if *m == mailbox));
        self.checks.begin(mailbox);
        let check = if password.reveal().is_empty() {
            let mailbox = Some(mailbox);
            EngineCommand::Check(CheckCommand::Start { mailbox })
        } else {
            EngineCommand::Mailbox(MailboxCommand::SetPassword {
                mailbox,
                password,
                remember,
            })
        };
        self.form = Form::default();
        vec![
            Effect::Send(EngineCommand::Mailbox(MailboxCommand::UpdateSettings {
                mailbox,
                settings,
            })),
            Effect::Send(check),
            Effect::GoBack,
        ]
    }

    pub(super) fn try_demo(&mut self) -> Vec<Effect> {
        let Some(demo) = self.demo.clone().filter(|_| self.form.attempt.is_none()) else {
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
        self.form.problem = None;
        self.form.attempt = Some(Attempt { request, demo });
        self.checks.begin_proof();
        let add = EngineCommand::Mailbox(MailboxCommand::Add {
            request,
            settings,
            password,
            remember,
        });
        vec![Effect::Send(add), Effect::Focus(Focus::Attempt { demo })]
    }
}
