//! The capabilities that servers announce, and the client's use of them.

use restante_client::api::check::CheckOutcome;
use restante_client::api::settings::Encryption;
use tokio::task::LocalSet;

use super::host::Host;
use crate::console_talk::{Outcome, Talk};
use crate::mailutils::Mailutils;
use crate::reader::Reader;
use crate::{bridge, matrix};
use restante_shared::pop3::capability::Capability;

/// The features that count as proved when they are announced.
const ANNOUNCED: [&str; 4] = ["EXPIRE", "IMPLEMENTATION", "UTF8", "LANG"];

/// Returns capabilities as lines of a reply to `CAPA`.
fn lines(capabilities: &[Capability]) -> Vec<String> {
    capabilities.iter().map(Capability::to_string).collect()
}

#[tokio::test]
async fn rfc2449_capabilities_are_requested_under_tls_and_again_after_the_login() {
    for host in Host::all().await {
        let mut telnet = host.telnet_logged_in().await;
        let by_hand = telnet.lines("CAPA").await;
        telnet.quit().await;
        let mut visitor = host.visitor(Encryption::Stls);
        assert_eq!(visitor.prove().await, Ok(()), "{}", host.name());
        let told = visitor.profile.advertised.clone();
        assert!(told.before_tls.contains(&Capability::Stls), "{told:?}");
        assert!(!told.after_tls.contains(&Capability::Stls), "{told:?}");
        let without_stls = |lines: &[String]| -> Vec<String> {
            lines
                .iter()
                .filter(|line| *line != "STLS")
                .cloned()
                .collect()
        };
        // The dialogue by hand was in clear text.
        let in_the_clear = without_stls(&by_hand);
        assert_eq!(
            without_stls(&lines(&told.after_login)),
            in_the_clear,
            "{}",
            host.name()
        );
        let has = |tag: &str| {
            let lines = lines(&told.after_login);
            lines.iter().any(|line| line.split(' ').next() == Some(tag))
        };
        for tag in ANNOUNCED {
            match has(tag) {
                // Mailutils announces it if configured, which another test covers.
                false if tag == "EXPIRE" && matches!(host, Host::Mailutils(_)) => {}
                true => matrix::proved(host.name(), tag),
                false => matrix::not_offered(host.name(), tag),
            }
        }
        // Another test covers LOGIN-DELAY of Mailutils.
        if !matches!(host, Host::Mailutils(_)) {
            assert!(!has("LOGIN-DELAY"), "{}", host.name());
            matrix::not_offered(host.name(), "LOGIN-DELAY");
        }
    }
}

#[tokio::test]
async fn top_at_the_console_shows_the_servers_lines() {
    for host in Host::all().await {
        host.deliver_one(b"Subject: two lines\n\none\ntwo\nthree\n");
        // The first session may leave its marks in the message.
        host.telnet_logged_in().await.quit().await;
        let settings = host.settings(Encryption::Tls);
        let relay = bridge::start([settings.port]).await;
        let folder = tempfile::tempdir().unwrap();
        let body = async {
            let mut reader = Reader::start(folder.path(), &relay).await;
            let mailbox = reader.add(settings, host.password(), true).await.unwrap();
            reader.end_of_check().await;
            let mut telnet = host.telnet_logged_in().await;
            let by_hand = telnet.lines("TOP 1 2").await;
            telnet.quit().await;
            let mut talk = Talk::open(&mut reader, mailbox).await;
            let answer = talk.ask("TOP 1 2").await;
            let lines = answer.iter().skip(2).take(answer.len() - 3);
            let shown: Vec<String> = lines.map(|line| line.replacen("S: ", "", 1)).collect();
            assert_eq!(shown, by_hand, "{}", host.name());
            assert_eq!(talk.say("QUIT").await, Outcome::Closed(None));
            reader.leave().await;
        };
        LocalSet::new().run_until(body).await;
        matrix::proved(host.name(), "TOP");
    }
}

#[tokio::test]
async fn rfc2449_expire_of_mailutils_is_parsed_without_its_space() {
    let host = Host::Mailutils(Mailutils::start("expire 30;\n"));
    let mut telnet = host.telnet_logged_in().await;
    assert!(telnet.lines("CAPA").await.contains(&"EXPIRE30".to_owned()));
    telnet.quit().await;
    let mut visitor = host.visitor(Encryption::Tls);
    assert_eq!(visitor.prove().await, Ok(()));
    let told = visitor.profile.advertised.after_login.clone();
    assert!(lines(&told).contains(&"EXPIRE 30".to_owned()), "{told:?}");
    matrix::noted(host.name(), "EXPIRE", "as EXPIRE30");
}

#[tokio::test]
async fn pipelining_is_used_if_it_is_announced() {
    for host in Host::all().await {
        for message in [b"Subject: a\n\na\n", b"Subject: b\n\nb\n"] {
            host.deliver_one(message);
        }
        let mut visitor = host.visitor(Encryption::Tls);
        let outcome = visitor.check().await;
        assert!(matches!(outcome, CheckOutcome::Done { skipped: 0, .. }));
        let profile = &visitor.profile;
        let announced = &profile.advertised.after_login;
        assert!(
            announced.contains(&Capability::Pipelining),
            "{}",
            host.name()
        );
        let pipelining = profile.pipelining;
        assert!(
            !pipelining.broken && pipelining.commands > 1,
            "{pipelining:?}"
        );
        matrix::proved(host.name(), "PIPELINING");
    }
}
