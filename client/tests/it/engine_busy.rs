//! Commands while the engine is busy or its disk is full: each is done once or not at all.

use std::fs;
use std::path::Path;

use restante_client::api::check::{CheckCommand, CheckOutcome};
use restante_client::api::command::EngineCommand;
use restante_client::api::event::EngineEvent;
use restante_client::api::ids::MailboxId;
use restante_client::api::mail::{MailCommand, MailEvent};
use restante_client::api::mailbox::{MailboxCommand, MailboxEvent};
use restante_client::api::problem::{Problem, ProblemKind};
use restante_client::api::settings::{MailboxSettings, Secret};
use restante_client::api::storage::Storage;
use restante_client::clock::SystemClock;
use restante_client::engine::platform::native_vault::NativeVault;
use restante_client::engine::platform::{Place, Platform};
use restante_client::engine::store::index::IndexPlace;
use restante_client::engine::store::spool::MemoryFiles;
use restante_client::transport::TransportError;
use restante_client::transport::relay::{self, RelayStream};
use restante_shared::relay::Target;
use tokio::task::LocalSet;

use crate::bridge;
use crate::dovecot::PASSWORD;
use crate::engine::{done, files};
use crate::faulty_files::{Faults, FaultyFiles};
use crate::reader::Reader;
use crate::scripted::{self, Answer, list, usual};
use crate::visit::unencrypted;

/// Waits until a part of a message is in the spool.
async fn until_the_spool_grows(folder: &Path) {
    let size = || {
        files(&folder.join("spool"), "mail-")
            .iter()
            .map(|file| fs::metadata(file).unwrap().len())
            .sum::<u64>()
    };
    while size() < 100_000 {
        tokio::task::yield_now().await;
    }
}

/// Starts a server whose second message never ends.
async fn endless() -> MailboxSettings {
    let script = |command: &str| match command {
        "UIDL" => list(&["1 one", "2 two"]),
        "RETR 2" => Answer::Say(format!("+OK\r\n{}", "the first half\r\n".repeat(20_000))),
        _ => usual(command),
    };
    unencrypted(scripted::start(script).await)
}

/// Adds a mailbox on that server. Returns when the first message is stored and the second is
/// arriving.
async fn half_way(folder: &Path, relay: &str, settings: MailboxSettings) -> (Reader, MailboxId) {
    let mut reader = Reader::start(folder, relay).await;
    let mailbox = reader.add(settings, PASSWORD, true).await.unwrap();
    until_the_spool_grows(folder).await;
    reader.ask(EngineCommand::Cancel);
    let outcome = reader.end_of_check().await;
    assert_eq!(outcome, CheckOutcome::Cancelled { new_messages: 1 });
    reader.ask(EngineCommand::Check(CheckCommand::Start { mailbox: None }));
    until_the_spool_grows(folder).await;
    (reader, mailbox)
}

