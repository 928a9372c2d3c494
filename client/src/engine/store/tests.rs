//! The store as the engine uses it: storing, listing and searching.

mod behind;
mod changes;
mod damage;
mod interleaved;
mod renamed;
mod search;
mod unnamed;

use std::time::Duration;

use futures::executor::block_on;
use futures::future::{LocalBoxFuture, ready};

use super::index::IndexPlace;
use super::spool::{Change, Files, MemoryFiles};
use super::*;
use crate::api::ids::{MailboxId, MessageId, PartId};
use crate::api::mail::{Body, MessageQuery};
use crate::api::problem::{Problem, ProblemKind};
use crate::api::storage::Healing;
use crate::clock::Clock;
use crate::engine::sink::Delivery;

#[derive(Clone)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Duration {
        Duration::from_secs(1_000_000_000)
    }

    fn sleep(&self, _: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(ready(()))
    }
}

async fn open<F: Files + Clone>(files: &F) -> (Store<F>, Vec<Healing>) {
    open_at(files, IndexPlace::Memory).await
}

async fn open_at<F: Files + Clone>(files: &F, place: IndexPlace) -> (Store<F>, Vec<Healing>) {
    Store::open(files.clone(), place, Noon).await.unwrap()
}

async fn deliver<F: Files>(
    store: &mut Store<F>,
    mailbox: MailboxId,
    unique_id: &str,
    octets: &[u8],
) -> Result<MessageId, Problem> {
    let mut message = store.begin(mailbox, Some(unique_id)).await?;
    store.push(&mut message, octets).await?;
    store.finish(message).await
}

/// Returns message `number`, a minute newer than the one before.
fn message(number: u32) -> Vec<u8> {
    let (hour, minute) = (number / 60 % 24, number % 60);
    let day = number / 1_440 % 28 + 1;
    let month = ["Jan", "Feb", "Mar"][(number as usize / 40_320) % 3];
    let padding = "lorem ipsum ".repeat(2 + number as usize % 5);
    format!(
        "From: Sender{number} <s{number}@example.org>\r\nTo: me@example.net\r\n\
         Subject: Subject {number}\r\nDate: {day} {month} 2024 {hour:02}:{minute:02}:00 +0000\r\n\
         \r\nThe number{number} of {padding}\r\n"
    )
    .into_bytes()
}

fn all() -> MessageQuery {
    MessageQuery::default()
}

fn search(words: &str) -> MessageQuery {
    MessageQuery {
        search: words.to_owned(),
        ..all()
    }
}

/// Returns the number of messages with these words, once all words are indexed.
async fn found<F: Files>(store: &mut Store<F>, words: &str) -> u32 {
    while store.make_searchable().await.unwrap() {}
    assert_eq!(store.unsearched().await.unwrap(), 0);
    store.rows(&search(words), 0, 10).await.unwrap().0
}

/// Creates a mailbox with messages 0 to `count`.
async fn fill<F: Files>(store: &mut Store<F>, count: u32) -> (MailboxId, Vec<MessageId>) {
    let mailbox = store.add_mailbox().await.unwrap();
    let mut ids = Vec::new();
    for number in 0..count {
        let octets = message(number);
        let id = deliver(store, mailbox, &format!("u{number}"), &octets).await;
        ids.push(id.unwrap());
    }
    store.commit().await.unwrap();
    (mailbox, ids)
}

async fn assert_all_there<F: Files>(store: &mut Store<F>, ids: &[MessageId]) {
    let (total, rows) = store.rows(&all(), 0, 500).await.unwrap();
    assert_eq!((total as usize, rows.len()), (ids.len(), ids.len()));
    for (number, id) in (0..).zip(ids) {
        assert_eq!(store.source(*id).await.unwrap(), message(number));
    }
}

#[test]
fn delivered_messages_count_after_the_commit_and_survive_a_restart() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut store, healed) = open(&files).await;
        assert_eq!(healed, []);
        let mailbox = store.add_mailbox().await.unwrap();
        let mut octets = b"Subject: hi\r\n\r\n".to_vec();
        octets.extend((0..=255).cycle().take(300_000));
        let id = deliver(&mut store, mailbox, "u1", &octets).await.unwrap();
        assert_eq!(store.rows(&all(), 0, 10).await.unwrap().0, 0);
        assert_eq!(store.known(mailbox).await.unwrap().count("u1"), 1);
        store.commit().await.unwrap();
        let (total, rows) = store.rows(&all(), 0, 10).await.unwrap();
        assert_eq!((total, rows[0].subject.as_str()), (1, "hi"));
        assert_eq!(rows[0].date, 1_000_000_000);
        assert_eq!(store.source(id).await.unwrap(), octets);
        drop(store);
        let (mut store, _) = open(&files).await;
        assert_eq!(store.source(id).await.unwrap(), octets);
        assert_eq!(store.known(mailbox).await.unwrap().count("u1"), 1);
    });
}

