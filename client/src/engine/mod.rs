//! The mail engine: checks mail, keeps it, finds it and makes it safe to show.

pub mod check;
pub mod command;
pub mod delivery;
pub mod event;
pub mod index;
pub mod mime;
pub mod spool;
pub mod store;
