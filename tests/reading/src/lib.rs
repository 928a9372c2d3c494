//! Messages of many kinds, what a reader should show of each, and the judge of readers.
//!
//! | file or folder | holds |
//! |---|---|
//! | `../messages` | the messages, and `expected.json` |
//! | `collection` | reading a folder of messages |
//! | `expectation` | the format of `expected.json` |
//! | `judge` | the comparison of a reading with its expectation |
//! | `reading` | one reader's result for one message |
//! | `restante` | the native reader of Restante |
//! | `words` | the words of an HTML document |

mod collection;
mod expectation;
mod judge;
mod reading;
mod restante;
mod words;

pub use collection::{Sample, own, read};
pub use expectation::{Expectation, ExpectedFile};
pub use judge::{Criteria, faults};
pub use reading::{ReadFile, Reading, sha256};
pub use restante::restante;
pub use words::of_html;
