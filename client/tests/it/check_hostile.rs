//! Hostile servers and failing disks. Only durable messages are counted.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite, Cursor, Result};
use futures::poll;
use restante_client::api::check::CheckOutcome;
use restante_client::api::ids::MailboxId;
use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::Secret;
use restante_client::clock::SystemClock;
use restante_client::engine::check::check;
use restante_client::engine::mailboxes::live_profile::LiveProfile;
use restante_client::engine::mailboxes::server_profile::ServerProfile;
use restante_client::engine::server::context::{Dialler, SessionContext};
use restante_client::engine::sink::Delivery as _;
use restante_client::engine::store::Store;
use restante_client::engine::store::index::IndexPlace;
use restante_client::engine::store::spool::MemoryFiles;
use restante_client::transport::TransportError;
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::login::Method;
use restante_shared::pop3::quirk::Quirk;

use crate::bridge;
use crate::dovecot::PASSWORD;
use crate::faulty_files::{Faults, FaultyFiles};
use crate::kept::Kept;
use crate::scripted::{self, list, say, usual};
use crate::shown;
use crate::visit::{problem_of, unencrypted, visit, visit_through};

#[tokio::test]
async fn messages_with_absurd_sizes_are_left_on_the_server() {
    let script = |command: &str| match command {
        "UIDL" => list(&["1 one", "2 two", "3 three"]),
        "LIST" => list(&["1 14", "2 18446744073709551615", "3 18446744073709551615"]),
        _ => usual(command),
    };
    let settings = unencrypted(scripted::start(script).await);
    let mut kept = Kept::default();
    let outcome = visit(&settings, &mut kept).await;
    let expected = CheckOutcome::Done {
        new_messages: 1,
        skipped: 2,
    };
    assert_eq!(outcome, expected);
}

#[tokio::test]
async fn messages_without_a_valid_unique_id_count_as_skipped() {
    let script = |command: &str| match command {
        "UIDL" => list(&["1 one", "2", "0 zero", "4294967296 many", ""]),
        _ => usual(command),
    };
    let settings = unencrypted(scripted::start(script).await);
    let expected = CheckOutcome::Done {
        new_messages: 1,
        skipped: 3,
    };
    assert_eq!(visit(&settings, &mut Kept::default()).await, expected);
}

#[tokio::test]
async fn an_endless_answer_ends_the_session() {
    for (at, answer) in [
        ("", format!("+OK {}", "x".repeat(100_000))),
        ("CAPA", format!("+OK\r\n{}", "X\r\n".repeat(1_001))),
        ("CAPA", format!("+OK\r\n{}", "\r\n".repeat(1_001))),
        ("CAPA", format!("+OK\r\nX-{}", "x".repeat(100_000))),
        ("USER reader", format!("-ERR {}", "x".repeat(100_000))),
        ("UIDL", format!("+OK\r\n1 {}", "x".repeat(100_000))),
    ] {
        let script = move |command: &str| match command {
            command if command == at => say(&answer),
            _ => usual(command),
        };
        let problem = problem_of(&unencrypted(scripted::start(script).await)).await;
        let expected = match at {
            "" => ProblemKind::NotPop3,
            _ => ProblemKind::ProtocolBroken,
        };
        assert_eq!(problem.kind, expected, "{at}");
    }
}

#[tokio::test]
async fn endless_challenges_end_the_login() {
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"] {
        for challenge in ["+ ", "+ VXNlcm5hbWU6", "+ cj1hLHM9YSxpPTE="] {
            let script = move |command: &str| match command {
                "CAPA" => list(&[&format!("SASL {mechanism}")]),
                "" => usual(command),
                _ => say(challenge),
            };
            let problem = problem_of(&unencrypted(scripted::start(script).await)).await;
            assert_eq!(problem.kind, ProblemKind::ProtocolBroken, "{mechanism}");
        }
    }
}

#[tokio::test]
async fn an_endless_listing_of_empty_lines_ends_the_session() {
    for at in ["UIDL", "LIST"] {
        let script = move |command: &str| match command {
            command if command == at => say(&format!("+OK\r\n{}", "\r\n".repeat(4_000_001))),
            _ => usual(command),
        };
        let problem = problem_of(&unencrypted(scripted::start(script).await)).await;
        assert_eq!(problem.kind, ProblemKind::ProtocolBroken, "{at}");
    }
}

#[tokio::test]
async fn a_password_repeated_by_the_server_is_not_shown() {
    for (capability, login, kind) in [
        ("USER", "PASS ", ProblemKind::WrongCredentials),
        ("SASL PLAIN", "AUTH PLAIN ", ProblemKind::NoLoginOffered),
    ] {
        let script = move |command: &str| match command {
            "CAPA" => list(&[capability]),
            _ if command.starts_with(login) => say(&format!("-ERR unknown command: {command}")),
            _ => usual(command),
        };
        let problem = problem_of(&unencrypted(scripted::start(script).await)).await;
        assert_eq!(problem.kind, kind);
        let detail = format!("unknown command: {login}***");
        assert_eq!(shown::detail(&problem), Some(detail));
    }
}

