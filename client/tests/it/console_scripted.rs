//! The console with servers that have quirks or are hostile, and with input that must not be sent.

use std::cell::Cell;

use restante_client::api::check::CheckCommand;
use restante_client::api::command::EngineCommand;
use restante_client::api::event::EngineEvent;
use restante_client::api::ids::MailboxId;
use restante_client::api::problem::ProblemKind;
use restante_client::api::report::{ReportCommand, ReportEvent};
use restante_client::api::settings::MailboxSettings;
use restante_shared::pop3::transcript::Step;
use tokio::task::LocalSet;

use crate::bridge;
use crate::console_talk::{Outcome, Talk};
use crate::dovecot::PASSWORD;
use crate::engine::done;
use crate::reader::Reader;
use crate::scripted::{self, Answer, list, say, usual};
use crate::shown;
use crate::visit::unencrypted;

/// Adds a mailbox on a server with these answers, and runs the test.
async fn with_server(
    answer: impl Fn(&str) -> Answer + Send + 'static,
    test: impl AsyncFnOnce(&mut Reader, MailboxId),
) {
    let settings = unencrypted(scripted::start(answer).await);
    let relay = bridge::start([settings.port]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = async {
        let mut reader = Reader::start(folder.path(), &relay).await;
        assert_eq!(reader.add_and_check(settings).await, done(1));
        let mailbox = reader.mailboxes.first().unwrap().id;
        test(&mut reader, mailbox).await;
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

/// Returns the report on a mailbox's sessions as text.
async fn report(reader: &mut Reader, mailbox: MailboxId) -> String {
    reader.ask(EngineCommand::Report(ReportCommand::Load {
        request: 1,
        mailbox,
    }));
    let report = reader.until(|event| match event {
        EngineEvent::Report(ReportEvent::Loaded { report, .. }) => Some(shown::everything(&report)),
        _ => None,
    });
    report.await
}

#[tokio::test]
async fn a_typed_password_is_neither_sent_nor_shown() {
    let heard = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let writing = std::sync::Arc::clone(&heard);
    let script = move |command: &str| {
        if command != format!("PASS {PASSWORD}") {
            writing.lock().unwrap().push_str(command);
        }
        usual(command)
    };
    with_server(script, async |reader, mailbox| {
        let mut talk = Talk::open(reader, mailbox).await;
        let mut shown = String::new();
        for line in [
            "PASS hunter2".to_owned(),
            "auth plain hunter2".to_owned(),
            format!("XPASS {PASSWORD}"),
        ] {
            let outcome = talk.say(&line).await;
            assert!(matches!(outcome, Outcome::Rejected(_)), "{outcome:?}");
            shown += &format!("{outcome:?}");
        }
        shown += &talk.lines.join("\n");
        assert_eq!(talk.ask("NOOP").await, ["C: NOOP", "S: +OK"]);
        talk.close().await;
        shown += &report(reader, mailbox).await;
        for secret in ["hunter2", PASSWORD] {
            assert!(!shown.contains(secret), "{shown}");
        }
    })
    .await;
    let heard = heard.lock().unwrap();
    assert!(!heard.contains("hunter2") && !heard.contains(PASSWORD));
}

#[tokio::test]
async fn a_very_long_answer_is_truncated_and_the_session_continues() {
    let script = |command: &str| match command {
        "RETR 2" => Answer::Say(format!("+OK\r\n{}.\r\n", "flooding!\r\n".repeat(500_000))),
        "UIDL" => list(&["1 one"]),
        "LIST" => Answer::Say(format!("+OK\r\n{}.\r\n", "1 14\r\n".repeat(5_000))),
        _ => usual(command),
    };
    with_server(script, async |reader, mailbox| {
        let mut talk = Talk::open(reader, mailbox).await;
        let answer = talk.ask("RETR 2").await;
        assert_eq!(answer.len(), 2 + 2000 + 1 + 1);
        assert_eq!(answer[2002], "# 5478000 more bytes are not shown");
        assert_eq!(answer[2003], "S: .");
        let answer = talk.ask("LIST").await;
        assert_eq!(answer.len(), 2 + 2000 + 1 + 1);
        assert_eq!(answer[2002], "# 3,000 more lines");
        assert_eq!(answer[2003], "S: .");
        assert_eq!(talk.ask("NOOP").await, ["C: NOOP", "S: +OK"]);
        assert_eq!(talk.close().await, Outcome::Closed(None));
    })
    .await;
}

#[tokio::test]
async fn a_console_can_be_closed_during_an_endless_answer() {
    let script = |command: &str| match command {
        "RETR 2" => Answer::Say(format!("+OK\r\n{}", "no end\r\n".repeat(100))),
        _ => usual(command),
    };
    with_server(script, async |reader, mailbox| {
        let mut talk = Talk::open(reader, mailbox).await;
        talk.send("RETR 2", false, false);
        while talk.lines.last().unwrap() != "S: no end" {
            talk.more_lines().await;
        }
        assert_eq!(talk.close().await, Outcome::Closed(None));
        // The maildrop is no longer locked.
        assert_eq!(reader.check().await, done(0));
    })
    .await;
}

#[tokio::test]
async fn an_unknown_command_may_have_a_multi_line_answer() {
    let script = |command: &str| match command {
        "XLIST 1" => list(&["one", "..two"]),
        _ => usual(command),
    };
    with_server(script, async |reader, mailbox| {
        let mut talk = Talk::open(reader, mailbox).await;
        let before = talk.lines.len();
        talk.send("XLIST 1", true, false);
        assert_eq!(talk.outcome().await, Outcome::Ready(0));
        assert_eq!(
            talk.lines[before..],
            ["C: XLIST 1", "S: +OK", "S: one", "S: ..two", "S: ."]
        );
    })
    .await;
}

#[tokio::test]
async fn a_refused_quit_is_reported() {
    let script = |command: &str| match command {
        "QUIT" => say("-ERR some deleted messages not removed"),
        _ => usual(command),
    };
    with_server(script, async |reader, mailbox| {
        let mut talk = Talk::open(reader, mailbox).await;
        talk.mark_first().await;
        let Outcome::Closed(Some(problem)) = talk.agree("QUIT").await else {
            panic!("no problem was reported");
        };
        assert_eq!(problem.kind, ProblemKind::ServerRefused);
        let detail = shown::detail(&problem).unwrap();
        assert_eq!(detail, "some deleted messages not removed");
    })
    .await;
}

#[tokio::test]
async fn a_quit_without_an_answer_does_not_count_as_done() {
    let script = |command: &str| match command {
        "QUIT" => Answer::SayAndClose(String::new()),
        _ => usual(command),
    };
    with_server(script, async |reader, mailbox| {
        let mut talk = Talk::open(reader, mailbox).await;
        talk.mark_first().await;
        let Outcome::Closed(Some(problem)) = talk.agree("QUIT").await else {
            panic!("no problem was reported");
        };
        assert_eq!(problem.kind, ProblemKind::ConnectionLost);
        assert!(shown::detail(&problem).unwrap().contains("did not say"));
    })
    .await;
}

#[tokio::test]
async fn after_a_refused_rset_no_quit_is_sent() {
    let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let writing = std::sync::Arc::clone(&heard);
    let script = move |command: &str| {
        writing.lock().unwrap().push(command.to_owned());
        match command {
            "RSET" => say("-ERR not today"),
            _ => usual(command),
        }
    };
    with_server(script, async |reader, mailbox| {
        let mut talk = Talk::open(reader, mailbox).await;
        talk.mark_first().await;
        assert_eq!(talk.close().await, Outcome::Closed(None));
    })
    .await;
    let heard = heard.lock().unwrap();
    assert_eq!(heard.last().unwrap(), "RSET");
}

#[tokio::test]
async fn a_message_that_is_already_marked_is_still_known_as_stored() {
    let asked = Cell::new(false);
    let script = move |command: &str| match command {
        "UIDL 1" if asked.replace(true) => say("-ERR message 1 is deleted"),
        "UIDL 1" => say("+OK 1 one"),
        _ => usual(command),
    };
    with_server(script, async |reader, mailbox| {
        let mut talk = Talk::open(reader, mailbox).await;
        let first = talk.say("DELE 1").await;
        let Outcome::Confirm(consequence) = &first else {
            panic!("{first:?}")
        };
        assert!(consequence.ends_with("It stays on this device."));
        assert_eq!(talk.agree("DELE 1").await, Outcome::Ready(1));
        assert_eq!(talk.say("DELE 1").await, first);
    })
    .await;
}

#[tokio::test]
async fn a_connection_closed_while_idle_is_reported_at_once() {
    let script = |command: &str| match command {
        "NOOP" => Answer::SayAndClose("+OK\r\n".to_owned()),
        _ => usual(command),
    };
    with_server(script, async |reader, mailbox| {
        let mut talk = Talk::open(reader, mailbox).await;
        assert_eq!(talk.say("NOOP").await, Outcome::Ready(0));
        let Outcome::Closed(Some(problem)) = talk.outcome().await else {
            panic!("no problem was reported");
        };
        assert_eq!(problem.kind, ProblemKind::ConnectionLost);
    })
    .await;
}

#[tokio::test]
async fn an_out_of_step_server_is_reported_with_its_last_lines() {
    let script = |command: &str| match command {
        "NOOP" => say("what?"),
        _ => usual(command),
    };
    with_server(script, async |reader, mailbox| {
        let mut talk = Talk::open(reader, mailbox).await;
        let Outcome::Closed(Some(problem)) = talk.say("NOOP").await else {
            panic!("no problem was reported");
        };
        assert_eq!(problem.kind, ProblemKind::ProtocolBroken);
        let said: Vec<_> = problem.transcript.iter().map(Step::to_string).collect();
        let [.., command, reply] = said.as_slice() else {
            panic!("{said:?}");
        };
        assert_eq!(command, "C: NOOP");
        assert!(reply.contains("what?"));
    })
    .await;
}

#[tokio::test]
async fn only_one_console_is_open_and_other_mailboxes_are_checked() {
    let other: MailboxSettings = unencrypted(scripted::start(usual).await);
    let settings = unencrypted(scripted::start(usual).await);
    let relay = bridge::start([settings.port, other.port]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = async {
        let mut reader = Reader::start(folder.path(), &relay).await;
        assert_eq!(reader.add_and_check(settings).await, done(1));
        assert_eq!(reader.add_and_check(other).await, done(1));
        let [first, second] = [0, 1].map(|at: usize| reader.mailboxes[at].id);
        Talk::open(&mut reader, first).await;
        let (_, outcome) = Talk::try_open(&mut reader, second).await;
        let Outcome::Closed(Some(problem)) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(problem.kind, ProblemKind::ConsoleOpen);
        reader.ask(EngineCommand::Check(CheckCommand::Start {
            mailbox: Some(second),
        }));
        assert_eq!(reader.end_of_check().await, done(0));
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

#[tokio::test]
async fn a_console_that_cannot_log_in_reports_the_reason() {
    let refuses = std::sync::atomic::AtomicBool::new(false);
    let refuses = std::sync::Arc::new(refuses);
    let asking = std::sync::Arc::clone(&refuses);
    let script = move |command: &str| {
        let refuses = asking.load(std::sync::atomic::Ordering::Relaxed);
        match command {
            _ if refuses && command.starts_with("PASS") => say("-ERR [IN-USE] locked"),
            _ => usual(command),
        }
    };
    with_server(script, async move |reader, mailbox| {
        refuses.store(true, std::sync::atomic::Ordering::Relaxed);
        let (_, outcome) = Talk::try_open(reader, mailbox).await;
        let Outcome::Closed(Some(problem)) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(problem.kind, ProblemKind::MaildropInUse);
    })
    .await;
}

#[tokio::test]
async fn q21_top_that_returns_the_whole_message_is_shown_and_recorded() {
    let script = |command: &str| match command {
        "TOP 1 0" => list(&["Subject: a", "", "all of it", "and more"]),
        _ => usual(command),
    };
    with_server(script, async |reader, mailbox| {
        let mut talk = Talk::open(reader, mailbox).await;
        let answer = talk.ask("TOP 1 0").await;
        assert_eq!(answer.last().unwrap(), "S: .");
        assert!(answer.contains(&"S: and more".to_owned()), "{answer:?}");
        assert_eq!(talk.say("QUIT").await, Outcome::Closed(None));
        let report = report(reader, mailbox).await;
        assert!(report.contains("TOP returns"), "{report}");
    })
    .await;
}
