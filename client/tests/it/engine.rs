//! The whole engine without a browser: mailboxes, checks, store and search, through its commands.

use std::fs;
use std::path::{Path, PathBuf};

use restante_client::api::check::{CheckEvent, CheckOutcome, Stage};
use restante_client::api::command::EngineCommand;
use restante_client::api::event::EngineEvent;
use restante_client::api::ids::PartId;
use restante_client::api::mail::{Body, MailCommand, MailEvent, MessageRow};
use restante_client::api::mailbox::MailboxCommand;
use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::{Encryption, MailboxSettings, Secret};
use restante_client::api::storage::Healing;
use restante_client::ui::words;
use tempfile::TempDir;
use tokio::task::LocalSet;

use crate::bridge;
use crate::check_dovecot::deliver;
use crate::cutting::{self, Then};
use crate::dovecot::{Dovecot, PASSWORD};
use crate::reader::Reader;

pub(crate) fn done(new_messages: u32) -> CheckOutcome {
    CheckOutcome::Done {
        new_messages,
        skipped: 0,
    }
}

/// A maildrop with messages, a bridge that may dial it, and a folder for the store.
struct Scene {
    dovecot: Dovecot,
    /// The messages in the maildrop, by unique-id.
    expected: Vec<(String, Vec<u8>)>,
    relay: String,
    folder: TempDir,
}

impl Scene {
    /// Creates a scene with `messages` messages, and runs a test in it.
    async fn of(messages: u32, story: impl AsyncFnOnce(&Self)) {
        let dovecot = Dovecot::start();
        let scene = Self {
            expected: deliver(&dovecot, messages),
            relay: bridge::start([dovecot.tls_port]).await,
            folder: tempfile::tempdir().unwrap(),
            dovecot,
        };
        LocalSet::new().run_until(story(&scene)).await;
    }

    /// Starts an engine with its store in the folder.
    async fn reader(&self) -> Reader {
        Reader::start(self.folder.path(), &self.relay).await
    }

    /// Returns the settings of a mailbox on the maildrop.
    fn settings(&self) -> MailboxSettings {
        self.dovecot.settings(Encryption::Tls)
    }

    /// Returns the bytes of the messages in the maildrop, sorted.
    fn octets(&self) -> Vec<Vec<u8>> {
        let octets = self.expected.iter().map(|(_, octets)| octets.clone());
        let mut octets: Vec<_> = octets.collect();
        octets.sort();
        octets
    }
}

/// Returns the files below a folder whose names begin with `prefix`, the largest first.
pub(crate) fn files(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with(prefix)
        })
        .collect();
    files.sort_by_key(|path| std::cmp::Reverse(fs::metadata(path).unwrap().len()));
    files
}

#[tokio::test]
async fn a_mailbox_is_added_checked_searched_read_and_survives_a_restart() {
    Scene::of(300, async |scene| {
        let letter = "From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\nTo: reader@example.org\r\n\
                      Subject: The zeppelin\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\n\
                      It lands at noon.\r\n";
        scene
            .dovecot
            .deliver([("1700099999.M1P1.restante", letter.as_bytes())]);
        let mut reader = scene.reader().await;
        assert!(reader.mailboxes.is_empty());
        assert_eq!(reader.add_and_check(scene.settings()).await, done(301));
        assert_eq!(
            (reader.mailboxes[0].messages, reader.mailboxes[0].unread),
            (301, 301)
        );

        let mut octets = scene.octets();
        octets.push(letter.as_bytes().to_vec());
        octets.sort();
        assert!(reader.sources().await == octets, "the bytes differ");

        let found: Vec<MessageRow> = reader.find("zeppelin noo").await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].sender, "J\u{fc}rgen");
        let message = found[0].id;
        reader.ask(EngineCommand::Mail(MailCommand::Open {
            request: 1,
            message,
            part: PartId::default(),
            remote_images: false,
        }));
        let opened = reader.until(|event| match event {
            EngineEvent::Mail(MailEvent::Opened { message, .. }) => Some(message),
            _ => None,
        });
        let Body::Text { text } = opened.await.body else {
            panic!("plain text is not HTML");
        };
        assert_eq!(text.trim_end(), "It lands at noon.");

        reader.leave().await;
        let mut reader = scene.reader().await;
        assert!(reader.healed.is_empty(), "{:?}", reader.healed);
        assert_eq!(
            (reader.mailboxes[0].messages, reader.mailboxes[0].unread),
            (301, 300)
        );
        assert!(reader.mailboxes[0].last_check.is_some());
        assert_eq!(reader.check().await, done(0));
        reader.leave().await;
    })
    .await;
}

