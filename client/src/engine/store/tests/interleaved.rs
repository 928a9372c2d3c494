//! Two mailboxes that are checked at the same time.

use futures::executor::block_on;

use super::*;
use crate::engine::store::spool::MemoryFiles;
use crate::engine::store::spool::faults::{Faults, FaultyFiles};

/// Returns message `number`, too large for a buffer.
fn large(number: u32) -> Vec<u8> {
    let mut octets = message(number);
    octets.extend("lorem ipsum dolor\r\n".repeat(30_000).into_bytes());
    octets
}

#[test]
fn two_mailboxes_receive_messages_at_the_same_time() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut store, _) = open(&files).await;
        let first = store.add_mailbox().await.unwrap();
        let second = store.add_mailbox().await.unwrap();
        let slow = large(0);
        let (begin, end) = slow.split_at(slow.len() - 1_000);
        let mut slowly = store.begin(first, Some("slow")).await.unwrap();
        store.push(&mut slowly, begin).await.unwrap();
        for number in 1..4 {
            let id = format!("u{number}");
            deliver(&mut store, second, &id, &large(number))
                .await
                .unwrap();
            store.commit().await.unwrap();
            assert_eq!(store.rows(&all(), 0, 10).await.unwrap().0, number);
        }
        store.push(&mut slowly, end).await.unwrap();
        let slow_id = store.finish(slowly).await.unwrap();
        store.commit().await.unwrap();
        for _ in 0..2 {
            let mailboxes = store.mailboxes().await.unwrap();
            assert_eq!((mailboxes[0].messages, mailboxes[1].messages), (1, 3));
            assert_eq!(store.source(slow_id).await.unwrap(), slow);
            assert_eq!(store.known(first).await.unwrap().count("slow"), 1);
            assert_eq!(found(&mut store, "number0").await, 1);
            assert_eq!(found(&mut store, "lorem").await, 4);
            store = open(&files).await.0;
        }
    });
}

#[test]
fn a_flush_that_fails_for_one_mailbox_is_noticed_for_the_other() {
    block_on(async {
        let faults = Faults::default();
        let files = FaultyFiles::new(MemoryFiles::new(), faults.clone());
        let (mut store, _) = open(&files).await;
        let first = store.add_mailbox().await.unwrap();
        let second = store.add_mailbox().await.unwrap();
        deliver(&mut store, first, "a", &message(0)).await.unwrap();
        let before = store.losses();
        deliver(&mut store, second, "b", &message(1)).await.unwrap();
        faults.fail_flush(true);
        assert!(store.note_check(first).await.is_err());
        faults.fail_flush(false);
        // Nothing is left that this could make durable.
        store.commit().await.unwrap();
        assert_eq!(store.losses(), before + 1);
        assert!(store.known(second).await.unwrap().is_empty());
        assert_eq!(store.rows(&all(), 0, 10).await.unwrap().0, 0);
        deliver(&mut store, second, "b", &message(1)).await.unwrap();
        store.commit().await.unwrap();
        assert_eq!(store.losses(), before + 1);
        assert_eq!(store.rows(&all(), 0, 10).await.unwrap().0, 1);
    });
}
