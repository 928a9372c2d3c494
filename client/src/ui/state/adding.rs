//! The form for a mailbox: what was typed, what is suggested, what is wrong with it.

use restante_shared::page::DemoMaildrop;
use restante_shared::relay::{Host, TargetError};

use crate::engine::command::{Encryption, MailboxSettings, RequestId, Secret};
use crate::engine::event::Problem;

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// "E-mail address".
    Address,
    /// "User name".
    User,
    /// "Password".
    Password,
    /// "Mail server".
    Host,
    /// "Port".
    Port,
    /// "Trusted CA (PEM)".
    Ca,
}

impl Field {
    /// Every field that can be wrong, in the order of the form.
    pub const ALL: [Self; 6] = [
        Self::Address,
        Self::User,
        Self::Password,
        Self::Host,
        Self::Port,
        Self::Ca,
    ];

    /// The field's `id` in the document.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Address => "field-address",
            Self::User => "field-user",
            Self::Password => "field-password",
            Self::Host => "field-host",
            Self::Port => "field-port",
            Self::Ca => "field-ca",
        }
    }
}

/// A change to the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// The address was typed.
    Address(String),
    /// The user name was typed.
    User(String),
    /// The password was typed.
    Password(Secret),
    /// The mail server was typed.
    Host(String),
    /// The port was typed.
    Port(String),
    /// The trusted CA was typed or pasted.
    Ca(String),
    /// The encryption was chosen.
    Encryption(Encryption),
    /// The check box of the password was set or cleared.
    Remember(bool),
    /// A field was left, so its error may be shown.
    Left(Field),
}

/// The form and the attempt to add a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adding {
    /// The address as typed.
    pub address: String,
    /// The password as typed.
    pub password: Secret,
    /// The trusted CA as typed.
    pub ca: String,
    /// The encryption chosen.
    pub encryption: Encryption,
    /// Whether to keep the password on this device.
    pub remember: bool,
    /// The attempt under way.
    pub attempt: Option<Attempt>,
    /// Why the last attempt failed.
    pub problem: Option<Failure>,
    user: Option<String>,
    host: Option<String>,
    port: Option<String>,
    left: Vec<Field>,
}

/// An attempt to add a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The request to which the engine answers.
    pub request: RequestId,
    /// Whether it is the demo mailbox.
    pub demo: bool,
}

/// An attempt that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub problem: Problem,
    /// Whether it was for the demo mailbox.
    pub demo: bool,
}

impl Default for Adding {
    fn default() -> Self {
        Self {
            address: String::new(),
            password: Secret::new(String::new()),
            ca: String::new(),
            encryption: Encryption::Tls,
            remember: true,
            attempt: None,
            problem: None,
            user: None,
            host: None,
            port: None,
            left: Vec::new(),
        }
    }
}

impl Adding {
    /// The user name: the address until another was typed.
    #[must_use]
    pub fn user(&self) -> &str {
        self.user.as_deref().unwrap_or(self.address.trim())
    }

    /// The mail server: `pop.` and the address's domain until another was typed.
    #[must_use]
    pub fn host(&self) -> String {
        self.host
            .clone()
            .unwrap_or_else(|| match self.address.trim().rsplit_once('@') {
                Some((_, domain)) if domain.contains('.') => format!("pop.{domain}"),
                Some(_) | None => String::new(),
            })
    }

    /// The port: the encryption's usual one until another was typed.
    #[must_use]
    pub fn port(&self) -> &str {
        self.port.as_deref().unwrap_or(match self.encryption {
            Encryption::Tls => "995",
            Encryption::Stls | Encryption::None => "110",
        })
    }

