//! Changes of messages that only the user can make, and their encoding.
//!
//! Each fact about messages is a kind of record of its own: its payload is the first message, the
//! fact, and then any other messages, so that a version that knew only single messages reads the
//! first.

use super::format::FieldReader;
use crate::api::ids::MessageId;

const READ: u16 = 2;

/// A change of one or several messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The messages, at least one.
    pub messages: Vec<MessageId>,
    /// The fact that is now true of them.
    pub what: Mark,
}

/// A fact about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The user has read it, or marked it as unread.
    Read(bool),
}

impl Change {
    /// Creates the change that marks a message as read or unread.
    #[must_use]
    pub fn read(message: MessageId, read: bool) -> Self {
        Self {
            messages: vec![message],
            what: Mark::Read(read),
        }
    }

    /// Returns the kind and the payload.
    pub(super) fn to_bytes(&self) -> (u16, Vec<u8>) {
        let (kind, fact) = match self.what {
            Mark::Read(read) => (READ, u8::from(read)),
        };
        let mut payload = Vec::with_capacity(1 + 8 * self.messages.len());
        for (position, message) in self.messages.iter().enumerate() {
            payload.extend(message.0.to_le_bytes());
            if position == 0 {
                payload.push(fact);
            }
        }
        (kind, payload)
    }

    /// Returns true for the kinds of changes.
    pub(super) fn is_kind(kind: u16) -> bool {
        kind == READ
    }

    /// Parses a payload; `None` if it is too short or its kind is not one of a change.
    pub(super) fn from_payload(kind: u16, payload: &[u8]) -> Option<Self> {
        let mut fields = FieldReader(payload);
        let mut messages = vec![MessageId(u64::from_le_bytes(fields.take()?))];
        let fact: [u8; 1] = fields.take()?;
        while let Some(message) = fields.take() {
            messages.push(MessageId(u64::from_le_bytes(message)));
        }
        let what = match kind {
            READ => Mark::Read(fact != [0]),
            _ => return None,
        };
        Some(Self { messages, what })
    }
}
