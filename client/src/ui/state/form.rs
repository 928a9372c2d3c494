//! The form for a mailbox: the typed values, the suggested values and the errors.

use restante_shared::page::DemoMaildrop;
use restante_shared::relay::{Host, TargetError};

use crate::api::ids::{MailboxId, RequestId};
use crate::api::mailbox::Mailbox;
use crate::api::problem::Problem;
use crate::api::settings::{Encryption, Login, MailboxSettings, Secret};

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
    /// All fields that can have an error, in the order of the form.
    pub const ALL: [Self; 6] = [
        Self::Address,
        Self::User,
        Self::Password,
        Self::Host,
        Self::Port,
        Self::Ca,
    ];

    /// Returns the field's `id` in the document.
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
    /// The login method was chosen.
    Login(Login),
    /// The check box of the password was set or cleared.
    Remember(bool),
    /// A field was left, so its error may be shown.
    Left(Field),
}

/// An error in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldError {
    /// The e-mail address is missing or invalid.
    Address,
    /// The user name is missing.
    User,
    /// The access token is missing.
    AccessToken,
    /// The password is missing.
    Password,
    /// The name of the mail server is missing.
    HostMissing,
    /// The name of the mail server is invalid.
    HostInvalid,
    /// The port is not a number from 1 to 65535.
    Port,
    /// The trusted CA is not a certificate.
    Certificate,
}

/// The form, and the attempt to add a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxForm {
    /// The mailbox whose settings are changed; absent if one is added.
    pub editing: Option<MailboxId>,
    /// The address as typed.
    pub address: String,
    /// The password as typed.
    pub password: Secret,
    /// The trusted CA as typed.
    pub ca: String,
    /// The encryption chosen.
    pub encryption: Encryption,
    /// The login method chosen.
    pub login: Login,
    /// True if the password is kept on this device.
    pub remember: bool,
    /// True if the settings that most mailboxes do not need are visible from the start.
    pub more: bool,
    /// The running attempt.
    pub attempt: Option<Attempt>,
    /// The failure of the last attempt.
    pub problem: Option<Failure>,
    user: Option<String>,
    host: Option<String>,
    port: Option<String>,
    left: Vec<Field>,
}

/// An attempt to add a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The request that the engine answers.
    pub request: RequestId,
    /// True for the demo mailbox.
    pub demo: bool,
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The reason.
    pub problem: Problem,
    /// True if it was for the demo mailbox.
    pub demo: bool,
}

impl Default for MailboxForm {
    fn default() -> Self {
        Self {
            editing: None,
            address: String::new(),
            password: Secret::new(String::new()),
            ca: String::new(),
            encryption: Encryption::Tls,
            login: Login::default(),
            remember: false,
            more: false,
            attempt: None,
            problem: None,
            user: None,
            host: None,
            port: None,
            left: Vec::new(),
        }
    }
}

impl MailboxForm {
    /// Returns the form for an existing mailbox, with its settings and without a password.
    #[must_use]
    pub fn of(mailbox: &Mailbox) -> Self {
        let settings = mailbox.settings.clone();
        let port = settings.port.to_string();
        Self {
            editing: Some(mailbox.id),
            more: settings.ca_pem.is_some() || settings.login != Login::default(),
            address: settings.address,
            ca: settings.ca_pem.unwrap_or_default(),
            encryption: settings.encryption,
            login: settings.login,
            user: Some(settings.user),
            host: Some(settings.host.as_str().to_owned()),
            // The default port follows a change of the encryption.
            port: (port != default_port(settings.encryption)).then_some(port),
            ..Self::default()
        }
    }

    /// True if the secret is an access token and not a password.
    #[must_use]
    pub fn takes_token(&self) -> bool {
        match self.login {
            Login::Password => false,
            Login::AccessToken => true,
            Login::Only(method) => method.takes_token(),
        }
    }

    /// Returns the user name: the address until another was typed.
    #[must_use]
    pub fn user(&self) -> &str {
        self.user.as_deref().unwrap_or(self.address.trim())
    }

