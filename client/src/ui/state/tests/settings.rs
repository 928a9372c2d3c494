//! The settings of a mailbox that is here.

use super::*;
use crate::api::check::CheckCommand;
use crate::api::mailbox::MailboxCommand;
use restante_shared::pop3::login::Method;

fn edit(state: &mut State, edits: impl IntoIterator<Item = Edit>) {
    for edit in edits {
        assert_eq!(state.apply(Action::Edit(edit)), []);
    }
}

/// A page with the settings of its second mailbox.
fn editing() -> State {
    let mut state = ready(vec![mailbox(1), mailbox(2)]);
    let effects = state.apply(Action::EditSettings(MailboxId(2)));
    let [Effect::Push(route), Effect::Focus(Focus::Heading)] = effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(route.to_hash(), "#mailbox=2&settings");
    assert_eq!(state.page(), Page::Settings);
    state
}

#[test]
fn the_form_has_the_present_settings_and_no_password() {
    let state = editing();
    assert_eq!(state.form.settings(), Some(mailbox(2).settings));
    assert_eq!(state.form.password.reveal(), "");
}

#[test]
fn saved_settings_are_tried_by_a_check() {
    let mut state = editing();
    edit(
        &mut state,
        [
            Edit::Encryption(Encryption::Stls),
            Edit::Login(Login::Only(Method::Plain)),
        ],
    );
    let settings = MailboxSettings {
        encryption: Encryption::Stls,
        port: 110,
        login: Login::Only(Method::Plain),
        ..mailbox(2).settings
    };
    let mailbox = MailboxId(2);
    assert_eq!(
        state.apply(Action::SubmitMailbox),
        [
            Effect::Send(EngineCommand::Mailbox(MailboxCommand::UpdateSettings {
                mailbox,
                settings
            })),
            Effect::Send(EngineCommand::Check(CheckCommand::Start {
                mailbox: Some(mailbox)
            })),
            Effect::GoBack,
        ]
    );
    assert!(state.checks.is_running());
}

#[test]
fn a_password_is_changed_only_if_one_was_typed() {
    let mut state = editing();
    let password = Secret::new("hunter3".to_owned());
    edit(
        &mut state,
        [Edit::Password(password.clone()), Edit::Remember(false)],
    );
    let effects = state.apply(Action::SubmitMailbox);
    assert_eq!(
        effects[1],
        Effect::Send(EngineCommand::Mailbox(MailboxCommand::SetPassword {
            mailbox: MailboxId(2),
            password,
            remember: false,
        }))
    );
    assert_eq!(state.form.password.reveal(), "", "it is not kept here");
}

#[test]
fn settings_with_a_fault_are_not_saved() {
    let mut state = editing();
    edit(&mut state, [Edit::Ca("not a certificate".to_owned())]);
    let effects = state.apply(Action::SubmitMailbox);
    assert_eq!(effects, [Effect::Focus(Focus::Field(Field::Ca))]);
    assert!(state.form.more, "the field is in sight");
}

#[test]
fn settings_that_were_not_saved_are_not_in_the_form_for_another_mailbox() {
    let mut state = editing();
    edit(&mut state, [Edit::Host("pop.example.com".to_owned())]);
    let back = state.apply(Action::WentTo(Route::default()));
    assert_eq!(back, [Effect::Focus(Focus::Heading)]);
    assert!(!state.apply(Action::AddMailbox).is_empty());
    assert_eq!(state.form, Form::default());
    assert!(!state.apply(Action::EditSettings(MailboxId(2))).is_empty());
    assert_eq!(state.form.host(), "pop.example.org");
}

#[test]
fn a_token_is_asked_for_where_the_way_to_log_in_takes_one() {
    let mut form = Form::default();
    for (login, takes) in [
        (Login::Password, false),
        (Login::AccessToken, true),
        (Login::Only(Method::OauthBearer), true),
        (Login::Only(Method::ScramSha256), false),
    ] {
        form.edit(Edit::Login(login));
        assert_eq!(form.takes_token(), takes, "{login:?}");
    }
}
