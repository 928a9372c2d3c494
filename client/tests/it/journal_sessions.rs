//! Transcripts of sessions with a real server: complete enough to be replayed, and free of secrets.

use std::fs;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use restante_client::api::check::CheckOutcome;
use restante_client::api::command::EngineCommand;
use restante_client::api::event::EngineEvent;
use restante_client::api::ids::MailboxId;
use restante_client::api::mailbox::MailboxCommand;
use restante_client::api::problem::ProblemKind;
use restante_client::api::report::{ConnectionReport, ReportCommand, ReportEvent, SessionRecord};
use restante_client::api::settings::{Encryption, Secret};
use restante_client::api::transcript::TranscriptLine;
use restante_client::clock::SystemClock;
use restante_client::ui::words;
use restante_shared::pop3::login::{Login, Method};
use restante_shared::pop3::transcript::{Step, Transcript, replay};
use tokio::task::LocalSet;

use crate::bridge;
use crate::check_dovecot::deliver;
use crate::dovecot::{Dovecot, MECHANISMS, PASSWORD, Setup, USER};
use crate::engine::{done, files};
use crate::reader::Reader;
use crate::scripted::{self, say, usual};
use crate::shown;
use crate::tokens::good_token;
use crate::visit::{Visitor, unencrypted};

/// Returns a session as the page saves it.
fn file(record: &SessionRecord) -> String {
    shown::texts(&record.lines).join("\n")
}

fn replays(record: &SessionRecord) {
    let text = file(record);
    let transcript: Transcript = text.parse().unwrap();
    let replayed =
        replay(&transcript).unwrap_or_else(|divergence| panic!("{divergence} in\n{text}"));
    assert_eq!(replayed.violation, None, "{text}");
}

async fn connection(reader: &mut Reader, mailbox: MailboxId) -> ConnectionReport {
    reader.ask(EngineCommand::Report(ReportCommand::Load {
        request: 1,
        mailbox,
    }));
    let report = reader.until(|event| match event {
        EngineEvent::Report(ReportEvent::Loaded { report, .. }) => Some(*report),
        _ => None,
    });
    report.await
}

/// Returns the forms in which a secret may appear in a session.
fn traces_of(secret: &str) -> Vec<String> {
    let encoded = [
        secret.to_owned(),
        format!("\0{USER}\0{secret}"),
        format!("{USER}\0{USER}\0{secret}"),
        format!("user={USER}\x01auth=Bearer {secret}\x01\x01"),
    ];
    let encoded = encoded.iter().map(|text| BASE64_STANDARD.encode(text));
    [secret.to_owned()].into_iter().chain(encoded).collect()
}

#[tokio::test]
async fn records_of_every_login_method_contain_no_secret_and_can_be_replayed() {
    let dovecot = Dovecot::start_with(&Setup {
        mechanisms: MECHANISMS,
        tokens: true,
        ..Setup::default()
    });
    deliver(&dovecot, 5);
    let mut tried = 0;
    for method in Method::LADDER {
        if matches!(method, Method::ScramSha256Plus | Method::ScramSha1Plus) {
            // This Dovecot does not support channel binding.
            continue;
        }
        let good = match method.takes_token() {
            true => good_token(),
            false => PASSWORD.to_owned(),
        };
        for secret in [good.as_str(), "not the right one"] {
            let mut settings = dovecot.settings(Encryption::Stls);
            settings.login = Login::Only(method);
            let mut visitor = Visitor::new(settings, SystemClock);
            visitor.secret = Secret::new(secret.to_owned());
            let outcome = visitor.check().await;
            assert_eq!(
                matches!(outcome, CheckOutcome::Done { .. }),
                secret == good,
                "{outcome:?} by {method:?}"
            );
            let records = visitor.journal.borrow().records();
            let files: Vec<_> = records.iter().map(file).collect();
            let printed = format!("{records:?} {files:?} {outcome:?} {:?}", visitor.profile);
            for trace in traces_of(secret) {
                assert!(
                    !printed.contains(&trace),
                    "{trace} by {method:?}: {printed}"
                );
            }
            records.iter().for_each(replays);
            assert!(records[0].lines.len() > 8, "{:?}", records[0]);
            tried += 1;
        }
    }
    assert_eq!(tried, 18);
}

