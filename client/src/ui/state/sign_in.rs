//! Signing in to the bridge: the dialog, the request and its result.

use restante_shared::page::{SignIn, SignInCredentials};

use super::{Dialog, Effect, Focus, Notice, State};
use crate::api::problem::ProblemKind;
use crate::api::settings::Secret;

/// The content of the sign-in dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningIn {
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

/// A user's action in the dialog, or the bridge's answer.
#[derive(Debug, PartialEq, Eq)]
pub enum SignInWish {
    /// Opens the dialog.
    Ask,
    /// Switches to a token (true), or to a name and a password.
    ByToken(bool),
    /// Changes the name.
    User(String),
    /// Changes the password or token.
    Secret(Secret),
    /// Sends them.
    Submit,
    /// The bridge has answered.
    Answered(Result<(), SignInFailure>),
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

impl State {
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

    pub(super) fn obey_sign_in(&mut self, wish: SignInWish) -> Vec<Effect> {
        if wish == SignInWish::Ask {
            self.dialog = Some(Dialog::SignIn(SigningIn {
                by_token: !self.sign_in.password,
                user: String::new(),
                secret: Secret::new(String::new()),
                busy: false,
                failure: None,
            }));
            return Vec::new();
        }
        if wish == SignInWish::Answered(Ok(())) {
            return self.signed_in();
        }
        let Some(Dialog::SignIn(dialog)) = &mut self.dialog else {
            return Vec::new();
        };
        match wish {
            SignInWish::ByToken(by_token) => {
                dialog.by_token = by_token;
                dialog.secret = Secret::new(String::new());
                dialog.failure = None;
                vec![Effect::Focus(Focus::SignIn)]
            }
            SignInWish::User(user) => {
                dialog.user = user;
                Vec::new()
            }
            SignInWish::Secret(secret) => {
                dialog.secret = secret;
                Vec::new()
            }
            SignInWish::Submit => dialog.submit(),
            SignInWish::Answered(answer) => {
                dialog.busy = false;
                dialog.failure = answer.err();
                vec![Effect::Focus(Focus::SignIn)]
            }
            SignInWish::Ask => Vec::new(),
        }
    }

    /// Goes on with what the bridge had refused.
    fn signed_in(&mut self) -> Vec<Effect> {
        let refused = |kind| kind == ProblemKind::BridgeWantsSignIn;
        self.dialog
            .take_if(|dialog| matches!(dialog, Dialog::SignIn(_)));
        self.put_away(|n| matches!(n, Notice::Check { problem, .. } if refused(problem.kind)));
        let failed = self.form.problem.as_ref();
        match failed.filter(|failure| refused(failure.problem.kind)) {
            Some(failure) if failure.demo => self.try_demo(),
            Some(_) => self.submit_mailbox(),
            None => {
                let mut effects = self.check_mail();
                // The notice whose button had the focus is gone.
                effects.push(Effect::Focus(Focus::Heading));
                effects
            }
        }
    }
}

impl SigningIn {
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
