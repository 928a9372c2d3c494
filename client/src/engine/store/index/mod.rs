//! The index: everything about the mail that can be derived from the spool, in SQLite.
//!
//! It answers what a list, a search or a sync needs without a look at the mail itself. Whatever is
//! wrong with it (damage, another version, lost, behind the spool, ahead of it), the cure is the
//! same: derive it again.
//!
//! A message is listed as soon as it is kept. Its words follow when there is time (`text`): to take
//! a text apart costs a hundred times what a row does.

mod error;
mod open;
mod place;
mod query;
mod schema;
mod text;
mod words;
mod write;

pub use error::IndexError;
pub use open::{Index, Opened};
pub use place::IndexPlace;
pub use query::{Kept, MailboxState};
pub use write::Writer;
