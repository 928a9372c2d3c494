//! Q11 and RFC 2595: the upgrade from clear text to TLS.

use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::Encryption;

use super::{GREETING, QUIT, USER_PASS, capa, done, unique_ids};
use crate::scripted::Script;

/// Returns the dialogue with a server that offers `STLS`, until it accepts the command.
fn stls() -> String {
    let capa = capa(&["STLS", "SASL PLAIN", "UIDL", "PIPELINING"]);
    format!("{GREETING}{capa}\nC: STLS\nS: +OK begin\n")
}

#[tokio::test]
async fn q11_data_injected_before_tls_is_refused() {
    for (injected, kind) in [
        ("S: +OK injected", ProblemKind::ProtocolBroken),
        ("R: +", ProblemKind::ProtocolBroken),
        // These bytes come after the start of TLS, and are not TLS records.
        ("[split]\nS: +OK injected\n[close]", ProblemKind::TlsFailed),
    ] {
        let script = Script::start([format!("{}{injected}", stls())]).await;
        let problem = script.visitor(Encryption::Stls).problem().await;
        script.played().await;
        assert_eq!(problem.kind, kind, "{injected}");
    }
}

#[tokio::test]
async fn rfc2595_capabilities_from_before_tls_are_requested_again_under_tls() {
    // The server's capabilities under TLS are fewer than those that an attacker could have claimed
    // before.
    let capa = capa(&["USER", "UIDL"]);
    let script = Script::start([format!(
        "{}[tls]\n{capa}{USER_PASS}{capa}{}{QUIT}",
        stls(),
        unique_ids(&[])
    )])
    .await;
    let mut visitor = script.visitor(Encryption::Stls);
    assert_eq!(visitor.check().await, done(0, 0));
    script.played().await;
}

#[tokio::test]
async fn rfc8314_tls_may_start_with_the_first_byte() {
    let capa = capa(&["USER", "UIDL"]);
    let script = Script::start([format!(
        "[tls]\n{GREETING}{capa}{USER_PASS}{capa}{}{QUIT}",
        unique_ids(&[])
    )])
    .await;
    let mut visitor = script.visitor(Encryption::Tls);
    assert_eq!(visitor.check().await, done(0, 0));
    script.played().await;
}

#[tokio::test]
async fn rfc8314_no_credentials_are_sent_without_tls_if_tls_was_chosen() {
    for capabilities in [&["USER", "SASL PLAIN"][..], &["USER", "STLS"]] {
        let answer = match capabilities.contains(&"STLS") {
            true => "C: STLS\nS: -ERR not today\n",
            false => "",
        };
        let text = format!("{GREETING}{}{answer}", capa(capabilities));
        let script = Script::start([text]).await;
        let problem = script.visitor(Encryption::Stls).problem().await;
        assert_eq!(problem.kind, ProblemKind::StlsNotOffered);
        script.played().await;
    }
}
