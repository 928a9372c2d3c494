//! The storage that holds the mail, and the repairs made to it.

use serde::{Deserialize, Serialize};

/// The kind of storage that holds the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Storage {
    /// In the browser's storage for this site (OPFS).
    Persistent,
    /// In memory, because the browser gives this window no storage: gone with the tab.
    Memory,
}

/// Damage to the store that was found and repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Healing {
    /// The spool ended in the middle of a record, which was cut; its message will be fetched again.
    SpoolTailCut,
    /// A spool record did not match its checksum and is left out.
    SpoolRecordDamaged,
    /// The index was damaged, missing or of another version, and was rebuilt from the spool.
    IndexRebuilt,
}
