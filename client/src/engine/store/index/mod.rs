//! The index: everything about the mail that can be derived from the spool, in SQLite.
//!
//! Lists, searches and checks are answered from it without reading the mail itself. Every fault
//! (damage, another version, loss, lagging or leading the spool) has the same remedy: rebuild it.
//!
//! A message is listed as soon as it is stored. Its words are indexed when there is time (`text`),
//! because parsing a text costs a hundred times as much as adding a row.

mod decompose;
mod error;
mod fold;
mod letters;
mod open;
mod place;
mod prefixes;
mod query;
mod schema;
mod selection;
mod text;
mod words;
mod write;

pub use error::IndexError;
pub use open::{Index, Opened};
pub use place::IndexPlace;
pub use query::{Kept, MailboxState};
pub use write::IndexWriter;
