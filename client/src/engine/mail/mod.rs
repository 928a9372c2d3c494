//! Mail from untrusted senders: parsed, and sanitised for display.

pub mod parse;
pub(in crate::engine) mod sanitise;
