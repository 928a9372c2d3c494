//! RFC 5802, 7677 and 9266: mutual authentication, bound to the TLS channel.

use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::Login;
use restante_client::clock::SystemClock;
use restante_shared::pop3::login::Method;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use crate::scripted::{Scram, Seen};
use crate::visit::Visitor;

#[tokio::test]
async fn rfc9266_scram_plus_uses_the_channel_binding_of_the_tls_version() {
    for (version, header) in [
        (&TLS13, "p=tls-exporter,,"),
        (&TLS12, "p=tls-server-end-point,,"),
    ] {
        for mechanism in ["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"] {
            let server = Scram {
                mechanism,
                version,
                honest: true,
            };
            let (settings, seen) = server.start().await;
            let mut visitor = Visitor::new(settings, SystemClock);
            assert_eq!(visitor.prove().await, Ok(()), "{mechanism} {header}");
            let expected = [Seen::Proof(header.to_owned()), Seen::Trust];
            assert_eq!(*seen.lock().unwrap(), expected, "{mechanism}");
            let method = visitor.profile.method;
            assert_eq!(method.map(Method::name), Some(mechanism));
        }
    }
}

#[tokio::test]
async fn rfc5802_the_client_declares_its_support_for_binding_to_a_server_without() {
    for mechanism in ["SCRAM-SHA-1", "SCRAM-SHA-256"] {
        let server = Scram {
            mechanism,
            version: &TLS13,
            honest: true,
        };
        let (settings, seen) = server.start().await;
        let mut visitor = Visitor::new(settings, SystemClock);
        assert_eq!(visitor.prove().await, Ok(()), "{mechanism}");
        let expected = [Seen::Proof("y,,".to_owned()), Seen::Trust];
        assert_eq!(*seen.lock().unwrap(), expected, "{mechanism}");
    }
}

#[tokio::test]
async fn rfc7677_a_server_that_does_not_know_the_password_is_rejected() {
    for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"] {
        let server = Scram {
            mechanism,
            version: &TLS13,
            honest: false,
        };
        let (settings, seen) = server.start().await;
        let mut visitor = Visitor::new(settings, SystemClock);
        visitor.settings.login = Login::Password;
        assert!(visitor.prove().await.is_err(), "{mechanism}");
        assert_eq!(*seen.lock().unwrap(), [Seen::Cancelled], "{mechanism}");
        assert_eq!(visitor.profile.method, None);
    }
}

#[tokio::test]
async fn rfc5802_no_weaker_login_is_used_if_binding_worked_before() {
    let weaker = Scram {
        mechanism: "SCRAM-SHA-256",
        version: &TLS13,
        honest: true,
    };
    let (settings, seen) = weaker.start().await;
    let mut visitor = Visitor::new(settings, SystemClock);
    visitor.profile.method = Some(Method::ScramSha256Plus);
    let problem = visitor.problem().await;
    assert_eq!(problem.kind, ProblemKind::LoginWeakened);
    assert_eq!(*seen.lock().unwrap(), []);
}
