//! The order in which login methods are tried, and the results that are remembered.

use restante_client::api::check::CheckOutcome;
use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::{Encryption, Login, Secret};
use restante_client::engine::mailboxes::server_profile::ServerProfile;
use restante_shared::pop3::login::Method;
use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::transcript::Step;

use crate::scripted::Script;
use crate::shown;

/// Returns the dialogue from the greeting to the answer to `CAPA`.
fn greeting(capabilities: &[&str]) -> String {
    let lines: String = capabilities.iter().map(|c| format!("S: {c}\n")).collect();
    format!("S: +OK ready\nC: CAPA\nS: +OK\n{lines}S: UIDL\nS: .\n")
}

/// The dialogue from the open maildrop, which is empty, to `QUIT`.
const EMPTY: &str = "
    C: CAPA
    S: +OK
    S: UIDL
    S: .
    C: UIDL
    S: +OK
    S: .
    C: QUIT
    S: +OK
";

const EMPTIED: CheckOutcome = CheckOutcome::Done {
    new_messages: 0,
    skipped: 0,
};

const CRAM_MD5: &str = "
    C: AUTH CRAM-MD5
    S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+
    C: ***
";

#[tokio::test]
async fn no_weaker_login_is_used_unless_it_is_selected() {
    let strong = greeting(&["SASL PLAIN CRAM-MD5"]);
    let weak = greeting(&["SASL PLAIN", "USER"]);
    let script = Script::start([
        format!("{strong}{CRAM_MD5}S: +OK\n{EMPTY}"),
        weak.clone(),
        format!("{weak}C: AUTH PLAIN ***\nS: +OK\n{EMPTY}"),
    ])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, EMPTIED);
    let weakened = visitor.problem().await;
    assert_eq!(weakened.kind, ProblemKind::LoginWeakened);
    let detail = "CRAM-MD5 worked before, but only PLAIN, USER/PASS can be used on this connection";
    assert_eq!(shown::detail(&weakened).as_deref(), Some(detail));
    visitor.settings.login = Login::Only(Method::Plain);
    assert_eq!(visitor.check().await, EMPTIED);
    script.played().await;
}

#[tokio::test]
async fn the_last_login_is_reused_if_capabilities_are_not_requested() {
    let strong = greeting(&["SASL PLAIN CRAM-MD5"]);
    let unasked = format!("S: +OK ready{CRAM_MD5}S: +OK\nC: UIDL\nS: +OK\nS: .\nC: QUIT\nS: +OK\n");
    // The connection breaks at one `CAPA` or the other, although the server is unchanged.
    let script = Script::start([
        format!("{strong}{CRAM_MD5}S: +OK\nC: CAPA\n[close]"),
        unasked.clone(),
        unasked,
    ])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, EMPTIED);
    assert_eq!(visitor.check().await, EMPTIED);
    assert_eq!(visitor.profile.method, Some(Method::CramMd5));
    script.played().await;
}

#[tokio::test]
async fn no_weaker_login_is_used_with_a_server_without_capabilities() {
    for (greeting, attempt) in [
        ("S: +OK ready", CRAM_MD5.lines().nth(1).unwrap_or_default()),
        ("S: +OK <1@a>", ""),
    ] {
        let refused = match attempt {
            "" => String::new(),
            attempt => format!("{attempt}\nS: -ERR unknown command"),
        };
        let script = Script::start([format!(
            "{greeting}\nC: CAPA\nS: -ERR unknown command\n{refused}"
        )])
        .await;
        let mut visitor = script.visitor(Encryption::None);
        visitor.profile.method = Some(match attempt {
            // An attacker could request APOP in clear text, so only the user can select it.
            "" => Method::Apop,
            _ => Method::CramMd5,
        });
        let weakened = visitor.problem().await;
        assert_eq!(weakened.kind, ProblemKind::LoginWeakened);
        let detail = "worked before, but only USER/PASS can be used on this connection";
        assert!(shown::detail(&weakened).unwrap().ends_with(detail));
        script.played().await;
    }
}

