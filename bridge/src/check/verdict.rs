//! The decision about one target, and its reason.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use restante_shared::relay::Target;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::section::ReportSection;
use crate::policy::{Class, PolicyRefusal};
use crate::settings::Settings;

/// The decision of the policy about one target, and the addresses it is about.
pub(super) struct TargetVerdict {
    addresses: Vec<IpAddr>,
    outcome: TargetOutcome,
}

enum TargetOutcome {
    Approved {
        rule: String,
        addresses: Vec<SocketAddr>,
    },
    Refused(PolicyRefusal),
    NotFound(String),
}

impl TargetVerdict {
    /// Judges `target` as a relay does: host and port first, then every address of its name.
    pub(super) async fn of(target: &Target, settings: &Settings) -> Self {
        let bare = |outcome| Self {
            addresses: Vec::new(),
            outcome,
        };
        let admission = match settings.policy.admit(target) {
            Ok(admission) => admission,
            Err(refusal) => return bare(TargetOutcome::Refused(refusal)),
        };
        let addresses = match admission.known_address() {
            Some(address) => vec![address],
            None => {
                let look_up = settings.resolver.resolve(target.host());
                match timeout(settings.limits.dial_time, look_up).await {
                    Ok(Ok(found)) if found.is_empty() => {
                        return bare(TargetOutcome::NotFound(
                            "the name has no addresses".to_owned(),
                        ));
                    }
                    Ok(Ok(found)) => found,
                    Ok(Err(error)) => {
                        return bare(TargetOutcome::NotFound(format!(
                            "the name was not found: {error}"
                        )));
                    }
                    Err(_) => {
                        return bare(TargetOutcome::NotFound(
                            "the name server did not answer".to_owned(),
                        ));
                    }
                }
            }
        };
        let outcome = match admission.judge(&addresses) {
            Ok(approval) => TargetOutcome::Approved {
                rule: approval.rule.to_string(),
                addresses: approval.addresses,
            },
            Err(refusal) => TargetOutcome::Refused(refusal),
        };
        Self { addresses, outcome }
    }

    pub(super) fn approved(&self) -> bool {
        matches!(self.outcome, TargetOutcome::Approved { .. })
    }

    pub(super) fn section(&self, target: &Target) -> ReportSection {
        let mut lines = Vec::new();
        match &self.outcome {
            TargetOutcome::Approved { rule, .. } => {
                lines.push(format!("allowed, by the rule {rule}"));
            }
            TargetOutcome::NotFound(why) => lines.push(format!("not reachable: {why}")),
            TargetOutcome::Refused(refusal) => {
                lines.push(format!(
                    "refused: {refusal} ({})",
                    match refusal.rules() {
                        Some(rules) => format!("closest rules: {rules}"),
                        None => "no rule names the host".to_owned(),
                    }
                ));
                lines.push(format!(
                    "a rule that would allow it: {}",
                    remedy(target, &self.addresses)
                ));
            }
        }
        for address in &self.addresses {
            lines.push(format!("address {address}: {}", Class::of(*address)));
        }
        ReportSection {
            title: target.to_string(),
            lines,
        }
    }

    /// Dials each allowed address, and reports whether it answers.
    pub(super) async fn dial(&self, limit: Duration) -> Vec<(String, bool)> {
        let TargetOutcome::Approved { addresses, .. } = &self.outcome else {
            return Vec::new();
        };
        let mut answers = Vec::new();
        for address in addresses {
            let begun = Instant::now();
            answers.push(match timeout(limit, TcpStream::connect(address)).await {
                Ok(Ok(_)) => {
                    let took = begun.elapsed().as_millis();
                    (format!("dialled {address}: answered after {took} ms"), true)
                }
                Ok(Err(error)) => (format!("dialled {address}: {error}"), false),
                Err(_) => (format!("dialled {address}: no answer in time"), false),
            });
        }
        answers
    }
}

