//! The mailboxes: how each is reached, and what is remembered of its server.

pub(in crate::engine) mod accounts;
pub(in crate::engine) mod reconcile;
pub mod server_profile;
