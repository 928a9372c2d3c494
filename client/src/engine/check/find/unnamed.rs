//! Names for the messages of a server without unique-ids.
//!
//! `UIDL` is optional ([RFC 1939 §7]). On a server that never had it, messages are named by a digest
//! of their headers, from `TOP`. Without `TOP`, they are named by a digest of all their text, which
//! costs a retrieval each time. The server's profile keeps the way that was used: under other names,
//! all stored messages would be fetched again. Messages with the same header are distinguished by
//! their count.
//!
//! A message over which sessions are lost has no name yet. It is left out by its number and size. It
//! is tried again if either changes, or after a while.

use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::reply::StatusText;
use restante_shared::pop3::session::Request;

use super::error::{ListingError, NamingLoss};
use super::fingerprint::{AT_A_TIME, Listed};
use super::fingerprint_reader::FingerprintReader;
use super::listing::{Listing, no_unique_ids};
use crate::clock::Clock;
use crate::engine::limits::MAX_MESSAGE_BYTES;
use crate::engine::mailboxes::lesson::Lesson;
use crate::engine::mailboxes::undeliverable;

impl<C: Clock> Listing<'_, '_, C> {
    /// Names the messages by their text or by their headers. If the way is not known yet, uses headers
    /// if the server supports `TOP`.
    pub(in crate::engine) async fn name(
        &mut self,
        messages: Vec<Listed>,
        by_text: Option<bool>,
    ) -> Result<(), ListingError> {
        let asks_top = self.profile.asks_top(self.profile.now());
        let is_named = match by_text {
            Some(by_text) => self.read(&messages, by_text, true).await?,
            None => {
                (asks_top && self.read(&messages, false, false).await?)
                    || self.read(&messages, true, false).await?
            }
        };
        if !is_named {
            return Err(no_unique_ids(&StatusText::default()).into());
        }
        for (message, octets) in messages {
            self.news.queue.set_octets(message, octets);
        }
        Ok(())
    }

    /// Reads messages to name them. If it is not certain that the server supports this, stops at the
    /// first message without a name. Returns true if the messages have names.
    async fn read(
        &mut self,
        messages: &[Listed],
        by_text: bool,
        is_certain: bool,
    ) -> Result<bool, ListingError> {
        let mut reader = FingerprintReader {
            by_text,
            pipelining: self.pipelining,
        };
        // Messages that would not be fetched are not read for their names either.
        let now = self.profile.now();
        let fits = |listed: &&Listed| {
            (!by_text || listed.1 <= MAX_MESSAGE_BYTES)
                && undeliverable::is_due(&self.profile.undeliverable, &place(**listed), now)
        };
        let fitting: Vec<Listed> = messages.iter().filter(fits).copied().collect();
        let mut left_out = messages.len() - fitting.len();
        let mut found = 0;
        let mut left = fitting.as_slice();
        while !left.is_empty() {
            let most = if found == 0 { 1 } else { AT_A_TIME };
            let (next, rest) = left.split_at(left.len().min(most));
            left = rest;
            let fingerprints = match reader.read(self.connection, next).await {
                Ok(fingerprints) => fingerprints,
                Err(fault) => {
                    return Err(ListingError::Naming(NamingLoss {
                        fault,
                        pipelined: reader.pipelining,
                        is_first_header: !is_certain && !by_text && found == 0,
                        place: self.awaited_place(next),
                    }));
                }
            };
            for (listed, fingerprint) in next.iter().zip(fingerprints) {
                if let Some(fingerprint) = fingerprint {
                    self.add(listed.0, &fingerprint.to_string())?;
                    let unique_id = place(*listed);
                    if self.profile.undeliverable.contains_key(&unique_id) {
                        self.profile.note(Lesson::MessageDelivered { unique_id });
                    }
                    found += 1;
                } else if is_certain || by_text || found > 0 {
                    left_out += 1;
                } else {
                    return Ok(false);
                }
            }
            self.profile.save_due().await;
        }
        if found > 0 || is_certain || fitting.is_empty() {
            self.news.left_out = u32::try_from(left_out).unwrap_or(u32::MAX);
        }
        if found > 0 {
            let quirk = match by_text {
                true => Quirk::IdentifiedByText,
                false => Quirk::IdentifiedByHeader,
            };
            self.profile.learn([Lesson::Quirk(quirk)]).await;
        }
        Ok(found > 0 || fitting.is_empty())
    }

    /// Returns the place of the message whose reply is next.
    fn awaited_place(&self, messages: &[Listed]) -> Option<String> {
        let Some(Request::Top(message) | Request::Retr(message)) = self.connection.awaited() else {
            return None;
        };
        let listed = messages.iter().find(|(listed, _)| *listed == message);
        listed.copied().map(place)
    }
}

/// Returns the number and size of a message, in place of a name. The profile stores it, so its form
/// never changes.
fn place((message, octets): Listed) -> String {
    format!("message {message}, {octets} octets")
}
