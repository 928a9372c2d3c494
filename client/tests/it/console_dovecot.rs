//! The console with a real server: commands are answered, and deletions need confirmation.

use restante_client::api::check::CheckOutcome;
use restante_client::api::command::EngineCommand;
use restante_client::api::ids::MailboxId;
use restante_client::api::mailbox::MailboxCommand;
use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::Encryption;
use tempfile::TempDir;
use tokio::task::LocalSet;

use crate::bridge;
use crate::check_dovecot::deliver;
use crate::console_talk::{Outcome, Talk};
use crate::dovecot::Dovecot;
use crate::engine::done;
use crate::reader::Reader;

/// A user whose mailbox has three messages, stored locally and on the server.
struct Place {
    dovecot: Dovecot,
    folder: TempDir,
    relay: String,
}

impl Place {
    async fn new() -> Self {
        let dovecot = Dovecot::start();
        deliver(&dovecot, 3);
        let relay = bridge::start([dovecot.tls_port]).await;
        let folder = tempfile::tempdir().unwrap();
        Self {
            dovecot,
            folder,
            relay,
        }
    }

    async fn reader(&self) -> (Reader, MailboxId) {
        let mut reader = Reader::start(self.folder.path(), &self.relay).await;
        let settings = self.dovecot.settings(Encryption::Tls);
        assert_eq!(reader.add_and_check(settings).await, done(3));
        let mailbox = reader.mailboxes.first().unwrap().id;
        (reader, mailbox)
    }
}

/// Returns the number of messages on the server, from a console of its own.
async fn on_the_server(reader: &mut Reader, mailbox: MailboxId) -> u32 {
    let mut talk = Talk::open(reader, mailbox).await;
    let answer = talk.ask("STAT").await;
    let count = answer.last().unwrap().split(' ').nth(2).unwrap();
    let count = count.parse().unwrap();
    assert_eq!(talk.close().await, Outcome::Closed(None));
    count
}

async fn mark(talk: &mut Talk<'_>, line: &str, marked: u32) {
    assert!(matches!(talk.say(line).await, Outcome::Confirm(_)));
    assert_eq!(talk.agree(line).await, Outcome::Ready(marked));
}

