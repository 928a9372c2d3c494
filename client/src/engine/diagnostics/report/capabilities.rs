//! What a server says that it can do, at each time that it was asked, and what some of it means.

use std::collections::BTreeSet;

use restante_shared::pop3::capability::Capability;

use super::fact;
use crate::api::report::Fact;
use crate::engine::mailboxes::server_profile::Told;

pub(in crate::engine) fn facts(told: &Told) -> Vec<Fact> {
    let mut rows = Vec::new();
    let mut before: Option<(&str, &[String])> = None;
    for (name, lines) in [
        ("Before TLS", &told.before_tls),
        ("Before the login", &told.after_tls),
        ("After the login", &told.after_login),
    ] {
        if lines.is_empty() {
            continue;
        }
        let note = before.map_or_else(String::new, |(_, earlier)| difference(earlier, lines));
        rows.push(fact(name, lines.join(", "), note));
        before = Some((name, lines));
    }
    // Said after the login it counts, since some of it differs by user.
    let lines = if told.after_login.is_empty() {
        told.before_login()
    } else {
        &told.after_login
    };
    for capability in lines.iter().map(|line| Capability::parse(line.as_bytes())) {
        rows.extend(meaning(&capability));
    }
    // Most servers name themselves to anybody, and some not again.
    if !rows.iter().any(|row| row.name == SOFTWARE) {
        let lines = told.before_login().iter();
        let mut earlier = lines.map(|line| Capability::parse(line.as_bytes()));
        let named = |c: &Capability| matches!(c, Capability::Implementation(_));
        rows.extend(earlier.find(named).as_ref().and_then(meaning));
    }
    rows
}

const SOFTWARE: &str = "Software";

/// What came and what went between two answers.
fn difference(earlier: &[String], later: &[String]) -> String {
    let set = |lines: &[String]| -> BTreeSet<String> {
        lines.iter().map(|line| line.to_ascii_uppercase()).collect()
    };
    let (earlier, later) = (set(earlier), set(later));
    let told = |what: &str, lines: Vec<&str>| match lines.is_empty() {
        true => None,
        false => Some(format!("{what}: {}.", lines.join(", "))),
    };
    let new = later.difference(&earlier).map(String::as_str).collect();
    let gone = earlier.difference(&later).map(String::as_str).collect();
    let parts: Vec<_> = [told("New", new), told("Gone", gone)]
        .into_iter()
        .flatten()
        .collect();
    if parts.is_empty() {
        "The same.".to_owned()
    } else {
        parts.join(" ")
    }
}

/// What a capability means for the reader, where it is more than a name.
fn meaning(capability: &Capability) -> Option<Fact> {
    match capability {
        Capability::Implementation(name) => Some(fact(SOFTWARE, name.as_str(), "")),
        Capability::Expire { days, .. } => Some(expire(*days)),
        Capability::LoginDelay { seconds, .. } => Some(fact(
            "Pause between logins",
            pause(*seconds),
            "The server requires this pause, and Restante observes it.",
        )),
        _ => None,
    }
}

fn expire(days: Option<u32>) -> Fact {
    const NAME: &str = "Message retention";
    match days {
        None => fact(
            NAME,
            "Forever",
            "The server does not delete messages by itself.",
        ),
        Some(0) => fact(
            NAME,
            "Until downloaded",
            "The server may delete a message once any mail program has downloaded it, even if \
             Restante leaves it there: the copy here may be the only copy.",
        ),
        Some(days) => fact(
            NAME,
            match days {
                1 => "1 day".to_owned(),
                days => format!("{days} days"),
            },
            "After that the server may delete them, read or unread.",
        ),
    }
}

fn pause(seconds: u32) -> String {
    match (seconds / 60, seconds % 60) {
        (0, 1) => "1 second".to_owned(),
        (0, seconds) => format!("{seconds} seconds"),
        (1, 0) => "1 minute".to_owned(),
        (minutes, 0) => format!("{minutes} minutes"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    fn row<'a>(rows: &'a [Fact], name: &str) -> &'a Fact {
        rows.iter().find(|row| row.name == name).unwrap()
    }

    #[test]
    fn what_tls_and_the_login_changed_is_visible() {
        let rows = facts(&Told {
            before_tls: lines(&["STLS", "UIDL"]),
            after_tls: lines(&["UIDL", "SASL PLAIN", "IMPLEMENTATION Shlemazle"]),
            after_login: lines(&["uidl", "PIPELINING"]),
        });
        assert_eq!(row(&rows, "Before TLS").note, "");
        let note = &row(&rows, "Before the login").note;
        assert_eq!(
            note,
            "New: IMPLEMENTATION SHLEMAZLE, SASL PLAIN. Gone: STLS."
        );
        let after = row(&rows, "After the login");
        assert_eq!(after.value, "uidl, PIPELINING");
        assert!(after.note.starts_with("New: PIPELINING. Gone: "));
        assert_eq!(row(&rows, SOFTWARE).value, "Shlemazle");
    }

    #[test]
    fn what_a_server_deletes_by_itself_is_told_in_words() {
        let rows = |line: &str| {
            facts(&Told {
                after_login: lines(&[line]),
                ..Told::default()
            })
        };
        let stay = "Message retention";
        assert_eq!(row(&rows("EXPIRE NEVER"), stay).value, "Forever");
        assert_eq!(row(&rows("EXPIRE 30 USER"), stay).value, "30 days");
        let at_once = rows("EXPIRE 0");
        assert!(row(&at_once, stay).note.contains("the only copy"));
        let delay = rows("LOGIN-DELAY 900");
        assert_eq!(row(&delay, "Pause between logins").value, "15 minutes");
    }
}
