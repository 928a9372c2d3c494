//! How the login went, and which stronger ways there would be.

use std::collections::BTreeSet;

use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::login::Method;

use super::fact;
use crate::api::report::Fact;
use crate::api::settings::{Login, MailboxSettings};
use crate::engine::mailboxes::server_profile::Remembered;

pub(in crate::engine) fn facts(settings: &MailboxSettings, remembered: &Remembered) -> Vec<Fact> {
    let Some(method) = remembered.method else {
        return Vec::new();
    };
    let chosen = match settings.login {
        Login::Password | Login::AccessToken => "The strongest method that the server accepts.",
        Login::Only(_) => "The settings of this mailbox require this method.",
    };
    let mut rows = vec![fact(
        "Method",
        method.name(),
        format!("{} {chosen}", meaning(method)),
    )];
    if !remembered.refused.is_empty() {
        let refused: Vec<_> = remembered.refused.iter().map(|m| m.name()).collect();
        let note = "The server advertised these methods but refused them with the right user name \
                    and password. Restante does not try them again.";
        rows.push(fact("Refused methods", refused.join(", "), note));
    }
    let missing = stronger_not_offered(method, remembered);
    if !missing.is_empty() {
        let note = "The server does not offer these methods to this mailbox.";
        rows.push(fact("Stronger methods", missing.join(", "), note));
    }
    if remembered.latin1 {
        let note = "The server understands the password in this encoding only, not in UTF-8.";
        rows.push(fact("Password", "Sent as Latin-1", note));
    }
    rows
}

/// The stronger methods of the same kind of secret that the server did not name.
fn stronger_not_offered(method: Method, remembered: &Remembered) -> Vec<&'static str> {
    let offered: BTreeSet<String> = remembered
        .told
        .before_login()
        .iter()
        .filter_map(|line| match Capability::parse(line.as_bytes()) {
            Capability::Sasl(mechanisms) => Some(mechanisms),
            _ => None,
        })
        .flatten()
        .map(|mechanism| mechanism.as_str().to_ascii_uppercase())
        .collect();
    Method::LADDER
        .into_iter()
        .take_while(|stronger| *stronger > method)
        .filter(|stronger| stronger.takes_token() == method.takes_token())
        .map(Method::name)
        .filter(|name| !offered.contains(*name))
        .collect()
}

/// What a way to log in gives away.
fn meaning(method: Method) -> &'static str {
    match method {
        Method::ScramSha256Plus | Method::ScramSha1Plus => {
            "The password does not leave this device, and the login is bound to this TLS connection."
        }
        Method::ScramSha256 | Method::ScramSha1 => {
            "The password does not leave this device, and the server proves that it knows it too."
        }
        Method::OauthBearer | Method::XOauth2 => {
            "An access token is sent, which can be taken back without a new password."
        }
        Method::CramMd5 | Method::Apop => {
            "The password does not leave this device, but the digest of it is an old one."
        }
        Method::Plain | Method::Login | Method::UserPass => {
            "The server gets the password itself, so all depends on the encryption around it."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::diagnostics::report::tests::settings;
    use crate::engine::mailboxes::server_profile::Told;

    #[test]
    fn stronger_methods_that_are_not_offered_are_named() {
        let remembered = Remembered {
            method: Some(Method::CramMd5),
            told: Told {
                after_tls: vec!["SASL PLAIN CRAM-MD5 SCRAM-SHA-1".to_owned()],
                ..Told::default()
            },
            ..Remembered::default()
        };
        let rows = facts(&settings(), &remembered);
        assert_eq!(rows[0].value, "CRAM-MD5");
        assert_eq!(rows.len(), 2);
        assert_eq!(
            rows[1].value,
            "SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS, SCRAM-SHA-256"
        );
    }

    #[test]
    fn methods_that_were_refused_are_named() {
        let remembered = Remembered {
            method: Some(Method::Plain),
            refused: [Method::CramMd5, Method::ScramSha1].into(),
            ..Remembered::default()
        };
        let rows = facts(&settings(), &remembered);
        assert_eq!(rows[1].name, "Refused methods");
        assert_eq!(rows[1].value, "CRAM-MD5, SCRAM-SHA-1");
    }
}
