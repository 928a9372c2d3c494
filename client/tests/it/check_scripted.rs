//! Checks with scripted servers that have quirks or errors.

use std::sync::{Arc, Mutex};

use restante_client::api::check::CheckOutcome;
use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::Encryption;

use crate::dovecot::PASSWORD;
use crate::kept::Kept;
use crate::scripted::{self, Answer, list, say, usual};
use crate::shown;
use crate::visit::{problem_of, unencrypted, visit};

/// Checks a mailbox on a server that answers the command `overridden` with `answer`, and all others as
/// usual.
async fn check_with(overridden: &'static str, answer: fn() -> Answer) -> (CheckOutcome, Kept) {
    let script = move |command: &str| {
        if command == overridden {
            answer()
        } else {
            usual(command)
        }
    };
    let settings = unencrypted(scripted::start(script).await);
    let mut kept = Kept::default();
    (visit(&settings, &mut kept).await, kept)
}

async fn kind_with(overridden: &'static str, answer: fn() -> Answer) -> ProblemKind {
    match check_with(overridden, answer).await.0 {
        CheckOutcome::Failed { problem, .. } => problem.kind,
        other => panic!("{other:?} after {overridden}"),
    }
}

fn done(new_messages: u32, skipped: u32) -> CheckOutcome {
    CheckOutcome::Done {
        new_messages,
        skipped,
    }
}

#[tokio::test]
async fn a_check_with_a_usual_server_succeeds() {
    let (outcome, kept) = check_with("nothing", || Answer::Nothing).await;
    assert_eq!(outcome, done(1, 0));
    assert_eq!(
        kept.messages(),
        [("one", b"Subject: a\r\n\r\nb\r\n".as_slice())]
    );
}

#[tokio::test]
async fn a_server_of_another_protocol_is_reported() {
    for greeting in [
        "220 smtp ESMTP",
        "* OK IMAP4rev1",
        "HTTP/1.1 400 Bad Request",
        "\u{16}\u{3}",
    ] {
        let script = move |_: &str| Answer::Say(greeting.to_owned());
        let settings = unencrypted(scripted::start(script).await);
        assert_eq!(
            problem_of(&settings).await.kind,
            ProblemKind::NotPop3,
            "{greeting}"
        );
    }
}

#[tokio::test]
async fn a_closed_connection_is_reported_in_every_state() {
    for overridden in ["", "USER reader", "UIDL"] {
        let kind = kind_with(overridden, || Answer::SayAndClose(String::new())).await;
        assert_eq!(kind, ProblemKind::ConnectionLost, "{overridden}");
    }
}

#[tokio::test]
async fn a_quit_without_an_answer_does_not_fail_the_check() {
    for answer in [
        || Answer::SayAndClose(String::new()),
        || say("-ERR whatever"),
    ] {
        let (outcome, _) = check_with("QUIT", answer).await;
        assert_eq!(outcome, done(1, 0));
    }
}

#[tokio::test]
async fn a_locked_maildrop_is_not_a_wrong_password() {
    let pass = "PASS correct horse";
    assert!(pass.ends_with(PASSWORD));
    let answers: [(fn() -> Answer, ProblemKind); 5] = [
        (|| say("-ERR [IN-USE] locked"), ProblemKind::MaildropInUse),
        (
            || say("-ERR maildrop already locked"),
            ProblemKind::MaildropInUse,
        ),
        (|| say("-ERR [SYS/TEMP] later"), ProblemKind::TryLater),
        (|| say("-ERR [LOGIN-DELAY] later"), ProblemKind::TryLater),
        (|| say("-ERR no"), ProblemKind::WrongCredentials),
    ];
    for (answer, kind) in answers {
        assert_eq!(kind_with(pass, answer).await, kind);
    }
    let answer = || say("-ERR use SSL first");
    assert_eq!(
        kind_with(pass, answer).await,
        ProblemKind::EncryptionRequired
    );
}

#[tokio::test]
async fn a_server_that_refuses_unique_ids_is_reported() {
    let (outcome, _) = check_with("UIDL", || say("-ERR not today")).await;
    let CheckOutcome::Failed { problem, .. } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(problem.kind, ProblemKind::ServerRefused);
    let detail = "the server has no unique-ids (UIDL): not today";
    assert_eq!(shown::detail(&problem).as_deref(), Some(detail));
}

#[tokio::test]
async fn a_server_may_do_without_capa_and_list() {
    for overridden in ["CAPA", "LIST"] {
        let (outcome, _) = check_with(overridden, || say("-ERR unknown command")).await;
        assert_eq!(outcome, done(1, 0), "{overridden}");
    }
}

#[tokio::test]
async fn a_refused_message_is_skipped_and_the_others_arrive() {
    let script = |command: &str| match command {
        "UIDL" => list(&["1 one", "2 two", "3 three"]),
        "RETR 2" => say("-ERR broken message"),
        "RETR 3" => list(&[".. is a stuffed dot"]),
        _ => usual(command),
    };
    let settings = unencrypted(scripted::start(script).await);
    let mut kept = Kept::default();
    assert_eq!(visit(&settings, &mut kept).await, done(2, 1));
    assert_eq!(
        kept.messages(),
        [
            ("one", b"Subject: a\r\n\r\nb\r\n".as_slice()),
            ("three", b". is a stuffed dot\r\n".as_slice())
        ]
    );
}

