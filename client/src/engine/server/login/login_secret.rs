//! Name and password of a mailbox, in every form that a login may need.

use restante_shared::pop3::argument::{ArgumentError, Password, UserName};
use restante_shared::pop3::login::{Login, Method};
use restante_shared::sasl::{Charset, Credentials, saslprep};

use super::nfkc::nfkc;
use crate::api::problem::{CredentialPart, Detail, Problem, ProblemKind};
use crate::api::settings::{MailboxSettings, Secret};

/// A validated user name and password or access token.
pub(in crate::engine) struct LoginSecret {
    pub(in crate::engine) user: UserName,
    secret: String,
    charsets: Vec<Charset>,
}

impl LoginSecret {
    /// Validates name and secret of a mailbox. With `utf8_names`, they are normalised and always in
    /// UTF-8 ([RFC 6856 §2.2]). With `latin1_first`, Latin-1 is the first spelling of a password that
    /// is not ASCII.
    ///
    /// # Errors
    /// If the name or the secret contains characters that POP3 cannot transmit.
    pub(in crate::engine) fn new(
        settings: &MailboxSettings,
        password: &Secret,
        utf8_names: bool,
        latin1_first: bool,
    ) -> Result<Self, Problem> {
        let not_sendable = |part: CredentialPart, error: ArgumentError| {
            let error = error.to_string();
            let detail = Detail::Credential { part, error };
            Problem::with_detail(ProblemKind::CredentialsNotSendable, detail)
        };
        let prepared = |text: &str| match utf8_names {
            true => saslprep(text, nfkc),
            false => text.to_owned(),
        };
        let secret = prepared(password.reveal());
        let user = UserName::new(prepared(&settings.user))
            .map_err(|error| not_sendable(CredentialPart::UserName, error))?;
        let takes_token = match settings.login {
            Login::Password => false,
            Login::AccessToken => true,
            Login::Only(method) => method.takes_token(),
        };
        if takes_token {
            // A token is sent between bytes that separate fields.
            if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(Problem::with_detail(
                    ProblemKind::CredentialsNotSendable,
                    Detail::TokenCharacter,
                ));
            }
        } else {
            Password::new(secret.as_str())
                .map_err(|error| not_sendable(CredentialPart::Password, error))?;
        }
        let charsets = match !utf8_names && Charset::is_ambiguous_for(&secret) {
            true if latin1_first => vec![Charset::Latin1, Charset::Utf8],
            true => vec![Charset::Utf8, Charset::Latin1],
            false => vec![Charset::Utf8],
        };
        Ok(Self {
            user,
            secret,
            charsets,
        })
    }

    /// Returns the character sets of the password to try with a method, the most likely first. The
    /// standard of SCRAM requires UTF-8.
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

    /// Returns the password for `PASS`.
    ///
    /// # Errors
    /// If the password cannot be written in this character set.
    pub(in crate::engine) fn password(&self, charset: Charset) -> Result<Password, Problem> {
        let password = match charset {
            Charset::Utf8 => Password::new(self.secret.as_str()),
            Charset::Latin1 => Password::latin1(&self.secret),
        };
        password.map_err(|error| {
            Problem::with_detail(ProblemKind::CredentialsNotSendable, error.to_string())
        })
    }

    /// Returns name and secret for every other method.
    pub(in crate::engine) fn credentials(&self, charset: Charset) -> Credentials<'_> {
        Credentials {
            user: self.user.as_str(),
            secret: &self.secret,
            charset,
            nfkc,
        }
    }
}
