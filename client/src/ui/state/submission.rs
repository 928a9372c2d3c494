//! The submission of the form: adds a mailbox, or changes settings.

use restante_shared::page::DemoMaildrop;

use super::{Attempt, Effect, Focus, MailboxForm, PageState, demo_settings};
use crate::api::check::CheckCommand;
use crate::api::command::EngineCommand;
use crate::api::ids::MailboxId;
use crate::api::mailbox::MailboxCommand;
use crate::api::settings::{MailboxSettings, Secret};

impl PageState {
    /// Submits the form, unless it has an error.
    pub(super) fn submit_mailbox(&mut self) -> Vec<Effect> {
        if self.form.attempt.is_some() {
            return Vec::new();
        }
        // The problem of the last attempt does not apply to this one.
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

    /// Changes the settings of a mailbox, and tests them with a check.
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
        self.dismiss_check(mailbox);
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
        self.form = MailboxForm::default();
        vec![
            Effect::Send(EngineCommand::Mailbox(MailboxCommand::UpdateSettings {
                mailbox,
                settings,
            })),
            Effect::Send(check),
            Effect::GoBack,
        ]
    }

    /// Adds the demo mailbox.
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
        let request = self.next_request();
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