#[test]
fn a_dropped_delivery_leaves_no_messages() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut store, _) = open(&files).await;
        let (mailbox, ids) = fill(&mut store, 3).await;
        let mut lost = store.begin(mailbox, Some("lost")).await.unwrap();
        store.push(&mut lost, &[b'x'; 300_000]).await.unwrap();
        drop(lost);
        // An interrupted check reports nothing more; the next one just begins.
        deliver(&mut store, mailbox, "u3", &message(3))
            .await
            .unwrap();
        let abandoned = store.begin(mailbox, Some("abandoned")).await.unwrap();
        store.abandon(abandoned).await;
        assert_eq!(store.known(mailbox).await.unwrap().len(), 4);
        store.commit().await.unwrap();
        assert_eq!(store.rows(&all(), 0, 10).await.unwrap().0, 4);
        let known = store.known(mailbox).await.unwrap();
        assert_eq!((known.count("lost"), known.count("abandoned")), (0, 0));
        assert_eq!(ids.len(), 3);
    });
}

#[test]
fn a_unique_id_that_a_server_lists_twice_is_counted_twice() {
    block_on(async {
        let (mut store, _) = open(&MemoryFiles::new()).await;
        let mailbox = store.add_mailbox().await.unwrap();
        deliver(&mut store, mailbox, "same", b"a").await.unwrap();
        store.commit().await.unwrap();
        deliver(&mut store, mailbox, "same", b"b").await.unwrap();
        assert_eq!(store.known(mailbox).await.unwrap().count("same"), 2);
        store.commit().await.unwrap();
        assert_eq!(store.known(mailbox).await.unwrap().count("same"), 2);
    });
}

#[test]
fn read_marks_are_stored_even_while_a_message_arrives() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut store, _) = open(&files).await;
        let (mailbox, ids) = fill(&mut store, 3).await;
        assert!(store.change(Change::read(ids[0], true)).await.unwrap());
        assert!(!store.change(Change::read(ids[0], true)).await.unwrap());
        let mut arriving = store.begin(mailbox, Some("u3")).await.unwrap();
        assert!(store.change(Change::read(ids[1], true)).await.unwrap());
        assert_eq!(store.mailboxes().await.unwrap()[0].unread, 1);
        store.push(&mut arriving, &message(3)).await.unwrap();
        store.finish(arriving).await.unwrap();
        store.commit().await.unwrap();
        let (mut store, _) = open(&files).await;
        let mailboxes = store.mailboxes().await.unwrap();
        assert_eq!((mailboxes[0].messages, mailboxes[0].unread), (4, 2));
        assert!(store.change(Change::read(ids[1], false)).await.unwrap());
        assert_eq!(store.mailboxes().await.unwrap()[0].unread, 3);
        let missing = store.change(Change::read(MessageId(99), true)).await;
        assert_eq!(missing.unwrap_err().kind, ProblemKind::NotFound);
    });
}

#[test]
fn numbers_of_removed_mailboxes_are_not_reused() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut store, _) = open(&files).await;
        let (first, ids) = fill(&mut store, 3).await;
        let (second, _) = fill(&mut store, 2).await;
        store.note_check(second).await.unwrap();
        store.remove_mailbox(second).await.unwrap();
        store.note_check(first).await.unwrap();
        for _ in 0..2 {
            let mailboxes = store.mailboxes().await.unwrap();
            assert_eq!(mailboxes.len(), 1);
            assert_eq!(mailboxes[0].id, first);
            assert_eq!(mailboxes[0].last_check, Some(1_000_000_000));
            assert_all_there(&mut store, &ids).await;
            assert_eq!(found(&mut store, "number1").await, 1);
            assert!(store.known(second).await.unwrap().is_empty());
            store = open(&files).await.0;
        }
        assert!(store.add_mailbox().await.unwrap() > second);
    });
}