#[tokio::test]
async fn a_password_refused_without_a_reason_is_tried_at_most_three_times() {
    let greeting = greeting(&[
        "SASL LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256",
        "USER",
    ]);
    let script = Script::start([format!(
        "{greeting}
        C: AUTH SCRAM-SHA-256 ***
        S: -ERR no
        {CRAM_MD5}
        S: -ERR no
        C: AUTH PLAIN ***
        S: -ERR no way"
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    let problem = visitor.problem().await;
    assert_eq!(problem.kind, ProblemKind::WrongCredentials);
    assert_eq!(shown::detail(&problem).as_deref(), Some("no"));
    assert_eq!(visitor.profile.method, None);
    script.played().await;
}

#[tokio::test]
async fn credentials_refused_with_a_response_code_are_tried_once_in_clear_text() {
    let greeting = greeting(&["SASL PLAIN CRAM-MD5", "RESP-CODES", "AUTH-RESP-CODE"]);
    let script = Script::start([format!(
        "{greeting}{CRAM_MD5}S: -ERR [AUTH] Authentication failed."
    )])
    .await;
    let problem = script.visitor(Encryption::None).problem().await;
    assert_eq!(problem.kind, ProblemKind::WrongCredentials);
    script.played().await;
}

#[tokio::test]
async fn a_server_that_stores_only_hashes_gets_the_password_itself_under_tls() {
    let capabilities = [
        "SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256",
        "RESP-CODES",
        "AUTH-RESP-CODE",
    ];
    let first = format!(
        "[tls]\n{}
        C: AUTH SCRAM-SHA-256 ***
        S: -ERR [AUTH] Authentication failed.
        C: AUTH PLAIN ***
        S: ",
        greeting(&capabilities)
    );
    let script = Script::start([
        format!("{first}+OK\n{EMPTY}"),
        format!("{first}-ERR [AUTH] Authentication failed."),
    ])
    .await;
    let mut visitor = script.visitor(Encryption::Tls);
    assert_eq!(visitor.check().await, EMPTIED);
    let method = visitor.profile.method;
    assert_eq!(method, Some(Method::Plain));
    // Another user of the same server, with a wrong password.
    visitor.profile = ServerProfile::default();
    let problem = visitor.problem().await;
    assert_eq!(problem.kind, ProblemKind::WrongCredentials);
    script.played().await;
}

#[tokio::test]
async fn rfc5802_a_server_with_another_channel_binding_gets_a_proof_without_binding() {
    let greeting = greeting(&[
        "SASL PLAIN SCRAM-SHA-1-PLUS SCRAM-SHA-1 SCRAM-SHA-256-PLUS SCRAM-SHA-256",
        "AUTH-RESP-CODE",
    ]);
    // The texts of Cyrus. A test in `quirks/binding` shows that SCRAM without binding works.
    let script = Script::start([
        format!(
            "[tls]\n{greeting}
            C: AUTH SCRAM-SHA-256-PLUS ***
            S: -ERR [AUTH] authenticating: bad protocol / cancel
            C: AUTH SCRAM-SHA-256 ***
            S: -ERR [AUTH] authenticating: authentication failure
            C: AUTH PLAIN ***
            S: +OK
            {EMPTY}"
        ),
        format!(
            "[tls]\n{greeting}
            C: AUTH SCRAM-SHA-1 ***
            S: -ERR [AUTH] authenticating: authentication failure
            C: AUTH PLAIN ***
            S: +OK
            {EMPTY}"
        ),
    ])
    .await;
    let mut visitor = script.visitor(Encryption::Tls);
    for _ in 0..2 {
        assert_eq!(visitor.check().await, EMPTIED);
    }
    script.played().await;
}

#[tokio::test]
async fn a_broken_method_does_not_hide_a_wrong_password() {
    let greeting = greeting(&["SASL PLAIN CRAM-MD5"]);
    for (broken, kind) in [
        ("internal server error", ProblemKind::TryLater),
        ("unsupported mechanism", ProblemKind::NoLoginOffered),
    ] {
        for (plain, kind) in [
            ("invalid password", ProblemKind::WrongCredentials),
            (broken, kind),
        ] {
            let script = Script::start([format!(
                "{greeting}{CRAM_MD5}S: -ERR {broken}\nC: AUTH PLAIN ***\nS: -ERR {plain}\n"
            )])
            .await;
            let problem = script.visitor(Encryption::None).problem().await;
            assert_eq!(problem.kind, kind, "{broken}, {plain}");
            script.played().await;
        }
    }
}

#[tokio::test]
async fn a_locked_maildrop_is_not_tried_with_other_methods() {
    let greeting = greeting(&["SASL PLAIN CRAM-MD5"]);
    let script = Script::start([format!("{greeting}{CRAM_MD5}S: -ERR duplicate login!")]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.problem().await.kind, ProblemKind::MaildropInUse);
    assert!(visitor.met(Quirk::LockWithoutCode));
    script.played().await;
}

#[tokio::test]
async fn advertised_mechanisms_that_are_refused_are_skipped_next_time() {
    let greeting = greeting(&["SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256"]);
    let script = Script::start([
        format!(
            "{greeting}
            C: AUTH SCRAM-SHA-256 ***
            S: -ERR Unsupported authentication mechanism
            C: AUTH SCRAM-SHA-1 ***
            S: -ERR Unsupported authentication mechanism
            C: AUTH CRAM-MD5
            S: + this is no base64
            C: *
            S: -ERR cancelled
            C: AUTH PLAIN ***
            S: +OK
            {EMPTY}"
        ),
        format!("{greeting}C: AUTH PLAIN ***\nS: +OK\n{EMPTY}"),
    ])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    for _ in 0..2 {
        assert_eq!(visitor.check().await, EMPTIED);
    }
    script.played().await;
    let profile = &visitor.profile;
    assert_eq!(profile.method, Some(Method::Plain));
    assert_eq!(profile.refused.len(), 3);
    assert!(profile.quirks.contains(&Quirk::AdvertisedLoginRefused));
}

#[tokio::test]
async fn an_endless_exchange_ends_the_session() {
    let greeting = greeting(&["SASL LOGIN"]);
    let script = Script::start([format!(
        "{greeting}
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C: ***
        S: + UGFzc3dvcmQ6
        C: ***
        S: + T25jZSBtb3JlOg==
        C: *
        S: + T25jZSBtb3JlOg=="
    )])
    .await;
    let problem = script.visitor(Encryption::None).problem().await;
    assert_eq!(problem.kind, ProblemKind::ProtocolBroken);
    assert_eq!(
        shown::detail(&problem).as_deref(),
        Some("the server sends more challenges than the mechanism has")
    );
    assert!(problem.transcript.contains(&Step::Client(b"*".to_vec())));
    script.played().await;
}

#[tokio::test]
async fn a_server_without_a_usable_login_is_reported() {
    for (login, capabilities) in [
        (Login::Password, "SASL GSSAPI XOAUTH2"),
        (Login::AccessToken, "SASL PLAIN"),
        (
            Login::Only(Method::ScramSha256Plus),
            "SASL SCRAM-SHA-256-PLUS",
        ),
        (Login::Only(Method::Apop), "USER"),
    ] {
        let script = Script::start([greeting(&[capabilities])]).await;
        let mut visitor = script.visitor(Encryption::None);
        visitor.settings.login = login;
        visitor.secret = Secret::new("secret".to_owned());
        assert_eq!(visitor.problem().await.kind, ProblemKind::NoLoginOffered);
        script.played().await;
    }
}

#[tokio::test]
async fn the_exchange_of_a_refused_token_is_completed_by_either_mechanism() {
    let greeting = greeting(&["SASL PLAIN XOAUTH2 OAUTHBEARER"]);
    // {"status":"400"} in base64.
    let script = Script::start([format!(
        "{greeting}
        C: AUTH OAUTHBEARER ***
        S: + eyJzdGF0dXMiOiI0MDAifQ==
        C: AQ==
        S: -ERR no
        C: AUTH XOAUTH2 ***
        S: + eyJzdGF0dXMiOiI0MDAifQ==
        C:
        S: -ERR no"
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    visitor.settings.login = Login::AccessToken;
    visitor.secret = Secret::new("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg".to_owned());
    let problem = visitor.problem().await;
    assert_eq!(problem.kind, ProblemKind::WrongCredentials);
    let detail = "no ({\"status\":\"400\"})";
    assert_eq!(shown::detail(&problem).as_deref(), Some(detail));
    script.played().await;
}

#[tokio::test]
async fn a_token_with_a_field_separator_is_not_sent() {
    let script = Script::start([greeting(&["SASL XOAUTH2"])]).await;
    let mut visitor = script.visitor(Encryption::None);
    visitor.settings.login = Login::AccessToken;
    visitor.secret = Secret::new("token\u{1}auth=Bearer other".to_owned());
    let problem = visitor.problem().await;
    assert_eq!(problem.kind, ProblemKind::CredentialsNotSendable);
    script.played().await;
}

#[tokio::test]
async fn rfc6856_utf8_is_enabled_and_names_are_normalised() {
    let offered = greeting(&["USER", "UTF8 USER"]);
    // A ligature, and an umlaut that is sent as one character instead of two.
    let login = "C: USER re\\xc3\\xa4der\nS: +OK\nC: PASS fish\nS: +OK\n";
    let script = Script::start([
        format!("{offered}C: UTF8\nS: +OK\n{login}{EMPTY}"),
        format!("{offered}C: UTF8\nS: -ERR no\nC: USER rea\\xcc\\x88der\nS: -ERR [AUTH] who?"),
    ])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    visitor.settings.user = "rea\u{308}der".to_owned();
    visitor.secret = Secret::new("\u{fb01}sh".to_owned());
    assert_eq!(visitor.check().await, EMPTIED);
    let problem = visitor.problem().await;
    assert_eq!(problem.kind, ProblemKind::WrongCredentials);
    script.played().await;
}

/// A login of `reader` with `USER` and `PASS`, up to its answer.
const PASS: &str = "C: USER reader\nS: +OK\nC: PASS ***\n";

#[tokio::test]
async fn a_server_that_closes_in_every_attempt_is_tried_at_most_three_times() {
    let all = greeting(&["SASL LOGIN PLAIN CRAM-MD5", "USER"]);
    let digest = format!("{all}{CRAM_MD5}[close]");
    let plain = format!("{all}C: AUTH PLAIN ***\n[close]");
    let script = Script::start([&digest, &digest, &plain]).await;
    let mut visitor = script.visitor(Encryption::None);
    let problem = visitor.problem().await;
    assert_eq!(problem.kind, ProblemKind::ConnectionLost);
    let detail = shown::detail(&problem).unwrap();
    assert!(detail.contains("password is wrong"), "{detail}");
    let profile = visitor.profile.clone();
    assert_eq!(profile.method, None);
    assert!(profile.refused.is_empty());
    script.played().await;

    let only = format!("{}{PASS}[close]", greeting(&["USER"]));
    let script = Script::start([&only, &only]).await;
    let problem = script.visitor(Encryption::None).problem().await;
    assert_eq!(problem.kind, ProblemKind::ConnectionLost);
    script.played().await;
}

#[tokio::test]
async fn a_method_in_which_the_server_closes_twice_is_replaced_by_the_next() {
    let all = greeting(&["SASL PLAIN CRAM-MD5"]);
    let digest = format!("{all}{CRAM_MD5}[close]");
    let plain = format!("{all}C: AUTH PLAIN ***\nS: +OK\n{EMPTY}");
    let script = Script::start([&digest, &digest, &plain, &plain]).await;
    let mut visitor = script.visitor(Encryption::None);
    for _ in 0..2 {
        assert_eq!(visitor.check().await, EMPTIED);
    }
    assert!(visitor.met(Quirk::AdvertisedLoginRefused));
    script.played().await;
}

#[tokio::test]
async fn an_interrupted_login_is_retried_with_the_same_method() {
    let all = greeting(&["SASL PLAIN CRAM-MD5"]);
    let script = Script::start([
        format!("{all}{CRAM_MD5}[close]"),
        format!("{all}{CRAM_MD5}S: +OK\n{EMPTY}"),
    ])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, EMPTIED);
    let profile = visitor.profile.clone();
    assert_eq!(profile.method, Some(Method::CramMd5));
    assert!(profile.quirks.is_empty(), "{:?}", profile.quirks);
    script.played().await;
}

#[tokio::test]
async fn a_server_that_closes_after_each_refusal_gets_no_extra_attempts() {
    let all = greeting(&[
        "SASL LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256",
        "USER",
    ]);
    let refused = |attempt: &str| format!("{all}{attempt}S: -ERR no\n[close]");
    let script = Script::start([
        refused("C: AUTH SCRAM-SHA-256 ***\n"),
        refused(CRAM_MD5),
        refused("C: AUTH PLAIN ***\n"),
    ])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    let problem = visitor.problem().await;
    assert_eq!(problem.kind, ProblemKind::WrongCredentials);
    script.played().await;
}
