//! Updating the index, record by record, in transactions.

use rusqlite::{Connection, params};

use super::error::IndexError;
use super::open::Index;
use super::schema::EXTRACTION;
use crate::api::ids::{MailboxId, MessageId};
use crate::engine::mail::parse::{Summary, summary};
use crate::engine::store::spool::{Change, Checkpoint, Found, Location, Mark, MessageHead, Record};

/// The number of records in one transaction. Each transaction costs a flush, but closing the tab
/// loses the whole open transaction.
const BATCH: u32 = 500;

/// Applies records of the spool. Changes are rolled back unless [`finish`](Self::finish) is
/// called.
#[derive(Debug)]
pub struct IndexWriter<'a> {
    connection: &'a Connection,
    /// The number of the last committed record.
    applied: &'a mut u64,
    /// The number of records in the open transaction.
    open: u32,
    last: Option<Checkpoint>,
}

impl Index {
    /// Begins an update of the index.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn writer(&mut self) -> Result<IndexWriter<'_>, IndexError> {
        self.settle()?;
        Ok(IndexWriter {
            connection: &self.connection,
            applied: &mut self.applied,
            open: 0,
            last: None,
        })
    }
}

impl IndexWriter<'_> {
    /// Applies one record, unless the index already contains it. Records must come in the order of
    /// their numbers.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn apply(&mut self, found: Found) -> Result<(), IndexError> {
        if found.number <= *self.applied {
            return Ok(());
        }
        if let Record::Message { head, octets } = &found.record {
            let length = octets.len() as u64;
            let summary = summary(octets);
            return self.add_message(found.number, found.checkpoint, head, length, &summary);
        }
        self.step(found.number, found.checkpoint, |connection| {
            apply(connection, &found.record)
        })
    }

    /// Adds a message of the given size in bytes, unless the index already contains it.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn add_message(
        &mut self,
        number: u64,
        checkpoint: Checkpoint,
        head: &MessageHead,
        octets: u64,
        summary: &Summary,
    ) -> Result<(), IndexError> {
        self.step(number, checkpoint, |connection| {
            let id = MessageId(number);
            add_message(connection, id, checkpoint.location, head, octets, summary)
        })
    }

    fn step(
        &mut self,
        number: u64,
        checkpoint: Checkpoint,
        change: impl FnOnce(&Connection) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        if number <= *self.applied {
            return Ok(());
        }
        if self.open == 0 {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
        }
        self.open += 1;
        self.last = Some(checkpoint);
        change(self.connection)?;
        if self.open >= BATCH {
            self.commit()?;
        }
        Ok(())
    }

    /// Commits the applied records.
    ///
    /// # Errors
    /// If storage fails or the index is damaged.
    pub fn finish(mut self) -> Result<(), IndexError> {
        self.commit()
    }

    fn commit(&mut self) -> Result<(), IndexError> {
        if self.open > 0 {
            let checkpoint = self.last.map(|last| last.to_bytes());
            self.connection
                .prepare_cached("UPDATE source SET extraction = ?1, checkpoint = ?2")?
                .execute(params![EXTRACTION, checkpoint])?;
            self.connection.execute_batch("COMMIT")?;
            self.open = 0;
            *self.applied = self.last.map_or(*self.applied, |last| last.number());
        }
        Ok(())
    }
}

