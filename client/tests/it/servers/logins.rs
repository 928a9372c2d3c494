//! Every login method, with every server that supports it.

use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::{Encryption, Login, Secret};
use restante_shared::pop3::login::Method;

use super::host::Host;
use crate::matrix;
use crate::tokens::good_token;

/// Returns true if a server advertises a method under TLS, in `CAPA` or its greeting.
fn offers(host: &Host, method: Method) -> bool {
    match host {
        Host::Dovecot(_) => !matches!(method, Method::ScramSha1Plus | Method::ScramSha256Plus),
        Host::Mailutils(_) => matches!(method, Method::UserPass | Method::Apop),
        Host::Nginx(_) => matches!(method, Method::UserPass | Method::Login | Method::Plain),
        Host::Demo(_) => matches!(method, Method::UserPass | Method::Apop | Method::Plain),
    }
}

#[tokio::test]
async fn every_login_method_works_if_advertised_and_is_reported_otherwise() {
    for host in Host::all().await {
        for method in Method::LADDER {
            let mut visitor = host.visitor(Encryption::Tls);
            visitor.settings.login = Login::Only(method);
            if method.takes_token() {
                visitor.secret = Secret::new(good_token());
            }
            let what = format!("{} with {}", host.name(), method.name());
            if !offers(&host, method) {
                let problem = visitor.problem().await;
                assert_eq!(problem.kind, ProblemKind::NoLoginOffered, "{what}");
                matrix::not_offered(host.name(), method.name());
                continue;
            }
            assert_eq!(visitor.prove().await, Ok(()), "{what}");
            assert_eq!(visitor.profile.method, Some(method), "{what}");
            visitor.secret = Secret::new("wrong".to_owned());
            let problem = visitor.problem().await;
            assert_eq!(problem.kind, ProblemKind::WrongCredentials, "{what}");
            matrix::proved(host.name(), method.name());
        }
    }
}

#[tokio::test]
async fn the_strongest_advertised_method_is_used() {
    for host in Host::all().await {
        for (login, secret) in [
            (Login::Password, host.password().to_owned()),
            (Login::AccessToken, good_token()),
        ] {
            let mut visitor = host.visitor(Encryption::Tls);
            visitor.settings.login = login;
            visitor.secret = Secret::new(secret);
            let fits = |method: &Method| method.takes_token() == (login == Login::AccessToken);
            let strongest = Method::LADDER
                .into_iter()
                .filter(fits)
                .find(|method| offers(&host, *method));
            match strongest {
                Some(_) => assert_eq!(visitor.prove().await, Ok(()), "{}", host.name()),
                None => {
                    let problem = visitor.prove().await.unwrap_err();
                    assert_eq!(problem.kind, ProblemKind::NoLoginOffered, "{}", host.name());
                }
            }
            let taken = visitor.profile.method;
            assert_eq!(taken, strongest, "{}", host.name());
        }
    }
}
