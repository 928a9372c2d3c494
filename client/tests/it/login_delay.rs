//! Servers that require a pause between logins. The engine respects it, and checks again by itself.

use std::path::Path;
use std::time::Duration;

use futures::future::LocalBoxFuture;
use restante_client::api::check::{CheckCommand, CheckEvent, CheckOutcome};
use restante_client::api::command::EngineCommand;
use restante_client::api::event::EngineEvent;
use restante_client::api::mailbox::MailboxCommand;
use restante_client::api::problem::Problem;
use restante_client::api::settings::Encryption;
use restante_client::clock::{Clock, SystemClock};
use restante_client::engine::platform::native::NativePlatform;
use restante_client::engine::platform::native_vault::NativeVault;
use restante_client::engine::platform::{Place, Platform};
use restante_client::engine::store::spool::DiskFiles;
use restante_client::transport::TransportError;
use restante_client::transport::relay::RelayStream;
use restante_shared::relay::Target;
use tokio::sync::watch;
use tokio::task::LocalSet;

use crate::bridge;
use crate::dovecot::PASSWORD;
use crate::engine::done;
use crate::reader::Reader;
use crate::scripted::{self, Answer, Script, list, usual};
use crate::visit::unencrypted;

/// A whole session with an empty maildrop, on a server that requires five minutes between logins.
const SESSION: &str = "
    S: +OK ready
    C: CAPA
    S: +OK
    S: USER
    S: LOGIN-DELAY 0 USER
    S: .
    C: USER reader
    S: +OK
    C: PASS correct horse
    S: +OK
    C: CAPA
    S: +OK
    S: LOGIN-DELAY 300
    S: .
    C: UIDL
    S: +OK
    S: .
    C: QUIT
    S: +OK
";

/// The beginning of the same session, with a login that comes too soon.
const REFUSED: &str = "
    S: +OK ready
    C: CAPA
    S: +OK
    S: USER
    S: RESP-CODES
    S: .
    C: USER reader
    S: +OK
    C: PASS correct horse
    S: -ERR [LOGIN-DELAY] only once in 10 minutes
";

/// A clock that advances as usual, and jumps when the test asks for it.
#[derive(Clone)]
struct JumpingClock(watch::Receiver<Duration>);

impl Clock for JumpingClock {
    fn now(&self) -> Duration {
        SystemClock.now() + *self.0.borrow()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        let mut leaps = self.0.clone();
        let due = *leaps.borrow() + duration;
        Box::pin(async move {
            tokio::select! {
                () = tokio::time::sleep(duration) => {}
                _ = leaps.wait_for(|leapt| *leapt >= due) => {}
            }
        })
    }
}

/// A native platform with such a clock.
struct JumpingPlatform(NativePlatform, JumpingClock);

impl Platform for JumpingPlatform {
    type Clock = JumpingClock;
    type Files = DiskFiles;
    type Vault = NativeVault;
    type Relay = RelayStream;

    async fn vault(&self) -> NativeVault {
        self.0.vault().await
    }

    fn clock(&self) -> JumpingClock {
        self.1.clone()
    }

    async fn hold_store(&self, occupied: impl FnOnce()) {
        self.0.hold_store(occupied).await;
    }

    async fn storage(&self) -> Result<Place<DiskFiles>, Problem> {
        self.0.storage().await
    }

    async fn open_relay(
        &self,
        address: &str,
        target: &Target,
    ) -> Result<RelayStream, TransportError> {
        self.0.open_relay(address, target).await
    }
}

async fn start(folder: &Path, relay: &str) -> (Reader, watch::Sender<Duration>) {
    let (leap, leaps) = watch::channel(Duration::ZERO);
    let world = JumpingPlatform(NativePlatform::new(folder.to_owned()), JumpingClock(leaps));
    (Reader::start_on(world, relay).await, leap)
}

fn postponed(outcome: &CheckOutcome) -> i64 {
    match outcome {
        CheckOutcome::Postponed { until } => *until,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_early_check_is_postponed_and_starts_by_itself() {
    let script = Script::start([SESSION, SESSION]).await;
    let settings = script.settings(Encryption::None);
    let relay = bridge::start([settings.port]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = async {
        let (mut reader, leap) = start(folder.path(), &relay).await;
        // One session proves the settings and is the first check.
        assert_eq!(reader.add_and_check(settings).await, done(0));
        let until = postponed(&reader.check().await);
        let mailbox = &reader.mailboxes[0];
        assert_eq!(mailbox.next_check, Some(until));
        assert!((240..=300).contains(&(until - mailbox.last_check.unwrap())));

        leap.send(Duration::from_secs(300)).unwrap();
        assert_eq!(reader.end_of_check().await, done(0));
        let next = reader.mailboxes[0].next_check.unwrap();
        assert!((295..=360).contains(&(next - until)), "{next} {until}");
        script.played().await;

        reader.leave().await;
        // The pause is also known after a restart.
        let (mut reader, _leap) = start(folder.path(), &relay).await;
        assert_eq!(reader.mailboxes[0].next_check, Some(next));
        assert_eq!(postponed(&reader.check().await), next);
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

#[tokio::test]
async fn a_pause_announced_only_by_a_refusal_is_respected() {
    let script = Script::start([SESSION, REFUSED]).await;
    let settings = script.settings(Encryption::None);
    let relay = bridge::start([settings.port]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = async {
        let (mut reader, leap) = start(folder.path(), &relay).await;
        assert_eq!(reader.add_and_check(settings).await, done(0));
        leap.send(Duration::from_secs(301)).unwrap();
        let CheckOutcome::Failed { problem, .. } = reader.check().await else {
            panic!("the early check did not fail");
        };
        script.played().await;
        let until = postponed(&reader.check().await);
        assert_eq!(problem.retry_at, Some(until));
        assert_eq!(reader.mailboxes[0].next_check, Some(until));
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}

#[tokio::test]
async fn a_waiting_check_of_a_removed_mailbox_is_answered() {
    let busy = unencrypted(
        scripted::start(|command: &str| match command {
            "UIDL" => list(&["1 one"]),
            "RETR 1" => Answer::Say("+OK\r\nfor ever\r\n".to_owned()),
            _ => usual(command),
        })
        .await,
    );
    let other = unencrypted(scripted::start(usual).await);
    let relay = bridge::start([busy.port, other.port]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = async {
        let mut reader = Reader::start(folder.path(), &relay).await;
        assert_eq!(reader.add_and_check(other).await, done(1));
        let mailbox = reader.mailboxes[0].id;
        reader.add(busy, PASSWORD, true).await.unwrap();
        reader.ask(EngineCommand::Check(CheckCommand::Start {
            mailbox: Some(mailbox),
        }));
        reader.ask(EngineCommand::Mailbox(MailboxCommand::Remove { mailbox }));
        let answer = reader.until(|event| match event {
            EngineEvent::Check(CheckEvent::Finished { mailbox, outcome }) => {
                Some((mailbox, outcome))
            }
            _ => None,
        });
        let cancelled = CheckOutcome::Cancelled { new_messages: 0 };
        assert_eq!(answer.await, (mailbox, cancelled));
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}
