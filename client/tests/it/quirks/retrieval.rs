//! Q23 to Q26: messages that the server does not deliver correctly.

use restante_client::api::command::EngineCommand;
use restante_client::api::event::EngineEvent;
use restante_client::api::report::{ReportCommand, ReportEvent};
use restante_client::api::settings::Encryption;
use restante_shared::pop3::quirk::Quirk;
use tokio::task::LocalSet;

use super::{GREETING, QUIT, USER_PASS, capa, done, listing, login, retr, unique_ids};
use crate::bridge;
use crate::reader::Reader;
use crate::scripted::Script;
use crate::shown;

/// Three messages, at least one of them new.
fn three() -> String {
    login() + &listing(&[("one", 7), ("two", 8), ("three", 7)])
}

#[tokio::test]
async fn q23_broken_pipelining_is_detected_stopped_and_remembered() {
    // The server omits the status line of the second message.
    let broken = format!(
        "{}{}
        C: RETR 2
        S: Subject: second
        S: .
        [close]",
        three(),
        retr(1, "first")
    );
    // One message at a time, and the suspected one last.
    let careful = format!("{}{}{}{QUIT}", three(), retr(3, "third"), retr(2, "second"));
    let later = format!("{}{}{QUIT}", login(), unique_ids(&["one", "two", "three"]));
    let script = Script::start([broken, careful, later]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(3, 0));
    assert!(visitor.profile.pipelining.broken);
    assert!(visitor.met(Quirk::BrokenPipelining));
    assert_eq!(visitor.check().await, done(0, 0));
    script.played().await;
}

#[tokio::test]
async fn q24_a_lost_session_is_resumed_in_the_same_check() {
    let dropped = format!("{}{}[close]", three(), retr(1, "first"));
    let rest = format!("{}{}{}{QUIT}", three(), retr(3, "third"), retr(2, "second"));
    let script = Script::start([dropped, rest]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(3, 0));
    script.played().await;
}

#[tokio::test]
async fn q26_a_refused_message_is_recorded_and_retried_by_the_next_check() {
    let first = format!(
        "{}{}
        C: RETR 2
        S: -ERR cannot read it
        {}{QUIT}",
        three(),
        retr(1, "first"),
        retr(3, "third")
    );
    let second = format!("{}{}{QUIT}", three(), retr(2, "second"));
    let script = Script::start([first, second]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 1));
    let bad = visitor.profile.undeliverable.clone();
    let bad = bad.get("two").unwrap();
    assert_eq!((bad.attempts, bad.reason.as_str()), (1, "cannot read it"));
    assert!(visitor.met(Quirk::UndeliverableMessage));
    assert_eq!(visitor.check().await, done(1, 0));
    assert!(visitor.profile.undeliverable.is_empty());
    script.played().await;
}

#[tokio::test]
async fn q26_a_message_that_ends_the_session_or_never_arrives_is_skipped_and_the_others_arrive() {
    for end in [
        "[close]",
        "[wait 600000 ms]",
        "R: +OK\\r\\nhalf\n[wait 600000 ms]",
    ] {
        let first = format!("{}{}C: RETR 2\nC: RETR 3\n{end}", three(), retr(1, "first"));
        // It comes last in the next session, because the failure may have been an accident.
        let second = format!("{}{}C: RETR 2\n{end}", three(), retr(3, "third"));
        let script = Script::start([first, second]).await;
        let mut visitor = script.visitor(Encryption::None);
        assert_eq!(visitor.check().await, done(2, 1), "{end}");
        assert!(visitor.profile.undeliverable.contains_key("two"), "{end}");
        script.played().await;
    }
}

#[tokio::test]
async fn q25_the_report_card_warns_of_a_server_that_deletes_fetched_messages() {
    let capa = capa(&["USER", "UIDL", "EXPIRE 0"]);
    let script = Script::start([format!(
        "{GREETING}{capa}{USER_PASS}{capa}{}{}{QUIT}",
        listing(&[("one", 7)]),
        retr(1, "first")
    )])
    .await;
    let settings = script.settings(Encryption::None);
    let relay = bridge::start([settings.port]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = async {
        let mut reader = Reader::start(folder.path(), &relay).await;
        assert_eq!(reader.add_and_check(settings).await, done(1, 0));
        let mailbox = reader.mailboxes[0].id;
        reader.ask(EngineCommand::Report(ReportCommand::Load {
            request: 1,
            mailbox,
        }));
        let report = reader.until(|event| match event {
            EngineEvent::Report(ReportEvent::Loaded { report, .. }) => Some(report),
            _ => None,
        });
        let report = report.await;
        let facts = shown::server_facts(&report);
        let warnings = facts
            .iter()
            .filter(|fact| fact.note.contains("the only copy"));
        assert_eq!(warnings.count(), 1, "{facts:?}");
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
    script.played().await;
}
