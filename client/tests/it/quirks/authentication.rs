//! Q9, Q14, Q15, and RFC 5034 and 7628: variants of authentication.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use restante_client::api::check::CheckOutcome;
use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::{Encryption, Login, Secret};
use restante_shared::pop3::login::Method;
use restante_shared::pop3::quirk::Quirk;

use super::{GREETING, QUIT, USER_PASS, capa, done, unique_ids};
use crate::scripted::Script;
use crate::shown;

const PLAIN: &str = "AHJlYWRlcgBjb3JyZWN0IGhvcnNl";

#[tokio::test]
async fn q09_a_challenge_may_come_as_ok() {
    for second in ["+ UGFzc3dvcmQ6", "+OK UGFzc3dvcmQ6", "+OK Password:"] {
        let capa = capa(&["SASL LOGIN", "UIDL"]);
        let script = Script::start([format!(
            "{GREETING}{capa}
            C: AUTH LOGIN
            S: +OK
            C: cmVhZGVy
            S: {second}
            C: Y29ycmVjdCBob3JzZQ==
            S: +OK
            {capa}{}{QUIT}",
            unique_ids(&[])
        )])
        .await;
        let mut visitor = script.visitor(Encryption::None);
        assert_eq!(visitor.check().await, done(0, 0), "{second}");
        assert!(visitor.met(Quirk::ChallengeAsOk));
        script.played().await;
    }
}

