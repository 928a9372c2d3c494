//! Interrupted checks lose no message, and the next check duplicates none.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use restante_client::api::check::CheckOutcome;
use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::Encryption;
use restante_client::clock::SystemClock;

use crate::check_dovecot::{assert_kept, deliver};
use crate::cutting::Then;
use crate::dovecot::Dovecot;
use crate::kept::Kept;
use crate::scripted::{self, list, say, usual};
use crate::visit::{Visitor, unencrypted, visit, visit_through};
use crate::{bridge, cutting};

#[tokio::test]
async fn a_check_interrupted_at_any_byte_is_completed_by_the_next() {
    let dovecot = Dovecot::start();
    let expected = deliver(&dovecot, 120);
    let all: usize = expected.iter().map(|(_, octets)| octets.len()).sum();
    let settings = dovecot.settings(Encryption::Tls);
    let cuts = [0, 100, 2_000, 6_000, 100_000, all / 2, all - 10_000];
    let mut kept_some = false;
    for cut in cuts {
        let mut kept = Kept::default();
        let mut cut_settings = settings.clone();
        cut_settings.port = cutting::start(settings.port, cut as u64, Then::Cut).await;
        let outcome = visit(&cut_settings, &mut kept).await;
        let kept_before = kept.messages().len();
        kept_some |= kept_before > 0;
        match outcome {
            CheckOutcome::Failed {
                new_messages,
                problem,
            } => {
                assert_eq!(problem.kind, ProblemKind::ConnectionLost, "cut at {cut}");
                assert_eq!(new_messages as usize, kept_before);
            }
            other => panic!("{other:?} when cut at {cut}"),
        }
        let outcome = visit(&settings, &mut kept).await;
        let done = CheckOutcome::Done {
            new_messages: 120 - u32::try_from(kept_before).unwrap(),
            skipped: 0,
        };
        assert_eq!(outcome, done, "after a cut at {cut}");
        assert_kept(&kept, &expected);
    }
    assert!(kept_some, "no message arrived before any of the cuts");
}

/// Starts a server with `messages` messages, whose unique-ids begin with `names`. Without `names`,
/// it has no `UIDL`.
async fn maildrop(messages: usize, names: Option<&'static str>) -> u16 {
    let message = |n: usize| format!("Message-ID: <{n}@a>\r\n\r\n{}", "x".repeat(n));
    let lines = move |line: &dyn Fn(usize) -> String| {
        let lines: Vec<_> = (1..=messages).map(|n| format!("{n} {}", line(n))).collect();
        list(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    scripted::start(move |command| {
        let words: Vec<_> = command.split(' ').collect();
        let number = words.get(1).and_then(|number| number.parse().ok());
        match (words.first().copied(), number, names) {
            (Some("CAPA"), ..) => list(&["USER", "TOP", "PIPELINING"]),
            (Some("UIDL"), _, None) => say("-ERR unknown command"),
            (Some("UIDL"), _, Some(names)) => lines(&|n| format!("{names}{n}")),
            (Some("LIST"), ..) => lines(&|n| (message(n).len() + 2).to_string()),
            (Some("RETR"), Some(number), _) => list(&[&message(number)]),
            (Some("TOP"), Some(_), _) => list(&[message(number.unwrap()).trim_end_matches('x')]),
            _ => usual(command),
        }
    })
    .await
}

/// The most bytes that such a server sends in one session.
const SAID: u64 = 1_000;

#[tokio::test]
async fn an_interruption_while_headers_are_read_neither_loses_nor_duplicates_messages() {
    for (before, after) in [(Some("old"), Some("new")), (None, None)] {
        let old = maildrop(5, before).await;
        let new = maildrop(6, after).await;
        for cut in (0..SAID).step_by(37) {
            let mut visitor = Visitor::new(unencrypted(old), SystemClock);
            assert!(matches!(visitor.check().await, CheckOutcome::Done { .. }));
            visitor.settings.port = cutting::start(new, cut, Then::Cut).await;
            visitor.check().await;
            visitor.settings.port = new;
            let outcome = visitor.check().await;
            assert!(matches!(outcome, CheckOutcome::Done { .. }), "{outcome:?}");
            let kept = visitor.kept.messages();
            let texts: BTreeSet<_> = kept.iter().map(|(_, octets)| octets).collect();
            assert_eq!((kept.len(), texts.len()), (6, 6), "{after:?} cut at {cut}");
        }
    }
}

#[tokio::test]
async fn a_cancelled_check_keeps_complete_messages() {
    let dovecot = Dovecot::start();
    let expected = deliver(&dovecot, 120);
    let all: usize = expected.iter().map(|(_, octets)| octets.len()).sum();
    let settings = dovecot.settings(Encryption::Tls);
    // The server falls silent, so that the check is waiting when it is cancelled.
    let mut silent = settings.clone();
    silent.port = cutting::start(settings.port, all as u64 / 2, Then::Silence).await;
    let relay = bridge::start([silent.port]).await;
    let mut kept = Kept::default();
    let finished = Rc::clone(&kept.watched);
    // Polled again after each step of the check.
    let cancelled = poll_fn(|_| match finished.get() {
        10.. => Poll::Ready(()),
        _ => Poll::Pending,
    });
    let outcome = visit_through(&relay, &silent, &mut kept, |_| {}, cancelled).await;
    let CheckOutcome::Cancelled { new_messages } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(new_messages, finished.get());
    assert_eq!(kept.messages().len(), new_messages as usize);
    visit(&settings, &mut kept).await;
    assert_kept(&kept, &expected);
}

#[tokio::test]
async fn a_full_store_ends_the_check_and_keeps_the_stored_messages() {
    let dovecot = Dovecot::start();
    let expected = deliver(&dovecot, 100);
    let settings = dovecot.settings(Encryption::Tls);
    let mut kept = Kept::default();
    kept.room = Some(1_000_000);
    match visit(&settings, &mut kept).await {
        CheckOutcome::Failed {
            new_messages: 1..,
            problem,
        } => assert_eq!(problem.kind, ProblemKind::StorageFull),
        other => panic!("{other:?}"),
    }
    kept.room = None;
    visit(&settings, &mut kept).await;
    assert_kept(&kept, &expected);
}
