//! The words of messages, which are indexed in the background.

use rusqlite::{OptionalExtension, params};

use super::error::IndexError;
use super::open::Index;
use super::words::searchable;
use super::write::integer;
use crate::api::ids::MessageId;
use crate::engine::mail::parse::terms;
use crate::engine::store::spool::Location;

/// The number of message bytes whose words share a transaction. FTS5 writes its words at the end
/// of a transaction, and more frequent transactions cause more merging.
const TRANSACTION: u64 = 16 * 1024 * 1024;

impl Index {
    /// Returns the identity and place of the next message, in order of arrival, that is not
    /// indexed.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn next_unsearchable(&self) -> Result<Option<(MessageId, Location)>, IndexError> {
        let sql = "SELECT id, segment, position FROM messages WHERE id > ?1 ORDER BY id LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let next = statement.query_row([integer(self.searchable)], |row| {
            let place = Location {
                segment: row.get(1)?,
                offset: row.get::<_, i64>(2)?.cast_unsigned(),
            };
            Ok((MessageId(row.get::<_, i64>(0)?.cast_unsigned()), place))
        });
        Ok(next.optional()?)
    }

    /// Returns the number of messages whose words are not indexed.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn unsearchable(&self) -> Result<u32, IndexError> {
        if self.searchable >= self.applied {
            return Ok(0);
        }
        // The plus sign makes SQLite count in the smallest index instead of the table.
        let sql = "SELECT count(*) FROM messages WHERE +id > ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([integer(self.searchable)], |row| row.get(0))?)
    }

    /// Adds the words of the message that [`next_unsearchable`](Self::next_unsearchable) returned.
    /// They can be searched at once, and are durable after [`settle`](Self::settle).
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn make_searchable(&mut self, id: MessageId, octets: &[u8]) -> Result<(), IndexError> {
        if self.connection.is_autocommit() {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
        }
        let terms = terms(octets);
        let sql = "INSERT INTO text (rowid, subject, sender, recipients, body)
                   VALUES (?1, ?2, ?3, ?4, ?5)";
        let added = self.connection.prepare_cached(sql).and_then(|mut insert| {
            insert.execute(params![
                integer(id.0),
                searchable(&terms.subject),
                searchable(&terms.senders),
                searchable(&terms.recipients),
                searchable(&terms.text),
            ])
        });
        if let Err(error) = added {
            self.give_up_unsettled()?;
            return Err(error.into());
        }
        self.searchable = id.0;
        self.unsettled += octets.len() as u64;
        if self.unsettled >= TRANSACTION {
            self.settle()?;
        }
        Ok(())
    }

    /// Commits the added words.
    ///
    /// # Errors
    /// If storage fails or the index is damaged: then the words must be added again.
    pub fn settle(&mut self) -> Result<(), IndexError> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        let settled = self
            .connection
            .prepare_cached("UPDATE source SET searchable = ?1 WHERE id = 1")
            .and_then(|mut update| update.execute([integer(self.searchable)]))
            .and_then(|_| self.connection.execute_batch("COMMIT"));
        if let Err(error) = settled {
            self.give_up_unsettled()?;
            return Err(error.into());
        }
        self.unsettled = 0;
        Ok(())
    }

    fn give_up_unsettled(&mut self) -> Result<(), IndexError> {
        // SQLite may have rolled back itself, after an error.
        let _ = self.connection.execute_batch("ROLLBACK");
        self.unsettled = 0;
        let sql = "SELECT searchable FROM source";
        let settled: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
        self.searchable = settled.cast_unsigned();
        Ok(())
    }
}
