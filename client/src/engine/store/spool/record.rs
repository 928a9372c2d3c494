//! The kinds of records, and their encoding.

use super::change::Change;
use super::format::FieldReader;
use crate::api::ids::{MailboxId, MessageId};

const MESSAGE: u16 = 1;
// 2 is a change: see `change`.
const MAILBOX_ADDED: u16 = 3;
const MAILBOX_REMOVED: u16 = 4;
const CHECKED: u16 = 5;
const RENAMED: u16 = 6;

/// The stored properties of a message apart from its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageHead {
    /// The mailbox that it was fetched for.
    pub mailbox: MailboxId,
    /// The time of arrival here, in seconds since 1970.
    pub arrived: i64,
    /// The server's unique-id ([RFC 1939 §7]), at most 65,535 bytes of it. A message that was not
    /// fetched has none.
    pub unique_id: Option<String>,
}

impl MessageHead {
    pub(in crate::engine) const KIND: u16 = MESSAGE;
    /// The size in bytes of the fields that every message has: its mailbox, the time of its
    /// arrival, and the length of its unique-id.
    pub(in crate::engine) const FIXED: usize = 4 + 8 + 2;

    /// Returns the offset of the message's bytes in the payload, of which these are the first.
    pub(in crate::engine) fn start(payload: &[u8; Self::FIXED]) -> usize {
        let [.., low, high] = *payload;
        Self::FIXED + usize::from(u16::from_le_bytes([low, high]))
    }

    /// Returns the part of the payload before the message's bytes.
    pub(in crate::engine) fn to_bytes(&self) -> Vec<u8> {
        // No server gives an empty unique-id, so an empty text stands for none.
        let unique_id = self.unique_id.as_deref().unwrap_or_default();
        let mut octets = Vec::with_capacity(Self::FIXED + unique_id.len());
        octets.extend(self.mailbox.0.to_le_bytes());
        octets.extend(self.arrived.to_le_bytes());
        put_text(&mut octets, unique_id);
        octets
    }

    /// Parses the head. Also returns the offset of the message's bytes in the payload.
    fn from_payload(payload: &[u8]) -> Option<(Self, usize)> {
        let mut fields = FieldReader(payload);
        let mailbox = MailboxId(u32::from_le_bytes(fields.take()?));
        let arrived = i64::from_le_bytes(fields.take()?);
        let unique_id = Some(take_text(&mut fields)?).filter(|id| !id.is_empty());
        let start = payload.len() - fields.0.len();
        let head = Self {
            mailbox,
            arrived,
            unique_id,
        };
        Some((head, start))
    }
}

/// Writes the length of a text and at most 65,535 bytes of it.
fn put_text(octets: &mut Vec<u8>, text: &str) {
    let mut end = text.len().min(usize::from(u16::MAX));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end).unwrap_or_default();
    octets.extend(u16::try_from(end).unwrap_or(u16::MAX).to_le_bytes());
    octets.extend(text.as_bytes());
}

fn take_text(fields: &mut FieldReader<'_>) -> Option<String> {
    let length = usize::from(u16::from_le_bytes(fields.take()?));
    let (text, rest) = fields.0.split_at_checked(length)?;
    fields.0 = rest;
    Some(String::from_utf8_lossy(text).into_owned())
}

/// The content of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A message arrived.
    Message {
        /// The properties apart from its bytes.
        head: MessageHead,
        /// The message as the server sent it.
        octets: Vec<u8>,
    },
    /// The user changed messages.
    Changed(Change),
    /// A mailbox was created.
    MailboxAdded {
        /// The mailbox.
        mailbox: MailboxId,
    },
    /// A mailbox was removed with all its messages; its number is not used again.
    MailboxRemoved {
        /// The mailbox.
        mailbox: MailboxId,
    },
    /// A mailbox was checked successfully.
    Checked {
        /// The mailbox.
        mailbox: MailboxId,
        /// The time, in seconds since 1970.
        at: i64,
    },
    /// The server now has a different unique-id for a message than when it was fetched.
    Renamed {
        /// The message.
        message: MessageId,
        /// The server's current unique-id, at most 65,535 bytes of it.
        unique_id: String,
    },
    /// A kind that only a newer version understands.
    Unknown,
}