#[tokio::test]
async fn a_torn_spool_and_a_damaged_index_are_repaired_at_the_next_start() {
    Scene::of(120, async |scene| {
        let mut reader = scene.reader().await;
        assert_eq!(reader.add_and_check(scene.settings()).await, done(120));
        reader.leave().await;

        let spool = files(&scene.folder.path().join("spool"), "").remove(0);
        let size = fs::metadata(&spool).unwrap().len();
        // Enough to cut a message: the last records are small ones.
        fs::File::options()
            .write(true)
            .open(&spool)
            .unwrap()
            .set_len(size - 2_000)
            .unwrap();
        let index = scene.folder.path().join("index.sqlite");
        let mut octets = fs::read(&index).unwrap();
        for octet in octets.iter_mut().skip(3_000).step_by(997) {
            *octet ^= 0x10;
        }
        fs::write(&index, octets).unwrap();

        let mut reader = scene.reader().await;
        assert!(
            reader.healed.contains(&Healing::SpoolTailCut),
            "{:?}",
            reader.healed
        );
        assert!(
            reader.healed.contains(&Healing::IndexRebuilt),
            "{:?}",
            reader.healed
        );
        let kept = reader.mailboxes[0].messages;
        assert!((100..120).contains(&kept), "{kept}");
        assert_eq!(reader.check().await, done(120 - kept));
        assert!(reader.sources().await == scene.octets(), "the bytes differ");
        reader.leave().await;
    })
    .await;
}

#[tokio::test]
async fn an_interrupted_or_cancelled_check_is_completed_without_duplicates() {
    Scene::of(300, async |scene| {
        let cut = cutting::start(scene.dovecot.tls_port, 2_000_000, Then::Cut).await;
        let relay = bridge::start([scene.dovecot.tls_port, cut]).await;
        let mut reader = Reader::start(scene.folder.path(), &relay).await;
        let mut settings = scene.settings();
        settings.port = cut;
        let outcome = reader.add_and_check(settings).await;
        let CheckOutcome::Failed {
            new_messages,
            problem,
        } = outcome
        else {
            panic!("{outcome:?}");
        };
        assert_eq!(problem.kind, ProblemKind::ConnectionLost);
        assert!((1..300).contains(&new_messages), "{new_messages}");

        let mailbox = reader.mailboxes[0].id;
        let settings = scene.settings();
        reader.ask(EngineCommand::Mailbox(MailboxCommand::UpdateSettings {
            mailbox,
            settings,
        }));
        // The port has changed, so the password is given again.
        reader.ask(EngineCommand::Mailbox(MailboxCommand::SetPassword {
            mailbox,
            password: Secret::new(PASSWORD.to_owned()),
            remember: true,
        }));
        let fetching = reader.until(|event| match event {
            EngineEvent::Check(CheckEvent::Progress { progress })
                if progress.stage == Stage::Fetching =>
            {
                Some(())
            }
            _ => None,
        });
        fetching.await;
        reader.ask(EngineCommand::Cancel);
        let outcome = reader.end_of_check().await;
        assert!(
            matches!(outcome, CheckOutcome::Cancelled { .. }),
            "{outcome:?}"
        );

        let kept = reader.mailboxes[0].messages;
        assert!((1..300).contains(&kept), "{kept}");
        assert_eq!(reader.check().await, done(300 - kept));
        assert!(reader.sources().await == scene.octets(), "the bytes differ");
        reader.leave().await;
    })
    .await;
}

#[tokio::test]
async fn a_mailbox_is_stored_only_if_its_settings_work() {
    Scene::of(0, async |scene| {
        let mut reader = scene.reader().await;
        let settings = scene.settings();
        let refused = reader
            .add(settings.clone(), "wrong", true)
            .await
            .unwrap_err();
        assert_eq!(refused.kind, ProblemKind::WrongCredentials);
        reader.leave().await;
        let mut reader = scene.reader().await;
        assert!(reader.mailboxes.is_empty());

        assert_eq!(reader.add_and_check(settings.clone()).await, done(0));
        let twice = reader
            .add(settings.clone(), PASSWORD, true)
            .await
            .unwrap_err();
        assert_eq!(twice.kind, ProblemKind::AlreadyAdded);

        let mailbox = reader.mailboxes[0].id;
        reader.ask(EngineCommand::Mailbox(MailboxCommand::Remove { mailbox }));
        assert_eq!(reader.add_and_check(settings).await, done(0));
        assert_eq!(reader.mailboxes.len(), 1);
        assert_ne!(reader.mailboxes[0].id, mailbox);
        reader.leave().await;
    })
    .await;
}

