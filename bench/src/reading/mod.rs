//! The messages of `tests/reading`, read by Restante and by other parsers of mail:
//! `cargo xtask bench reading`.
//!
//! | file | holds |
//! |---|---|
//! | `run` | the options, and the readers one after the other |
//! | `peers` | npm's `mailparser` and `postal-mime`, Python's `email`, the crate `mail-parser` |
//! | `peers.mjs`, `peers.py` | the parts of `peers` in the languages of the peers |
//! | `table` | the messages that each reader read right, by kind |

mod peers;
mod run;
mod table;

pub(crate) use run::{ReadingOptions, run};
