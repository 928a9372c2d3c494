//! The words for the storage of this device.

use crate::api::storage::Healing;

/// The title and the text of the notice that mail is kept in memory only.
pub const NOT_SAVED: (&str, &str) = (
    "Mail is not saved in this window.",
    "The browser gives it no storage, as in a private window: mail and mailboxes are gone when you close it.",
);

/// The notice that this device is offline.
pub const OFFLINE: &str = "You are offline. The mail on this device can be read and searched.";

/// Returns the sentence for damage that was repaired.
#[must_use]
pub fn healing(healing: Healing) -> &'static str {
    match healing {
        Healing::SpoolTailCut => {
            "The last session was interrupted while saving a message: it will be fetched again."
        }
        Healing::SpoolRecordDamaged => {
            "A message stored on this device is damaged and cannot be shown."
        }
        Healing::IndexRebuilt => {
            "The index of your mail was rebuilt from the stored messages. Nothing was lost."
        }
    }
}
