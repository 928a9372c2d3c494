//! Mail as its senders wrote it (MIME, [RFC 2045] to [RFC 2049]), made into what can be listed,
//! searched and shown.
//!
//! Senders are not trusted: no input makes anything here panic, recurse without bound or take more
//! than linear time. That is why the parts are found by a walk of our own and not by
//! `mail_parser::MessageParser`: that recurses once for every nested message, so a mail of 1 MB can
//! overflow the stack, and takes seconds over a long enough `Content-Type`. Its parsers for
//! addresses and dates are used.

mod addresses;
pub(in crate::engine) mod body;
mod charset;
mod content;
mod entry;
mod headers;
pub(in crate::engine) mod html;
mod message;
mod names;
mod text;
mod transfer;
mod tree;
mod words;

pub use charset::decode;
pub use entry::{Summary, Terms, summary, terms};
pub use message::{MessageFacts, attachment, open_message};

#[cfg(test)]
mod tests;