#[tokio::test]
async fn the_journal_includes_the_attempts_to_add_a_mailbox_and_is_not_stored_on_disk() {
    let dovecot = Dovecot::start();
    deliver(&dovecot, 3);
    let relay = bridge::start([dovecot.tls_port]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = async {
        let mut reader = Reader::start(folder.path(), &relay).await;
        let settings = dovecot.settings(Encryption::Tls);
        let refused = reader.add(settings.clone(), "wrong", true).await;
        assert_eq!(refused.unwrap_err().kind, ProblemKind::WrongCredentials);
        assert_eq!(reader.add_and_check(settings).await, done(3));
        let mailbox = reader.mailboxes[0].id;
        let report = connection(&mut reader, mailbox).await;
        let outcomes = report.sessions.iter();
        let outcomes: Vec<_> = outcomes
            .map(|session| words::session_outcome(session.outcome.as_ref()))
            .collect();
        assert_eq!(outcomes[0], "Checked: 3 new messages.");
        let refused = outcomes.last().unwrap();
        assert!(
            refused.starts_with("The mail server refused the user name or the password: "),
            "{refused}"
        );

        let session = &report.sessions[0];
        let security = words::session_security(&session.security);
        let fact = |name: &str| {
            let fact = security.iter().find(|fact| fact.name == name);
            fact.unwrap_or_else(|| panic!("{name}: {security:?}"))
        };
        assert_eq!(fact("Encryption").value, "TLS 1.3");
        assert!(fact("Cipher suite").value.starts_with("TLS13_"));
        assert!(fact("Certificate").note.contains("SHA-256"));
        let is_timed = |command: &[u8]| {
            let mut lines = session.lines.iter();
            let command = Step::Client(command.to_vec()).into();
            lines.find(|line| **line == command).unwrap();
            let status = lines.next().unwrap();
            matches!(
                status,
                TranscriptLine::Step {
                    millis: Some(_),
                    ..
                }
            )
        };
        assert!(is_timed(b"CAPA") && is_timed(b"QUIT"));
        replays(session);

        let titles = shown::titles(&report);
        assert_eq!(
            titles[..3],
            ["Connection", "Login", "What the server can do"]
        );
        reader.leave().await;
        for name in files(&folder.path().join("spool"), "") {
            let octets = fs::read(&name).unwrap();
            let has = |text: &[u8]| octets.windows(text.len()).any(|run| run == text);
            assert!(!has(b"C: CAPA") && !has(b"+OK"), "{}", name.display());
        }

        let mut reader = Reader::start(folder.path(), &relay).await;
        let report = connection(&mut reader, mailbox).await;
        assert!(report.sessions.is_empty());
        assert_eq!(
            shown::titles(&report),
            titles,
            "the report survives a restart"
        );
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

#[tokio::test]
async fn only_the_last_sessions_are_kept_and_none_of_a_removed_mailbox() {
    let settings = unencrypted(scripted::start(usual).await);
    let relay = bridge::start([settings.port]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = async {
        let mut reader = Reader::start(folder.path(), &relay).await;
        assert_eq!(reader.add_and_check(settings).await, done(1));
        for _ in 0..12 {
            assert_eq!(reader.check().await, done(0));
        }
        let mailbox = reader.mailboxes[0].id;
        let report = connection(&mut reader, mailbox).await;
        assert_eq!(report.sessions.len(), 10);
        let security = words::session_security(&report.sessions[0].security);
        assert!(security[1].note.contains("can read"));

        reader.ask(EngineCommand::Mailbox(MailboxCommand::Remove { mailbox }));
        reader.ask(EngineCommand::Report(ReportCommand::Load {
            request: 2,
            mailbox,
        }));
        let refused = reader.until(|event| match event {
            EngineEvent::RequestFailed { problem, .. } => Some(problem.kind),
            _ => None,
        });
        assert_eq!(refused.await, ProblemKind::NotFound);
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

#[tokio::test]
async fn a_problem_caused_by_the_server_includes_the_transcript() {
    let script = |command: &str| match command {
        "UIDL" => say("what?"),
        _ => usual(command),
    };
    let settings = unencrypted(scripted::start(script).await);
    let problem = Visitor::new(settings, SystemClock).problem().await;
    assert_eq!(problem.kind, ProblemKind::ProtocolBroken);
    assert!((2..=6).contains(&problem.transcript.len()));
    let said: Vec<_> = problem.transcript.iter().map(Step::to_string).collect();
    assert!(said.last().unwrap().contains("what?"), "{said:?}");
    let said = said.concat();
    assert!(said.contains("C: UIDL") && !said.contains(PASSWORD));
}

#[tokio::test]
async fn a_server_that_repeats_the_password_everywhere_does_not_leak_it() {
    let encoded = traces_of(PASSWORD).swap_remove(2);
    let plain = PASSWORD.to_owned();
    let capa = format!("USER\r\nUIDL\r\nIMPLEMENTATION {plain}\r\nX-{plain}\r\nX {encoded}");
    let greeting = format!("+OK {plain} {encoded}");
    let port = scripted::start(move |command| match command {
        "" => say(&greeting),
        "CAPA" => scripted::list(&[&capa]),
        "UIDL" => scripted::list(&[&format!("1 {plain}"), &plain]),
        "RETR 1" => say(&format!("-ERR {plain} {encoded}")),
        "QUIT" => say(&format!("+OK {plain}")),
        other => usual(other),
    })
    .await;
    let relay = bridge::start([port]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = async {
        let mut reader = Reader::start(folder.path(), &relay).await;
        reader.add_and_check(unencrypted(port)).await;
        // The server knows the password from the first session.
        reader.check().await;
        let mailbox = reader.mailboxes[0].id;
        let report = connection(&mut reader, mailbox).await;
        let shown = shown::everything(&report).to_lowercase();
        for expected in ["implementation ***", "x-***", "+ok *** ***"] {
            assert!(shown.contains(expected), "{shown}");
        }
        for trace in traces_of(PASSWORD) {
            assert!(!shown.contains(&trace.to_lowercase()), "{trace} in {shown}");
        }
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}
