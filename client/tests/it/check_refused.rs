//! Failures to reach or enter a maildrop: each has a problem of its own.

use std::future::pending;

use restante_client::api::check::CheckOutcome;
use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::{Encryption, MailboxSettings};
use tokio::net::TcpListener;

use crate::bridge::{self, UNKNOWN_HOST};
use crate::certificates::{AUTHORITY, Certificates};
use crate::dovecot::{Dovecot, PASSWORD, Setup};
use crate::kept::Kept;
use crate::scripted::{self, usual};
use crate::shown;
use crate::visit::{problem_of, proof_of, unencrypted, visit_through};

#[tokio::test]
async fn a_wrong_password_is_reported() {
    let dovecot = Dovecot::start();
    for encryption in [Encryption::Tls, Encryption::Stls] {
        let settings = dovecot.settings(encryption);
        let problem = proof_of(&settings, "wrong").await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::WrongCredentials);
        let mut other = settings.clone();
        other.user = "nobody@example.org".to_owned();
        let problem = proof_of(&other, PASSWORD).await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::WrongCredentials);
    }
}

#[tokio::test]
async fn rfc8314_an_unknown_issuer_is_named_and_cannot_be_bypassed() {
    let dovecot = Dovecot::start();
    for encryption in [Encryption::Tls, Encryption::Stls] {
        let mut settings = dovecot.settings(encryption);
        settings.ca_pem = None;
        let problem = problem_of(&settings).await;
        assert_eq!(problem.kind, ProblemKind::CertificateNotTrusted);
        let detail = format!("issued by {AUTHORITY}; unknown issuer");
        assert_eq!(shown::detail(&problem), Some(detail));
        // An authority with the same name and another key is another authority.
        settings.ca_pem = Some(Certificates::for_names(&["localhost"]).ca_pem);
        let problem = problem_of(&settings).await;
        assert_eq!(problem.kind, ProblemKind::CertificateNotTrusted);
    }
}

#[tokio::test]
async fn rfc7817_the_certificate_is_checked_for_the_dialled_name() {
    let dovecot = Dovecot::start();
    let mut settings = dovecot.settings(Encryption::Tls);
    settings.host = "127.0.0.1".parse().unwrap();
    let problem = problem_of(&settings).await;
    assert_eq!(problem.kind, ProblemKind::CertificateNotTrusted);
    let detail = format!("issued by {AUTHORITY}; the name does not match: it is for localhost");
    assert_eq!(shown::detail(&problem), Some(detail));

    let by_address = Dovecot::start_with(&Setup {
        certificates: Certificates::for_names(&["127.0.0.1"]),
        ..Setup::default()
    });
    let mut settings = by_address.settings(Encryption::Tls);
    settings.host = "127.0.0.1".parse().unwrap();
    assert_eq!(proof_of(&settings, PASSWORD).await, Ok(()));
}

#[tokio::test]
async fn an_expired_certificate_is_reported() {
    let dovecot = Dovecot::start_with(&Setup {
        certificates: Certificates::expired_for(&["localhost"]),
        ..Setup::default()
    });
    let problem = problem_of(&dovecot.settings(Encryption::Tls)).await;
    assert_eq!(problem.kind, ProblemKind::CertificateNotTrusted);
    assert_eq!(
        shown::detail(&problem),
        Some(format!("issued by {AUTHORITY}; expired"))
    );
}

#[tokio::test]
async fn a_self_signed_certificate_is_trusted_only_where_it_was_added_and_for_its_names() {
    let dovecot = Dovecot::start_with(&Setup {
        certificates: Certificates::self_signed_for(&["localhost"]),
        ..Setup::default()
    });
    let mut settings = dovecot.settings(Encryption::Tls);
    assert_eq!(proof_of(&settings, PASSWORD).await, Ok(()));
    settings.host = "127.0.0.1".parse().unwrap();
    let problem = problem_of(&settings).await;
    assert_eq!(problem.kind, ProblemKind::CertificateNotTrusted);
    assert!(
        shown::detail(&problem)
            .unwrap()
            .contains("the name does not match")
    );
    settings.host = "localhost".parse().unwrap();
    settings.ca_pem = None;
    let problem = problem_of(&settings).await;
    assert_eq!(problem.kind, ProblemKind::CertificateNotTrusted);
}

#[tokio::test]
async fn an_invalid_ca_is_reported_before_connecting() {
    for ca in [
        "",
        "not a certificate",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let mut settings = unencrypted(scripted::start(usual).await);
        settings.encryption = Encryption::Tls;
        settings.ca_pem = Some(ca.to_owned());
        assert_eq!(
            problem_of(&settings).await.kind,
            ProblemKind::CaNotReadable,
            "{ca:?}"
        );
    }
}

#[tokio::test]
async fn a_server_without_tls_is_reported_as_a_tls_failure() {
    let mut settings = unencrypted(scripted::start(usual).await);
    settings.encryption = Encryption::Tls;
    assert_eq!(problem_of(&settings).await.kind, ProblemKind::TlsFailed);
    settings.encryption = Encryption::Stls;
    assert_eq!(
        problem_of(&settings).await.kind,
        ProblemKind::StlsNotOffered
    );
}

#[tokio::test]
async fn a_host_that_does_not_exist_or_listen_is_reported() {
    let relay = bridge::start([]).await;
    let mut settings = unencrypted(110);
    settings.host = UNKNOWN_HOST.parse().unwrap();
    assert_eq!(
        kind_through(&relay, &settings).await,
        ProblemKind::UnknownHost
    );

    let settings = unencrypted(unused_port().await);
    let problem = problem_of(&settings).await;
    assert_eq!(problem.kind, ProblemKind::ConnectionRefused);
}

#[tokio::test]
async fn a_target_that_the_bridge_refuses_is_reported() {
    let settings = unencrypted(scripted::start(usual).await);
    let relay = bridge::start([]).await;
    let kind = kind_through(&relay, &settings).await;
    assert_eq!(kind, ProblemKind::BridgeRefusedTarget);
}

#[tokio::test]
async fn an_unreachable_bridge_is_reported() {
    let relay = format!("ws://127.0.0.1:{}/relay", unused_port().await);
    let kind = kind_through(&relay, &unencrypted(110)).await;
    assert_eq!(kind, ProblemKind::BridgeUnreachable);
}

#[tokio::test]
async fn a_name_or_password_that_pop3_cannot_transmit_is_reported() {
    let mut settings = unencrypted(scripted::start(usual).await);
    let problem = proof_of(&settings, "two\r\nlines").await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::CredentialsNotSendable);
    assert!(!format!("{problem:?}").contains("lines"));
    settings.user = "u".repeat(300);
    assert_eq!(
        problem_of(&settings).await.kind,
        ProblemKind::CredentialsNotSendable
    );
}

async fn kind_through(relay: &str, settings: &MailboxSettings) -> ProblemKind {
    let mut kept = Kept::default();
    match visit_through(relay, settings, &mut kept, |_| {}, pending()).await {
        CheckOutcome::Failed { problem, .. } => problem.kind,
        other => panic!("{other:?}"),
    }
}

/// Returns a port on which no server listens any more.
async fn unused_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}
