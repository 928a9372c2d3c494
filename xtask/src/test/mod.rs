//! `cargo xtask test`: runs all tests, with the counts and the slowest tests at the end.
//!
//! | file | holds |
//! |---|---|
//! | `run` | the parts of a run, and its options |
//! | `binaries` | the programs that Cargo builds for the native tests |
//! | `native` | one process for each native test, several at a time |
//! | `repeat` | the same native tests many times, beside busy programs |
//! | `browser` | the browser tests, and the report of their runner |
//! | `outcome` | counts and running times of tests |

mod binaries;
mod browser;
mod native;
mod outcome;
mod repeat;
mod run;

pub(crate) use run::{TestOptions, run};
