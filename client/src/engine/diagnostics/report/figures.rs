//! How fast a connection is, and what makes it so.

use std::time::Duration;

use super::fact;
use crate::api::report::Fact;
use crate::engine::diagnostics::journal::Measured;
use crate::engine::mailboxes::server_profile::{Pipelining, Told};

pub(in crate::engine) fn facts(
    measured: &Measured,
    pipelining: &Pipelining,
    told: &Told,
) -> Vec<Fact> {
    let mut rows = Vec::new();
    let mut timed = |name: &str, time: Option<Duration>, note: &str| {
        if let Some(time) = time {
            rows.push(fact(name, format!("{} ms", time.as_millis()), note));
        }
    };
    timed(
        "Connecting",
        measured.dialled,
        "Time until the bridge reached the server.",
    );
    timed("TLS handshake", measured.handshake, "");
    timed(
        "Round trip",
        measured.round_trip,
        "The fastest reply to a small command.",
    );
    if let Some(rate) = measured.octets_per_second {
        rows.push(fact(
            "Throughput",
            format!("{} a second", size(rate)),
            "The rate at which messages are downloaded and stored.",
        ));
    }
    rows.extend(ahead(pipelining, told));
    rows
}

/// How much is asked for ahead.
fn ahead(pipelining: &Pipelining, told: &Told) -> Option<Fact> {
    const NAME: &str = "Pipelining";
    if pipelining.broken {
        let note = "The server advertises PIPELINING, but its replies once got out of order.";
        return Some(fact(NAME, "One command at a time", note));
    }
    if !told.pipelines() {
        let note = "The server does not advertise PIPELINING: each command waits for the reply to the one before.";
        return (*told != Told::default()).then(|| fact(NAME, "One command at a time", note));
    }
    let value = match pipelining.commands {
        0 => "Allowed".to_owned(),
        1 => "Up to 1 command".to_owned(),
        commands => format!(
            "Up to {commands} commands, {} of mail",
            size(pipelining.octets)
        ),
    };
    let note = "The server advertises PIPELINING: messages are requested before earlier ones have arrived.";
    Some(fact(NAME, value, note))
}

/// An amount of octets for people.
fn size(octets: u64) -> String {
    match octets {
        0..1_000 => format!("{octets} octets"),
        1_000..1_000_000 => format!("{} KB", octets / 1_000),
        _ => format!("{}.{} MB", octets / 1_000_000, octets % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_told_in_the_unit_that_fits() {
        assert_eq!(size(999), "999 octets");
        assert_eq!(size(64_000), "64 KB");
        assert_eq!(size(12_345_678), "12.3 MB");
    }

    #[test]
    fn what_is_asked_ahead_depends_on_what_the_server_says_and_does() {
        let told = Told {
            after_login: vec!["PIPELINING".to_owned()],
            ..Told::default()
        };
        let mut pipelining = Pipelining {
            broken: false,
            commands: 100,
            octets: 4_000_000,
        };
        let value = |pipelining: &Pipelining, told: &Told| ahead(pipelining, told).unwrap().value;
        assert_eq!(
            value(&pipelining, &told),
            "Up to 100 commands, 4.0 MB of mail"
        );
        let silent = Told {
            after_login: vec!["UIDL".to_owned()],
            ..Told::default()
        };
        assert_eq!(value(&pipelining, &silent), "One command at a time");
        pipelining.broken = true;
        assert_eq!(value(&pipelining, &told), "One command at a time");
        assert!(ahead(&Pipelining::default(), &Told::default()).is_none());
    }
}