#[tokio::test]
async fn a_login_that_succeeds_without_a_password_is_rejected() {
    let capa = capa(&["SASL LOGIN", "UIDL"]);
    let script = Script::start([format!(
        "{GREETING}{capa}
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C: cmVhZGVy
        S: +OK welcome"
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    let CheckOutcome::Failed { problem, .. } = visitor.check().await else {
        panic!("the login was accepted");
    };
    assert_eq!(problem.kind, ProblemKind::ProtocolBroken);
    script.played().await;
}

#[tokio::test]
async fn q09_after_a_refused_auth_that_closes_the_next_method_gets_a_new_connection() {
    let capa = capa(&["USER", "UIDL", "SASL CRAM-MD5"]);
    let refused = format!(
        "[tls]\n{GREETING}{capa}
        C: AUTH CRAM-MD5
        S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2U+
        C: ***
        S: -ERR no
        [close]"
    );
    let accepted = format!(
        "[tls]\n{GREETING}{capa}{USER_PASS}{capa}{}{QUIT}",
        unique_ids(&[])
    );
    let script = Script::start([&refused, &accepted, &accepted]).await;
    let mut visitor = script.visitor(Encryption::Tls);
    assert_eq!(visitor.check().await, done(0, 0));
    let profile = visitor.profile.clone();
    assert!(profile.quirks.contains(&Quirk::ClosesAfterAuth));
    assert_eq!(profile.method, Some(Method::UserPass));
    // The refused method is not tried again.
    assert_eq!(visitor.check().await, done(0, 0));
    script.played().await;
}

#[tokio::test]
async fn q14_a_long_token_is_sent_in_two_steps() {
    let capa = capa(&["SASL XOAUTH2 PLAIN", "UIDL"]);
    let token = "t".repeat(5_000);
    let response = BASE64_STANDARD.encode(format!("user=reader\u{1}auth=Bearer {token}\u{1}\u{1}"));
    let script = Script::start([format!(
        "[tls]\n{GREETING}{capa}
        C: AUTH XOAUTH2
        S: + 
        C: {response}
        S: +OK
        {capa}{}{QUIT}",
        unique_ids(&[])
    )])
    .await;
    let mut visitor = script.visitor(Encryption::Tls);
    visitor.settings.login = Login::AccessToken;
    visitor.secret = Secret::new(token);
    assert_eq!(visitor.check().await, done(0, 0));
    script.played().await;
}

#[tokio::test]
async fn rfc7628_the_error_challenge_of_a_refused_token_is_answered() {
    for (mechanism, answer) in [("XOAUTH2", ""), ("OAUTHBEARER", "AQ==")] {
        let complaint = BASE64_STANDARD.encode("{\"status\":\"invalid_token\"}");
        let script = Script::start([format!(
            "[tls]\n{GREETING}{}
            C: AUTH {mechanism} ***
            S: + {complaint}
            C: {answer}
            S: -ERR [AUTH] Authentication failed.",
            capa(&[&format!("SASL {mechanism}"), "AUTH-RESP-CODE"]),
        )])
        .await;
        let mut visitor = script.visitor(Encryption::Tls);
        visitor.settings.login = Login::AccessToken;
        visitor.secret = Secret::new("7f3c".to_owned());
        let problem = visitor.problem().await;
        assert_eq!(problem.kind, ProblemKind::WrongCredentials, "{mechanism}");
        let detail = shown::detail(&problem).unwrap();
        assert!(detail.contains("invalid_token"), "{detail}");
        script.played().await;
    }
}

#[tokio::test]
async fn q15_a_password_is_sent_in_utf_8_then_in_latin_1_which_is_remembered() {
    let capa = capa(&["USER", "UIDL"]);
    let latin1 = "C: USER reader\nS: +OK\nC: PASS p\\xe4ss\nS: +OK\n";
    let first = format!(
        "[tls]\n{GREETING}{capa}
        C: USER reader
        S: +OK
        C: PASS p\\xc3\\xa4ss
        S: -ERR no
        {latin1}{capa}{}{QUIT}",
        unique_ids(&[])
    );
    let second = format!(
        "[tls]\n{GREETING}{capa}{latin1}{capa}{}{QUIT}",
        unique_ids(&[])
    );
    let script = Script::start([first, second]).await;
    let mut visitor = script.visitor(Encryption::Tls);
    visitor.secret = Secret::new("p\u{e4}ss".to_owned());
    assert_eq!(visitor.check().await, done(0, 0));
    assert!(visitor.profile.latin1);
    assert!(visitor.met(Quirk::Latin1Password));
    assert_eq!(visitor.check().await, done(0, 0));
    script.played().await;
}

#[tokio::test]
async fn rfc5034_an_initial_response_is_sent_if_it_fits_and_sasl_was_announced() {
    let announced = capa(&["SASL PLAIN", "UIDL"]);
    let tail = format!("{announced}{}{QUIT}", unique_ids(&[]));
    let short = format!("{GREETING}{announced}\nC: AUTH PLAIN {PLAIN}\nS: +OK\n{tail}");
    let script = Script::start([short]).await;
    assert_eq!(script.visitor(Encryption::None).check().await, done(0, 0));
    script.played().await;

    let user = "u".repeat(200);
    let response = BASE64_STANDARD.encode(format!("\0{user}\0correct horse"));
    let long =
        format!("{GREETING}{announced}\nC: AUTH PLAIN\nS: + \nC: {response}\nS: +OK\n{tail}");
    let script = Script::start([long]).await;
    let mut visitor = script.visitor(Encryption::None);
    visitor.settings.user = user;
    assert_eq!(visitor.check().await, done(0, 0));
    script.played().await;
}

#[tokio::test]
async fn rfc5034_a_challenge_with_invalid_base64_is_cancelled() {
    let script = Script::start([format!(
        "[tls]\n{GREETING}{}
        C: AUTH CRAM-MD5
        S: + not base64!
        C: *
        S: -ERR cancelled
        C: AUTH PLAIN {PLAIN}
        S: +OK
        {}{}{QUIT}",
        capa(&["SASL CRAM-MD5 PLAIN", "UIDL"]),
        capa(&["UIDL"]),
        unique_ids(&[])
    )])
    .await;
    assert_eq!(script.visitor(Encryption::Tls).check().await, done(0, 0));
    script.played().await;
}

#[tokio::test]
async fn a_login_weaker_than_the_one_that_worked_is_refused_with_an_explanation() {
    let script = Script::start([format!(
        "[tls]\n{GREETING}{}",
        capa(&["USER", "SASL PLAIN", "UIDL"])
    )])
    .await;
    let mut visitor = script.visitor(Encryption::Tls);
    visitor.profile.method = Some(Method::ScramSha256);
    let problem = visitor.problem().await;
    assert_eq!(problem.kind, ProblemKind::LoginWeakened);
    let detail = shown::detail(&problem).unwrap();
    assert!(detail.contains("SCRAM-SHA-256 worked before"), "{detail}");
    script.played().await;
}
