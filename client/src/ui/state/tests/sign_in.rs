//! Signing in to the bridge.

use restante_shared::page::{SignIn, SignInCredentials};

use super::*;
use crate::api::check::{CheckCommand, CheckEvent};
use crate::api::mailbox::MailboxCommand;

const BOTH: SignIn = SignIn {
    token: true,
    password: true,
};

/// Returns the state after a check was refused by a bridge that accepts these credentials.
fn refused(sign_in: SignIn) -> PageState {
    let mut state = ready(vec![mailbox(1)]);
    let config = PageConfig {
        sign_in,
        ..PageConfig::default()
    };
    assert_eq!(configure(&mut state, config), []);
    fail_check(&mut state);
    state
}

fn fail_check(state: &mut PageState) -> Vec<Effect> {
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

fn press(state: &mut PageState, action: SignInAction) -> Vec<Effect> {
    act(state, UserAction::SignIn(action))
}

fn answer(state: &mut PageState, result: Result<(), SignInFailure>) -> Vec<Effect> {
    state.apply(Action::Bridge(BridgeEvent::SignedIn(result)))
}

fn secret(text: &str) -> SignInAction {
    SignInAction::Secret(Secret::new(text.to_owned()))
}

#[test]
fn signing_in_checks_the_mail_that_was_refused() {
    let mut state = refused(BOTH);
    assert!(state.can_sign_in(ProblemKind::BridgeWantsSignIn));
    assert!(!state.can_sign_in(ProblemKind::BridgeBusy));
    act(&mut state, UserAction::AskSignIn);
    press(&mut state, SignInAction::User("reader".to_owned()));
    press(&mut state, secret("hunter2"));
    let sent = SignInCredentials::Password {
        user: "reader".to_owned(),
        password: "hunter2".to_owned(),
    };
    assert_eq!(
        press(&mut state, SignInAction::Submit),
        [Effect::SignIn(sent)]
    );
    // Pressing the key again has no effect.
    let again = press(&mut state, SignInAction::Submit);
    assert_eq!(again, [Effect::Focus(Focus::SignIn)]);
    assert_eq!(
        answer(&mut state, Ok(())),
        [
            Effect::Send(EngineCommand::Check(CheckCommand::Start { mailbox: None })),
            Effect::Focus(Focus::Heading),
        ]
    );
    assert_eq!((state.dialog, state.notices), (None, Vec::new()));
}

#[test]
fn a_failure_keeps_the_dialog_and_its_input() {
    let mut state = refused(SignIn {
        password: false,
        ..BOTH
    });
    act(&mut state, UserAction::AskSignIn);
    press(&mut state, secret("hunter2"));
    let token = "hunter2".to_owned();
    assert_eq!(
        press(&mut state, SignInAction::Submit),
        [Effect::SignIn(SignInCredentials::Token { token })]
    );
    let later = Err(SignInFailure::Later(40));
    assert_eq!(answer(&mut state, later), [Effect::Focus(Focus::SignIn)]);
    let Some(Dialog::SignIn(dialog)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    assert_eq!(dialog.failure, Some(SignInFailure::Later(40)));
    assert_eq!((dialog.secret.reveal(), dialog.busy), ("hunter2", false));
    assert!(!format!("{state:?}").contains("hunter2"));
}

#[test]
fn switching_the_kind_of_credentials_clears_the_field() {
    let mut state = refused(BOTH);
    act(&mut state, UserAction::AskSignIn);
    press(&mut state, secret("hunter2"));
    press(&mut state, SignInAction::ByToken(true));
    let empty = press(&mut state, SignInAction::Submit);
    assert_eq!(empty, [Effect::Focus(Focus::SignIn)]);
}

#[test]
fn an_answer_after_the_dialog_was_closed_is_used() {
    let mut state = refused(BOTH);
    act(&mut state, UserAction::AskSignIn);
    assert_eq!(act(&mut state, UserAction::CloseDialog), []);
    let failed = Err(SignInFailure::Wrong);
    assert_eq!(answer(&mut state, failed), []);
    let effects = answer(&mut state, Ok(()));
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
    let effects = act(&mut state, UserAction::SubmitMailbox);
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
    act(&mut state, UserAction::AskSignIn);
    let effects = answer(&mut state, Ok(()));
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
fn a_page_that_was_loaded_without_its_bridge_requests_the_configuration() {
    let mut state = ready(vec![mailbox(1)]);
    assert!(fail_check(&mut state).contains(&Effect::AskBridge));
    let mut state = refused(BOTH);
    assert!(!fail_check(&mut state).contains(&Effect::AskBridge));
}
