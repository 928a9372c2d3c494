//! Mail as its senders wrote it: parsed, and made safe to show.

pub mod parse;
pub(in crate::engine) mod sanitise;
