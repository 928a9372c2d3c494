//! Limits that more than one room of the engine keeps.

/// The largest message that is fetched, in bytes. Larger ones stay on the server, because the engine
/// parses a message in memory: a tab has at most 4 GB, and no known mail host delivers more than
/// 150 MB.
pub(in crate::engine) const MAX_MESSAGE_BYTES: u64 = 256 * 1024 * 1024;