impl Record {
    /// Returns the kind and the payload.
    pub(in crate::engine) fn to_bytes(&self) -> (u16, Vec<u8>) {
        let with_mailbox = |mailbox: &MailboxId| mailbox.0.to_le_bytes().to_vec();
        match self {
            Self::Message { head, octets } => {
                let mut payload = head.to_bytes();
                payload.extend(octets);
                (MESSAGE, payload)
            }
            Self::Changed(change) => change.to_bytes(),
            Self::MailboxAdded { mailbox } => (MAILBOX_ADDED, with_mailbox(mailbox)),
            Self::MailboxRemoved { mailbox } => (MAILBOX_REMOVED, with_mailbox(mailbox)),
            Self::Checked { mailbox, at } => {
                let mut payload = with_mailbox(mailbox);
                payload.extend(at.to_le_bytes());
                (CHECKED, payload)
            }
            Self::Renamed { message, unique_id } => {
                let mut payload = message.0.to_le_bytes().to_vec();
                put_text(&mut payload, unique_id);
                (RENAMED, payload)
            }
            Self::Unknown => (u16::MAX, Vec::new()),
        }
    }

    /// Parses a payload whose checksum was correct; `None` if it is too short for its kind.
    pub(in crate::engine) fn from_payload(kind: u16, mut payload: Vec<u8>) -> Option<Self> {
        if kind == MESSAGE {
            let (head, start) = MessageHead::from_payload(&payload)?;
            payload.drain(..start);
            return Some(Self::Message {
                head,
                octets: payload,
            });
        }
        // A newer version may have added fields after these.
        let mut fields = FieldReader(&payload);
        Some(match kind {
            kind if Change::is_kind(kind) => Self::Changed(Change::from_payload(kind, &payload)?),
            MAILBOX_ADDED => Self::MailboxAdded {
                mailbox: MailboxId(u32::from_le_bytes(fields.take()?)),
            },
            MAILBOX_REMOVED => Self::MailboxRemoved {
                mailbox: MailboxId(u32::from_le_bytes(fields.take()?)),
            },
            CHECKED => Self::Checked {
                mailbox: MailboxId(u32::from_le_bytes(fields.take()?)),
                at: i64::from_le_bytes(fields.take()?),
            },
            RENAMED => Self::Renamed {
                message: MessageId(u64::from_le_bytes(fields.take()?)),
                unique_id: take_text(&mut fields)?,
            },
            _ => Self::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::change::Mark;
    use super::*;

    #[test]
    fn every_kind_is_read_as_written() {
        let mailbox = MailboxId(7);
        let records = [
            Record::Message {
                head: MessageHead {
                    mailbox,
                    arrived: -5,
                    unique_id: Some("ünïque".to_owned()),
                },
                octets: b"Subject: x\r\n\r\n.\0\xFF".to_vec(),
            },
            Record::Message {
                head: MessageHead {
                    mailbox,
                    arrived: 5,
                    unique_id: None,
                },
                octets: b"x".to_vec(),
            },
            Record::Changed(Change {
                messages: vec![MessageId(1 << 40)],
                what: Mark::Read(true),
            }),
            Record::Changed(Change {
                messages: vec![MessageId(9), MessageId(7), MessageId(8)],
                what: Mark::Read(false),
            }),
            Record::MailboxAdded { mailbox },
            Record::MailboxRemoved { mailbox },
            Record::Checked { mailbox, at: 12 },
            Record::Renamed {
                message: MessageId(3),
                unique_id: "ünïque".to_owned(),
            },
        ];
        for record in records {
            let (kind, payload) = record.to_bytes();
            assert_eq!(Record::from_payload(kind, payload), Some(record));
        }
    }

    #[test]
    fn an_unknown_kind_is_skipped_and_a_short_payload_is_damage() {
        assert_eq!(Record::from_payload(999, vec![1]), Some(Record::Unknown));
        assert_eq!(Record::from_payload(2, vec![1]), None);
        assert_eq!(Record::from_payload(MESSAGE, vec![0; 13]), None);
        let cut = [&[0; 8][..], &[2, 0, b'x']].concat();
        assert_eq!(Record::from_payload(RENAMED, cut), None);
    }
}
