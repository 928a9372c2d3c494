//! Name and password of a mailbox, in every form in which a login may need them.

use restante_shared::pop3::argument::{Password, UserName};
use restante_shared::pop3::login::{Login, Method};
use restante_shared::sasl::{Charset, Credentials, saslprep};

use super::nfkc::nfkc;
use crate::api::problem::{Problem, ProblemKind};
use crate::engine::check::Maildrop;

/// What a mailbox logs in with, checked.
pub(in crate::engine) struct Access {
    pub(in crate::engine) user: UserName,
    secret: String,
    charsets: Vec<Charset>,
}

impl Access {
    /// Takes name and secret of a mailbox. Where the server has names in UTF-8, they are in one
    /// form and one character set ([RFC 6856 §2.2]).
    pub(in crate::engine) fn new<C>(
        maildrop: &Maildrop<'_, C>,
        utf8_names: bool,
    ) -> Result<Self, Problem> {
        let not_sendable = |what: &str, why: &dyn std::fmt::Display| {
            let detail = format!("the {what}: {why}");
            Problem::with_detail(ProblemKind::CredentialsNotSendable, detail)
        };
        let prepared = |text: &str| match utf8_names {
            true => saslprep(text, nfkc),
            false => text.to_owned(),
        };
        let secret = prepared(maildrop.password.reveal());
        let user = UserName::new(prepared(&maildrop.settings.user))
            .map_err(|error| not_sendable("user name", &error))?;
        let takes_token = match maildrop.settings.login {
            Login::Password => false,
            Login::AccessToken => true,
            Login::Only(method) => method.takes_token(),
        };
        if takes_token {
            // A token is sent between octets that separate fields.
            if secret.is_empty() || !secret.bytes().all(|octet| octet.is_ascii_graphic()) {
                let why = "it has a character that none has";
                return Err(not_sendable("access token", &why));
            }
        } else {
            Password::new(secret.as_str()).map_err(|error| not_sendable("password", &error))?;
        }
        let charsets = match !utf8_names && Charset::is_ambiguous_for(&secret) {
            true if maildrop.remembered.borrow().latin1 => vec![Charset::Latin1, Charset::Utf8],
            true => vec![Charset::Utf8, Charset::Latin1],
            false => vec![Charset::Utf8],
        };
        Ok(Self {
            user,
            secret,
            charsets,
        })
    }

    /// How the password may be written for a method, the likeliest first. SCRAM has UTF-8 in its
    /// standard, and would otherwise be hashed in vain.
    pub(in crate::engine) fn charsets(&self, method: Method) -> &[Charset] {
        match method {
            Method::UserPass | Method::Apop | Method::Login | Method::Plain | Method::CramMd5 => {
                &self.charsets
            }
            Method::XOauth2
            | Method::OauthBearer
            | Method::ScramSha1
            | Method::ScramSha256
            | Method::ScramSha1Plus
            | Method::ScramSha256Plus => &[Charset::Utf8],
        }
    }

    /// The password for `PASS`.
    pub(in crate::engine) fn password(&self, charset: Charset) -> Result<Password, Problem> {
        let password = match charset {
            Charset::Utf8 => Password::new(self.secret.as_str()),
            Charset::Latin1 => Password::latin1(&self.secret),
        };
        password.map_err(|error| {
            Problem::with_detail(ProblemKind::CredentialsNotSendable, error.to_string())
        })
    }

    /// Name and secret for everything else.
    pub(in crate::engine) fn credentials(&self, charset: Charset) -> Credentials<'_> {
        Credentials {
            user: self.user.as_str(),
            secret: &self.secret,
            charset,
            nfkc,
        }
    }
}
