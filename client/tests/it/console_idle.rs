//! A console at which nobody types, for as long as the test says: its time is in the test's hand.

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
use restante_client::api::problem::{Problem, ProblemKind};
use restante_client::api::storage::Storage;
use restante_client::clock::Clock;
use restante_client::engine::platform::{Place, Platform};
use restante_client::engine::store::index::IndexPlace;
use restante_client::engine::store::spool::MemoryFiles;
use restante_client::transport::TransportError;
use restante_client::transport::relay::{self, RelayStream};
use restante_shared::relay::Target;
use tokio::task::LocalSet;

use crate::bridge;
use crate::console_talk::{Outcome, Talk};
use crate::engine::done;
use crate::reader::Reader;
use crate::scripted::{self, usual};
use crate::shown;
use crate::visit::unencrypted;

/// A clock that stands still until it is moved.
#[derive(Clone, Default)]
struct Hand {
    now: Rc<Cell<Duration>>,
    sleepers: Rc<RefCell<Vec<(Duration, Waker)>>>,
}

impl Hand {
    /// Waits until somebody sleeps for exactly so long, and lets that time pass.
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

impl Clock for Hand {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        let hand = self.clone();
        let end = hand.now.get() + duration;
        poll_fn(move |cx| {
            if hand.now.get() >= end {
                return Poll::Ready(());
            }
            let sleeper = (end, cx.waker().clone());
            hand.sleepers.borrow_mut().push(sleeper);
            Poll::Pending
        })
        .boxed_local()
    }
}

/// A world without a disk, in which time stands still.
struct Still(Hand);

impl Platform for Still {
    type Clock = Hand;
    type Files = MemoryFiles;
    type Relay = RelayStream;

    fn clock(&self) -> Hand {
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

#[tokio::test]
async fn a_console_stays_alive_while_nobody_types_but_not_for_ever() {
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
        let hand = Hand::default();
        let mut reader = Reader::start_on(Still(hand.clone()), &relay).await;
        assert_eq!(reader.add_and_check(settings).await, done(1));
        let mailbox = reader.mailboxes[0].id;
        let mut talk = Talk::open(&mut reader, mailbox).await;
        let before = talk.lines.len();
        let silence = Duration::from_secs(45);
        for n in 1..=13 {
            hand.pass(silence).await;
            while noops() < n {
                tokio::task::yield_now().await;
            }
        }
        hand.pass(silence).await;
        let Outcome::Closed(Some(problem)) = talk.outcome().await else {
            panic!("it is open for ever");
        };
        assert_eq!(problem.kind, ProblemKind::Cancelled);
        assert!(problem.detail.unwrap().contains("10 minutes"));
        assert_eq!(
            talk.lines.len(),
            before,
            "nobody typed those: {:?}",
            talk.lines
        );

        reader.ask(EngineCommand::LoadConnection {
            request: 1,
            mailbox,
        });
        let report = reader.until(|event| match event {
            EngineEvent::Connection { report, .. } => Some(report),
            _ => None,
        });
        let session = &report.await.sessions[0];
        let mut lines = shown::texts(&session.lines);
        lines.retain(|line| line == "C: NOOP");
        assert_eq!(lines.len(), 13);
        assert!(
            session.outcome.contains("without input"),
            "{}",
            session.outcome
        );
        reader.leave().await;
    };
    LocalSet::new().run_until(body).await;
    let heard = heard.lock().unwrap();
    assert_eq!(heard[heard.len() - 2..], ["RSET", "QUIT"]);
}