impl Drop for IndexWriter<'_> {
    fn drop(&mut self) {
        if self.open > 0 {
            // SQLite may have rolled back itself, after an error.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

/// Applies a record that is not a message.
fn apply(connection: &Connection, record: &Record) -> Result<(), IndexError> {
    match *record {
        Record::Changed(ref change) => change_messages(connection, change),
        Record::MailboxAdded { mailbox } => add_mailbox(connection, mailbox),
        Record::MailboxRemoved { mailbox } => remove_mailbox(connection, mailbox),
        Record::Renamed {
            message,
            ref unique_id,
        } => rename(connection, message, unique_id),
        Record::Checked { mailbox, at } => {
            let sql = "UPDATE mailboxes SET last_check = ?2 WHERE id = ?1";
            connection
                .prepare_cached(sql)?
                .execute(params![mailbox.0, at])?;
            Ok(())
        }
        Record::Message { .. } | Record::Unknown => Ok(()),
    }
}

fn add_message(
    connection: &Connection,
    id: MessageId,
    place: Location,
    head: &MessageHead,
    octets: u64,
    summary: &Summary,
) -> Result<(), IndexError> {
    // The mailbox usually exists, since its record came before. It is missing if that record was
    // damaged.
    add_mailbox(connection, head.mailbox)?;
    if is_removed(connection, head.mailbox)? {
        // The message arrived while the user removed its mailbox.
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO messages (id, mailbox, date, has_attachments, octets, segment, position,
                unique_id, message_id, in_reply_to, sender, subject, snippet)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            integer(id.0),
            head.mailbox.0,
            summary.date.unwrap_or(head.arrived),
            summary.has_attachments,
            integer(octets),
            place.segment,
            integer(place.offset),
            // As in the spool, an empty text stands for none.
            head.unique_id.as_deref().unwrap_or_default(),
            summary.message_id,
            summary.in_reply_to,
            summary.sender,
            summary.subject,
            summary.snippet,
        ])?;
    if let Some(unique_id) = &head.unique_id {
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO unique_ids (mailbox, unique_id, message, octets)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                head.mailbox.0,
                unique_id,
                integer(id.0),
                integer(octets)
            ])?;
    }
    Ok(())
}

/// Adds another unique-id to a message. Has no effect if it is already added or if the message is
/// not in the index.
fn rename(connection: &Connection, message: MessageId, unique_id: &str) -> Result<(), IndexError> {
    for sql in [
        "INSERT OR IGNORE INTO unique_ids (mailbox, unique_id, message, octets)
         SELECT mailbox, ?2, id, octets FROM messages WHERE id = ?1",
        "UPDATE messages SET unique_id = ?2 WHERE id = ?1",
    ] {
        let parameters = params![integer(message.0), unique_id];
        connection.prepare_cached(sql)?.execute(parameters)?;
    }
    Ok(())
}

/// Changes messages. Has no effect on those that are not in the index.
fn change_messages(connection: &Connection, change: &Change) -> Result<(), IndexError> {
    let (sql, value) = match change.what {
        Mark::Read(read) => (
            "UPDATE messages SET unread = ?2 WHERE id = ?1 AND unread <> ?2",
            !read,
        ),
    };
    let mut statement = connection.prepare_cached(sql)?;
    for message in &change.messages {
        statement.execute(params![integer(message.0), value])?;
    }
    Ok(())
}

fn add_mailbox(connection: &Connection, mailbox: MailboxId) -> Result<(), IndexError> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO mailboxes (id) VALUES (?1)")?
        .execute([mailbox.0])?;
    Ok(())
}

fn is_removed(connection: &Connection, mailbox: MailboxId) -> Result<bool, IndexError> {
    let sql = "SELECT removed FROM mailboxes WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([mailbox.0], |row| row.get(0))?)
}

/// Removes a mailbox's messages. The mailbox's row stays, so that its number is not used again.
fn remove_mailbox(connection: &Connection, mailbox: MailboxId) -> Result<(), IndexError> {
    for sql in [
        "INSERT OR IGNORE INTO mailboxes (id) VALUES (?1)",
        "DELETE FROM text WHERE rowid IN (SELECT id FROM messages WHERE mailbox = ?1)",
        "DELETE FROM runs WHERE rowid IN (SELECT id FROM messages WHERE mailbox = ?1)",
        "DELETE FROM cut WHERE message IN (SELECT id FROM messages WHERE mailbox = ?1)",
        "DELETE FROM messages WHERE mailbox = ?1",
        "DELETE FROM unique_ids WHERE mailbox = ?1",
        "UPDATE mailboxes SET removed = 1, last_check = NULL WHERE id = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([mailbox.0])?;
    }
    Ok(())
}

/// Converts to a signed integer, as SQLite stores it. No spool comes near the limit.
pub(in crate::engine) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
