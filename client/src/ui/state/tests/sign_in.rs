//! Signing in to the bridge.

use restante_shared::page::{SignIn, SignInCredentials};

use super::*;
use crate::api::check::{CheckCommand, CheckEvent};
use crate::api::mailbox::MailboxCommand;

const BOTH: SignIn = SignIn {
    token: true,
    password: true,
};

/// A page whose check was refused by a bridge that takes these credentials.
fn refused(sign_in: SignIn) -> State {
    let mut state = ready(vec![mailbox(1)]);
    let config = PageConfig {
        sign_in,
        ..PageConfig::default()
    };
    assert_eq!(state.apply(Action::Configured(config)), []);
    fail_check(&mut state);
    state
}

fn fail_check(state: &mut State) -> Vec<Effect> {
    let outcome = CheckOutcome::Failed {
        new_messages: 0,
        problem: Problem::new(ProblemKind::BridgeWantsSignIn),
    };
    hear(
        state,
        EngineEvent::Check(CheckEvent::Finished {
            mailbox: MailboxId(1),
            outcome,
        }),
    )
}

fn wish(state: &mut State, wish: SignInWish) -> Vec<Effect> {
    state.apply(Action::SignIn(wish))
}

fn secret(text: &str) -> SignInWish {
    SignInWish::Secret(Secret::new(text.to_owned()))
}

#[test]
fn signing_in_checks_the_mail_that_was_refused() {
    let mut state = refused(BOTH);
    assert!(state.can_sign_in(ProblemKind::BridgeWantsSignIn));
    assert!(!state.can_sign_in(ProblemKind::BridgeBusy));
    wish(&mut state, SignInWish::Ask);
    wish(&mut state, SignInWish::User("reader".to_owned()));
    wish(&mut state, secret("hunter2"));
    let sent = SignInCredentials::Password {
        user: "reader".to_owned(),
        password: "hunter2".to_owned(),
    };
    assert_eq!(wish(&mut state, SignInWish::Submit), [Effect::SignIn(sent)]);
    // Once is enough, however often the key is pressed.
    let again = wish(&mut state, SignInWish::Submit);
    assert_eq!(again, [Effect::Focus(Focus::SignIn)]);
    assert_eq!(
        wish(&mut state, SignInWish::Answered(Ok(()))),
        [
            Effect::Send(EngineCommand::Check(CheckCommand::Start { mailbox: None })),
            Effect::Focus(Focus::Heading),
        ]
    );
    assert_eq!((state.dialog, state.notices), (None, Vec::new()));
}

#[test]
fn a_failure_keeps_the_dialog_with_what_was_typed() {
    let mut state = refused(SignIn {
        password: false,
        ..BOTH
    });
    wish(&mut state, SignInWish::Ask);
    wish(&mut state, secret("hunter2"));
    let token = "hunter2".to_owned();
    assert_eq!(
        wish(&mut state, SignInWish::Submit),
        [Effect::SignIn(SignInCredentials::Token { token })]
    );
    let answer = SignInWish::Answered(Err(SignInFailure::Later(40)));
    assert_eq!(wish(&mut state, answer), [Effect::Focus(Focus::SignIn)]);
    let Some(Dialog::SignIn(dialog)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    assert_eq!(dialog.failure, Some(SignInFailure::Later(40)));
    assert_eq!((dialog.secret.reveal(), dialog.busy), ("hunter2", false));
    assert!(!format!("{state:?}").contains("hunter2"));
}

#[test]
fn another_way_begins_with_an_empty_field() {
    let mut state = refused(BOTH);
    wish(&mut state, SignInWish::Ask);
    wish(&mut state, secret("hunter2"));
    wish(&mut state, SignInWish::ByToken(true));
    let empty = wish(&mut state, SignInWish::Submit);
    assert_eq!(empty, [Effect::Focus(Focus::SignIn)]);
}

#[test]
fn an_answer_to_a_dialog_that_was_closed_still_counts() {
    let mut state = refused(BOTH);
    wish(&mut state, SignInWish::Ask);
    assert_eq!(state.apply(Action::CloseDialog), []);
    let failed = SignInWish::Answered(Err(SignInFailure::Wrong));
    assert_eq!(wish(&mut state, failed), []);
    let effects = wish(&mut state, SignInWish::Answered(Ok(())));
    assert!(
        effects.contains(&Effect::Send(EngineCommand::Check(CheckCommand::Start {
            mailbox: None
        })))
    );
}

#[test]
fn a_mailbox_that_was_refused_is_added_after_signing_in() {
    let mut state = ready(Vec::new());
    fill(&mut state);
    let effects = state.apply(Action::SubmitMailbox);
    let [
        Effect::Send(EngineCommand::Mailbox(MailboxCommand::Add { request, .. })),
        ..,
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    let problem = Problem::new(ProblemKind::BridgeWantsSignIn);
    let request = *request;
    hear(&mut state, EngineEvent::RequestFailed { request, problem });
    wish(&mut state, SignInWish::Ask);
    let effects = wish(&mut state, SignInWish::Answered(Ok(())));
    assert!(
        matches!(
            &effects[..],
            [
                Effect::Send(EngineCommand::Mailbox(MailboxCommand::Add { .. })),
                ..
            ]
        ),
        "{effects:?}"
    );
}

#[test]
fn a_page_that_was_loaded_without_its_bridge_asks_what_to_sign_in_with() {
    let mut state = ready(vec![mailbox(1)]);
    assert!(fail_check(&mut state).contains(&Effect::AskBridge));
    let mut state = refused(BOTH);
    assert!(!fail_check(&mut state).contains(&Effect::AskBridge));
}
