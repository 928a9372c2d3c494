//! The contract of page and engine: the commands that the page sends, the events that the engine
//! reports, and the values that both are made of. Types only, no behaviour.

pub mod command;
pub mod event;
