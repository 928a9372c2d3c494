//! The problems that a refusal of a server leads to.

use futures::future::join_all;
use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::{Encryption, Secret};

use super::host::Host;
use crate::dovecot::{Dovecot, Setup};
use crate::mailutils::Mailutils;
use crate::matrix;
use crate::nginx::Nginx;

#[tokio::test]
async fn rfc3206_a_wrong_password_is_reported_as_such() {
    for host in Host::all().await {
        let mut visitor = host.visitor(Encryption::Tls);
        visitor.secret = Secret::new("wrong".to_owned());
        let problem = visitor.problem().await;
        assert_eq!(
            problem.kind,
            ProblemKind::WrongCredentials,
            "{}",
            host.name()
        );
        let mut telnet = host.telnet().await;
        let capabilities = telnet.lines("CAPA").await;
        let has = |tag: &str| capabilities.contains(&tag.to_owned());
        let announced = has("AUTH-RESP-CODE");
        telnet.accepted("USER nobody@example.org").await;
        let refused = telnet.ask("PASS wrong").await;
        assert_eq!(refused.starts_with("-ERR [AUTH]"), announced, "{refused}");
        match announced {
            true => matrix::proved(host.name(), "AUTH-RESP-CODE"),
            false => matrix::not_offered(host.name(), "AUTH-RESP-CODE"),
        }
        match has("RESP-CODES") {
            true => matrix::proved(host.name(), "RESP-CODES"),
            false => matrix::not_offered(host.name(), "RESP-CODES"),
        }
    }
}

#[tokio::test]
async fn rfc2449_a_locked_maildrop_does_not_ask_for_a_password() {
    let locking = || {
        Dovecot::start_with(&Setup {
            settings: "pop3_lock_session = yes\nmail_max_lock_timeout = 1s",
            ..Setup::default()
        })
    };
    // All at once, because Dovecot waits a long time for a lock.
    let hosts = [
        Host::Dovecot(locking()),
        Host::Mailutils(Mailutils::start("")),
        Host::Nginx(Nginx::before(locking())),
    ];
    join_all(hosts.map(is_locked_for_one)).await;
}

async fn is_locked_for_one(host: Host) {
    let holder = host.telnet_logged_in().await;
    let problem = host.visitor(Encryption::Tls).problem().await;
    assert_eq!(problem.kind, ProblemKind::MaildropInUse, "{}", host.name());
    holder.quit().await;
    assert_eq!(host.visitor(Encryption::Tls).prove().await, Ok(()));
    matrix::proved(host.name(), "[IN-USE]");
}

#[tokio::test]
async fn the_demo_maildrop_allows_concurrent_sessions() {
    let host = Host::demo().await;
    let first = host.telnet_logged_in().await;
    assert_eq!(host.visitor(Encryption::Tls).prove().await, Ok(()));
    first.quit().await;
    matrix::not_offered(host.name(), "[IN-USE]");
}

#[tokio::test]
async fn rfc2449_an_early_login_is_reported_as_such() {
    let host = Host::Mailutils(Mailutils::start("login-delay 3600;\n"));
    host.telnet_logged_in().await.quit().await;
    let problem = host.visitor(Encryption::Tls).problem().await;
    assert_eq!(problem.kind, ProblemKind::TryLater);
    // It announces the time without the tag, in a line `3600`.
    matrix::noted(host.name(), "LOGIN-DELAY", "as a refusal");
}
