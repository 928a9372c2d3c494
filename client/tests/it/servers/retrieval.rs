//! Messages arrive unchanged, over TLS and after `STLS`.

use restante_client::api::check::CheckOutcome;
use restante_client::api::settings::{Encryption, Secret};

use super::host::Host;
use crate::dovecot::{Dovecot, Setup};
use crate::matrix;
use crate::messages::mixed;
use crate::nginx::Nginx;

fn done(new_messages: u32) -> CheckOutcome {
    CheckOutcome::Done {
        new_messages,
        skipped: 0,
    }
}

/// Delivers unusual messages, as far as the server accepts them.
fn fill(host: &Host) {
    let messages = mixed(60);
    match host {
        Host::Dovecot(dovecot) | Host::Nginx(Nginx { dovecot, .. }) => dovecot.deliver(
            messages
                .iter()
                .map(|(name, octets)| (name.as_str(), octets.as_slice())),
        ),
        Host::Mailutils(mailutils) => {
            let without_cr: Vec<Vec<u8>> = messages
                .into_iter()
                .map(|(_, octets)| octets.into_iter().filter(|octet| *octet != b'\r').collect())
                .collect();
            mailutils.deliver(without_cr.iter().map(Vec::as_slice));
        }
        Host::Demo(_) => {}
    }
}

/// Reads a maildrop until it no longer changes. Mailutils marks messages as seen by writing into
/// them.
async fn settled(host: &Host) -> Vec<(String, Vec<u8>)> {
    let mut before = by_hand(host).await;
    loop {
        let after = by_hand(host).await;
        if after == before {
            return after;
        }
        before = after;
    }
}

/// Reads a maildrop by hand. Returns the messages by unique-id.
async fn by_hand(host: &Host) -> Vec<(String, Vec<u8>)> {
    let mut telnet = host.telnet_logged_in().await;
    let mut messages = Vec::new();
    for line in telnet.lines("UIDL").await {
        let (number, unique_id) = line.split_once(' ').unwrap();
        let octets = telnet.body(&format!("RETR {number}")).await;
        messages.push((unique_id.to_owned(), octets));
    }
    telnet.quit().await;
    messages.sort();
    messages
}

#[tokio::test]
async fn messages_arrive_unchanged() {
    for host in Host::all().await {
        fill(&host);
        let expected = settled(&host).await;
        assert!(expected.len() > 10, "{}", host.name());
        let count = u32::try_from(expected.len()).unwrap();
        for (encryption, feature) in [(Encryption::Tls, "TLS"), (Encryption::Stls, "STLS")] {
            let mut visitor = host.visitor(encryption);
            assert_eq!(visitor.check().await, done(count), "{}", host.name());
            for ((name, octets), (expected_name, expected)) in
                visitor.kept.messages().into_iter().zip(&expected)
            {
                assert_eq!(name, expected_name, "{}", host.name());
                assert!(octets == expected, "{name} of {} differs", host.name());
            }
            matrix::proved(host.name(), feature);
            // A message with a known unique-id is not fetched again.
            assert_eq!(visitor.check().await, done(0), "{}", host.name());
        }
        if !matches!(host, Host::Dovecot(_)) {
            let mut names: Vec<_> = expected.iter().map(|(name, _)| name).collect();
            names.dedup();
            assert_eq!(names.len(), expected.len(), "{}", host.name());
            matrix::not_offered(host.name(), "shared unique-ids");
        }
        matrix::proved(host.name(), "same bytes");
        matrix::proved(host.name(), "UIDL");
    }
}

#[tokio::test]
async fn q17_dovecot_shares_unique_ids_and_every_message_arrives_once() {
    let dovecot = Dovecot::start_with(&Setup {
        settings: "pop3_reuse_xuidl = yes\npop3_uidl_duplicates = allow",
        ..Setup::default()
    });
    let same = |text: &str| format!("X-UIDL: same\r\nSubject: {text}\r\n\r\n{text}\r\n");
    let [one, two, three] = ["one", "two", "three"].map(same);
    let host = Host::Dovecot(dovecot);
    let Host::Dovecot(dovecot) = &host else {
        panic!("this is a Dovecot");
    };
    dovecot.deliver([
        ("1700000001.M1P1.restante", one.as_bytes()),
        ("1700000002.M2P1.restante", two.as_bytes()),
    ]);
    let mut telnet = host.telnet_logged_in().await;
    assert_eq!(telnet.lines("UIDL").await, ["1 same", "2 same"]);
    telnet.quit().await;

    let mut visitor = host.visitor(Encryption::Tls);
    assert_eq!(visitor.check().await, done(2));
    assert_eq!(visitor.check().await, done(0));
    // A client that only compares unique-ids would never fetch this one.
    dovecot.deliver([("1700000003.M3P1.restante", three.as_bytes())]);
    assert_eq!(visitor.check().await, done(1));
    let kept = visitor.kept.messages();
    let mut expected = [&one, &two, &three].map(|message| ("same", message.as_bytes()));
    expected.sort_unstable();
    assert_eq!(kept, expected);
    matrix::proved(host.name(), "shared unique-ids");
}

#[tokio::test]
async fn q18_mail_moved_to_another_dovecot_is_recognised() {
    let texts = (0..30_u32).map(|n| {
        let text = "line\n".repeat(n as usize % 7);
        format!("Message-ID: <{n}@example.org>\nSubject: {n}\n\n{text}.\n")
    });
    let texts: Vec<String> = texts.collect();
    let dovecot = |prefix: u32| {
        let dovecot = Dovecot::start();
        let names = (0..texts.len()).map(|n| format!("{prefix}{n:04}.M{n}P1.restante"));
        let names: Vec<String> = names.collect();
        let octets = texts.iter().map(String::as_bytes);
        dovecot.deliver(names.iter().map(String::as_str).zip(octets));
        Host::Dovecot(dovecot)
    };
    let hosts = [dovecot(170_000), dovecot(180_000)];
    let mut visitor = hosts[0].visitor(Encryption::Tls);
    for (host, new_messages) in hosts.iter().zip([30, 0]) {
        visitor.settings = host.settings(Encryption::Tls);
        visitor.secret = Secret::new(host.password().to_owned());
        for new_messages in [new_messages, 0] {
            assert_eq!(visitor.check().await, done(new_messages), "{}", host.name());
        }
    }
    assert_eq!(visitor.kept.messages().len(), texts.len());
}
