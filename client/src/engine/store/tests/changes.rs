//! Changes of messages by the user, and records of newer versions.

use futures::executor::block_on;

use super::*;
use crate::engine::store::index::IndexPlace;
use crate::engine::store::spool::{Mark, Record, Scan, StorageError};

#[test]
fn several_messages_are_changed_at_once() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let files = MemoryFiles::new();
        let place = IndexPlace::File(folder.path().join("index"));
        let (mut store, _) = open_at(&files, place.clone()).await;
        let (_, ids) = fill(&mut store, 5).await;
        let read = |messages: &[MessageId], read| Change {
            messages: messages.to_vec(),
            what: Mark::Read(read),
        };
        assert!(store.change(read(&ids[..3], true)).await.unwrap());
        assert!(!store.change(read(&ids[..2], true)).await.unwrap());
        // A message that is not stored does not keep the others from being changed.
        let some = [ids[0], MessageId(99), ids[3]];
        assert!(store.change(read(&some, false)).await.unwrap());
        let none = store.change(read(&[MessageId(99)], true)).await;
        assert_eq!(none.unwrap_err().kind, ProblemKind::NotFound);
        assert!(store.change(read(&[], true)).await.is_err());
        for place in [place, IndexPlace::Memory] {
            store = open_at(&files, place).await.0;
            assert_eq!(store.mailboxes().await.unwrap()[0].unread, 3);
            let (_, rows) = store.rows(&all(), 0, 10).await.unwrap();
            let read: Vec<_> = rows.iter().filter(|row| !row.unread).collect();
            assert_eq!((read[0].id, read[1].id), (ids[2], ids[1]));
        }
    });
}

#[test]
fn records_of_a_newer_version_are_skipped_and_all_others_are_there() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut store, _) = open(&files).await;
        let (mailbox, mut ids) = fill(&mut store, 3).await;
        store.change(Change::read(ids[1], true)).await.unwrap();
        drop(store);
        let scan = Scan::open(files.clone()).await.unwrap();
        let each = |_| -> Result<(), StorageError> { Ok(()) };
        let (mut spool, _) = scan.run(None, each).await.unwrap();
        spool.append(&Record::Unknown).await.unwrap();
        spool.flush().unwrap();
        drop(spool);
        let (mut store, _) = open(&files).await;
        let next = deliver(&mut store, mailbox, "u3", &message(3)).await;
        ids.push(next.unwrap());
        store.commit().await.unwrap();
        for _ in 0..2 {
            assert_all_there(&mut store, &ids).await;
            assert_eq!(store.mailboxes().await.unwrap()[0].unread, 3);
            assert_eq!(store.take_healed(), []);
            store = open(&files).await.0;
        }
    });
}
