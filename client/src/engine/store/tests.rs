//! The store as the engine uses it.

use std::time::Duration;

use futures::executor::block_on;
use futures::future::{LocalBoxFuture, ready};

use super::*;
use crate::engine::spool::MemoryFiles;

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
    Store::open(files.clone(), IndexPlace::Memory, Noon)
        .await
        .unwrap()
}

async fn deliver<F: Files>(
    store: &mut Store<F>,
    mailbox: MailboxId,
    id: &str,
    octets: &[u8],
) -> MessageId {
    store.begin(mailbox, id).await.unwrap();
    for chunk in octets.chunks(1_000) {
        store.push(chunk).await.unwrap();
    }
    store.finish().await.unwrap()
}

#[test]
fn what_is_delivered_is_listed_and_byte_identical() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut store, healed) = open(&files).await;
        assert_eq!(healed, []);
        let mailbox = store.add_mailbox().await.unwrap();
        let mut octets = b"Subject: hi

"
        .to_vec();
        octets.extend((0..=255).cycle().take(300_000));
        let id = deliver(&mut store, mailbox, "u1", &octets).await;
        assert_eq!(
            store.rows(&MessageQuery::default(), 0, 10).await.unwrap().0,
            0
        );
        store.commit().await.unwrap();
        let (total, rows) = store.rows(&MessageQuery::default(), 0, 10).await.unwrap();
        assert_eq!((total, rows[0].subject.as_str()), (1, "hi"));
        assert_eq!(store.source(id).await.unwrap(), octets);
        drop(store);
        let (mut store, healed) = open(&files).await;
        assert_eq!(healed, [Healing::IndexRebuilt]);
        assert_eq!(store.source(id).await.unwrap(), octets);
        assert_eq!(store.known(mailbox).await.unwrap()["u1"], 1);
    });
}
