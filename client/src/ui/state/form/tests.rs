//! The form alone: suggestions and errors.

use super::*;

fn filled() -> MailboxForm {
    let mut form = MailboxForm::default();
    form.edit(Edit::Address("ada@example.org".to_owned()));
    form.edit(Edit::Password(Secret::new("x".to_owned())));
    form
}

#[test]
fn an_address_and_a_password_are_enough() {
    let settings = filled().settings().unwrap();
    assert_eq!(settings.user, "ada@example.org");
    assert_eq!(settings.host.as_str(), "pop.example.org");
    assert_eq!(settings.port, 995);
    assert_eq!(settings.ca_pem, None);
}

#[test]
fn a_suggestion_is_updated_until_it_is_edited() {
    let mut form = filled();
    form.edit(Edit::Encryption(Encryption::Stls));
    assert_eq!(form.port(), "110");
    form.edit(Edit::Port("1110".to_owned()));
    form.edit(Edit::User("ada".to_owned()));
    form.edit(Edit::Host("mail.example.net".to_owned()));
    form.edit(Edit::Encryption(Encryption::Tls));
    form.edit(Edit::Address("ada@example.com".to_owned()));
    let settings = form.settings().unwrap();
    assert_eq!((settings.port, settings.user.as_str()), (1110, "ada"));
    assert_eq!(settings.host.as_str(), "mail.example.net");
}

#[test]
fn an_error_shows_only_after_its_field_was_left() {
    let mut form = MailboxForm::default();
    assert_eq!(form.error(Field::Address), None);
    form.edit(Edit::Left(Field::Address));
    assert!(form.error(Field::Address).is_some());
    assert_eq!(form.error(Field::Password), None);
    form.leave_all();
    assert!(form.error(Field::Password).is_some());
}

#[test]
fn each_field_reports_its_error() {
    for (edit, field) in [
        (Edit::Address("ada".to_owned()), Field::Address),
        (Edit::Address("a da@example.org".to_owned()), Field::Address),
        (Edit::User(String::new()), Field::User),
        (Edit::Password(Secret::new(String::new())), Field::Password),
        (Edit::Host("a b".to_owned()), Field::Host),
        (Edit::Port("0".to_owned()), Field::Port),
        (Edit::Port("65536".to_owned()), Field::Port),
        (Edit::Ca("hello".to_owned()), Field::Ca),
    ] {
        let mut form = filled();
        form.edit(edit);
        form.edit(Edit::Host(match field {
            Field::Host => "a b".to_owned(),
            _ => "pop.example.org".to_owned(),
        }));
        assert_eq!(form.first_fault(), Some(field));
        assert_eq!(form.settings(), None);
    }
}
