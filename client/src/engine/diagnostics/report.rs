//! The report on a mailbox's server, from its profile and the journal of its last sessions.

use std::collections::BTreeSet;

use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::login::Method;
use restante_shared::pop3::session::Secrets;

use super::journal::Journal;
use crate::api::report::{
    AdvertisedCapabilities, LoginReport, PipeliningUse, ServerReport, UndeliverableReport,
};
use crate::engine::mailboxes::server_profile::{Pipelining, ServerProfile};

/// The most undeliverable messages that a report names.
const NAMED: usize = 20;

/// Returns the report on a server; `None` before the first login.
pub(in crate::engine) fn server_report(
    profile: &ServerProfile,
    journal: &Journal,
    secrets: &Secrets,
) -> Option<ServerReport> {
    let measurements = journal.measurements();
    let is_unknown = profile.method.is_none()
        && profile.advertised == AdvertisedCapabilities::default()
        && profile.quirks.is_empty()
        && measurements.round_trip_millis.is_none();
    if is_unknown {
        return None;
    }
    let bad = &profile.undeliverable;
    let undeliverable = bad.iter().take(NAMED);
    let undeliverable = undeliverable.map(|(unique_id, bad)| UndeliverableReport {
        unique_id: secrets.redacted(unique_id),
        attempts: bad.attempts,
        last: bad.last,
        reason: bad.reason.clone(),
    });
    Some(ServerReport {
        measurements,
        pipelining: pipelining_use(&profile.pipelining, &profile.advertised),
        login: login_report(profile),
        advertised: profile.advertised.clone(),
        quirks: profile.quirks.iter().copied().collect(),
        undeliverable: undeliverable.collect(),
        more_undeliverable: u32::try_from(bad.len().saturating_sub(NAMED)).unwrap_or(u32::MAX),
    })
}

fn pipelining_use(
    pipelining: &Pipelining,
    advertised: &AdvertisedCapabilities,
) -> Option<PipeliningUse> {
    if pipelining.broken {
        Some(PipeliningUse::Broken)
    } else if advertised.pipelines() {
        Some(PipeliningUse::Used {
            commands: pipelining.commands,
            bytes: pipelining.octets,
        })
    } else if *advertised == AdvertisedCapabilities::default() {
        None
    } else {
        Some(PipeliningUse::NotAdvertised)
    }
}

fn login_report(profile: &ServerProfile) -> Option<LoginReport> {
    let method = profile.method?;
    Some(LoginReport {
        method,
        refused: profile.refused.iter().copied().collect(),
        stronger: stronger_not_advertised(method, profile),
        latin1: profile.latin1,
    })
}

/// Returns the stronger methods for the same kind of secret that the server neither advertises nor has
/// refused. `APOP` is not among them: the greeting announces it, and no capability does.
fn stronger_not_advertised(method: Method, profile: &ServerProfile) -> Vec<Method> {
    let names: BTreeSet<String> = profile
        .advertised
        .before_login()
        .iter()
        .filter_map(|capability| match capability {
            Capability::Sasl(mechanisms) => Some(mechanisms),
            _ => None,
        })
        .flatten()
        .map(|mechanism| mechanism.as_str().to_ascii_uppercase())
        .collect();
    Method::LADDER
        .into_iter()
        .take_while(|stronger| *stronger > method)
        .filter(|stronger| stronger.takes_token() == method.takes_token())
        .filter(|stronger| *stronger != Method::Apop && !profile.refused.contains(stronger))
        .filter(|stronger| !names.contains(stronger.name()))
        .collect()
}

#[cfg(test)]
mod tests {
    use restante_shared::pop3::quirk::Quirk;

    use super::*;
    use crate::engine::mailboxes::undeliverable::UndeliverableMessage;

    fn report(profile: &ServerProfile) -> Option<ServerReport> {
        server_report(profile, &Journal::default(), &Secrets::default())
    }