#[tokio::test]
async fn a_mailbox_removed_while_a_message_arrives_stays_removed() {
    let settings = endless().await;
    let relay = bridge::start([settings.port]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = async {
        let (mut reader, mailbox) = half_way(folder.path(), &relay, settings).await;
        reader.ask(EngineCommand::Mailbox(MailboxCommand::Remove { mailbox }));
        let outcome = reader.end_of_check().await;
        assert_eq!(outcome, CheckOutcome::Cancelled { new_messages: 0 });
        reader.leave().await;

        // Without its index, so that only the spool counts.
        fs::remove_file(folder.path().join("index.sqlite")).unwrap();
        let reader = Reader::start(folder.path(), &relay).await;
        assert!(reader.mailboxes.is_empty(), "{:?}", reader.mailboxes);
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

#[tokio::test]
async fn a_message_read_while_another_arrives_stays_read() {
    let settings = endless().await;
    let relay = bridge::start([settings.port]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = async {
        let (mut reader, _) = half_way(folder.path(), &relay, settings).await;
        let message = reader.find("").await[0].id;
        let read = true;
        reader.ask(EngineCommand::Mail(MailCommand::MarkRead { message, read }));
        reader
            .until(|event| matches!(event, EngineEvent::Mail(MailEvent::Changed)).then_some(()))
            .await;
        reader.ask(EngineCommand::Cancel);
        reader.end_of_check().await;
        reader.leave().await;

        fs::remove_file(folder.path().join("index.sqlite")).unwrap();
        let reader = Reader::start(folder.path(), &relay).await;
        let counts = (reader.mailboxes[0].messages, reader.mailboxes[0].unread);
        assert_eq!(counts, (1, 0));
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

#[tokio::test]
async fn a_mailbox_added_twice_at_once_exists_once() {
    let settings = unencrypted(scripted::start(usual).await);
    let relay = bridge::start([settings.port]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = async {
        let mut reader = Reader::start(folder.path(), &relay).await;
        for request in [1, 2] {
            reader.ask(EngineCommand::Mailbox(MailboxCommand::Add {
                request,
                settings: settings.clone(),
                password: Secret::new(PASSWORD.to_owned()),
                remember: true,
            }));
        }
        let added = reader.until(|event| match event {
            EngineEvent::Mailbox(MailboxEvent::Added { request, .. }) => Some(request),
            _ => None,
        });
        assert_eq!(added.await, 1);
        let refused = reader.until(|event| match event {
            EngineEvent::RequestFailed { request, problem } => Some((request, problem.kind)),
            EngineEvent::Mailbox(MailboxEvent::Added { request, .. }) => {
                panic!("{request} was added too")
            }
            _ => None,
        });
        assert_eq!(refused.await, (2, ProblemKind::AlreadyAdded));
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

#[tokio::test]
async fn settings_of_a_removed_mailbox_do_not_restore_it() {
    let settings = unencrypted(scripted::start(usual).await);
    let relay = bridge::start([settings.port]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = async {
        let mut reader = Reader::start(folder.path(), &relay).await;
        assert_eq!(reader.add_and_check(settings.clone()).await, done(1));
        let mailbox = reader.mailboxes[0].id;
        reader.ask(EngineCommand::Mailbox(MailboxCommand::Remove { mailbox }));
        let late = settings.clone();
        reader.ask(EngineCommand::Mailbox(MailboxCommand::UpdateSettings {
            mailbox,
            settings: late,
        }));
        assert_eq!(reader.add_and_check(settings).await, done(1));
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

/// A platform whose disk fails on command.
struct FaultyPlatform(FaultyFiles<MemoryFiles>);

impl Platform for FaultyPlatform {
    type Clock = SystemClock;
    type Files = FaultyFiles<MemoryFiles>;
    type Vault = NativeVault;
    type Relay = RelayStream;

    async fn vault(&self) -> NativeVault {
        NativeVault::default()
    }

    fn clock(&self) -> SystemClock {
        SystemClock
    }

    async fn hold_store(&self, _occupied: impl FnOnce()) {}

    async fn storage(&self) -> Result<Place<Self::Files>, Problem> {
        Ok(Place {
            storage: Storage::Memory,
            files: self.0.clone(),
            index: IndexPlace::Memory,
        })
    }

    async fn open_relay(
        &self,
        address: &str,
        target: &Target,
    ) -> Result<RelayStream, TransportError> {
        relay::open(address, target).await
    }
}

#[tokio::test]
async fn a_mailbox_that_cannot_be_stored_does_not_exist() {
    let settings = unencrypted(scripted::start(usual).await);
    let relay = bridge::start([settings.port]).await;
    let body = async {
        // One write to the spool, and two each for the account without and with its password.
        for writes in 0..5 {
            let faults = Faults::default();
            let files = FaultyFiles::new(MemoryFiles::new(), faults.clone());
            let mut reader = Reader::start_on(FaultyPlatform(files), &relay).await;
            faults.fill_after(Some(writes));
            let refused = reader.add(settings.clone(), PASSWORD, true).await;
            assert_eq!(refused.unwrap_err().kind, ProblemKind::StorageFull);
            faults.fill_after(None);
            assert_eq!(reader.add_and_check(settings.clone()).await, done(1));
            assert_eq!(reader.mailboxes.len(), 1, "after {writes} writes");
            reader.leave().await;
        }
    };
    LocalSet::new().run_until(body).await;
}
