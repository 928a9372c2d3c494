//! The words for the report on a server: headings, facts, and their meaning.

use super::capabilities::capability_facts;
use super::login::login_facts;
use super::quirks::quirk_facts;
use super::time::utc;
use crate::api::report::{Measurements, PipeliningUse, ServerReport, UndeliverableReport};
use crate::api::settings::{Encryption, MailboxSettings};

/// Facts under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactSection {
    /// The heading.
    pub title: &'static str,
    /// The facts.
    pub facts: Vec<Fact>,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The name of the fact.
    pub name: String,
    /// The value; may be empty.
    pub value: String,
    /// Its meaning, and Restante's reaction to it; may be empty.
    pub note: String,
}

pub(super) fn fact(
    name: impl Into<String>,
    value: impl Into<String>,
    note: impl Into<String>,
) -> Fact {
    Fact {
        name: name.into(),
        value: value.into(),
        note: note.into(),
    }
}

/// Returns the sections of the report on the server of a mailbox.
#[must_use]
pub fn server_report(settings: &MailboxSettings, report: &ServerReport) -> Vec<FactSection> {
    let login = report.login.as_ref();
    let sections = [
        ("Connection", connection(settings, report)),
        (
            "Login",
            login.map_or_else(Vec::new, |login| login_facts(settings.login, login)),
        ),
        (
            "What the server can do",
            capability_facts(&report.advertised),
        ),
        ("Server quirks", quirk_facts(&report.quirks)),
        (
            "Messages that could not be downloaded",
            undeliverable(&report.undeliverable, report.more_undeliverable),
        ),
    ];
    sections
        .into_iter()
        .filter(|(_, facts)| !facts.is_empty())
        .map(|(title, facts)| FactSection { title, facts })
        .collect()
}

fn connection(settings: &MailboxSettings, report: &ServerReport) -> Vec<Fact> {
    let server = format!("{}, port {}", settings.host.as_str(), settings.port);
    let (encryption, note) = match settings.encryption {
        Encryption::Tls => (
            "TLS from the first byte",
            "It ends in this tab: the bridge sees ciphertext.",
        ),
        Encryption::Stls => (
            "TLS after STLS",
            "It ends in this tab. Only CAPA and STLS are sent before it.",
        ),
        Encryption::None => (
            "None",
            "The bridge and every machine after it can read the mail and the password.",
        ),
    };
    let mut facts = vec![
        fact("Server", server, ""),
        fact("Encryption", encryption, note),
    ];
    facts.extend(measurements(&report.measurements));
    facts.extend(report.pipelining.map(pipelining));
    facts
}

fn measurements(measured: &Measurements) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut timed = |name: &str, millis: Option<u64>, note: &str| {
        if let Some(millis) = millis {
            facts.push(fact(name, format!("{millis} ms"), note));
        }
    };
    timed(
        "Connecting",
        measured.connect_millis,
        "Time until the bridge reached the server.",
    );
    timed("TLS handshake", measured.handshake_millis, "");
    timed(
        "Round trip",
        measured.round_trip_millis,
        "The fastest reply to a small command.",
    );
    if let Some(rate) = measured.bytes_per_second {
        facts.push(fact(
            "Throughput",
            format!("{} a second", size(rate)),
            "The rate at which messages are downloaded and stored.",
        ));
    }
    facts
}

fn pipelining(pipelining: PipeliningUse) -> Fact {
    let one_at_a_time = || "One command at a time".to_owned();
    let (value, note) = match pipelining {
        PipeliningUse::Broken => (
            one_at_a_time(),
            "The server advertises PIPELINING, but its replies once got out of order.",
        ),
        PipeliningUse::NotAdvertised => (
            one_at_a_time(),
            "The server does not advertise PIPELINING: each command waits for the reply to the one before.",
        ),
        PipeliningUse::Used { commands, bytes } => (
            match commands {
                0 => "Allowed".to_owned(),
                1 => "Up to 1 command".to_owned(),
                commands => format!("Up to {commands} commands, {} of mail", size(bytes)),
            },
            "The server advertises PIPELINING: messages are requested before earlier ones have arrived.",
        ),
    };
    fact("Pipelining", value, note)
}

/// Formats an amount of data for this report.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

fn undeliverable(messages: &[UndeliverableReport], more: u32) -> Vec<Fact> {
    let mut facts: Vec<_> = messages
        .iter()
        .map(|message| {
            let tries = match message.attempts {
                1 => "1 try".to_owned(),
                tries => format!("{tries} tries"),
            };
            let last = utc(message.last);
            fact(
                &message.unique_id,
                &message.reason,
                format!("{tries}, the last at {last}."),
            )
        })
        .collect();
    if more > 0 {
        facts.push(fact(format!("{more} more"), "", ""));
    }
    if let Some(first) = facts.first_mut() {
        first.note += " Restante skips such a message, fetches the rest, and tries it again later.";
    }
    facts
}

#[cfg(test)]
mod tests {
    use restante_shared::pop3::quirk::Quirk;

    use super::*;
    use crate::api::report::AdvertisedCapabilities;
    use crate::api::settings::Login;

    fn settings() -> MailboxSettings {
        MailboxSettings {
            address: "reader@example.org".to_owned(),
            user: "reader".to_owned(),
            host: "pop.example.org".parse().unwrap(),
            port: 995,
            encryption: Encryption::Tls,
            ca_pem: None,
            demo: false,
            login: Login::Password,
        }
    }

    #[test]
    fn only_sections_with_facts_are_shown() {
        let report = ServerReport {
            measurements: Measurements::default(),
            pipelining: None,
            login: None,
            advertised: AdvertisedCapabilities::default(),
            quirks: vec![Quirk::BareLf],
            undeliverable: Vec::new(),
            more_undeliverable: 0,
        };
        let sections = server_report(&settings(), &report);
        let titles: Vec<_> = sections.iter().map(|section| section.title).collect();
        assert_eq!(titles, ["Connection", "Server quirks"]);
        assert_eq!(sections[0].facts[0].value, "pop.example.org, port 995");
    }

    #[test]
    fn amounts_are_shown_in_the_unit_that_fits() {
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(64_000), "64 KB");
        assert_eq!(size(12_345_678), "12.3 MB");
    }

    #[test]
    fn the_use_of_pipelining_is_shown_with_its_reason() {
        let used = pipelining(PipeliningUse::Used {
            commands: 100,
            bytes: 4_000_000,
        });
        assert_eq!(used.value, "Up to 100 commands, 4.0 MB of mail");
        for unused in [PipeliningUse::Broken, PipeliningUse::NotAdvertised] {
            assert_eq!(pipelining(unused).value, "One command at a time");
        }
    }

    #[test]
    fn undeliverable_messages_are_shown_with_their_attempts() {
        let message = UndeliverableReport {
            unique_id: "one".to_owned(),
            attempts: 2,
            last: 0,
            reason: "it is broken".to_owned(),
        };
        let facts = undeliverable(&vec![message; 20], 5);
        assert_eq!(facts.len(), 21);
        assert_eq!(facts[0].value, "it is broken");
        assert!(
            facts[0]
                .note
                .starts_with("2 tries, the last at 1970-01-01T00:00:00Z. Restante skips")
        );
        assert_eq!(facts[20].name, "5 more");
        assert!(undeliverable(&[], 0).is_empty());
    }
}
