//! Messages that a server would not give: which are tried again, and when.
//!
//! A message over which a session was lost comes last in the next one, and alone, since it may have
//! been an accident. So one that ends every session costs the others nothing. It is tried again
//! at the next check, then after an hour, six hours, a day, and every week from then on.

use restante_shared::pop3::quirk::Quirk;

use crate::engine::mailboxes::server_profile::{Remembered, UndeliverableMessage};

/// The pauses after so many attempts, in seconds; the last one holds from then on.
const PAUSES: [i64; 5] = [0, 3_600, 6 * 3_600, 24 * 3_600, 7 * 24 * 3_600];

/// How many are remembered. A maildrop with more of them is broken as a whole; those that are
/// forgotten are only tried again sooner.
const MAX_BAD_MESSAGES: usize = 200;

/// How many characters are remembered of what a server said.
const MAX_REASON: usize = 200;

/// Longer unique-ids are not remembered.
const MAX_UNIQUE_ID: usize = 1_000;

/// Whether a message may be asked for.
pub(in crate::engine) fn is_due(remembered: &Remembered, unique_id: &str, now: i64) -> bool {
    remembered.bad_messages.get(unique_id).is_none_or(|bad| {
        let attempts = usize::try_from(bad.attempts).unwrap_or(usize::MAX);
        let pause = PAUSES.get(attempts.saturating_sub(1)).or(PAUSES.last());
        // A clock that was set back must not stop it for ever.
        bad.last > now || now - bad.last >= pause.copied().unwrap_or_default()
    })
}

/// Notes that a message could not be had.
pub(in crate::engine) fn mark(
    remembered: &mut Remembered,
    unique_id: &str,
    now: i64,
    reason: &str,
) {
    remembered.quirks.insert(Quirk::UndeliverableMessage);
    suspect(remembered, unique_id, now, reason);
}

/// Notes that a session was lost over a message, perhaps by accident.
pub(in crate::engine) fn suspect(
    remembered: &mut Remembered,
    unique_id: &str,
    now: i64,
    reason: &str,
) {
    if unique_id.len() > MAX_UNIQUE_ID {
        return;
    }
    let messages = &mut remembered.bad_messages;
    if messages.len() >= MAX_BAD_MESSAGES && !messages.contains_key(unique_id) {
        let oldest = messages.iter().min_by_key(|(_, bad)| bad.last);
        if let Some(oldest) = oldest.map(|(unique_id, _)| unique_id.clone()) {
            messages.remove(&oldest);
        }
    }
    let bad = messages
        .entry(unique_id.to_owned())
        .or_insert(UndeliverableMessage {
            attempts: 0,
            last: now,
            reason: String::new(),
        });
    bad.attempts = bad.attempts.saturating_add(1);
    bad.last = now;
    bad.reason = reason.chars().take(MAX_REASON).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_grow() {
        let mut remembered = Remembered::default();
        assert!(is_due(&remembered, "a", 0));
        let mut now = 1_000_000;
        for pause in [0, 3_600, 21_600, 86_400, 604_800, 604_800] {
            mark(&mut remembered, "a", now, "no");
            assert!(!is_due(&remembered, "a", now + pause - 1) || pause == 0);
            assert!(is_due(&remembered, "a", now + pause));
            now += pause;
        }
        assert_eq!(remembered.bad_messages["a"].attempts, 6);
        assert!(is_due(&remembered, "b", now));
    }

    #[test]
    fn a_clock_that_was_wrong_stops_nothing() {
        let mut remembered = Remembered::default();
        for _ in 0..5 {
            mark(&mut remembered, "a", i64::MAX, "no");
        }
        assert!(is_due(&remembered, "a", 1_000_000));
    }

    #[test]
    fn only_so_many_are_remembered() {
        let mut remembered = Remembered::default();
        for n in 0..300 {
            mark(&mut remembered, &format!("u{n}"), n, &"no ".repeat(1_000));
        }
        mark(&mut remembered, &"x".repeat(5_000), 300, "no");
        assert_eq!(remembered.bad_messages.len(), MAX_BAD_MESSAGES);
        assert!(remembered.bad_messages.contains_key("u299"));
        let longest = remembered.bad_messages.values().map(|bad| bad.reason.len());
        assert_eq!(longest.max(), Some(MAX_REASON));
    }
}