#[tokio::test]
async fn typed_commands_are_answered() {
    let place = Place::new().await;
    let letter = b"Subject: by hand\r\n\r\n.a dot\r\nthe end\r\n".as_slice();
    place
        .dovecot
        .deliver([("1800000000.M1P1.restante", letter)]);
    let body = async {
        let mut reader = Reader::start(place.folder.path(), &place.relay).await;
        let settings = place.dovecot.settings(Encryption::Tls);
        assert_eq!(reader.add_and_check(settings).await, done(4));
        let mailbox = reader.mailboxes[0].id;
        let mut talk = Talk::open(&mut reader, mailbox).await;
        assert_eq!(talk.lines[0], "[tls]");
        assert!(talk.lines[1].starts_with("S: +OK"), "{:?}", talk.lines);

        let answer = talk.ask("stat").await;
        assert_eq!(answer.len(), 2);
        assert_eq!(answer[0], "C: STAT");
        assert!(answer[1].starts_with("S: +OK 4 "), "{answer:?}");
        for (line, lines) in [("LIST", 7), ("UIDL", 7), ("UIDL 4", 2), ("NOOP", 2)] {
            let answer = talk.ask(line).await;
            assert_eq!(answer.len(), lines, "{answer:?}");
        }
        assert!(talk.ask("CAPA").await.contains(&"S: UIDL".to_owned()));
        let answer = talk.ask("RETR 4").await;
        assert_eq!(
            answer[2..],
            [
                "S: Subject: by hand",
                "S: ",
                "S: ..a dot",
                "S: the end",
                "S: ."
            ]
        );
        let answer = talk.ask("TOP 4 0").await;
        assert_eq!(answer[2..], ["S: Subject: by hand", "S: ", "S: ."]);
        let answer = talk.ask("XSENDER 1").await;
        assert_eq!(answer[0], "C: XSENDER 1");
        assert!(answer[1].starts_with("S: -ERR"), "{answer:?}");
        let answer = talk.ask("RETR 99").await;
        assert!(answer[1].starts_with("S: -ERR"), "{answer:?}");

        assert_eq!(talk.say("QUIT").await, Outcome::Closed(None));
        assert_eq!(reader.check().await, done(0));
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

#[tokio::test]
async fn only_a_confirmed_quit_deletes() {
    let place = Place::new().await;
    let body = async {
        let (mut reader, mailbox) = place.reader().await;
        let mut talk = Talk::open(&mut reader, mailbox).await;
        let Outcome::Confirm(consequence) = talk.say("DELE 1").await else {
            panic!("no confirmation was requested");
        };
        assert!(
            consequence.contains("stays on this device"),
            "{consequence}"
        );
        assert_eq!(
            talk.ask("NOOP").await.len(),
            2,
            "no message is marked without confirmation"
        );
        assert_eq!(talk.agree("DELE 1").await, Outcome::Ready(1));
        mark(&mut talk, "dele 3", 2).await;
        mark(&mut talk, "RSET", 0).await;
        mark(&mut talk, "DELE 2", 1).await;
        let Outcome::Confirm(consequence) = talk.say("QUIT").await else {
            panic!("no confirmation was requested");
        };
        assert!(
            consequence.starts_with("1 message will be deleted on the server for good."),
            "{consequence}"
        );
        assert_eq!(talk.agree("QUIT").await, Outcome::Closed(None));
        assert_eq!(on_the_server(&mut reader, mailbox).await, 2);
        // The message stays in the local store.
        assert_eq!(reader.check().await, done(0));
        assert_eq!(reader.find("").await.len(), 3);
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

#[tokio::test]
async fn marks_are_reset_if_a_console_ends_without_quit() {
    let place = Place::new().await;
    let body = async {
        let (mut reader, mailbox) = place.reader().await;
        let mut talk = Talk::open(&mut reader, mailbox).await;
        mark(&mut talk, "DELE 1", 1).await;
        assert_eq!(talk.close().await, Outcome::Closed(None));
        assert_eq!(on_the_server(&mut reader, mailbox).await, 3);

        let mut talk = Talk::open(&mut reader, mailbox).await;
        mark(&mut talk, "DELE 1", 1).await;
        talk.reader.ask(EngineCommand::Cancel);
        assert_eq!(talk.outcome().await, Outcome::Closed(None));
        assert_eq!(on_the_server(&mut reader, mailbox).await, 3);

        let mut talk = Talk::open(&mut reader, mailbox).await;
        mark(&mut talk, "DELE 1", 1).await;
        reader.leave().await;
        let mut reader = Reader::start(place.folder.path(), &place.relay).await;
        assert_eq!(on_the_server(&mut reader, mailbox).await, 3);

        let mut talk = Talk::open(&mut reader, mailbox).await;
        mark(&mut talk, "DELE 1", 1).await;
        talk.reader
            .ask(EngineCommand::Mailbox(MailboxCommand::Remove { mailbox }));
        assert_eq!(talk.outcome().await, Outcome::Closed(None));
        let settings = place.dovecot.settings(Encryption::Tls);
        assert_eq!(reader.add_and_check(settings).await, done(3));
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

#[tokio::test]
async fn deleting_a_message_that_is_not_stored_locally_warns_of_its_loss() {
    let place = Place::new().await;
    let body = async {
        let (mut reader, mailbox) = place.reader().await;
        let letter = b"Subject: new\r\n\r\n".as_slice();
        place
            .dovecot
            .deliver([("1800000000.M1P1.restante", letter)]);
        let mut talk = Talk::open(&mut reader, mailbox).await;
        let Outcome::Confirm(consequence) = talk.say("DELE 4").await else {
            panic!("no confirmation was requested");
        };
        assert!(consequence.contains("not on this device"), "{consequence}");
        let Outcome::Confirm(consequence) = talk.say("DELE 99").await else {
            panic!("no confirmation was requested");
        };
        assert!(consequence.contains("does not tell"), "{consequence}");
        talk.close().await;
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

#[tokio::test]
async fn a_mailbox_with_an_open_console_is_not_checked() {
    let place = Place::new().await;
    let body = async {
        let (mut reader, mailbox) = place.reader().await;
        let talk = Talk::open(&mut reader, mailbox).await;
        let outcome = talk.reader.check().await;
        let CheckOutcome::Failed { problem, .. } = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(problem.kind, ProblemKind::ConsoleOpen);
        assert_eq!(talk.close().await, Outcome::Closed(None));
        assert_eq!(reader.check().await, done(0));
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}