/// Returns the rule that an operator would add to allow the target.
fn remedy(target: &Target, addresses: &[IpAddr]) -> String {
    let all = |class| addresses.iter().all(|address| Class::of(*address) == class);
    if target.host().address().is_some() || all(Class::Public) {
        target.to_string()
    } else if all(Class::Private) {
        format!("lan-host={target}")
    } else {
        format!("{target}=ADDRESS, with the address to dial if you trust it")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::io;
    use std::sync::Arc;

    use futures::future::BoxFuture;
    use restante_shared::relay::Host;

    use super::*;
    use crate::policy::Policy;
    use crate::resolve::Resolve;

    struct FixedNames(HashMap<&'static str, Vec<IpAddr>>);

    impl Resolve for FixedNames {
        fn resolve<'a>(&'a self, host: &'a Host) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
            let found = self.0.get(host.as_str()).cloned();
            Box::pin(async move { found.ok_or_else(|| io::Error::other("no such name")) })
        }
    }

    async fn lines(rules: &[&str], target: &str) -> (bool, String) {
        let names = [
            ("pop.example", vec!["1.1.1.1", "2a00::1"]),
            ("mail.lan", vec!["192.168.1.10"]),
            ("mixed.example", vec!["1.1.1.1", "127.0.0.1"]),
            ("empty.example", vec![]),
        ]
        .map(|(name, found)| (name, found.iter().map(|a| a.parse().unwrap()).collect()));
        let settings = Settings {
            policy: rules
                .iter()
                .map(|rule| rule.parse().unwrap())
                .fold(Policy::default(), Policy::allow),
            resolver: Arc::new(FixedNames(names.into())),
            ..Settings::default()
        };
        let target = crate::policy::parse_target(target).unwrap();
        let verdict = TargetVerdict::of(&target, &settings).await;
        let section = verdict.section(&target);
        (verdict.approved(), section.lines.join("\n"))
    }

    #[tokio::test]
    async fn a_verdict_names_the_rule_and_the_addresses() {
        for (target, approved, text) in [
            (
                "pop.example:995",
                true,
                "allowed, by the rule public-pop3\n\
                 address 1.1.1.1: public\naddress 2a00::1: public",
            ),
            (
                "pop.example:25",
                false,
                "refused: port 25 is not allowed (closest rules: public-pop3)\n\
                 a rule that would allow it: pop.example:25",
            ),
            (
                "mail.lan:995",
                false,
                "refused: the target has an address that is not allowed: private (closest rules: \
                 public-pop3)\n\
                 a rule that would allow it: lan-host=mail.lan:995\naddress 192.168.1.10: private",
            ),
            (
                "mixed.example:995",
                false,
                "refused: the target has an address that is not allowed: loopback (closest rules: \
                 public-pop3)\n\
                 a rule that would allow it: mixed.example:995=ADDRESS, with the address to dial if you \
                 trust it\n\
                 address 1.1.1.1: public\naddress 127.0.0.1: loopback",
            ),
            (
                "[::1]:995",
                false,
                "refused: the target has an address that is not allowed: loopback (closest rules: \
                 public-pop3)\n\
                 a rule that would allow it: [::1]:995\naddress ::1: loopback",
            ),
            (
                "empty.example:995",
                false,
                "not reachable: the name has no addresses",
            ),
            (
                "missing.example:995",
                false,
                "not reachable: the name was not found: no such name",
            ),
        ] {
            let expected = (approved, text.to_owned());
            assert_eq!(lines(&["public-pop3"], target).await, expected, "{target}");
        }
    }

    #[tokio::test]
    async fn without_a_rule_the_suggestion_is_one() {
        let (approved, text) = lines(&[], "pop.example:995").await;
        assert!(!approved);
        assert!(text.contains("no rule names the host"), "{text}");
        assert!(text.contains("would allow it: pop.example:995"), "{text}");
    }

    #[tokio::test]
    async fn the_suggested_rule_works() {
        for (rules, target, remedy) in [
            (
                &["public-pop3"][..],
                "mail.lan:1110",
                "lan-host=mail.lan:1110",
            ),
            (&["pop.example"], "127.0.0.1:995", "127.0.0.1:995"),
            (&["public-pop3"], "pop.example:2995", "pop.example:2995"),
        ] {
            assert!(!lines(rules, target).await.0, "{target}");
            let rules = [rules, &[remedy]].concat();
            assert!(lines(&rules, target).await.0, "{target}");
        }
    }
}
