//! The dialogs: password, removal of a mailbox, console confirmation and message source.

use std::rc::Rc;

use super::{Effect, Focus, Notice, PageState, SignInDialog};
use crate::api::command::EngineCommand;
use crate::api::console::Consequence;
use crate::api::ids::{MailboxId, PartId, RequestId};
use crate::api::mail::MailCommand;
use crate::api::mailbox::MailboxCommand;
use crate::api::problem::ProblemKind;
use crate::api::settings::Secret;

/// The open dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialog {
    /// Asks for the password of a mailbox.
    Password {
        /// The mailbox.
        mailbox: MailboxId,
        /// True if the server refused the last password.
        refused: bool,
        /// The password as typed.
        password: Secret,
        /// True if the password is kept on this device.
        remember: bool,
    },
    /// Signs in to the bridge.
    SignIn(SignInDialog),
    /// Asks for confirmation before a mailbox is removed.
    Remove(MailboxId),
    /// Asks for confirmation before a line of the console is sent that changes something.
    Confirm {
        /// The line.
        line: String,
        /// True if its reply is multi-line.
        several_lines: bool,
        /// The consequence of sending it.
        consequence: Consequence,
    },
    /// Shows the source of the open message.
    Source {
        /// The request for it.
        request: RequestId,
        /// Its bytes, after they have loaded.
        bytes: Option<Rc<[u8]>>,
    },
}

impl Dialog {
    /// Returns the dialog that asks for a password.
    pub(super) fn password(mailbox: MailboxId, refused: bool) -> Self {
        Self::Password {
            mailbox,
            refused,
            password: Secret::new(String::new()),
            remember: false,
        }
    }
}

impl PageState {
    /// Opens the dialog for the password of a mailbox.
    pub(super) fn ask_password(&mut self, id: MailboxId) {
        let refused = self.notices.iter().any(|notice| {
            matches!(notice, Notice::Check { mailbox, problem }
                if *mailbox == id && problem.kind == ProblemKind::WrongCredentials)
        });
        self.dialog = Some(Dialog::password(id, refused));
    }

    /// Sends the password that was typed.
    pub(super) fn enter_password(&mut self) -> Vec<Effect> {
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
        self.dismiss_check(mailbox);
        self.checks.begin(mailbox);
        vec![Effect::Send(EngineCommand::Mailbox(
            MailboxCommand::SetPassword {
                mailbox,
                password,
                remember,
            },
        ))]
    }

    /// Removes the mailbox of the dialog.
    pub(super) fn remove_mailbox(&mut self) -> Vec<Effect> {
        let Some(Dialog::Remove(mailbox)) = self.dialog else {
            return Vec::new();
        };
        self.dialog = None;
        self.dismiss_check(mailbox);
        self.checks.forget(mailbox);
        let remove = EngineCommand::Mailbox(MailboxCommand::Remove { mailbox });
        let mut effects = vec![Effect::Send(remove)];
        // The open message is removed with its mailbox.
        let message = self.reading.message.as_ref();
        if message.is_some_and(|message| message.mailbox == mailbox) {
            effects.push(Effect::GoBack);
        }
        effects
    }

    /// Closes the dialog without an answer.
    pub(super) fn close_dialog(&mut self) -> Vec<Effect> {
        match self.dialog.take() {
            Some(Dialog::Confirm { .. }) => vec![Effect::Focus(Focus::Console)],
            _ => Vec::new(),
        }
    }

    /// Opens the dialog for the source of the open message, and requests the source.
    pub(super) fn view_source(&mut self) -> Vec<Effect> {
        let Some((message, part)) = self.reading.open_part() else {
            return Vec::new();
        };
        let request = self.next_request();
        self.dialog = Some(Dialog::Source {
            request,
            bytes: None,
        });
        let load = if part == PartId::default() {
            MailCommand::LoadSource { request, message }
        } else {
            MailCommand::LoadAttachment {
                request,
                message,
                part,
            }
        };
        vec![Effect::Send(EngineCommand::Mail(load))]
    }

    /// Offers the source of the dialog for download.
    pub(super) fn save_source(&self) -> Vec<Effect> {
        let Some(Dialog::Source {
            bytes: Some(bytes), ..
        }) = &self.dialog
        else {
            return Vec::new();
        };
        let subject = self.reading.message.as_ref().map(|m| m.subject.as_str());
        vec![Effect::Save {
            name: file_name(subject.unwrap_or_default()),
            bytes: Rc::clone(bytes),
        }]
    }
}

/// Returns a file name made of a subject, without the characters that some systems forbid in names.
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
