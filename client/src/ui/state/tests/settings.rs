//! The settings of an existing mailbox.

use super::*;
use crate::api::check::CheckCommand;
use crate::api::mailbox::MailboxCommand;
use restante_shared::pop3::login::Method;

fn edit(state: &mut PageState, edits: impl IntoIterator<Item = Edit>) {
    for edit in edits {
        assert_eq!(act(state, UserAction::Edit(edit)), []);
    }
}

/// Returns the state of a page with the settings of its second mailbox.
fn editing() -> PageState {
    let mut state = ready(vec![mailbox(1), mailbox(2)]);
    let effects = act(&mut state, UserAction::EditSettings(MailboxId(2)));
    let [Effect::Push(route), Effect::Focus(Focus::Heading)] = effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(route.to_hash(), "#mailbox=2&settings");
    assert_eq!(state.page(), Page::Settings);
    state
}

#[test]
fn the_form_has_the_current_settings_and_no_password() {
    let state = editing();
    assert_eq!(state.form.settings(), Some(mailbox(2).settings));
    assert_eq!(state.form.password.reveal(), "");
}

#[test]
fn saved_settings_are_tested_by_a_check() {
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
        act(&mut state, UserAction::SubmitMailbox),
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
    let effects = act(&mut state, UserAction::SubmitMailbox);
    assert_eq!(
        effects[1],
        Effect::Send(EngineCommand::Mailbox(MailboxCommand::SetPassword {
            mailbox: MailboxId(2),
            password,
            remember: false,
        }))
    );
    assert_eq!(
        state.form.password.reveal(),
        "",
        "the form does not keep it"
    );
}

#[test]
fn settings_with_an_error_are_not_saved() {
    let mut state = editing();
    edit(&mut state, [Edit::Ca("not a certificate".to_owned())]);
    let effects = act(&mut state, UserAction::SubmitMailbox);
    assert_eq!(effects, [Effect::Focus(Focus::Field(Field::Ca))]);
    assert!(state.form.more, "the field is visible");
}

#[test]
fn unsaved_settings_do_not_reach_the_form_of_another_mailbox() {
    let mut state = editing();
    edit(&mut state, [Edit::Host("pop.example.com".to_owned())]);
    let back = browse(&mut state, BrowserEvent::WentTo(Route::default()));
    assert_eq!(back, [Effect::Focus(Focus::Heading)]);
    assert!(!act(&mut state, UserAction::AddMailbox).is_empty());
    assert_eq!(state.form, MailboxForm::default());
    assert!(!act(&mut state, UserAction::EditSettings(MailboxId(2))).is_empty());
    assert_eq!(state.form.host(), "pop.example.org");
}

#[test]
fn a_token_is_requested_for_login_methods_that_take_one() {
    let mut form = MailboxForm::default();
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
