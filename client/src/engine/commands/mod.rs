//! The handlers of the page's commands: one file for each group of [`api`](crate::api).

mod check;
mod console;
mod dispatch;
mod mail;
mod mailbox;
mod report;
