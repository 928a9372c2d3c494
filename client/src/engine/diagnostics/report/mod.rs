//! The report card of a mailbox's server, in words: what it can do, what is odd about it, and what
//! Restante does about that.
//!
//! What outlives a session comes from [`Remembered`], figures from the [journal](super::journal).

mod capabilities;
mod figures;
mod login;
mod quirks;
mod trouble;

use restante_shared::pop3::session::Secrets;

use super::journal::{Journal, Measured};
use crate::api::report::{Fact, Facts};
use crate::api::settings::{Encryption, MailboxSettings};
use crate::engine::mailboxes::server_profile::{Remembered, Told};

/// Writes the report card; empty before the first login.
pub(in crate::engine) fn card(
    settings: &MailboxSettings,
    remembered: &Remembered,
    journal: &Journal,
    secrets: &Secrets,
) -> Vec<Facts> {
    let measured = journal.measured();
    let met_nothing = remembered.method.is_none()
        && remembered.told == Told::default()
        && remembered.quirks.is_empty()
        && measured.round_trip.is_none();
    if met_nothing {
        return Vec::new();
    }
    let sections = [
        ("Connection", connection(settings, remembered, &measured)),
        ("Login", login::facts(settings, remembered)),
        (
            "What the server can do",
            capabilities::facts(&remembered.told),
        ),
        ("Server quirks", quirks::facts(&remembered.quirks)),
        (
            "Messages that could not be downloaded",
            trouble::facts(remembered, secrets),
        ),
    ];
    sections
        .into_iter()
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(title, rows)| Facts {
            title: title.to_owned(),
            rows,
        })
        .collect()
}

fn connection(
    settings: &MailboxSettings,
    remembered: &Remembered,
    measured: &Measured,
) -> Vec<Fact> {
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
    let mut rows = vec![
        fact("Server", server, ""),
        fact("Encryption", encryption, note),
    ];
    rows.extend(figures::facts(
        measured,
        &remembered.pipelining,
        &remembered.told,
    ));
    rows
}

fn fact(name: impl Into<String>, value: impl Into<String>, note: impl Into<String>) -> Fact {
    Fact {
        name: name.into(),
        value: value.into(),
        note: note.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::settings::Login;

    pub(in crate::engine) fn settings() -> MailboxSettings {
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
    fn there_is_no_card_before_the_first_login() {
        let journal = Journal::default();
        let secrets = Secrets::default();
        assert!(card(&settings(), &Remembered::default(), &journal, &secrets).is_empty());
    }

    #[test]
    fn what_was_learned_is_there_without_any_session() {
        let remembered = Remembered {
            quirks: [restante_shared::pop3::quirk::Quirk::BareLf].into(),
            ..Remembered::default()
        };
        let (journal, secrets) = (Journal::default(), Secrets::default());
        let card = card(&settings(), &remembered, &journal, &secrets);
        let titles: Vec<_> = card.iter().map(|facts| facts.title.as_str()).collect();
        assert_eq!(titles, ["Connection", "Server quirks"]);
    }
}
