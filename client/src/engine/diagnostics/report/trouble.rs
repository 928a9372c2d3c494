//! The messages that wait for another try, by their unique-ids as far as these are no secret.

use restante_shared::pop3::session::Secrets;

use super::fact;
use crate::api::report::Fact;
use crate::engine::diagnostics::journal::utc;
use crate::engine::mailboxes::server_profile::Remembered;

/// How many are named.
const NAMED: usize = 20;

pub(in crate::engine) fn facts(remembered: &Remembered, secrets: &Secrets) -> Vec<Fact> {
    let messages = &remembered.bad_messages;
    let mut rows: Vec<_> = messages
        .iter()
        .take(NAMED)
        .map(|(unique_id, bad)| {
            let tries = match bad.attempts {
                1 => "1 try".to_owned(),
                tries => format!("{tries} tries"),
            };
            let last = utc(bad.last);
            fact(
                secrets.redacted(unique_id),
                &bad.reason,
                format!("{tries}, the last at {last}."),
            )
        })
        .collect();
    if let Some(more @ 1..) = messages.len().checked_sub(NAMED) {
        rows.push(fact(format!("{more} more"), "", ""));
    }
    if let Some(first) = rows.first_mut() {
        first.note += " Restante skips such a message, fetches the rest, and tries it again later.";
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::mailboxes::server_profile::UndeliverableMessage;

    #[test]
    fn the_messages_that_wait_are_named_up_to_a_number() {
        let bad = UndeliverableMessage {
            attempts: 2,
            last: 0,
            reason: "it is broken".to_owned(),
        };
        let remembered = Remembered {
            bad_messages: (0..25).map(|n| (n.to_string(), bad.clone())).collect(),
            ..Remembered::default()
        };
        let mut secrets = Secrets::default();
        secrets.register(b"hunter2");
        let rows = facts(&remembered, &secrets);
        assert_eq!(rows.len(), NAMED + 1);
        assert_eq!(rows[0].value, "it is broken");
        assert!(rows[0].note.starts_with("2 tries, the last at 1970-01-01"));
        assert_eq!(rows[NAMED].name, "5 more");
        assert!(facts(&Remembered::default(), &secrets).is_empty());
        let told = Remembered {
            bad_messages: [("is hunter2 yours?".to_owned(), bad)].into(),
            ..Remembered::default()
        };
        assert_eq!(facts(&told, &secrets)[0].name, "is *** yours?");
    }
}
