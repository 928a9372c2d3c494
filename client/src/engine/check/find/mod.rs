//! Finding what is new on the server.
//!
//! | file | holds |
//! |---|---|
//! | `listing` | the server's listings, and what of them is new |
//! | `unnamed` | names for the messages of a server without unique-ids |
//! | `renamed` | messages that are stored under other unique-ids |
//! | `fingerprint` | digests that identify a message without its unique-id |
//! | `fingerprint_reader` | asks a server for the fingerprints of its messages |
//! | `emptiness` | the check for an empty maildrop that refuses its listings |
//! | `error` | failures to list the maildrop |
//! | `queue` | the messages to fetch |

pub(in crate::engine) mod emptiness;
pub(in crate::engine) mod error;
pub(in crate::engine) mod fingerprint;
pub(in crate::engine) mod fingerprint_reader;
pub(in crate::engine) mod listing;
pub(in crate::engine) mod queue;
pub(in crate::engine) mod renamed;
pub(in crate::engine) mod unnamed;
