//! Parses MIME ([RFC 2045] to [RFC 2049]) for lists, search and display.
//!
//! Senders are not trusted: no input makes this code panic, recurse without bound or take more than
//! linear time. For that reason, the parts are found by code of our own instead of
//! `mail_parser::MessageParser`. That parser recurses for every nested message, so 1 MB of mail can
//! overflow the stack, and a long `Content-Type` takes it seconds.

mod address_scanner;
mod addresses;
mod blank;
pub(in crate::engine) mod body;
mod calendar;
mod calendar_zones;
mod charset;
mod cms;
mod code_pages;
mod content;
mod data_urls;
mod dates;
mod delimiters;
mod detector;
mod doubts;
mod encoded_files;
mod enriched;
mod entry;
mod flowed;
mod headers;
pub(in crate::engine) mod hosts;
pub(in crate::engine) mod html;
mod labels;
mod mapi;
mod media;
mod message;
mod names;
mod opened;
mod part_path;
mod pictures;
mod rtf;
mod scanner;
mod shown_text;
mod stateful;
mod text;
mod tnef;
mod transfer;
mod tree;
mod visible;
mod words;
mod zones;

pub use charset::decode;
pub use entry::{Summary, Terms, summary, terms};
pub(in crate::engine) use pictures::normalised;

pub use message::{MessageFacts, attachment, open_message};

#[cfg(test)]
mod tests;
