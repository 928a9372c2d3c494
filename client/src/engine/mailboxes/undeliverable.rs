//! Messages that a server fails to deliver: which are tried again, and when.
//!
//! The next session fetches a message over which a session was lost last and alone, since the loss
//! may have been an accident. So a message that ends every session costs the others nothing. It is
//! tried again at the next check, then after an hour, six hours, a day, and every week from then on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The pauses after one attempt, two attempts and so on, in seconds. The last one then repeats.
const PAUSES: [i64; 5] = [0, 3_600, 6 * 3_600, 24 * 3_600, 7 * 24 * 3_600];

/// The largest number of messages in the list. A maildrop with more of them is broken as a whole,
/// and those that are dropped from the list are only tried again sooner.
const MAX_MESSAGES: usize = 200;

/// The largest number of characters kept of a reason.
const MAX_REASON: usize = 200;

/// The longest unique-id in the list, in bytes. Messages with longer ones are always tried again.
const MAX_UNIQUE_ID: usize = 1_000;

/// A message that the server failed to deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndeliverableMessage {
    /// The number of sessions that have tried.
    pub attempts: u32,
    /// The time of the last attempt, in seconds since 1970.
    pub last: i64,
    /// The server's reply or failure.
    pub reason: String,
}

/// Undeliverable messages by unique-id.
pub type UndeliverableMessages = BTreeMap<String, UndeliverableMessage>;

/// Returns true if a message may be fetched.
pub(in crate::engine) fn is_due(
    messages: &UndeliverableMessages,
    unique_id: &str,
    now: i64,
) -> bool {
    messages.get(unique_id).is_none_or(|message| {
        let attempts = usize::try_from(message.attempts).unwrap_or(usize::MAX);
        let pause = PAUSES.get(attempts.saturating_sub(1)).or(PAUSES.last());
        // A clock that was set back must not stop it for ever.
        message.last > now || now - message.last >= pause.copied().unwrap_or_default()
    })
}

/// Counts a failed attempt to fetch a message. Drops the oldest message if the list is full.
pub(super) fn record_failure(
    messages: &mut UndeliverableMessages,
    unique_id: String,
    reason: &str,
    now: i64,
) {
    if unique_id.len() > MAX_UNIQUE_ID {
        return;
    }
    if messages.len() >= MAX_MESSAGES && !messages.contains_key(&unique_id) {
        let oldest = messages.iter().min_by_key(|(_, message)| message.last);
        if let Some(oldest) = oldest.map(|(unique_id, _)| unique_id.clone()) {
            messages.remove(&oldest);
        }
    }
    let message = messages.entry(unique_id).or_insert(UndeliverableMessage {
        attempts: 0,
        last: now,
        reason: String::new(),
    });
    message.attempts = message.attempts.saturating_add(1);
    message.last = now;
    message.reason = reason.chars().take(MAX_REASON).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(messages: &mut UndeliverableMessages, unique_id: &str, now: i64) {
        record_failure(messages, unique_id.to_owned(), "no", now);
    }

    #[test]
    fn the_pauses_grow() {
        let mut messages = UndeliverableMessages::default();
        assert!(is_due(&messages, "a", 0));
        let mut now = 1_000_000;
        for pause in [0, 3_600, 21_600, 86_400, 604_800, 604_800] {
            fail(&mut messages, "a", now);
            assert!(!is_due(&messages, "a", now + pause - 1) || pause == 0);
            assert!(is_due(&messages, "a", now + pause));
            now += pause;
        }
        assert_eq!(messages["a"].attempts, 6);
        assert!(is_due(&messages, "b", now));
    }

    #[test]
    fn a_wrong_clock_stops_nothing() {
        let mut messages = UndeliverableMessages::default();
        for _ in 0..5 {
            fail(&mut messages, "a", i64::MAX);
        }
        assert!(is_due(&messages, "a", 1_000_000));
    }

    #[test]
    fn the_list_is_bounded_in_entries_and_characters() {
        let mut messages = UndeliverableMessages::default();
        for n in 0..300 {
            let reason = "no ".repeat(1_000);
            record_failure(&mut messages, format!("u{n}"), &reason, n);
        }
        fail(&mut messages, &"x".repeat(5_000), 300);
        assert_eq!(messages.len(), MAX_MESSAGES);
        assert!(messages.contains_key("u299"));
        let longest = messages.values().map(|message| message.reason.len());
        assert_eq!(longest.max(), Some(MAX_REASON));
    }
}
