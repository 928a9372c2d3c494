//! Messages that a server calls by another unique-id than before.

use futures::executor::block_on;

use super::*;
use crate::engine::store::index::IndexPlace;
use crate::engine::store::spool::faults::{Faults, FaultyFiles};

const NAMED: &[u8] = b"Message-ID: <1@example.org>\r\nSubject: hi\r\n\r\nText\r\n\r\nand more\r\n";

#[test]
fn a_renamed_message_is_known_by_both_unique_ids_after_a_restart() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let places = [
            IndexPlace::Memory,
            IndexPlace::File(folder.path().join("index")),
        ];
        for place in places {
            let files = MemoryFiles::new();
            let (mut store, _) = open_at(&files, place.clone()).await;
            let mailbox = store.add_mailbox().await.unwrap();
            let named = deliver(&mut store, mailbox, "old", NAMED).await.unwrap();
            let other = deliver(&mut store, mailbox, "nameless", &message(1)).await;
            store.commit().await.unwrap();
            // As after a crash in the middle, it may be told more than once.
            store.rename(named, "new").await.unwrap();
            store.commit().await.unwrap();
            store.rename(named, "new").await.unwrap();
            // What is not here is not taken for kept.
            store.rename(MessageId(99), "lost").await.unwrap();
            store.commit().await.unwrap();
            for _ in 0..2 {
                let known = store.known(mailbox).await.unwrap();
                let counts = ["old", "new", "nameless", "lost"].map(|id| known.count(id));
                assert_eq!(counts, [1, 1, 1, 0]);
                assert_eq!(store.rows(&all(), 0, 10).await.unwrap().0, 2);
                assert_eq!(store.source(named).await.unwrap(), NAMED);
                let kept = store.kept(mailbox, |id, _| id == "new").await.unwrap();
                assert_eq!(kept, [(NAMED.len() as u64, named)]);
                store = open_at(&files, place.clone()).await.0;
            }
            assert!(other.is_ok());
        }
    });
}

#[test]
fn stored_messages_are_found_by_size_and_their_beginnings_can_be_read() {
    block_on(async {
        let (mut store, _) = open(&MemoryFiles::new()).await;
        let mailbox = store.add_mailbox().await.unwrap();
        let named = deliver(&mut store, mailbox, "a", NAMED).await.unwrap();
        let short = deliver(&mut store, mailbox, "b", b"Subject: hi").await;
        let short = short.unwrap();
        store.commit().await.unwrap();
        let kept = store.kept(mailbox, |_, octets| octets > 11).await.unwrap();
        assert_eq!(kept, [(NAMED.len() as u64, named)]);
        let kept = store.kept(mailbox, |id, _| id == "b").await.unwrap();
        assert_eq!(kept, [(11, short)]);
        for (message, octets, expected) in [
            (named, 44, NAMED.get(..44)),
            (short, 44, Some(b"Subject: hi".as_slice())),
            (MessageId(99), 44, None),
        ] {
            let beginning = store.beginning(message, octets).await.unwrap();
            assert_eq!(beginning.as_deref(), expected);
        }
    });
}

#[test]
fn the_beginning_of_a_large_message_is_read_without_the_rest() {
    const WANTED: usize = 64 * 1024;
    block_on(async {
        let faults = Faults::default();
        let files = FaultyFiles::new(MemoryFiles::new(), faults.clone());
        let (mut store, _) = open(&files).await;
        let mailbox = store.add_mailbox().await.unwrap();
        let octets: Vec<u8> = (0..=250).cycle().take(5_000_000).collect();
        let unique_id = "u".repeat(70);
        let large = deliver(&mut store, mailbox, &unique_id, &octets).await;
        let large = large.unwrap();
        store.commit().await.unwrap();
        store.mailboxes().await.unwrap();
        let before = faults.bytes_read();
        let beginning = store.beginning(large, WANTED).await.unwrap().unwrap();
        assert_eq!(beginning, octets[..WANTED]);
        let read = faults.bytes_read() - before;
        // The record's header and the fields before the message.
        assert!(read <= WANTED as u64 + 100, "{read} bytes");
    });
}

#[test]
fn the_ledger_has_the_sizes_under_all_unique_ids() {
    block_on(async {
        let (mut store, _) = open(&MemoryFiles::new()).await;
        let mailbox = store.add_mailbox().await.unwrap();
        let named = deliver(&mut store, mailbox, "a", NAMED).await.unwrap();
        let other = deliver(&mut store, mailbox, "a", b"Subject: hi").await;
        assert!(other.is_ok());
        store.commit().await.unwrap();
        store.rename(named, "b").await.unwrap();
        store.commit().await.unwrap();
        let mut known = store.known(mailbox).await.unwrap();
        for (id, sizes) in [("a", [true, true, false]), ("b", [true, false, false])] {
            let at = known.take(id).unwrap();
            let octets = [NAMED.len() as u64, 11, 20];
            let found = octets.map(|octets| known.has_size(at, octets));
            assert_eq!(found, sizes, "{id}");
            assert_eq!(known.message(at, Some(octets[0])), Some(named), "{id}");
        }
    });
}
