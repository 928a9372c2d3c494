//! The words of messages, which are indexed in the background.

use rusqlite::{Connection, OptionalExtension, params};

use super::error::IndexError;
use super::open::Index;
use super::words::Tokens;
use super::write::integer;
use crate::api::ids::{MailboxId, MessageId};
use crate::engine::mail::parse::{Terms, terms};
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
        if let Err(error) = add(&self.connection, id, &terms(octets)) {
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

    /// Returns the number of messages, of one mailbox or of all, whose text is too long to be
    /// searched to its end.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn cut(&self, mailbox: Option<MailboxId>) -> Result<u32, IndexError> {
        let sql = "SELECT count(*) FROM cut JOIN messages ON id = message
                   WHERE ?1 IS NULL OR mailbox = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([mailbox.map(|mailbox| mailbox.0)], |row| row.get(0))?)
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

/// Adds the tokens of a message.
fn add(connection: &Connection, id: MessageId, terms: &Terms) -> rusqlite::Result<()> {
    let fields = [
        &terms.subject,
        &terms.senders,
        &terms.recipients,
        &terms.text,
    ];
    let [subject, senders, recipients, text] = fields.map(|field| Tokens::of(field));
    let id = integer(id.0);
    let sql = "INSERT INTO text (rowid, subject, sender, recipients, body)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let fields = params![
        id,
        subject.words,
        senders.words,
        recipients.words,
        text.words
    ];
    connection.prepare_cached(sql)?.execute(fields)?;
    let runs = [subject.runs, senders.runs, recipients.runs, text.runs].concat();
    if !runs.is_empty() {
        let sql = "INSERT INTO runs (rowid, pairs) VALUES (?1, ?2)";
        connection.prepare_cached(sql)?.execute(params![id, runs])?;
    }
    if terms.is_cut {
        let sql = "INSERT OR IGNORE INTO cut (message) VALUES (?1)";
        connection.prepare_cached(sql)?.execute([id])?;
    }
    Ok(())
}
