//! Work that runs beside the commands: the queue of checks, their runner, and the indexing of words.

mod delivery;
pub(in crate::engine) mod queue;
pub(in crate::engine) mod runner;
pub(in crate::engine) mod search_lag;