#[tokio::test]
async fn a_password_that_must_not_be_stored_is_requested_again() {
    Scene::of(0, async |scene| {
        let mut reader = scene.reader().await;
        let settings = scene.settings();
        reader.add(settings, PASSWORD, false).await.unwrap();
        assert_eq!(reader.end_of_check().await, done(0));
        reader.leave().await;
        for file in files(&scene.folder.path().join("spool"), "") {
            let octets = fs::read(&file).unwrap();
            let found = octets
                .windows(PASSWORD.len())
                .any(|run| run == PASSWORD.as_bytes());
            assert!(!found, "{}", file.display());
        }

        let mut reader = scene.reader().await;
        assert!(!reader.mailboxes[0].has_password);
        assert_eq!(reader.check().await, CheckOutcome::PasswordNeeded);
        let mailbox = reader.mailboxes[0].id;
        let password = Secret::new(PASSWORD.to_owned());
        reader.ask(EngineCommand::Mailbox(MailboxCommand::SetPassword {
            mailbox,
            password,
            remember: true,
        }));
        assert_eq!(reader.end_of_check().await, done(0));
        assert!(reader.mailboxes[0].has_password);
        reader.leave().await;
    })
    .await;
}

#[tokio::test]
async fn a_remembered_password_is_sealed_on_the_disk_and_used_after_a_restart() {
    Scene::of(0, async |scene| {
        let mut reader = scene.reader().await;
        reader.add(scene.settings(), PASSWORD, true).await.unwrap();
        assert_eq!(reader.end_of_check().await, done(0));
        reader.leave().await;
        let spool = files(&scene.folder.path().join("spool"), "");
        assert!(!spool.is_empty());
        for file in [spool, files(scene.folder.path(), "index")].concat() {
            let octets = fs::read(&file).unwrap();
            let found = octets
                .windows(PASSWORD.len())
                .any(|run| run == PASSWORD.as_bytes());
            assert!(!found, "{}", file.display());
        }

        let mut reader = scene.reader().await;
        assert_eq!(reader.check().await, done(0));
        reader.leave().await;
    })
    .await;
}

#[tokio::test]
async fn a_password_is_not_sent_to_a_server_that_it_was_not_given_for() {
    Scene::of(0, async |scene| {
        let mut reader = scene.reader().await;
        let settings = scene.settings();
        reader.add(settings.clone(), PASSWORD, true).await.unwrap();
        assert_eq!(reader.end_of_check().await, done(0));
        let mailbox = reader.mailboxes[0].id;
        let settings = MailboxSettings {
            encryption: Encryption::None,
            ..settings
        };
        reader.ask(EngineCommand::Mailbox(MailboxCommand::UpdateSettings {
            mailbox,
            settings,
        }));
        assert_eq!(reader.check().await, CheckOutcome::PasswordNeeded);
        assert!(!reader.mailboxes[0].has_password);
        reader.leave().await;
    })
    .await;
}

#[tokio::test]
async fn mail_of_a_lost_account_can_still_be_read() {
    Scene::of(10, async |scene| {
        let mut reader = scene.reader().await;
        assert_eq!(reader.add_and_check(scene.settings()).await, done(10));
        reader.leave().await;
        for file in files(&scene.folder.path().join("spool"), "accounts") {
            fs::remove_file(file).unwrap();
        }

        let mut reader = scene.reader().await;
        let name = words::mailbox_name(&reader.mailboxes[0]);
        assert!(name.contains("settings were lost"), "{name}");
        assert!(reader.sources().await == scene.octets(), "the bytes differ");
        reader.leave().await;
    })
    .await;
}

#[tokio::test]
async fn a_mailbox_removed_during_a_crash_can_be_added_again() {
    Scene::of(0, async |scene| {
        let mut reader = scene.reader().await;
        let settings = scene.settings();
        assert_eq!(reader.add_and_check(settings.clone()).await, done(0));
        let accounts = files(&scene.folder.path().join("spool"), "accounts");
        let before: Vec<_> = accounts
            .iter()
            .map(|file| fs::read(file).unwrap())
            .collect();
        let mailbox = reader.mailboxes[0].id;
        reader.ask(EngineCommand::Mailbox(MailboxCommand::Remove { mailbox }));
        reader.find("").await;
        reader.leave().await;
        for (file, octets) in accounts.iter().zip(before) {
            fs::write(file, octets).unwrap();
        }

        let mut reader = scene.reader().await;
        assert!(reader.mailboxes.is_empty());
        assert_eq!(reader.add_and_check(settings).await, done(0));
        reader.leave().await;
    })
    .await;
}
