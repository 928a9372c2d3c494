//! The contract of page and engine: the commands that the page sends, the events that the engine
//! reports, and the values that both are made of. Types only, no behaviour.

pub mod check;
pub mod command;
pub mod console;
pub mod event;
pub mod ids;
pub mod mail;
pub mod mailbox;
pub mod problem;
pub mod report;
pub mod settings;
pub mod storage;
pub mod transcript;