#[tokio::test]
async fn messages_are_pipelined_if_the_server_supports_it() {
    // The server answers the request for the first message only after the request for the second.
    let script = |command: &str| match command {
        "UIDL" => list(&["1 one", "2 two"]),
        "RETR 1" => Answer::Nothing,
        "RETR 2" => Answer::Say("+OK\r\nfirst\r\n.\r\n+OK\r\nsecond\r\n.\r\n".to_owned()),
        _ => usual(command),
    };
    let settings = unencrypted(scripted::start(script).await);
    let mut kept = Kept::default();
    assert_eq!(visit(&settings, &mut kept).await, done(2, 0));
    assert_eq!(
        kept.messages(),
        [
            ("one", b"first\r\n".as_slice()),
            ("two", b"second\r\n".as_slice())
        ]
    );
}

#[tokio::test]
async fn messages_with_the_same_unique_id_each_arrive_once() {
    let script = |command: &str| match command {
        "UIDL" => list(&["1 same", "2 same"]),
        "RETR 2" => list(&["another"]),
        _ => usual(command),
    };
    let settings = unencrypted(scripted::start(script).await);
    let mut kept = Kept::default();
    assert_eq!(visit(&settings, &mut kept).await, done(2, 0));
    assert_eq!(visit(&settings, &mut kept).await, done(0, 0));
    assert_eq!(kept.messages().len(), 2);
}

#[tokio::test]
async fn an_out_of_step_server_is_reported() {
    let kind = kind_with("UIDL", || say("what?")).await;
    assert_eq!(kind, ProblemKind::ProtocolBroken);
}

#[tokio::test]
async fn data_injected_before_tls_is_refused() {
    let script = |command: &str| match command {
        "CAPA" => list(&["STLS", "USER"]),
        "STLS" => Answer::Say("+OK begin\r\n+OK injected\r\n".to_owned()),
        _ => usual(command),
    };
    let mut settings = unencrypted(scripted::start(script).await);
    settings.encryption = Encryption::Stls;
    let problem = problem_of(&settings).await;
    assert_eq!(problem.kind, ProblemKind::ProtocolBroken);
    assert!(shown::detail(&problem).unwrap().contains("injected"));
}

#[tokio::test]
async fn no_credentials_are_sent_in_clear_text_if_the_server_requires_tls() {
    // The capabilities that Dovecot announces before TLS.
    let capabilities = &[
        "CAPA",
        "TOP",
        "UIDL",
        "RESP-CODES",
        "PIPELINING",
        "STLS",
        "SASL",
    ];
    let script = |command: &str| match command {
        "CAPA" => list(capabilities),
        _ => usual(command),
    };
    let problem = problem_of(&unencrypted(scripted::start(script).await)).await;
    assert_eq!(problem.kind, ProblemKind::EncryptionRequired);
    assert_eq!(heard(capabilities).await, ["", "CAPA"]);
}

#[tokio::test]
async fn nothing_is_sent_in_clear_text_if_tls_was_chosen() {
    for capabilities in [&["USER", "SASL PLAIN"][..], &["USER", "STLS"]] {
        let said = Arc::new(Mutex::new(Vec::new()));
        let writing = Arc::clone(&said);
        let script = move |command: &str| {
            writing.lock().unwrap().push(command.to_owned());
            match command {
                "CAPA" => list(capabilities),
                "STLS" => say("-ERR not today"),
                _ => usual(command),
            }
        };
        let mut settings = unencrypted(scripted::start(script).await);
        settings.encryption = Encryption::Stls;
        assert_eq!(
            problem_of(&settings).await.kind,
            ProblemKind::StlsNotOffered
        );
        let said = said.lock().unwrap();
        assert!(
            said.iter()
                .all(|c| ["", "CAPA", "STLS"].contains(&c.as_str())),
            "{said:?}"
        );
    }
}

/// Returns the commands that a server with these capabilities receives.
async fn heard(capabilities: &'static [&'static str]) -> Vec<String> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let writing = Arc::clone(&heard);
    let script = move |command: &str| {
        writing.lock().unwrap().push(command.to_owned());
        match command {
            "CAPA" => list(capabilities),
            "AUTH PLAIN" => say("+ "),
            _ => usual(command),
        }
    };
    let mut settings = unencrypted(scripted::start(script).await);
    if capabilities.contains(&"IMPLEMENTATION wants a long name") {
        settings.user = "u".repeat(200);
    }
    visit(&settings, &mut Kept::default()).await;
    let heard = heard.lock().unwrap();
    heard.clone()
}

#[tokio::test]
async fn the_strongest_advertised_login_is_used() {
    assert_eq!(
        heard(&["USER"]).await,
        [
            "",
            "CAPA",
            "USER reader",
            "PASS correct horse",
            "CAPA",
            "UIDL",
            "LIST",
            "RETR 1",
            "QUIT"
        ]
    );
    let plain = heard(&["USER", "SASL PLAIN LOGIN"]).await;
    assert_eq!(plain[2], "AUTH PLAIN AHJlYWRlcgBjb3JyZWN0IGhvcnNl");
    let long = heard(&["SASL PLAIN", "IMPLEMENTATION wants a long name"]).await;
    assert_eq!(long[2], "AUTH PLAIN");
    assert!(long[3].len() > 255, "{}", long[3]);
    assert_eq!(long[4], "CAPA");
}
