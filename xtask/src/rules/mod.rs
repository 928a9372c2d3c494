//! The rules of the source tree that neither the compiler nor Clippy enforces.
//!
//! `cargo xtask check` prints each violation with file and line, and fails. The same rules are a unit
//! test, so that `cargo xtask test` has them too.
//!
//! | file | holds |
//! |---|---|
//! | `imports` | imports that point up, and the table of the permitted ones |
//! | `length` | source files that are too long |
//! | `roots` | code in `mod.rs` and `lib.rs` |
//! | `sentences` | sentences for users outside `ui/words` |
//! | `names` | type names that exist more than once |
//! | `openings` | doc comments that begin with a question word |
//! | `enforce` | the list of rules, and the counts that may only fall |
//! | `source` | parsed source files, with the lines of tests |

mod enforce;
mod imports;
mod length;
mod names;
mod openings;
mod roots;
mod sentences;
mod source;

pub(crate) use enforce::check;