    fn advertised(after_tls: &[&str], after_login: &[&str]) -> AdvertisedCapabilities {
        let parsed = |lines: &[&str]| {
            let lines = lines.iter();
            lines
                .map(|line| Capability::parse(line.as_bytes()))
                .collect()
        };
        AdvertisedCapabilities {
            before_tls: Vec::new(),
            after_tls: parsed(after_tls),
            after_login: parsed(after_login),
        }
    }

    #[test]
    fn there_is_no_report_before_the_first_login() {
        assert_eq!(report(&ServerProfile::default()), None);
    }

    #[test]
    fn a_profile_is_reported_without_any_session() {
        let profile = ServerProfile {
            quirks: [Quirk::BareLf].into(),
            ..ServerProfile::default()
        };
        let report = report(&profile).unwrap();
        assert_eq!(report.quirks, [Quirk::BareLf]);
        assert_eq!((report.login, report.pipelining), (None, None));
    }

    #[test]
    fn stronger_methods_that_are_not_advertised_are_named() {
        let profile = ServerProfile {
            method: Some(Method::CramMd5),
            advertised: advertised(&["SASL PLAIN CRAM-MD5 SCRAM-SHA-1"], &[]),
            ..ServerProfile::default()
        };
        let login = report(&profile).unwrap().login.unwrap();
        assert_eq!(login.method, Method::CramMd5);
        assert_eq!(
            login.stronger,
            [
                Method::ScramSha256Plus,
                Method::ScramSha1Plus,
                Method::ScramSha256
            ]
        );
    }

    #[test]
    fn methods_that_were_refused_are_named() {
        let profile = ServerProfile {
            method: Some(Method::Plain),
            refused: [Method::CramMd5, Method::ScramSha1].into(),
            ..ServerProfile::default()
        };
        let login = report(&profile).unwrap().login.unwrap();
        assert_eq!(login.refused, [Method::CramMd5, Method::ScramSha1]);
        // Each method is in one list only, and APOP in neither.
        assert_eq!(
            login.stronger,
            [
                Method::ScramSha256Plus,
                Method::ScramSha1Plus,
                Method::ScramSha256
            ]
        );
    }

    #[test]
    fn pipelining_depends_on_what_the_server_advertises_and_does() {
        let advertises = advertised(&[], &["PIPELINING"]);
        let mut pipelining = Pipelining {
            broken: false,
            commands: 100,
            octets: 4_000_000,
        };
        assert_eq!(
            pipelining_use(&pipelining, &advertises),
            Some(PipeliningUse::Used {
                commands: 100,
                bytes: 4_000_000
            })
        );
        assert_eq!(
            pipelining_use(&pipelining, &advertised(&[], &["UIDL"])),
            Some(PipeliningUse::NotAdvertised)
        );
        pipelining.broken = true;
        assert_eq!(
            pipelining_use(&pipelining, &advertises),
            Some(PipeliningUse::Broken)
        );
        let unknown = AdvertisedCapabilities::default();
        assert_eq!(pipelining_use(&Pipelining::default(), &unknown), None);
    }

    #[test]
    fn undeliverable_messages_are_named_up_to_a_number_and_without_secrets() {
        let bad = UndeliverableMessage {
            attempts: 2,
            last: 0,
            reason: "it is broken".to_owned(),
        };
        let profile = ServerProfile {
            method: Some(Method::Plain),
            undeliverable: (0..25).map(|n| (n.to_string(), bad.clone())).collect(),
            ..ServerProfile::default()
        };
        let many = report(&profile).unwrap();
        assert_eq!(many.undeliverable.len(), NAMED);
        assert_eq!(many.undeliverable[0].reason, "it is broken");
        assert_eq!(many.more_undeliverable, 5);

        let mut secrets = Secrets::default();
        secrets.register(b"hunter2");
        let profile = ServerProfile {
            undeliverable: [("is hunter2 yours?".to_owned(), bad)].into(),
            ..profile
        };
        let one = server_report(&profile, &Journal::default(), &secrets).unwrap();
        assert_eq!(one.undeliverable[0].unique_id, "is *** yours?");
        assert_eq!(one.more_undeliverable, 0);
    }
}
