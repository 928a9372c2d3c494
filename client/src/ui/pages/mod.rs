//! The pages. One is drawn at a time.

mod mail;
mod mailbox;
mod page;
mod stopped;

pub(crate) use page::page;
