//! Messages without a unique-id, such as imported and sent ones.

use futures::executor::block_on;

use super::*;
use crate::engine::store::index::IndexPlace;

async fn import<F: Files>(store: &mut Store<F>, mailbox: MailboxId, octets: &[u8]) -> MessageId {
    let mut message = store.begin(mailbox, None).await.unwrap();
    store.push(&mut message, octets).await.unwrap();
    store.finish(message).await.unwrap()
}

#[test]
fn messages_without_a_unique_id_are_listed_and_never_known() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let files = MemoryFiles::new();
        let (mut store, _) = open_at(&files, IndexPlace::File(path.clone())).await;
        let mailbox = store.add_mailbox().await.unwrap();
        let octets = message(0);
        let mut ids = vec![
            import(&mut store, mailbox, &octets).await,
            import(&mut store, mailbox, &octets).await,
        ];
        assert!(store.known(mailbox).await.unwrap().is_empty());
        store.commit().await.unwrap();
        ids.push(deliver(&mut store, mailbox, "u", &octets).await.unwrap());
        store.commit().await.unwrap();
        for is_lost in [false, true, false] {
            let known = store.known(mailbox).await.unwrap();
            assert_eq!((known.len(), known.count("u"), known.count("")), (1, 1, 0));
            let kept = store.kept(mailbox, |_, _| true).await.unwrap();
            assert_eq!(kept, [(octets.len() as u64, ids[2])]);
            assert_eq!(store.rows(&all(), 0, 10).await.unwrap().0, 3);
            assert_eq!(found(&mut store, "number0").await, 3);
            for id in &ids {
                assert_eq!(store.source(*id).await.unwrap(), octets);
            }
            drop(store);
            if is_lost {
                std::fs::remove_file(&path).unwrap();
            }
            let (opened, healed) = open_at(&files, IndexPlace::File(path.clone())).await;
            assert_eq!(healed.contains(&Healing::IndexRebuilt), is_lost);
            store = opened;
        }
    });
}

#[test]
fn an_empty_unique_id_counts_as_none() {
    block_on(async {
        let (mut store, _) = open(&MemoryFiles::new()).await;
        let mailbox = store.add_mailbox().await.unwrap();
        deliver(&mut store, mailbox, "", b"x").await.unwrap();
        assert!(store.known(mailbox).await.unwrap().is_empty());
        store.commit().await.unwrap();
        assert!(store.known(mailbox).await.unwrap().is_empty());
        assert_eq!(store.rows(&all(), 0, 10).await.unwrap().0, 1);
    });
}
