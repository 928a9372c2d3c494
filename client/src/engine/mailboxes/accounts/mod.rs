//! The accounts: the settings of each mailbox, and its password if the user allows storing it.
//!
//! They are not in the append-only spool, because a removed password must be erased. They are not
//! encrypted: any program that can read the browser's profile can read them, like the mail itself.

mod copies;
mod first;
mod registry;

pub(in crate::engine) use registry::Accounts;
