//! Repairs mailboxes after a crash or a damaged record: accounts without a store, or the reverse.

use super::accounts::Accounts;
use crate::api::problem::Problem;
use crate::api::settings::MailboxSettings;
use crate::engine::platform::Vault;
use crate::engine::store::Store;
use crate::engine::store::spool::Files;

/// Makes store and accounts agree.
pub(in crate::engine) async fn clear<F: Files + Clone, V: Vault>(
    store: &mut Store<F>,
    accounts: &mut Accounts<F, V>,
) -> Result<(), Problem> {
    let states = store.mailboxes().await?;
    for mailbox in accounts.mailboxes() {
        let is_stored = states.iter().any(|state| state.id == mailbox);
        // A mailbox is created before its account. If it neither exists nor was removed, its
        // record was damaged. That is no reason to discard its settings.
        if !is_stored && !store.restore_mailbox(mailbox).await? {
            accounts.remove(mailbox)?;
        }
    }
    for state in states {
        if accounts.settings(state.id).is_some() {
            continue;
        }
        if state.messages == 0 {
            store.remove_mailbox(state.id).await?;
        } else {
            accounts
                .set_settings(state.id, MailboxSettings::lost())
                .await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::api::ids::MailboxId;
    use crate::api::storage::Healing;
    use crate::clock::SystemClock;
    use crate::engine::platform::native_vault::NativeVault;
    use crate::engine::sink::Delivery as _;
    use crate::engine::store::index::IndexPlace;
    use crate::engine::store::spool::{File as _, MemoryFiles};

    async fn open(
        files: &MemoryFiles,
    ) -> (
        Store<MemoryFiles>,
        Accounts<MemoryFiles, NativeVault>,
        Vec<Healing>,
    ) {
        let opened = Store::open(files.clone(), IndexPlace::Memory, SystemClock).await;
        let (mut store, healed) = opened.unwrap();
        let mut accounts = Accounts::open(files, NativeVault::default()).await.unwrap();
        clear(&mut store, &mut accounts).await.unwrap();
        (store, accounts, healed)
    }

    async fn mailboxes(store: &mut Store<MemoryFiles>) -> Vec<MailboxId> {
        let states = store.mailboxes().await.unwrap();
        states.iter().map(|state| state.id).collect()
    }

    #[test]
    fn a_mailbox_with_a_damaged_record_keeps_its_account_and_its_number() {
        block_on(async {
            let files = MemoryFiles::new();
            let (mut store, mut accounts, _) = open(&files).await;
            let mailbox = store.add_mailbox().await.unwrap();
            let settings = MailboxSettings::lost();
            accounts
                .set_settings(mailbox, settings.clone())
                .await
                .unwrap();
            // Another record follows, so that this is damage and not a torn end.
            store.note_check(mailbox).await.unwrap();
            drop((store, accounts));
            let mut segment = files.open("mail-00000001.spool").await.unwrap();
            let end = segment.size().unwrap();
            let of_check = 32 + 12;
            segment.write_at(end - of_check - 4, b"????").unwrap();

            for _ in 0..2 {
                let (mut store, accounts, healed) = open(&files).await;
                assert!(healed.contains(&Healing::SpoolRecordDamaged));
                assert_eq!(mailboxes(&mut store).await, [mailbox]);
                assert_eq!(accounts.settings(mailbox), Some(&settings));
                assert!(store.add_mailbox().await.unwrap() > mailbox);
            }
        });
    }

    #[test]
    fn the_remains_of_an_interrupted_removal_or_addition_are_cleared() {
        block_on(async {
            let files = MemoryFiles::new();
            let (mut store, mut accounts, _) = open(&files).await;
            let removed = store.add_mailbox().await.unwrap();
            let settings = MailboxSettings::lost();
            accounts.set_settings(removed, settings).await.unwrap();
            store.remove_mailbox(removed).await.unwrap();
            store.add_mailbox().await.unwrap();
            drop((store, accounts));
            let (mut store, accounts, _) = open(&files).await;
            assert_eq!(mailboxes(&mut store).await, []);
            assert_eq!(accounts.mailboxes(), []);
        });
    }

    #[test]
    fn mail_without_an_account_stays_readable() {
        block_on(async {
            let files = MemoryFiles::new();
            let (mut store, ..) = open(&files).await;
            let mailbox = store.add_mailbox().await.unwrap();
            let message = store.begin(mailbox, Some("u")).await.unwrap();
            store.finish(message).await.unwrap();
            store.commit().await.unwrap();
            drop(store);
            let (mut store, accounts, _) = open(&files).await;
            assert_eq!(mailboxes(&mut store).await, [mailbox]);
            let expected = MailboxSettings::lost();
            assert_eq!(accounts.settings(mailbox), Some(&expected));
        });
    }
}
