//! The submission of the form, and its results.

use super::*;
use crate::api::mailbox::{MailboxCommand, MailboxEvent};

#[test]
fn the_form_is_shown_before_the_engine_is_ready() {
    let state = PageState::new(Route::default(), false, true);
    assert_eq!(state.page(), Page::FirstRun);
    let returning = PageState::new(Route::default(), true, true);
    assert_eq!(returning.page(), Page::Mail);
}

#[test]
fn a_form_with_an_error_is_not_submitted() {
    let mut state = ready(Vec::new());
    let effects = act(&mut state, UserAction::SubmitMailbox);
    assert_eq!(effects, [Effect::Focus(Focus::Field(Field::Address))]);
}

#[test]
fn a_refused_mailbox_keeps_the_form() {
    let mut state = ready(Vec::new());
    fill(&mut state);
    let sent = act(&mut state, UserAction::SubmitMailbox);
    let [
        Effect::Send(EngineCommand::Mailbox(MailboxCommand::Add { request, .. })),
        Effect::Focus(Focus::Attempt { demo: false }),
    ] = sent[..]
    else {
        panic!("{sent:?}")
    };
    assert_eq!(
        act(&mut state, UserAction::SubmitMailbox),
        [],
        "once is enough"
    );
    assert!(state.checks.proving().is_some());
    let problem = Problem::with_detail(ProblemKind::WrongCredentials, "no");
    let failed = EngineEvent::RequestFailed {
        request,
        problem: problem.clone(),
    };
    let focus = Effect::Focus(Focus::Attempt { demo: false });
    assert_eq!(hear(&mut state, failed), [focus], "Cancel is gone");
    let failure = Failure {
        problem,
        demo: false,
    };
    assert_eq!(state.form.problem, Some(failure));
    assert_eq!(state.form.password.reveal(), "hunter2");
    assert_eq!(state.form.attempt, None);
    assert!(state.checks.proving().is_none());
    assert!(!format!("{state:?}").contains("hunter2"));

    let port = Edit::Port("99999".to_owned());
    assert_eq!(act(&mut state, UserAction::Edit(port)), []);
    let effects = act(&mut state, UserAction::SubmitMailbox);
    assert_eq!(effects, [Effect::Focus(Focus::Field(Field::Port))]);
    assert_eq!(state.form.problem, None, "it is not about this port");
}

#[test]
fn an_added_mailbox_shows_its_mail_and_clears_the_form() {
    let mut state = ready(Vec::new());
    fill(&mut state);
    let sent = act(&mut state, UserAction::SubmitMailbox);
    let [
        Effect::Send(EngineCommand::Mailbox(MailboxCommand::Add { request, .. })),
        Effect::Focus(Focus::Attempt { demo: false }),
    ] = sent[..]
    else {
        panic!("{sent:?}")
    };
    let mailboxes = EngineEvent::Mailbox(MailboxEvent::Changed {
        mailboxes: vec![mailbox(1)],
    });
    assert_eq!(hear(&mut state, mailboxes), [Effect::ExpectMailboxes(true)]);
    let added = EngineEvent::Mailbox(MailboxEvent::Added {
        request,
        mailbox: MailboxId(1),
    });
    assert!(!hear(&mut state, added).is_empty());
    assert_eq!(state.page(), Page::Mail);
    assert_eq!(state.form, MailboxForm::default());
    assert!(state.checks.is_running());
}
