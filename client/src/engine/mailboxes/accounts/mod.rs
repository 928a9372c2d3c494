//! The accounts: the settings of each mailbox, and its password if the user allows storing it.
//!
//! They are not in the append-only spool, because a removed password must be erased. Passwords are
//! sealed with a key that the browser keeps (see [`Vault`](crate::engine::platform::Vault)), each
//! for the settings that it was given for. The settings themselves are not encrypted.

mod copies;
mod first;
mod registry;
mod stored;

pub(in crate::engine) use registry::Accounts;

#[cfg(test)]
mod tests;
