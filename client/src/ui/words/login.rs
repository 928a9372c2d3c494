//! The words for logins: the method in use, and stronger ones.

use restante_shared::pop3::login::Method;

use super::report::{Fact, fact};
use crate::api::report::LoginReport;
use crate::api::settings::Login;

/// Returns the facts about the login to a server.
pub(super) fn login_facts(setting: Login, login: &LoginReport) -> Vec<Fact> {
    let chosen = match setting {
        Login::Password | Login::AccessToken => "The strongest method that the server accepts.",
        Login::Only(_) => "The settings of this mailbox require this method.",
    };
    let mut facts = vec![fact(
        "Method",
        login.method.name(),
        format!("{} {chosen}", meaning(login.method)),
    )];
    if !login.refused.is_empty() {
        let note = "The server advertised these methods but refused them with the right user name \
                    and password. Restante does not try them again.";
        facts.push(fact("Refused methods", names(&login.refused), note));
    }
    if !login.stronger.is_empty() {
        let note = "The server does not offer these methods to this mailbox.";
        facts.push(fact("Stronger methods", names(&login.stronger), note));
    }
    if login.latin1 {
        let note = "The server understands the password in this encoding only, not in UTF-8.";
        facts.push(fact("Password", "Sent as Latin-1", note));
    }
    facts
}

/// Lists the names of methods.
pub(super) fn names(methods: &[Method]) -> String {
    let names: Vec<_> = methods.iter().map(|method| method.name()).collect();
    names.join(", ")
}

/// Explains how a method protects the password.
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

    #[test]
    fn methods_are_listed_by_their_names() {
        let login = LoginReport {
            method: Method::Plain,
            refused: vec![Method::CramMd5, Method::ScramSha1],
            stronger: vec![
                Method::ScramSha256Plus,
                Method::ScramSha1Plus,
                Method::ScramSha256,
            ],
            latin1: true,
        };
        let facts = login_facts(Login::Password, &login);
        let shown: Vec<_> = facts
            .iter()
            .map(|fact| (fact.name.as_str(), fact.value.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("Method", "PLAIN"),
                ("Refused methods", "CRAM-MD5, SCRAM-SHA-1"),
                (
                    "Stronger methods",
                    "SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS, SCRAM-SHA-256"
                ),
                ("Password", "Sent as Latin-1"),
            ]
        );
    }
}
