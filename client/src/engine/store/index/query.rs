//! Queries of the index.

use rusqlite::types::FromSql;
use rusqlite::{OptionalExtension, Row, ToSql, params};

use super::error::IndexError;
use super::open::Index;
use super::selection::Selection;
use super::write::integer;
use crate::api::ids::{MailboxId, MessageId};
use crate::api::mail::{MessageQuery, MessageRow};
use crate::engine::store::spool::Location;
use crate::engine::unique_ids::UniqueIds;

/// A mailbox's counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxState {
    /// The mailbox.
    pub id: MailboxId,
    /// The number of messages.
    pub messages: u32,
    /// The number of unread messages.
    pub unread: u32,
    /// The time of the last successful check, in seconds since 1970.
    pub last_check: Option<i64>,
}

/// The stored properties of a message apart from its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Its mailbox.
    pub mailbox: MailboxId,
    /// The place of its record.
    pub place: Location,
    /// The time when it was sent, or else arrived, in seconds since 1970.
    pub date: i64,
    /// True if it has not been read.
    pub unread: bool,
}

impl Index {
    /// Returns all mailboxes, in the order of creation.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn mailboxes(&self) -> Result<Vec<MailboxState>, IndexError> {
        let sql = "SELECT id, messages, unread, last_check FROM mailboxes
                   WHERE NOT removed ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mailboxes = statement.query_map([], |row| {
            Ok(MailboxState {
                id: MailboxId(row.get(0)?),
                messages: row.get(1)?,
                unread: row.get(2)?,
                last_check: row.get(3)?,
            })
        })?;
        Ok(mailboxes.collect::<Result<_, _>>()?)
    }

    /// Returns true if a mailbox was created and then removed.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn was_removed(&self, mailbox: MailboxId) -> Result<bool, IndexError> {
        let sql = "SELECT coalesce(max(removed), 0) FROM mailboxes WHERE id = ?1";
        self.value(sql, [mailbox.0])
    }

    /// Returns a number that no mailbox has ever had.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn new_mailbox(&self) -> Result<MailboxId, IndexError> {
        let sql = "SELECT coalesce(max(id), 0) + 1 FROM mailboxes";
        self.value(sql, []).map(MailboxId)
    }

    /// Returns the messages that were fetched for a mailbox, by unique-id.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn unique_ids(&self, mailbox: MailboxId) -> Result<UniqueIds, IndexError> {
        let sql = "SELECT unique_id, message, octets FROM unique_ids WHERE mailbox = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([mailbox.0])?;
        let mut known = UniqueIds::default();
        while let Some(row) = rows.next()? {
            let unique_id = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            // Not positive if it is unknown.
            let message = u64::try_from(row.get::<_, i64>(1)?).ok().map(MessageId);
            let octets = row.get::<_, i64>(2)?.cast_unsigned();
            known.add(unique_id, message, Some(octets));
        }
        Ok(known)
    }

    /// Returns the number of messages with one unique-id that were fetched for a mailbox.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn fetched(&self, mailbox: MailboxId, unique_id: &str) -> Result<u32, IndexError> {
        let sql = "SELECT count(*) FROM unique_ids
                   WHERE mailbox = ?1 AND unique_id = ?2";
        self.value(sql, params![mailbox.0, unique_id])
    }

    /// Returns the size and number of each message of a mailbox that `is_wanted` accepts by its
    /// unique-id and size. Messages without a unique-id are left out.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn sized(
        &self,
        mailbox: MailboxId,
        is_wanted: impl Fn(&str, u64) -> bool,
    ) -> Result<Vec<(u64, MessageId)>, IndexError> {
        let sql = "SELECT unique_id, octets, id FROM messages
                   WHERE mailbox = ?1 AND unique_id <> ''";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([mailbox.0])?;
        let mut sized = Vec::new();
        while let Some(row) = rows.next()? {
            let unique_id = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            let octets = row.get::<_, i64>(1)?.cast_unsigned();
            if is_wanted(unique_id, octets) {
                sized.push((octets, MessageId(row.get::<_, i64>(2)?.cast_unsigned())));
            }
        }
        Ok(sized)
    }

    /// Returns the stored properties of a message; `None` if it is not in the index.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn message(&self, message: MessageId) -> Result<Option<Kept>, IndexError> {
        let sql = "SELECT mailbox, segment, position, date, unread FROM messages WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let kept = statement.query_row([integer(message.0)], |row| {
            Ok(Kept {
                mailbox: MailboxId(row.get(0)?),
                place: Location {
                    segment: row.get(1)?,
                    offset: row.get::<_, i64>(2)?.cast_unsigned(),
                },
                date: row.get(3)?,
                unread: row.get(4)?,
            })
        });
        Ok(kept.optional()?)
    }

    /// Returns a window of the messages that match a query, newest first, and their total number.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn rows(
        &self,
        query: &MessageQuery,
        offset: u32,
        limit: u32,
    ) -> Result<(u32, Vec<MessageRow>), IndexError> {
        let Some(selection) = Selection::new(query) else {
            return Ok((0, Vec::new()));
        };
        let mut parameters = selection.parameters();
        let total = self.value(&selection.count(), parameters.as_slice())?;
        let window: [(&str, &dyn ToSql); 2] = [(":limit", &limit), (":offset", &offset)];
        parameters.extend(window);
        let mut statement = self.connection.prepare_cached(&selection.window())?;
        let rows = statement.query_map(parameters.as_slice(), row)?;
        Ok((total, rows.collect::<Result<_, _>>()?))
    }

    fn value<T: FromSql>(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<T, IndexError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(parameters, |row| row.get(0))?)
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    Ok(MessageRow {
        id: MessageId(row.get::<_, i64>(0)?.cast_unsigned()),
        mailbox: MailboxId(row.get(1)?),
        sender: row.get(2)?,
        subject: row.get(3)?,
        snippet: row.get(4)?,
        date: row.get(5)?,
        unread: row.get(6)?,
        has_attachments: row.get(7)?,
    })
}