    /// Returns the mail server: `pop.` and the address's domain until another was typed.
    #[must_use]
    pub fn host(&self) -> String {
        self.host
            .clone()
            .unwrap_or_else(|| match self.address.trim().rsplit_once('@') {
                Some((_, domain)) if domain.contains('.') => format!("pop.{domain}"),
                Some(_) | None => String::new(),
            })
    }

    /// Returns the port: the default of the encryption until another was typed.
    #[must_use]
    pub fn port(&self) -> &str {
        let default = default_port(self.encryption);
        self.port.as_deref().unwrap_or(default)
    }

    /// Returns the error of a field, after the user has left the field.
    #[must_use]
    pub fn error(&self, field: Field) -> Option<FieldError> {
        self.left
            .contains(&field)
            .then(|| self.fault(field))
            .flatten()
    }

    /// Returns the first field with an error.
    #[must_use]
    pub fn first_fault(&self) -> Option<Field> {
        Field::ALL
            .into_iter()
            .find(|field| self.fault(*field).is_some())
    }

    /// Returns the settings, unless a field has an error.
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
            login: self.login,
        })
    }

    /// Applies a change.
    pub(super) fn edit(&mut self, edit: Edit) {
        match edit {
            Edit::Address(text) => self.address = text,
            Edit::User(text) => self.user = Some(text),
            Edit::Password(secret) => self.password = secret,
            Edit::Host(text) => self.host = Some(text),
            Edit::Port(text) => self.port = Some(text),
            Edit::Ca(text) => self.ca = text,
            Edit::Encryption(encryption) => self.encryption = encryption,
            Edit::Login(login) => self.login = login,
            Edit::Remember(remember) => self.remember = remember,
            Edit::Left(field) => self.leave(field),
        }
    }

    /// Marks all fields as left, so that every error is shown.
    pub(super) fn leave_all(&mut self) {
        self.more |= self.fault(Field::Ca).is_some();
        Field::ALL.into_iter().for_each(|field| self.leave(field));
    }

    fn leave(&mut self, field: Field) {
        if !self.left.contains(&field) {
            self.left.push(field);
        }
    }

    fn fault(&self, field: Field) -> Option<FieldError> {
        match field {
            Field::Address => match self.address.trim().rsplit_once('@') {
                Some((local, domain))
                    if !local.is_empty()
                        && !domain.is_empty()
                        && !self.address.trim().contains(char::is_whitespace) =>
                {
                    None
                }
                Some(_) | None => Some(FieldError::Address),
            },
            Field::User => self.user().is_empty().then_some(FieldError::User),
            // Without a new password, the stored one stays in use.
            Field::Password if self.editing.is_some() || !self.password.reveal().is_empty() => None,
            Field::Password if self.takes_token() => Some(FieldError::AccessToken),
            Field::Password => Some(FieldError::Password),
            Field::Host => match self.host().trim().parse::<Host>() {
                Ok(_) => None,
                Err(TargetError::HostLength) => Some(FieldError::HostMissing),
                Err(_) => Some(FieldError::HostInvalid),
            },
            Field::Port => match self.port().trim().parse::<u16>() {
                Ok(1..) => None,
                Ok(0) | Err(_) => Some(FieldError::Port),
            },
            Field::Ca => {
                let text = self.ca.trim();
                let sound = text.is_empty()
                    || (text.contains("-----BEGIN CERTIFICATE-----")
                        && text.contains("-----END CERTIFICATE-----"));
                (!sound).then_some(FieldError::Certificate)
            }
        }
    }
}

/// Returns the default port of an encryption.
fn default_port(encryption: Encryption) -> &'static str {
    match encryption {
        Encryption::Tls => "995",
        Encryption::Stls | Encryption::None => "110",
    }
}

/// Returns the settings of the demo mailbox; `None` if the bridge reports an invalid host.
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
        login: Login::default(),
    })
}

#[cfg(test)]
mod tests;
