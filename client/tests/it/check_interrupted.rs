//! Checks that end early lose nothing, and the next one duplicates nothing.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use restante_client::engine::command::Encryption;
use restante_client::engine::event::{CheckOutcome, ProblemKind};

use crate::check_dovecot::{assert_kept, deliver};
use crate::cutting::Then;
use crate::dovecot::Dovecot;
use crate::kept::Kept;
use crate::visit::{visit, visit_through};
use crate::{bridge, cutting};

#[tokio::test]
async fn a_check_that_is_cut_anywhere_is_completed_by_the_next() {
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
    assert!(kept_some, "no cut came late enough for a message to arrive");
}

#[tokio::test]
async fn a_cancelled_check_keeps_what_was_complete() {
    let dovecot = Dovecot::start();
    let expected = deliver(&dovecot, 120);
    let all: usize = expected.iter().map(|(_, octets)| octets.len()).sum();
    let settings = dovecot.settings(Encryption::Tls);
    // The server falls silent, so the check waits when it is cancelled.
    let mut silent = settings.clone();
    silent.port = cutting::start(settings.port, all as u64 / 2, Then::Silence).await;
    let relay = bridge::start([silent.port]).await;
    let mut kept = Kept::default();
    let finished = Rc::clone(&kept.watched);
    // Asked again whenever the check has done something.
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
async fn a_full_store_ends_the_check_and_keeps_what_fitted() {
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
