//! An idle console, with a clock that the test controls.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use restante_client::api::command::EngineCommand;
use restante_client::api::event::EngineEvent;
use restante_client::api::ids::MailboxId;
use restante_client::api::problem::{Problem, ProblemKind};
use restante_client::api::report::{ConnectionReport, ReportCommand, ReportEvent};
use restante_client::api::storage::Storage;
use restante_client::clock::Clock;
use restante_client::engine::platform::native_vault::NativeVault;
use restante_client::engine::platform::{Place, Platform};
use restante_client::engine::store::index::IndexPlace;
use restante_client::engine::store::spool::MemoryFiles;
use restante_client::transport::TransportError;
use restante_client::transport::relay::{self, RelayStream};
use restante_client::ui::words;
use restante_shared::pop3::quirk::Quirk;
use restante_shared::relay::Target;
use tokio::task::LocalSet;

use crate::bridge;
use crate::console_talk::{Outcome, Talk};
use crate::engine::done;
use crate::reader::Reader;
use crate::scripted::{self, Answer, usual};
use crate::shown;
use crate::visit::unencrypted;

/// A clock that advances only when the test moves it.
#[derive(Clone, Default)]
struct ManualClock {
    now: Rc<Cell<Duration>>,
    sleepers: Rc<RefCell<Vec<(Duration, Waker)>>>,
}

impl ManualClock {
    /// Waits until a task sleeps for exactly `time`, and lets that time pass.
    async fn pass(&self, time: Duration) {
        let end = self.now.get() + time;
        let sleeps = || self.sleepers.borrow().iter().any(|(at, _)| *at == end);
        while !sleeps() {
            tokio::task::yield_now().await;
        }
        self.now.set(end);
        for (_, waker) in self.sleepers.take() {
            waker.wake();
        }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        let clock = self.clone();
        let end = clock.now.get() + duration;
        poll_fn(move |cx| {
            if clock.now.get() >= end {
                return Poll::Ready(());
            }
            let sleeper = (end, cx.waker().clone());
            clock.sleepers.borrow_mut().push(sleeper);
            Poll::Pending
        })
        .boxed_local()
    }
}

/// A platform without a disk, with that clock.
struct ClockedPlatform(ManualClock);

impl Platform for ClockedPlatform {
    type Clock = ManualClock;
    type Files = MemoryFiles;
    type Vault = NativeVault;
    type Relay = RelayStream;

    async fn vault(&self) -> NativeVault {
        NativeVault::default()
    }

    fn clock(&self) -> ManualClock {
        self.0.clone()
    }

    async fn hold_store(&self, _occupied: impl FnOnce()) {}

    async fn storage(&self) -> Result<Place<MemoryFiles>, Problem> {
        Ok(Place {
            storage: Storage::Memory,
            files: MemoryFiles::default(),
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

/// Loads the report on a mailbox's connection.
async fn load_report(reader: &mut Reader, mailbox: MailboxId) -> Box<ConnectionReport> {
    reader.ask(EngineCommand::Report(ReportCommand::Load {
        request: 1,
        mailbox,
    }));
    let report = reader.until(|event| match event {
        EngineEvent::Report(ReportEvent::Loaded { report, .. }) => Some(report),
        _ => None,
    });
    report.await
}

#[tokio::test]
async fn an_idle_console_is_kept_alive_for_a_limited_time() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let writing = Arc::clone(&heard);
    let script = move |command: &str| {
        writing.lock().unwrap().push(command.to_owned());
        usual(command)
    };
    let settings = unencrypted(scripted::start(script).await);
    let relay = bridge::start([settings.port]).await;
    let noops = || {
        let heard = heard.lock().unwrap();
        heard.iter().filter(|command| *command == "NOOP").count()
    };
    let body = async {
        let clock = ManualClock::default();
        let mut reader = Reader::start_on(ClockedPlatform(clock.clone()), &relay).await;
        assert_eq!(reader.add_and_check(settings).await, done(1));
        let mailbox = reader.mailboxes[0].id;
        let mut talk = Talk::open(&mut reader, mailbox).await;
        let before = talk.lines.len();
        let silence = Duration::from_secs(45);
        for n in 1..=13 {
            clock.pass(silence).await;
            while noops() < n {
                tokio::task::yield_now().await;
            }
        }
        clock.pass(silence).await;
        let Outcome::Closed(Some(problem)) = talk.outcome().await else {
            panic!("the console stays open");
        };
        assert_eq!(problem.kind, ProblemKind::Cancelled);
        assert!(shown::detail(&problem).unwrap().contains("10 minutes"));
        assert_eq!(
            talk.lines.len(),
            before,
            "the user did not type these: {:?}",
            talk.lines
        );

        let report = load_report(&mut reader, mailbox).await;
        let session = &report.sessions[0];
        let mut lines = shown::texts(&session.lines);
        lines.retain(|line| line == "C: NOOP");
        assert_eq!(lines.len(), 13);
        let outcome = words::session_outcome(session.outcome.as_ref());
        assert!(outcome.contains("without input"), "{outcome}");
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
    let heard = heard.lock().unwrap();
    assert_eq!(heard[heard.len() - 2..], ["RSET", "QUIT"]);
}

#[tokio::test]
async fn a_server_that_closes_an_idle_console_has_a_short_idle_timeout() {
    let script = |command: &str| match command {
        "NOOP" => Answer::SayAndClose(String::new()),
        _ => usual(command),
    };
    let settings = unencrypted(scripted::start(script).await);
    let relay = bridge::start([settings.port]).await;
    let body = async {
        let clock = ManualClock::default();
        let mut reader = Reader::start_on(ClockedPlatform(clock.clone()), &relay).await;
        assert_eq!(reader.add_and_check(settings).await, done(1));
        let mailbox = reader.mailboxes[0].id;
        let mut talk = Talk::open(&mut reader, mailbox).await;
        clock.pass(Duration::from_secs(45)).await;
        let Outcome::Closed(Some(problem)) = talk.outcome().await else {
            panic!("the console stays open");
        };
        assert_eq!(problem.kind, ProblemKind::ConnectionLost);
        let report = load_report(&mut reader, mailbox).await;
        let quirks = report.server.unwrap().quirks;
        assert!(quirks.contains(&Quirk::ShortIdleTimeout), "{quirks:?}");
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
}
