//! The schema, as a list of steps from an empty database to the current one.

use rusqlite::Connection;

use super::error::IndexError;

/// Step n migrates `user_version` n to n + 1. Released steps never change.
const STEPS: &[&str] = &[
    "
    CREATE TABLE mailboxes (
        id INTEGER PRIMARY KEY,
        removed INTEGER NOT NULL DEFAULT 0,
        messages INTEGER NOT NULL DEFAULT 0,
        unread INTEGER NOT NULL DEFAULT 0,
        last_check INTEGER
    ) STRICT;

    CREATE TABLE messages (
        id INTEGER PRIMARY KEY,
        mailbox INTEGER NOT NULL,
        date INTEGER NOT NULL,
        unread INTEGER NOT NULL DEFAULT 1,
        has_attachments INTEGER NOT NULL,
        octets INTEGER NOT NULL,
        segment INTEGER NOT NULL,
        position INTEGER NOT NULL,
        unique_id TEXT NOT NULL,
        message_id TEXT,
        in_reply_to TEXT,
        sender TEXT NOT NULL,
        subject TEXT NOT NULL,
        snippet TEXT NOT NULL
    ) STRICT;
    CREATE INDEX messages_by_date ON messages (date DESC, id DESC);
    CREATE INDEX messages_of_mailbox ON messages (mailbox, date DESC, id DESC);
    CREATE INDEX messages_by_message_id ON messages (message_id) WHERE message_id IS NOT NULL;

    CREATE TRIGGER message_added AFTER INSERT ON messages BEGIN
        UPDATE mailboxes SET messages = messages + 1, unread = unread + new.unread
        WHERE id = new.mailbox;
    END;
    CREATE TRIGGER message_removed AFTER DELETE ON messages BEGIN
        UPDATE mailboxes SET messages = messages - 1, unread = unread - old.unread
        WHERE id = old.mailbox;
    END;
    CREATE TRIGGER message_read AFTER UPDATE OF unread ON messages BEGIN
        UPDATE mailboxes SET unread = unread + new.unread - old.unread WHERE id = new.mailbox;
    END;

    -- What has been fetched, whether or not it is still here.
    CREATE TABLE unique_ids (
        mailbox INTEGER NOT NULL,
        unique_id TEXT NOT NULL,
        messages INTEGER NOT NULL,
        PRIMARY KEY (mailbox, unique_id)
    ) STRICT, WITHOUT ROWID;

    -- Without content of its own: the text is in the spool. A prefix index takes as much room as
    -- the words themselves, and from three letters on the words alone are quick enough.
    CREATE VIRTUAL TABLE text USING fts5 (
        subject, sender, recipients, body,
        content = '', contentless_delete = 1,
        tokenize = 'unicode61 remove_diacritics 2', prefix = '2'
    );

    -- One row: how much of the spool is in here, and by which rules its text was extracted.
    CREATE TABLE source (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        extraction INTEGER NOT NULL,
        checkpoint BLOB
    ) STRICT;
    INSERT INTO source (id, extraction) VALUES (1, 0);
    ",
    // The last message whose words are in `text`: words are added after rows.
    "
    ALTER TABLE source ADD COLUMN searchable INTEGER NOT NULL DEFAULT 0;
    UPDATE source SET searchable = (SELECT coalesce(max(id), 0) FROM messages);
    ",
    // Sizes distinguish a message from another one that was given the same unique-id.
    "
    DROP TABLE unique_ids;
    CREATE TABLE unique_ids (
        mailbox INTEGER NOT NULL,
        unique_id TEXT NOT NULL,
        octets INTEGER NOT NULL,
        messages INTEGER NOT NULL,
        PRIMARY KEY (mailbox, unique_id, octets)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO unique_ids
    SELECT mailbox, unique_id, octets, count(*) FROM messages GROUP BY 1, 2, 3;
    ",
    // Each row leads to a message. The message of a former unique-id is not known: its number is
    // not positive.
    "
    ALTER TABLE unique_ids RENAME TO counted;
    CREATE TABLE unique_ids (
        mailbox INTEGER NOT NULL,
        unique_id TEXT NOT NULL,
        message INTEGER NOT NULL,
        octets INTEGER NOT NULL,
        PRIMARY KEY (mailbox, unique_id, message)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO unique_ids
    SELECT mailbox, unique_id, id, octets FROM messages WHERE unique_id <> '';
    INSERT INTO unique_ids
    SELECT mailbox, unique_id, -octets, octets FROM counted WHERE NOT EXISTS (
        SELECT 1 FROM unique_ids known
        WHERE known.mailbox = counted.mailbox AND known.unique_id = counted.unique_id
        AND known.octets = counted.octets
    );
    DROP TABLE counted;
    ",
    // The tokens are made before they come here, so every character in them counts. The pairs of
    // characters of scripts without spaces are apart, because a prefix index of them would take as
    // much room as they do.
    "
    DROP TABLE text;
    CREATE VIRTUAL TABLE text USING fts5 (
        subject, sender, recipients, body,
        content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '2'
    );
    CREATE VIRTUAL TABLE runs USING fts5 (
        pairs, content = '', contentless_delete = 1, tokenize = 'ascii'
    );
    -- The messages whose text is too long to be searched to its end.
    CREATE TABLE cut (message INTEGER PRIMARY KEY) STRICT;
    UPDATE source SET searchable = 0;
    ",
];

/// The version of the rules that turn mail into rows and words. Raise it when they change: an
/// index that was created by other rules is then rebuilt.
pub(in crate::engine) const EXTRACTION: i64 = 6;

/// Migrates a database to the current schema.
///
/// # Errors
/// [`IndexError::Damaged`] if it is of a newer version.
pub(in crate::engine) fn migrate(connection: &mut Connection) -> Result<(), IndexError> {
    migrate_by(connection, STEPS)
}

fn migrate_by(connection: &mut Connection, steps: &[&str]) -> Result<(), IndexError> {
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let Some(due) = steps.get(version as usize..) else {
        return Err(IndexError::Damaged(format!(
            "its version {version} is newer"
        )));
    };
    for (step, next) in due.iter().zip(version + 1..) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", next)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(connection: &Connection) -> u32 {
        connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn every_older_version_is_migrated_to_the_newest() {
        let steps = [
            "CREATE TABLE a (x)",
            "ALTER TABLE a ADD COLUMN y",
            "CREATE TABLE b (z)",
        ];
        for start in 0..=steps.len() {
            let mut connection = Connection::open_in_memory().unwrap();
            migrate_by(&mut connection, &steps[..start]).unwrap();
            migrate_by(&mut connection, &steps).unwrap();
            assert_eq!(version(&connection), 3);
            connection
                .execute("INSERT INTO a (x, y) VALUES (1, 2)", [])
                .unwrap();
        }
    }

    #[test]
    fn a_failed_migration_step_leaves_the_previous_version() {
        let mut connection = Connection::open_in_memory().unwrap();
        let steps = [
            "CREATE TABLE a (x)",
            "CREATE TABLE b (y); CREATE TABLE a (x)",
        ];
        assert!(migrate_by(&mut connection, &steps).is_err());
        assert_eq!(version(&connection), 1);
        assert!(connection.execute("INSERT INTO b VALUES (1)", []).is_err());
    }

    #[test]
    fn unique_ids_lead_to_messages_and_former_ones_are_still_known() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate_by(&mut connection, &STEPS[..3]).unwrap();
        let message = "INSERT INTO messages (id, mailbox, date, has_attachments, octets, segment,
                       position, unique_id, sender, subject, snippet)
                       VALUES (?1, 1, 0, 0, ?2, 1, 0, ?3, '', '', '')";
        let counted = "INSERT INTO unique_ids VALUES (1, ?1, ?2, ?3)";
        for (id, octets, unique_id) in [(5, 70, "new"), (6, 80, "twin"), (7, 80, "twin")] {
            let parameters = (id, octets, unique_id);
            connection.execute(message, parameters).unwrap();
        }
        for row in [("old", 70, 1), ("new", 70, 1), ("twin", 80, 2)] {
            connection.execute(counted, row).unwrap();
        }
        migrate(&mut connection).unwrap();
        let sql = "SELECT unique_id, message, octets FROM unique_ids ORDER BY unique_id, message";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let rows: Vec<(String, i64, i64)> = rows.unwrap().map(Result::unwrap).collect();
        let expected = [
            ("new", 5, 70),
            ("old", -70, 70),
            ("twin", 6, 80),
            ("twin", 7, 80),
        ];
        let expected = expected.map(|(id, message, octets)| (id.to_owned(), message, octets));
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_newer_version_counts_as_damage() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .pragma_update(None, "user_version", 1_000)
            .unwrap();
        assert!(matches!(
            migrate(&mut connection),
            Err(IndexError::Damaged(_))
        ));
    }
}
