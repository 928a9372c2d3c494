//! The mailboxes: their connection settings, and the profiles of their servers.

pub(in crate::engine) mod accounts;
pub(in crate::engine) mod reconcile;
pub mod server_profile;
mod stored_capabilities;
