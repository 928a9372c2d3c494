//! The index on its way behind the spool: what is asked meanwhile, and what a crash costs.

use futures::executor::block_on;

use super::*;
use crate::engine::store::keeping::MOST_PENDING;
use crate::engine::store::spool::faults::{Faults, FaultyFiles};
use crate::engine::store::spool::{DiskFiles, File as _, MemoryFiles};

/// Large enough that a slice of words has only a few of them.
fn large(number: u32) -> Vec<u8> {
    let mut octets = message(number);
    octets.extend("lorem ipsum dolor\r\n".repeat(10_000).into_bytes());
    octets
}

const LARGE: u32 = 12;

async fn deliver_large<F: Files>(store: &mut Store<F>) -> MailboxId {
    let mailbox = store.add_mailbox().await.unwrap();
    // A new mailbox is shown before it is checked.
    store.mailboxes().await.unwrap();
    for number in 0..LARGE {
        deliver(store, mailbox, &format!("u{number}"), &large(number))
            .await
            .unwrap();
        store.commit().await.unwrap();
    }
    mailbox
}

#[test]
fn a_search_reports_the_number_of_unsearched_messages() {
    block_on(async {
        let (mut store, _) = open(&MemoryFiles::new()).await;
        deliver_large(&mut store).await;
        let mut left = Vec::new();
        loop {
            let unsearched = store.unsearched().await.unwrap();
            let (found, _) = store.rows(&search("lorem"), 0, 50).await.unwrap();
            assert_eq!(found + unsearched, LARGE);
            assert_eq!(store.rows(&all(), 0, 50).await.unwrap().0, LARGE);
            left.push(unsearched);
            if !store.make_searchable().await.unwrap() {
                break;
            }
        }
        assert!(left.len() > 2 && left[0] == LARGE, "{left:?}");
        assert_eq!(found(&mut store, "lorem").await, LARGE);
    });
}

#[test]
fn the_index_catches_up_without_alarm_after_a_crash_at_any_time() {
    block_on(async {
        for slices in 0..6 {
            let folder = tempfile::tempdir().unwrap();
            let files = DiskFiles::new(folder.path().join("spool"));
            let place = IndexPlace::File(folder.path().join("index"));
            let (mut store, _) = open_at(&files, place.clone()).await;
            let mailbox = deliver_large(&mut store).await;
            for _ in 0..slices {
                store.make_searchable().await.unwrap();
            }
            if slices > 0 {
                // Rows and words of this one are not in the index when the tab is closed.
                deliver(&mut store, mailbox, "last", &message(99))
                    .await
                    .unwrap();
                store.commit().await.unwrap();
            }
            drop(store);
            let (mut store, healed) = open_at(&files, place).await;
            assert_eq!(healed, []);
            let all_there = LARGE + u32::from(slices > 0);
            assert_eq!(store.rows(&all(), 0, 50).await.unwrap().0, all_there);
            assert_eq!(found(&mut store, "lorem").await, all_there);
            let known = store.known(mailbox).await.unwrap();
            assert!((0..LARGE).all(|n| known.count(&format!("u{n}")) == 1));
            assert_eq!(known.count("last"), u32::from(slices > 0));
        }
    });
}

#[test]
fn a_commit_does_not_use_the_index_and_uncommitted_messages_are_not_in_it() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let files = DiskFiles::new(folder.path().join("spool"));
        let path = folder.path().join("index");
        let (mut store, _) = open_at(&files, IndexPlace::File(path.clone())).await;
        let mailbox = store.add_mailbox().await.unwrap();
        store.mailboxes().await.unwrap();
        let before = std::fs::read(&path).unwrap();
        deliver(&mut store, mailbox, "kept", &message(0))
            .await
            .unwrap();
        store.commit().await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), before);
        deliver(&mut store, mailbox, "not committed", &message(1))
            .await
            .unwrap();
        let (total, rows) = store.rows(&all(), 0, 10).await.unwrap();
        assert_eq!((total, rows[0].subject.as_str()), (1, "Subject 0"));
        let known = store.known(mailbox).await.unwrap();
        assert_eq!((known.count("kept"), known.count("not committed")), (1, 1));
    });
}

#[test]
fn unreadable_words_are_retried_and_a_bad_record_is_repaired() {
    block_on(async {
        let memory = MemoryFiles::new();
        let faults = Faults::default();
        let files = FaultyFiles::new(memory.clone(), faults.clone());
        let (mut store, _) = open(&files).await;
        let (_, ids) = fill(&mut store, 5).await;
        assert_eq!(store.rows(&all(), 0, 10).await.unwrap().0, 5);
        faults.fail_reads_after(Some(4));
        assert!(store.make_searchable().await.is_err());
        faults.fail_reads_after(None);
        assert_eq!(found(&mut store, "lorem").await, 5);
        drop(store);

        let (mut store, _) = open(&files).await;
        let mut file = memory.open("mail-00000001.spool").await.unwrap();
        let mut octets = vec![0; usize::try_from(file.size().unwrap()).unwrap()];
        file.read_at(0, &mut octets).unwrap();
        let position = octets.windows(7).position(|w| w == b"number3").unwrap();
        file.write_at(position as u64, b"NUMBER3").unwrap();
        assert_eq!(found(&mut store, "lorem").await, 4);
        let expected = [Healing::SpoolRecordDamaged, Healing::IndexRebuilt];
        assert_eq!(store.take_healed(), expected);
        let (_, rows) = store.rows(&all(), 0, 10).await.unwrap();
        assert!(rows.iter().all(|row| row.id != ids[3]));
    });
}

#[test]
fn a_mailbox_removed_before_its_words_are_indexed_is_not_found() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut store, _) = open(&files).await;
        let mailbox = deliver_large(&mut store).await;
        assert!(store.make_searchable().await.unwrap());
        store.remove_mailbox(mailbox).await.unwrap();
        assert_eq!(found(&mut store, "lorem").await, 0);
    });
}

#[test]
fn many_records_are_indexed_without_a_query() {
    block_on(async {
        let (mut store, _) = open(&MemoryFiles::new()).await;
        let mailbox = store.add_mailbox().await.unwrap();
        let many = u32::try_from(MOST_PENDING * 2).unwrap();
        for number in 0..many {
            deliver(&mut store, mailbox, &format!("u{number}"), b"x")
                .await
                .unwrap();
            store.commit().await.unwrap();
            assert!(store.pending.len() < MOST_PENDING);
        }
        assert_eq!(store.mailboxes().await.unwrap()[0].messages, many);
    });
}
