//! Names for the messages of a server without unique-ids.
//!
//! `UIDL` is optional ([RFC 1939 §7]). Where a server has none from the beginning, messages get names
//! made of their headers, by `TOP`, or without that of all of their text, which costs a retrieval each
//! time. How is remembered and stays: by other names, all that is kept would be fetched again.
//! Messages with the same header are told by how many there are.
//!
//! A message over which sessions are lost has no name yet. It is left out by its number and size: if
//! either changes, it is tried again, as it is after a while.

use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::reply::StatusText;
use restante_shared::pop3::session::Request;

use super::fingerprint::{AT_A_TIME, Listed, Reader};
use super::listing::{Listing, no_unique_ids};
use crate::api::problem::Problem;
use crate::clock::Clock;
use crate::engine::check::fetch::batch::MAX_MESSAGE_OCTETS;
use crate::engine::check::fetch::undeliverable;

impl<C: Clock> Listing<'_, C> {
    /// Gives the messages names of their own, by their text or by their headers; where that is not
    /// known yet, by headers if the server has `TOP`.
    pub(in crate::engine) async fn name(
        &mut self,
        messages: Vec<Listed>,
        by_text: Option<bool>,
    ) -> Result<(), Problem> {
        let asks_top = self.remembered.borrow().asks_top(self.now);
        let is_named = match by_text {
            Some(by_text) => self.read(&messages, by_text, true).await?,
            None => {
                (asks_top && self.read(&messages, false, false).await?)
                    || self.read(&messages, true, false).await?
            }
        };
        if !is_named {
            return Err(no_unique_ids(&StatusText::default()));
        }
        for (message, octets) in messages {
            self.news.queue.set_octets(message, octets);
        }
        Ok(())
    }

    /// Reads messages for their names, unless that is not certain to work and does not with the
    /// first header. Returns whether there are names.
    async fn read(
        &mut self,
        messages: &[Listed],
        by_text: bool,
        is_certain: bool,
    ) -> Result<bool, Problem> {
        let mut reader = Reader {
            by_text,
            ahead: self.pipelining,
        };
        // What would not be fetched is not read for its name either.
        let fits = |listed: &&Listed| {
            (!by_text || listed.1 <= MAX_MESSAGE_OCTETS)
                && undeliverable::is_due(&self.remembered.borrow(), &place(**listed), self.now)
        };
        let fitting: Vec<Listed> = messages.iter().filter(fits).copied().collect();
        let mut left_out = messages.len() - fitting.len();
        let mut found = 0;
        let mut left = fitting.as_slice();
        while !left.is_empty() {
            let most = if found == 0 { 1 } else { AT_A_TIME };
            let (next, rest) = left.split_at(left.len().min(most));
            left = rest;
            let told_by = reader.read(self.connection, next).await;
            if let Err(fault) = &told_by
                && !fault.is_end_of_relay()
            {
                let mut remembered = self.remembered.borrow_mut();
                if reader.ahead && fault.is_loss_of_step() {
                    remembered.cannot_pipeline();
                } else if !is_certain && !by_text && found == 0 {
                    remembered.top_broke = Some(self.now);
                } else if let Some(Request::Top(message) | Request::Retr(message)) =
                    self.connection.awaited()
                    && let Some(listed) = next.iter().find(|(listed, _)| *listed == message)
                {
                    let place = place(*listed);
                    let note = match remembered.bad_messages.contains_key(&place) {
                        true => undeliverable::mark,
                        false => undeliverable::suspect,
                    };
                    note(&mut remembered, &place, self.now, &fault.to_string());
                }
            }
            for (listed, told_by) in next.iter().zip(told_by?) {
                if let Some(told_by) = told_by {
                    self.add(listed.0, &told_by.to_string())?;
                    let bad = &mut self.remembered.borrow_mut().bad_messages;
                    bad.remove(&place(*listed));
                    found += 1;
                } else if is_certain || by_text || found > 0 {
                    left_out += 1;
                } else {
                    return Ok(false);
                }
            }
        }
        if found > 0 || is_certain || fitting.is_empty() {
            self.news.left_out = u32::try_from(left_out).unwrap_or(u32::MAX);
        }
        if found > 0 {
            self.met(match by_text {
                true => Quirk::IdentifiedByText,
                false => Quirk::IdentifiedByHeader,
            });
        }
        Ok(found > 0 || fitting.is_empty())
    }
}

/// What a message without a name is called.
fn place((message, octets): Listed) -> String {
    format!("message {message}, {octets} octets")
}
