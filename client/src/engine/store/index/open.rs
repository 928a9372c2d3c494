//! Opening the index, and verifying that it can be trusted.

use rusqlite::{Connection, OptionalExtension};

use super::error::IndexError;
use super::place::IndexPlace;
use super::schema::{EXTRACTION, migrate};
use crate::engine::store::spool::{Checkpoint, StorageError};

/// The index.
#[derive(Debug)]
pub struct Index {
    pub(in crate::engine) connection: Connection,
    /// The number of the last record that the index contains.
    pub(in crate::engine) applied: u64,
    /// The number of the last message whose words the index contains.
    pub(in crate::engine) searchable: u64,
    /// The number of message bytes whose words are added but not committed.
    pub(in crate::engine) unsettled: u64,
    place: IndexPlace,
}

/// The tables that are checked at every start. The text index is left out: checking it takes
/// seconds (3 s for 20,000 messages in a browser), and a search that meets damage reports it.
const CHECKED: [&str; 4] = ["messages", "mailboxes", "unique_ids", "source"];

/// The state in which the index was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// Intact, with all records of the spool up to this one; `None` if it is empty.
    Sound(Option<Checkpoint>),
    /// Unusable, and cleared.
    Cleared,
}

impl Index {
    /// Opens the index. Empties it if it is damaged or was created by another version.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn open(place: IndexPlace) -> Result<(Self, Opened), IndexError> {
        let damage = match place.connect().await {
            Ok(connection) => match trusted(connection) {
                Ok(trusted) => {
                    let checkpoint = trusted.checkpoint;
                    let index = Self::new(trusted, place);
                    return Ok((index, Opened::Sound(checkpoint)));
                }
                Err(error) => error,
            },
            Err(error) => error,
        };
        match damage {
            full @ IndexError::Storage(StorageError::Full) => Err(full),
            // The cause may be storage rather than the index. Then creating a new one fails with
            // the same error.
            _ => Ok((Self::make(place).await?, Opened::Cleared)),
        }
    }

    /// Deletes everything and creates an empty index.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn clear(&mut self) -> Result<(), IndexError> {
        // Closes the database, which cannot be removed while it is open.
        self.connection = Connection::open_in_memory()?;
        *self = Self::make(self.place.clone()).await?;
        Ok(())
    }

    async fn make(place: IndexPlace) -> Result<Self, IndexError> {
        place.clear().await?;
        Ok(Self::new(trusted(place.connect().await?)?, place))
    }

    fn new(trusted: Trusted, place: IndexPlace) -> Self {
        Self {
            connection: trusted.connection,
            applied: trusted.checkpoint.map_or(0, |last| last.number()),
            searchable: trusted.searchable,
            unsettled: 0,
            place,
        }
    }
}

/// A checked database and its recorded state.
struct Trusted {
    connection: Connection,
    checkpoint: Option<Checkpoint>,
    searchable: u64,
}

/// Configures, checks and migrates the database.
fn trusted(mut connection: Connection) -> Result<Trusted, IndexError> {
    // All data can be rebuilt, so losing the last moments in a crash of the machine is acceptable;
    // `NORMAL` still keeps the database consistent. Each page is a call into the browser's
    // storage, whatever its size. Pages of 16 KB and a cache of 16 MB need a tenth of the calls.
    connection.execute_batch(
        "PRAGMA page_size = 16384;
         PRAGMA cache_size = -16384;
         PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA journal_mode = TRUNCATE;
         PRAGMA synchronous = NORMAL;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;",
    )?;
    migrate(&mut connection)?;
    for table in CHECKED {
        let sql = format!("PRAGMA quick_check({table})");
        let verdict: String = connection.query_row(&sql, [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(IndexError::Damaged(verdict));
        }
    }
    let sql = "SELECT extraction, checkpoint, searchable FROM source";
    let source = connection
        .query_row(sql, [], |row| {
            let extraction: i64 = row.get(0)?;
            let checkpoint: Option<Vec<u8>> = row.get(1)?;
            Ok((extraction, checkpoint, row.get::<_, i64>(2)?))
        })
        .optional()?;
    let (checkpoint, searchable) = match source {
        // A new index, or one without records.
        Some((_, None, _)) => (None, 0),
        Some((EXTRACTION, Some(octets), searchable)) => match Checkpoint::from_bytes(&octets) {
            None => return Err(IndexError::Damaged("its checkpoint is not readable".into())),
            checkpoint => (checkpoint, searchable.cast_unsigned()),
        },
        Some(_) => return Err(IndexError::Damaged("it was made by other rules".into())),
        None => return Err(IndexError::Damaged("its checkpoint is missing".into())),
    };
    Ok(Trusted {
        connection,
        checkpoint,
        searchable,
    })
}
