//! The index on its way behind the spool.

use super::Store;
use super::index::{Index, IndexError};
use super::spool::{Files, Found, Record};
use crate::api::event::{Healing, Problem};

/// Octets of messages whose words are taken up in one go: some 20 ms in a browser.
const SLICE: usize = 512 * 1024;

impl<F: Files> Store<F> {
    /// What has been healed since the store was opened, or since this was last asked.
    pub fn take_healed(&mut self) -> Vec<Healing> {
        std::mem::take(&mut self.healed)
    }

    /// Makes some of the kept messages searchable. Returns whether there are more.
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
                // As where it is found when the message is opened: deriving the index again mends
                // it, or leaves the message out.
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

    /// Asks the index, and derives it again if it proves to be damaged.
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

    /// Brings the index up to what the spool has made durable.
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
            // A record that cannot be read back a moment after it was flushed is left out, as it
            // would be at the next start.
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

    /// Derives the index from the spool.
    pub(super) async fn rebuild(&mut self) -> Result<(), Problem> {
        // The index must not know what may yet be lost. If the flush fails, the spool gives up what
        // it could not flush.
        let flushed = self.spool.flush();
        self.unfinished = true;
        self.pending.clear();
        self.index.clear().await?;
        let mut writer = self.index.writer()?;
        self.spool.replay(|found| writer.apply(found))?;
        writer.finish()?;
        self.unfinished = false;
        for record in &self.deferred {
            self.index.anticipate(record)?;
        }
        self.healed.push(Healing::IndexRebuilt);
        Ok(flushed?)
    }
}
