//! Identities of mailboxes, messages and requests.

use serde::{Deserialize, Serialize};

/// A number that matches an answer to its request. The page chooses it; the engine repeats it.
pub type RequestId = u32;

/// A mailbox on this device, for as long as it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailboxId(pub u32);

/// A message on this device: the number of its spool record, the same after the index is rebuilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub u64);

/// A part of a message, or of a message that is attached to it: 0 for the message itself. The page
/// gets it from the engine and gives it back.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct PartId(pub u64);
