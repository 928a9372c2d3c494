//! What records say: the kinds, and how each is written.

use super::format::Fields;
use crate::api::event::{MailboxId, MessageId};

const MESSAGE: u16 = 1;
const READ_STATE: u16 = 2;
const MAILBOX_ADDED: u16 = 3;
const MAILBOX_REMOVED: u16 = 4;
const CHECKED: u16 = 5;
const RENAMED: u16 = 6;

/// What the spool keeps of a message beside its octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageHead {
    /// The mailbox that it was fetched for.
    pub mailbox: MailboxId,
    /// When it arrived here, in seconds since 1970.
    pub arrived: i64,
    /// The server's unique-id ([RFC 1939 §7]), at most 65,535 octets of it.
    pub unique_id: String,
}

impl MessageHead {
    pub(in crate::engine) const KIND: u16 = MESSAGE;

    /// What stands before the message's octets in the payload.
    pub(in crate::engine) fn to_octets(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(14 + self.unique_id.len());
        octets.extend(self.mailbox.0.to_le_bytes());
        octets.extend(self.arrived.to_le_bytes());
        put_text(&mut octets, &self.unique_id);
        octets
    }

    /// The head and where the message's octets begin in the payload.
    fn from_payload(payload: &[u8]) -> Option<(Self, usize)> {
        let mut fields = Fields(payload);
        let mailbox = MailboxId(u32::from_le_bytes(fields.take()?));
        let arrived = i64::from_le_bytes(fields.take()?);
        let unique_id = take_text(&mut fields)?;
        let start = payload.len() - fields.0.len();
        let head = Self {
            mailbox,
            arrived,
            unique_id,
        };
        Some((head, start))
    }
}

/// Writes at most 65,535 octets of a text, behind their number.
fn put_text(octets: &mut Vec<u8>, text: &str) {
    let mut end = text.len().min(usize::from(u16::MAX));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end).unwrap_or_default();
    octets.extend(u16::try_from(end).unwrap_or(u16::MAX).to_le_bytes());
    octets.extend(text.as_bytes());
}

fn take_text(fields: &mut Fields<'_>) -> Option<String> {
    let length = usize::from(u16::from_le_bytes(fields.take()?));
    let (text, rest) = fields.0.split_at_checked(length)?;
    fields.0 = rest;
    Some(String::from_utf8_lossy(text).into_owned())
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A message arrived.
    Message {
        /// What is kept beside its octets.
        head: MessageHead,
        /// The message as the server sent it.
        octets: Vec<u8>,
    },
    /// The reader has read a message, or marked it as unread.
    ReadState {
        /// Which one.
        message: MessageId,
        /// Whether it is read.
        read: bool,
    },
    /// A mailbox was made.
    MailboxAdded {
        /// Which one.
        mailbox: MailboxId,
    },
    /// A mailbox was removed with all its messages; its number is not used again.
    MailboxRemoved {
        /// Which one.
        mailbox: MailboxId,
    },
    /// A mailbox was checked with success.
    Checked {
        /// Which one.
        mailbox: MailboxId,
        /// When, in seconds since 1970.
        at: i64,
    },
    /// The server has another unique-id for a message than the one it was fetched by.
    Renamed {
        /// Which one.
        message: MessageId,
        /// The server's name for it now, at most 65,535 octets of it.
        unique_id: String,
    },
    /// Something that only a newer version understands.
    Unknown,
}

impl Record {
    /// Kind and payload.
    pub(in crate::engine) fn to_octets(&self) -> (u16, Vec<u8>) {
        let with_mailbox = |mailbox: &MailboxId| mailbox.0.to_le_bytes().to_vec();
        match self {
            Self::Message { head, octets } => {
                let mut payload = head.to_octets();
                payload.extend(octets);
                (MESSAGE, payload)
            }
            Self::ReadState { message, read } => {
                let mut payload = message.0.to_le_bytes().to_vec();
                payload.push(u8::from(*read));
                (READ_STATE, payload)
            }
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

    /// From a payload whose checksum was right; `None` if it is too short for its kind.
    pub(in crate::engine) fn from_payload(kind: u16, mut payload: Vec<u8>) -> Option<Self> {
        if kind == MESSAGE {
            let (head, start) = MessageHead::from_payload(&payload)?;
            payload.drain(..start);
            return Some(Self::Message {
                head,
                octets: payload,
            });
        }
        // A newer version may have added fields behind ours.
        let mut fields = Fields(&payload);
        Some(match kind {
            READ_STATE => Self::ReadState {
                message: MessageId(u64::from_le_bytes(fields.take()?)),
                read: fields.take::<1>()? != [0],
            },
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
    use super::*;

    #[test]
    fn every_kind_is_read_as_written() {
        let mailbox = MailboxId(7);
        let records = [
            Record::Message {
                head: MessageHead {
                    mailbox,
                    arrived: -5,
                    unique_id: "ünïque".to_owned(),
                },
                octets: b"Subject: x\r\n\r\n.\0\xFF".to_vec(),
            },
            Record::ReadState {
                message: MessageId(1 << 40),
                read: true,
            },
            Record::MailboxAdded { mailbox },
            Record::MailboxRemoved { mailbox },
            Record::Checked { mailbox, at: 12 },
            Record::Renamed {
                message: MessageId(3),
                unique_id: "ünïque".to_owned(),
            },
        ];
        for record in records {
            let (kind, payload) = record.to_octets();
            assert_eq!(Record::from_payload(kind, payload), Some(record));
        }
    }

    #[test]
    fn an_unknown_kind_is_passed_over_and_a_short_payload_is_damage() {
        assert_eq!(Record::from_payload(999, vec![1]), Some(Record::Unknown));
        assert_eq!(Record::from_payload(READ_STATE, vec![1]), None);
        assert_eq!(Record::from_payload(MESSAGE, vec![0; 13]), None);
        let cut = [&[0; 8][..], &[2, 0, b'x']].concat();
        assert_eq!(Record::from_payload(RENAMED, cut), None);
    }
}