#[test]
fn a_message_that_arrives_after_its_mailbox_was_removed_is_not_stored() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut store, _) = open(&files).await;
        let (removed, _) = fill(&mut store, 1).await;
        let begun = store.begin(removed, Some("begun before")).await.unwrap();
        store.remove_mailbox(removed).await.unwrap();
        store.finish(begun).await.unwrap();
        store.commit().await.unwrap();
        deliver(&mut store, removed, "begun after", b"x")
            .await
            .unwrap();
        store.commit().await.unwrap();
        for _ in 0..2 {
            let (total, rows) = store.rows(&all(), 0, 10).await.unwrap();
            assert_eq!((total, rows.len()), (0, 0));
            store = open(&files).await.0;
        }
    });
}

#[test]
fn a_message_is_opened_with_its_attachments() {
    block_on(async {
        let (mut store, _) = open(&MemoryFiles::new()).await;
        let mailbox = store.add_mailbox().await.unwrap();
        let octets = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\
            Content-Type: text/html\n\n<p>hi<script>x</script>\n--b\n\
            Content-Type: text/csv; name=a.csv\n\n1,2\n--b--\n";
        let id = deliver(&mut store, mailbox, "u", octets).await.unwrap();
        store.commit().await.unwrap();
        let message = store.open_message(id, false).await.unwrap();
        assert!(matches!(message.body, Body::Html { html, .. } if html.contains("<p>hi</p>")));
        assert_eq!(message.attachments[0].name, "a.csv");
        let part = message.attachments[0].part;
        assert_eq!(store.attachment(id, part).await.unwrap(), b"1,2");
        let missing = store.attachment(id, PartId(77)).await.unwrap_err();
        assert_eq!(missing.kind, ProblemKind::NotFound);
    });
}

#[test]
fn fifty_thousand_messages_are_listed_and_found() {
    const COUNT: u32 = 50_000;
    block_on(async {
        let (mut store, _) = open(&MemoryFiles::new()).await;
        let (mailbox, ids) = fill(&mut store, COUNT).await;
        for offset in [0, 1, 24_999, COUNT - 10, COUNT] {
            for mailbox in [None, Some(mailbox)] {
                let query = MessageQuery { mailbox, ..all() };
                let (total, rows) = store.rows(&query, offset, 50).await.unwrap();
                assert_eq!(total, COUNT);
                let expected = ids.iter().rev().skip(offset as usize).take(50);
                assert!(rows.iter().map(|row| &row.id).eq(expected));
            }
        }
        assert_eq!(found(&mut store, "number49999").await, 1);
        let (total, rows) = store.rows(&search("number41234"), 0, 10).await.unwrap();
        assert_eq!((total, rows[0].subject.as_str()), (1, "Subject 41234"));
        let (total, rows) = store
            .rows(&search("lorem number4123"), 0, 50)
            .await
            .unwrap();
        assert_eq!((total, rows.len()), (11, 11));
        assert!(rows.is_sorted_by(|a, b| a.date >= b.date));
        let (total, rows) = store
            .rows(&search("LOREM sübject "), 49_990, 50)
            .await
            .unwrap();
        assert_eq!((total, rows.len()), (COUNT, 10));
        assert_eq!(
            store.rows(&search("lorem absent"), 0, 50).await.unwrap().0,
            0
        );
    });
}

#[test]
fn words_are_found_in_every_field_and_no_input_is_an_error() {
    block_on(async {
        let (mut store, _) = open(&MemoryFiles::new()).await;
        let mailbox = store.add_mailbox().await.unwrap();
        let octets = "From: =?utf-8?Q?J=C3=BCrgen?= <j@firma.example>\r\nTo: Ann <ann@x.example>\r\n\
            Subject: Rechnung Nr. 12-345\r\n\r\n検索エンジン naïve «quoted» C++\r\n";
        deliver(&mut store, mailbox, "u", octets.as_bytes())
            .await
            .unwrap();
        store.commit().await.unwrap();
        for words in [
            "jurgen",
            "firma",
            "ann@x.example",
            "rech",
            "12-345",
            "検索",
            "エンジン",
            "naive",
            "rechnung ann",
            "NAÏVE",
            "quoted",
            "\"quoted",
            "c++",
            "rechnung*",
            "rechnung )",
        ] {
            assert_eq!(found(&mut store, words).await, 1, "{words}");
        }
        for words in [
            "索検",
            "nung",
            "rechnung nope",
            "subject:rechnung",
            "\"",
            "NEAR(",
            "a AND",
            "^",
        ] {
            assert_eq!(found(&mut store, words).await, 0, "{words}");
        }
        let elsewhere = MessageQuery {
            mailbox: Some(MailboxId(77)),
            ..search("rech")
        };
        assert_eq!(store.rows(&elsewhere, 0, 10).await.unwrap().0, 0);
    });
}
