//! Signing in to the bridge: the dialog, the request and its result.

use restante_shared::page::{SignIn, SignInCredentials};

use super::{Dialog, Effect, Focus, Notice, PageState};
use crate::api::problem::ProblemKind;
use crate::api::settings::Secret;

/// The content of the sign-in dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInDialog {
    /// True if it asks for a token instead of a name and a password.
    pub by_token: bool,
    /// The user's name as typed.
    pub user: String,
    /// The password or token as typed.
    pub secret: Secret,
    /// True while the bridge's answer is pending.
    pub busy: bool,
    /// The reason why the last attempt failed.
    pub failure: Option<SignInFailure>,
}

/// An action of the user in the dialog.
#[derive(Debug, PartialEq, Eq)]
pub enum SignInAction {
    /// Switches to a token (true), or to a name and a password.
    ByToken(bool),
    /// Changes the name.
    User(String),
    /// Changes the password or token.
    Secret(Secret),
    /// Sends them.
    Submit,
}

/// The reason why signing in failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInFailure {
    /// The credentials are wrong.
    Wrong,
    /// The bridge accepts no attempts for this number of seconds.
    Later(u32),
    /// The bridge did not answer, or its answer is not valid.
    Unreachable,
}

impl PageState {
    /// True if signing in to the bridge can solve a problem of this kind.
    #[must_use]
    pub fn can_sign_in(&self, kind: ProblemKind) -> bool {
        kind == ProblemKind::BridgeWantsSignIn && self.sign_in != SignIn::default()
    }

    /// Asks the bridge how to sign in, if the page was loaded while the bridge was unreachable.
    pub(super) fn asks_bridge(&self, kind: ProblemKind) -> Option<Effect> {
        let unknown = kind == ProblemKind::BridgeWantsSignIn && !self.can_sign_in(kind);
        unknown.then_some(Effect::AskBridge)
    }

    /// Opens the dialog.
    pub(super) fn ask_sign_in(&mut self) {
        self.dialog = Some(Dialog::SignIn(SignInDialog {
            by_token: !self.sign_in.password,
            user: String::new(),
            secret: Secret::new(String::new()),
            busy: false,
            failure: None,
        }));
    }

    pub(super) fn on_sign_in_action(&mut self, action: SignInAction) -> Vec<Effect> {
        let Some(Dialog::SignIn(dialog)) = &mut self.dialog else {
            return Vec::new();
        };
        match action {
            SignInAction::ByToken(by_token) => {
                dialog.by_token = by_token;
                dialog.secret = Secret::new(String::new());
                dialog.failure = None;
                vec![Effect::Focus(Focus::SignIn)]
            }
            SignInAction::User(user) => {
                dialog.user = user;
                Vec::new()
            }
            SignInAction::Secret(secret) => {
                dialog.secret = secret;
                Vec::new()
            }
            SignInAction::Submit => dialog.submit(),
        }
    }

    pub(super) fn on_signed_in(&mut self, result: Result<(), SignInFailure>) -> Vec<Effect> {
        match (result, &mut self.dialog) {
            (Ok(()), _) => self.resume(),
            (Err(failure), Some(Dialog::SignIn(dialog))) => {
                dialog.busy = false;
                dialog.failure = Some(failure);
                vec![Effect::Focus(Focus::SignIn)]
            }
            // The user closed the dialog.
            (Err(_), _) => Vec::new(),
        }
    }

    /// Repeats the operation that the bridge refused before the user signed in.
    fn resume(&mut self) -> Vec<Effect> {
        let refused = |kind| kind == ProblemKind::BridgeWantsSignIn;
        self.dialog
            .take_if(|dialog| matches!(dialog, Dialog::SignIn(_)));
        self.notices
            .retain(|n| !matches!(n, Notice::Check { problem, .. } if refused(problem.kind)));
        let failed = self.form.problem.as_ref();
        match failed.filter(|failure| refused(failure.problem.kind)) {
            Some(failure) if failure.demo => self.try_demo(),
            Some(_) => self.submit_mailbox(),
            None => {
                let mut effects = self.check_mail();
                // The focused button disappeared with its notice.
                effects.push(Effect::Focus(Focus::Heading));
                effects
            }
        }
    }
}

impl SignInDialog {
    fn submit(&mut self) -> Vec<Effect> {
        let secret = self.secret.reveal().to_owned();
        if self.busy || secret.is_empty() {
            return vec![Effect::Focus(Focus::SignIn)];
        }
        self.busy = true;
        self.failure = None;
        vec![Effect::SignIn(if self.by_token {
            SignInCredentials::Token { token: secret }
        } else {
            SignInCredentials::Password {
                user: self.user.clone(),
                password: secret,
            }
        })]
    }
}
