//! Opening the store, and repairing damage from a crash or a bad disk.

use super::facade::Store;
use super::index::{Index, IndexError, IndexPlace, Opened};
use super::spool::{Checkpoint, Files, Scan, Scanned, Spool};
use crate::api::problem::Problem;
use crate::api::storage::Healing;
use crate::clock::Clock;

impl<F: Files + Clone> Store<F> {
    /// Opens the store and repairs damage from a crash or a bad disk. Returns the repairs.
    ///
    /// # Errors
    /// [`ProblemKind::StorageFull`] or [`ProblemKind::StorageFailed`].
    pub async fn open(
        files: F,
        place: IndexPlace,
        clock: impl Clock,
    ) -> Result<(Self, Vec<Healing>), Problem> {
        let (mut index, opened) = Index::open(place).await?;
        let scan = Scan::open(files.clone()).await?;
        let mut rebuilt = opened == Opened::Cleared;
        let mut from = match opened {
            Opened::Sound(checkpoint) => checkpoint,
            Opened::Cleared => None,
        };
        if let Some(checkpoint) = &from
            && !scan.holds(checkpoint)?
        {
            index.clear().await?;
            rebuilt = true;
            from = None;
        }
        let (spool, scanned) = match catch_up(scan, &mut index, from).await {
            Err(IndexError::Damaged(_)) => {
                index.clear().await?;
                rebuilt = true;
                catch_up(Scan::open(files).await?, &mut index, None).await?
            }
            caught_up => caught_up?,
        };
        // A lost index looks like one that was never created.
        rebuilt |= from.is_none()
            && index
                .mailboxes()?
                .iter()
                .any(|mailbox| mailbox.messages > 0);
        let mut healed = Vec::new();
        if scanned.tail_cut {
            healed.push(Healing::SpoolTailCut);
        }
        if scanned.damaged > 0 {
            healed.push(Healing::SpoolRecordDamaged);
        }
        if rebuilt {
            healed.push(Healing::IndexRebuilt);
        }
        let store = Self {
            spool,
            index,
            pending: Vec::new(),
            unfinished: false,
            healed: Vec::new(),
            now: Box::new(move || i64::try_from(clock.now().as_secs()).unwrap_or(i64::MAX)),
        };
        Ok((store, healed))
    }
}

/// Applies the spool's records after `from` to the index.
async fn catch_up<F: Files>(
    scan: Scan<F>,
    index: &mut Index,
    from: Option<Checkpoint>,
) -> Result<(Spool<F>, Scanned), IndexError> {
    let mut writer = index.writer()?;
    let found = scan.run(from.as_ref(), |found| writer.apply(found)).await?;
    writer.finish()?;
    Ok(found)
}
