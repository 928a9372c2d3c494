//! Diagnostics: the journal of sessions, and the report on a server, as values.

pub mod journal;
pub(in crate::engine) mod report;