#[tokio::test]
async fn messages_that_are_not_durable_are_not_counted() {
    let settings = unencrypted(scripted::start(usual).await);
    let relay = bridge::start([settings.port]).await;
    let faults = Faults::default();
    let files = FaultyFiles::new(MemoryFiles::new(), faults.clone());
    let (mut store, _) = Store::open(files, IndexPlace::Memory, SystemClock)
        .await
        .unwrap();
    assert_eq!(store.add_mailbox().await.unwrap(), MailboxId(1));
    faults.fail_flush(true);
    let outcome = visit_through(&relay, &settings, &mut store, |_| {}, pending()).await;
    assert!(
        matches!(
            outcome,
            CheckOutcome::Failed {
                new_messages: 0,
                ..
            }
        ),
        "{outcome:?}"
    );
    assert!(store.known(MailboxId(1)).await.unwrap().is_empty());
}

/// A server that sends the first `come` bytes of `said`, and ignores commands.
struct PartialAnswers {
    said: Cursor<&'static [u8]>,
    come: Rc<Cell<u64>>,
}

impl AsyncRead for PartialAnswers {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<Result<usize>> {
        let left = self.come.get() - self.said.position();
        let most = buffer.len().min(usize::try_from(left).unwrap());
        match buffer.get_mut(..most) {
            Some(buffer @ [_, ..]) => Pin::new(&mut self.said).poll_read(cx, buffer),
            _ => Poll::Pending,
        }
    }
}

impl AsyncWrite for PartialAnswers {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<Result<usize>> {
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_cancelled_check_accepts_no_more_messages() {
    const FIRST: &[u8] = b"+OK\r\n+OK\r\nUSER\r\n.\r\n+OK\r\n+OK\r\n+OK\r\nUSER\r\n.\r\n\
        +OK\r\n1 one\r\n2 two\r\n.\r\n+OK\r\n1 7\r\n2 8\r\n.\r\n+OK\r\nfirst\r\n.\r\n";
    const ALL: &[u8] = b"+OK\r\n+OK\r\nUSER\r\n.\r\n+OK\r\n+OK\r\n+OK\r\nUSER\r\n.\r\n\
        +OK\r\n1 one\r\n2 two\r\n.\r\n+OK\r\n1 7\r\n2 8\r\n.\r\n+OK\r\nfirst\r\n.\r\n\
        +OK\r\nsecond\r\n.\r\n+OK\r\n";
    let come = Rc::new(Cell::new(FIRST.len() as u64));
    let cancel = Cell::new(false);
    let settings = unencrypted(110);
    let password = Secret::new(PASSWORD.to_owned());
    let journal = RefCell::default();
    let mut kept = Kept::default();
    let finished = kept.watched.clone();
    let said = Cursor::new(ALL);
    let saying = RefCell::new(Some(PartialAnswers {
        said,
        come: Rc::clone(&come),
    }));
    let dial = async || saying.take().ok_or(TransportError::Lost);
    let context = SessionContext {
        settings: &settings,
        password: &password,
        clock: &SystemClock,
        dialler: Dialler::new(dial),
        journal: &journal,
    };
    let mut profile = LiveProfile::in_memory(ServerProfile::default(), &SystemClock);
    let cancelled = poll_fn(|_| match cancel.get() {
        true => Poll::Ready(()),
        false => Poll::Pending,
    });
    let mut checking = pin!(check(
        context,
        &mut profile,
        MailboxId(1),
        &mut kept,
        |_| {},
        cancelled
    ));
    assert!(poll!(checking.as_mut()).is_pending());
    assert_eq!(finished.get(), 1);
    come.set(ALL.len() as u64);
    cancel.set(true);
    let expected = CheckOutcome::Cancelled { new_messages: 1 };
    assert_eq!(poll!(checking.as_mut()), Poll::Ready(expected));
}

#[tokio::test]
async fn lessons_outlive_a_check_that_is_cut_at_once() {
    const FIRST: &[u8] = b"+OK\r\n+OK\r\nUSER\r\n.\r\n+OK\r\n+OK\r\n+OK\r\nUSER\r\n.\r\n\
        +OK\r\n1 one\r\n2 two\r\n.\r\n+OK\r\n1 4\r\n2 8\r\n.\r\n+OK\r\nfirst\r\n.\r\n";
    let settings = unencrypted(110);
    let password = Secret::new(PASSWORD.to_owned());
    let journal = RefCell::default();
    let mut kept = Kept::default();
    let answers = RefCell::new(Some(PartialAnswers {
        said: Cursor::new(FIRST),
        come: Rc::new(Cell::new(FIRST.len() as u64)),
    }));
    let saved = RefCell::new(ServerProfile::default());
    let mut profile = LiveProfile::new(ServerProfile::default(), &SystemClock, |profile| {
        saved.replace(profile);
        ready(())
    });
    let context = SessionContext {
        settings: &settings,
        password: &password,
        clock: &SystemClock,
        dialler: Dialler::new(async || answers.take().ok_or(TransportError::Lost)),
        journal: &journal,
    };
    {
        let mailbox = MailboxId(1);
        let checking = check(context, &mut profile, mailbox, &mut kept, |_| {}, pending());
        assert!(poll!(pin!(checking)).is_pending());
        // The tab is closed here: nothing of the check runs any more.
    }
    let saved = saved.borrow();
    assert_eq!(saved.method, Some(Method::UserPass));
    assert_eq!(saved.advertised.after_login, [Capability::User]);
    assert!(saved.quirks.contains(&Quirk::WrongSize), "{saved:?}");
}
