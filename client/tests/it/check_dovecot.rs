//! Complete checks with a real Dovecot: every message arrives unchanged.

use std::cell::RefCell;
use std::future::pending;

use restante_client::api::check::{CheckOutcome, Progress, Stage};
use restante_client::api::settings::Encryption;

use crate::bridge;
use crate::dovecot::{Dovecot, PASSWORD};
use crate::kept::Kept;
use crate::messages::{mixed, on_the_wire};
use crate::visit::{proof_of, visit, visit_through};

/// Delivers messages to a Dovecot. Returns the messages that a check must fetch, by unique-id.
pub(crate) fn deliver(dovecot: &Dovecot, count: u32) -> Vec<(String, Vec<u8>)> {
    let messages = mixed(count);
    dovecot.deliver(
        messages
            .iter()
            .map(|(name, file)| (name.as_str(), file.as_slice())),
    );
    messages
        .into_iter()
        .map(|(name, file)| (name, on_the_wire(&file)))
        .collect()
}

/// Asserts that the fetched messages are the expected ones.
pub(crate) fn assert_kept(kept: &Kept, expected: &[(String, Vec<u8>)]) {
    let messages = kept.messages();
    let names: Vec<&str> = messages.iter().map(|(name, _)| *name).collect();
    let expected_names: Vec<&str> = expected.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, expected_names);
    for ((name, octets), (_, expected)) in messages.iter().zip(expected) {
        assert!(octets == expected, "{name} differs");
    }
    assert!(!kept.is_in_message());
}

async fn everything_arrives(encryption: Encryption) {
    let dovecot = Dovecot::start();
    let expected = deliver(&dovecot, 300);
    let settings = dovecot.settings(encryption);
    let relay = bridge::start([settings.port]).await;
    let mut kept = Kept::default();
    let reports: RefCell<Vec<Progress>> = RefCell::default();
    let report = |progress| reports.borrow_mut().push(progress);
    let outcome = visit_through(&relay, &settings, &mut kept, report, pending()).await;
    let done = CheckOutcome::Done {
        new_messages: 300,
        skipped: 0,
    };
    assert_eq!(outcome, done);
    assert_kept(&kept, &expected);
    assert!(kept.commits >= 2, "{} commits", kept.commits);

    let reports = reports.into_inner();
    let mut stages: Vec<Stage> = reports.iter().map(|progress| progress.stage).collect();
    stages.dedup();
    // This many messages may be only a part of the maildrop, so a second session looks for more.
    assert_eq!(stages.len(), 10);
    for session in stages.chunks(5) {
        assert_eq!(
            session,
            [
                Stage::Connecting,
                Stage::LoggingIn,
                Stage::Listing,
                Stage::Fetching,
                Stage::Finishing
            ]
        );
    }
    let last = reports.last().unwrap();
    let octets: usize = expected.iter().map(|(_, octets)| octets.len()).sum();
    let octets = octets as u64;
    assert_eq!((last.messages_done, last.messages_total), (300, 300));
    assert_eq!(last.octets_done, octets);
    let announced = reports.iter().map(|report| report.octets_total).max();
    // Dovecot's sizes do not include the two bytes that it adds to end a last line.
    assert!(
        announced.is_some_and(|all| (octets - 600..=octets).contains(&all)),
        "{last:?}"
    );
}

#[tokio::test]
async fn every_message_arrives_unchanged_over_tls() {
    everything_arrives(Encryption::Tls).await;
}

#[tokio::test]
async fn every_message_arrives_unchanged_over_stls() {
    everything_arrives(Encryption::Stls).await;
}

#[tokio::test]
async fn the_next_check_fetches_only_new_messages() {
    let dovecot = Dovecot::start();
    let mut expected = deliver(&dovecot, 3);
    let settings = dovecot.settings(Encryption::Tls);
    let mut kept = Kept::default();
    visit(&settings, &mut kept).await;
    let new = (
        "1800000000.M1P1.restante",
        b"Subject: new\n\nnew\n".as_slice(),
    );
    dovecot.deliver([new]);
    expected.push((new.0.to_owned(), on_the_wire(new.1)));
    for new_messages in [1, 0] {
        let outcome = visit(&settings, &mut kept).await;
        let done = CheckOutcome::Done {
            new_messages,
            skipped: 0,
        };
        assert_eq!(outcome, done);
    }
    assert_kept(&kept, &expected);
}

#[tokio::test]
async fn an_empty_maildrop_is_not_an_error() {
    let dovecot = Dovecot::start();
    let outcome = visit(&dovecot.settings(Encryption::Tls), &mut Kept::default()).await;
    let done = CheckOutcome::Done {
        new_messages: 0,
        skipped: 0,
    };
    assert_eq!(outcome, done);
}

#[tokio::test]
async fn working_settings_are_accepted() {
    let dovecot = Dovecot::start();
    for encryption in [Encryption::Tls, Encryption::Stls] {
        let settings = dovecot.settings(encryption);
        assert_eq!(proof_of(&settings, PASSWORD).await, Ok(()));
    }
}
