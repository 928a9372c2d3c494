//! The words for capabilities: the lists of a server, and the meaning of some of them.

use restante_shared::pop3::capability::Capability;

use super::report::{Fact, fact};
use crate::api::report::AdvertisedCapabilities;

const SOFTWARE: &str = "Software";

/// Returns the facts about the capabilities of a server.
pub(super) fn capability_facts(advertised: &AdvertisedCapabilities) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut before: Option<&[Capability]> = None;
    for (name, capabilities) in [
        ("Before TLS", &advertised.before_tls),
        ("Before the login", &advertised.after_tls),
        ("After the login", &advertised.after_login),
    ] {
        if capabilities.is_empty() {
            continue;
        }
        let note = before.map_or_else(String::new, |earlier| difference(earlier, capabilities));
        let all: Vec<_> = capabilities.iter().map(Capability::to_string).collect();
        facts.push(fact(name, all.join(", "), note));
        before = Some(capabilities);
    }
    // Some capabilities depend on the user, so the reply after the login counts.
    let latest = if advertised.after_login.is_empty() {
        advertised.before_login()
    } else {
        &advertised.after_login
    };
    facts.extend(latest.iter().filter_map(meaning));
    // Most servers name themselves before the login, and some of them not after it.
    if !facts.iter().any(|fact| fact.name == SOFTWARE) {
        let mut earlier = advertised.before_login().iter();
        let named = earlier.find(|capability| matches!(capability, Capability::Implementation(_)));
        facts.extend(named.and_then(meaning));
    }
    facts
}

/// Names the capabilities that are new, and those that are gone.
fn difference(earlier: &[Capability], later: &[Capability]) -> String {
    let lines = |capabilities: &[Capability]| -> Vec<String> {
        let lines = capabilities.iter().map(Capability::to_string);
        lines.map(|line| line.to_ascii_uppercase()).collect()
    };
    let (earlier, later) = (lines(earlier), lines(later));
    let named = |change: &str, lines: &[String], others: &[String]| {
        let only = lines.iter().filter(|line| !others.contains(line));
        let only: Vec<_> = only.map(String::as_str).collect();
        match only.is_empty() {
            true => None,
            false => Some(format!("{change}: {}.", only.join(", "))),
        }
    };
    let parts: Vec<_> = [
        named("New", &later, &earlier),
        named("Gone", &earlier, &later),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        "The same.".to_owned()
    } else {
        parts.join(" ")
    }
}

/// Explains a capability to the user, if it is more than a name.
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

    fn capabilities(lines: &[&str]) -> Vec<Capability> {
        let lines = lines.iter();
        lines
            .map(|line| Capability::parse(line.as_bytes()))
            .collect()
    }

    fn row<'a>(facts: &'a [Fact], name: &str) -> &'a Fact {
        facts.iter().find(|fact| fact.name == name).unwrap()
    }

    #[test]
    fn changes_by_tls_and_by_the_login_are_shown() {
        let facts = capability_facts(&AdvertisedCapabilities {
            before_tls: capabilities(&["STLS", "UIDL", "x-some"]),
            after_tls: capabilities(&["UIDL", "X-SOME", "SASL PLAIN", "IMPLEMENTATION Shlemazle"]),
            after_login: capabilities(&["uidl", "PIPELINING", "x-some"]),
        });
        assert_eq!(row(&facts, "Before TLS").note, "");
        let note = &row(&facts, "Before the login").note;
        assert_eq!(
            note,
            "New: SASL PLAIN, IMPLEMENTATION SHLEMAZLE. Gone: STLS."
        );
        let after = row(&facts, "After the login");
        assert_eq!(after.value, "UIDL, PIPELINING, x-some");
        assert!(after.note.starts_with("New: PIPELINING. Gone: "));
        assert_eq!(row(&facts, SOFTWARE).value, "Shlemazle");
    }

    #[test]
    fn limits_of_a_server_are_explained() {
        let facts = |line: &str| {
            capability_facts(&AdvertisedCapabilities {
                after_login: capabilities(&[line]),
                ..AdvertisedCapabilities::default()
            })
        };
        let retention = "Message retention";
        assert_eq!(row(&facts("EXPIRE NEVER"), retention).value, "Forever");
        assert_eq!(row(&facts("EXPIRE 30 USER"), retention).value, "30 days");
        let at_once = facts("EXPIRE 0");
        assert!(row(&at_once, retention).note.contains("the only copy"));
        let delay = facts("LOGIN-DELAY 900");
        assert_eq!(row(&delay, "Pause between logins").value, "15 minutes");
    }
}