    /// What is wrong with a field, as a sentence, once the reader has left it.
    #[must_use]
    pub fn error(&self, field: Field) -> Option<&'static str> {
        self.left
            .contains(&field)
            .then(|| self.fault(field))
            .flatten()
    }

    /// The first field that is wrong.
    #[must_use]
    pub fn first_fault(&self) -> Option<Field> {
        Field::ALL
            .into_iter()
            .find(|field| self.fault(*field).is_some())
    }

    /// The settings, if nothing is wrong.
    #[must_use]
    pub fn settings(&self) -> Option<MailboxSettings> {
        if self.first_fault().is_some() {
            return None;
        }
        let ca = self.ca.trim();
        Some(MailboxSettings {
            address: self.address.trim().to_owned(),
            user: self.user().to_owned(),
            host: self.host().trim().parse().ok()?,
            port: self.port().trim().parse().ok()?,
            encryption: self.encryption,
            ca_pem: (!ca.is_empty()).then(|| ca.to_owned()),
            demo: false,
        })
    }

    /// Changes the form.
    pub(super) fn edit(&mut self, edit: Edit) {
        match edit {
            Edit::Address(text) => self.address = text,
            Edit::User(text) => self.user = Some(text),
            Edit::Password(secret) => self.password = secret,
            Edit::Host(text) => self.host = Some(text),
            Edit::Port(text) => self.port = Some(text),
            Edit::Ca(text) => self.ca = text,
            Edit::Encryption(encryption) => self.encryption = encryption,
            Edit::Remember(remember) => self.remember = remember,
            Edit::Left(field) => self.leave(field),
        }
    }

    /// Shows every error from now on.
    pub(super) fn leave_all(&mut self) {
        Field::ALL.into_iter().for_each(|field| self.leave(field));
    }

    fn leave(&mut self, field: Field) {
        if !self.left.contains(&field) {
            self.left.push(field);
        }
    }

    fn fault(&self, field: Field) -> Option<&'static str> {
        match field {
            Field::Address => match self.address.trim().rsplit_once('@') {
                Some((local, domain))
                    if !local.is_empty()
                        && !domain.is_empty()
                        && !self.address.trim().contains(char::is_whitespace) =>
                {
                    None
                }
                Some(_) | None => Some("Enter an address like name@example.org."),
            },
            Field::User => self
                .user()
                .is_empty()
                .then_some("Enter the name that the mail server knows you by."),
            Field::Password => self
                .password
                .reveal()
                .is_empty()
                .then_some("Enter the password of this mailbox."),
            Field::Host => match self.host().trim().parse::<Host>() {
                Ok(_) => None,
                Err(TargetError::HostLength) => {
                    Some("Enter the name of the mail server, like pop.example.org.")
                }
                Err(_) => Some("A server name has only letters, digits, hyphens and dots."),
            },
            Field::Port => match self.port().trim().parse::<u16>() {
                Ok(1..) => None,
                Ok(0) | Err(_) => Some("A port is a number from 1 to 65535."),
            },
            Field::Ca => {
                let text = self.ca.trim();
                let sound = text.is_empty()
                    || (text.contains("-----BEGIN CERTIFICATE-----")
                        && text.contains("-----END CERTIFICATE-----"));
                (!sound).then_some(
                    "Paste the whole certificate, from BEGIN CERTIFICATE to END CERTIFICATE.",
                )
            }
        }
    }
}

/// The settings of the demo mailbox; absent if the bridge names a host that is none.
#[must_use]
pub fn demo_settings(demo: &DemoMaildrop) -> Option<MailboxSettings> {
    Some(MailboxSettings {
        address: demo.address.clone(),
        user: demo.user.clone(),
        host: demo.host.parse().ok()?,
        port: demo.port,
        encryption: Encryption::Tls,
        ca_pem: Some(demo.ca_pem.clone()),
        demo: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> Adding {
        let mut form = Adding::default();
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
    fn suggestions_follow_until_they_are_edited() {
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
        let mut form = Adding::default();
        assert_eq!(form.error(Field::Address), None);
        form.edit(Edit::Left(Field::Address));
        assert!(form.error(Field::Address).is_some());
        assert_eq!(form.error(Field::Password), None);
        form.leave_all();
        assert!(form.error(Field::Password).is_some());
    }

    #[test]
    fn each_field_finds_its_fault() {
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
}
