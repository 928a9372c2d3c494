//! Bringing the index up to date with the spool.

use super::facade::Store;
use super::index::{Index, IndexError};
use super::spool::{Files, Found, Record};
use crate::api::problem::Problem;
use crate::api::storage::Healing;

/// The number of message bytes that are indexed in one go: some 20 ms in a browser.
const SLICE: usize = 512 * 1024;

impl<F: Files> Store<F> {
    /// Returns what was repaired since the store was opened or since the last call.
    pub fn take_healed(&mut self) -> Vec<Healing> {
        std::mem::take(&mut self.healed)
    }

    /// Makes some of the stored messages searchable. Returns true if more remain.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn make_searchable(&mut self) -> Result<bool, Problem> {
        self.follow().await?;
        match self.add_words() {
            Err(IndexError::Damaged(_)) => {
                self.rebuild().await?;
                Ok(true)
            }
            more => Ok(more?),
        }
    }

    fn add_words(&mut self) -> Result<bool, IndexError> {
        let mut taken = 0;
        while taken < SLICE {
            let Some((message, place)) = self.index.next_unsearchable()? else {
                self.index.settle()?;
                return Ok(false);
            };
            let Some(Record::Message { octets, .. }) = self.spool.read(message.0, place)? else {
                // Same handling as when a message is opened: rebuilding the index either corrects
                // the place or leaves the message out.
                self.healed.push(Healing::SpoolRecordDamaged);
                return Err(IndexError::Damaged(
                    "a message is not in its place".to_owned(),
                ));
            };
            taken += octets.len();
            self.index.make_searchable(message, &octets)?;
        }
        Ok(true)
    }

    /// Queries the index, and rebuilds it if it proves to be damaged.
    pub(super) async fn ask<T>(
        &mut self,
        question: impl Fn(&Index) -> Result<T, IndexError>,
    ) -> Result<T, Problem> {
        self.follow().await?;
        match question(&self.index) {
            Err(IndexError::Damaged(_)) => {
                self.rebuild().await?;
                Ok(question(&self.index)?)
            }
            answer => Ok(answer?),
        }
    }

    /// Applies all durable records of the spool to the index.
    pub(super) async fn follow(&mut self) -> Result<(), Problem> {
        if self.unfinished {
            return self.rebuild().await;
        }
        match self.index_pending() {
            Err(IndexError::Damaged(_)) => self.rebuild().await,
            indexed => Ok(indexed?),
        }
    }

    fn index_pending(&mut self) -> Result<(), IndexError> {
        let durable = self.spool.durable_number();
        let due = self
            .pending
            .partition_point(|pending| pending.number < durable);
        if due == 0 {
            return Ok(());
        }
        let mut writer = self.index.writer()?;
        for pending in self.pending.iter().take(due) {
            let place = pending.checkpoint.location;
            if let (Some(head), Some((summary, octets))) = (&pending.message, &pending.shown) {
                writer.add_message(pending.number, pending.checkpoint, head, *octets, summary)?;
                continue;
            }
            // A record that cannot be read back just after its flush is left out, as the next
            // start would do.
            if let Some(record) = self.spool.read(pending.number, place)? {
                writer.apply(Found {
                    number: pending.number,
                    checkpoint: pending.checkpoint,
                    record,
                })?;
            }
        }
        writer.finish()?;
        self.pending.drain(..due);
        Ok(())
    }

    /// Rebuilds the index from the spool.
    pub(super) async fn rebuild(&mut self) -> Result<(), Problem> {
        // The index must not contain records that may still be lost. If the flush fails, the spool
        // gives up the records that it could not flush.
        let flushed = self.spool.flush();
        self.unfinished = true;
        self.pending.clear();
        self.index.clear().await?;
        let mut writer = self.index.writer()?;
        self.spool.replay(|found| writer.apply(found))?;
        writer.finish()?;
        self.unfinished = false;
        self.healed.push(Healing::IndexRebuilt);
        Ok(flushed?)
    }
}
