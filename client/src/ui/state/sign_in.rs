//! Signing in to the bridge: what is typed, what is sent, and what comes of it.

use restante_shared::page::{SignIn, SignInCredentials};

use super::{Dialog, Effect, Focus, Notice, State};
use crate::api::command::Secret;
use crate::api::event::ProblemKind;

/// What the dialog for signing in has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningIn {
    /// Whether it asks for a token, and not for a name and a password.
    pub by_token: bool,
    /// The user's name as typed.
    pub user: String,
    /// The password or token as typed.
    pub secret: Secret,
    /// Whether the bridge is being asked.
    pub busy: bool,
    /// Why the last try did not work.
    pub failure: Option<SignInFailure>,
}

/// What the reader does in the dialog, and what the bridge answers.
#[derive(Debug, PartialEq, Eq)]
pub enum SignInWish {
    /// Opens the dialog.
    Ask,
    /// Signs in with a token, or with a name and a password after all.
    ByToken(bool),
    /// Types the name.
    User(String),
    /// Types the password or token.
    Secret(Secret),
    /// Sends them.
    Submit,
    /// The bridge has answered.
    Answered(Result<(), SignInFailure>),
}

/// Why signing in did not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInFailure {
    /// What was sent is wrong.
    Wrong,
    /// The bridge looks at nothing for so many seconds.
    Later(u32),
    /// The bridge did not answer, or not as bridges do.
    Unreachable,
}

impl State {
    /// Whether the page can sign in to the bridge because of a problem.
    #[must_use]
    pub fn can_sign_in(&self, kind: ProblemKind) -> bool {
        kind == ProblemKind::BridgeWantsSignIn && self.sign_in != SignIn::default()
    }

    /// A page that was loaded while the bridge was away does not know what to sign in with.
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
