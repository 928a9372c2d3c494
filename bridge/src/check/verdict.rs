//! What one target would get, and why.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use restante_shared::relay::Target;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::Section;
use crate::policy::{Class, Refusal};
use crate::settings::Settings;

/// What the policy says of one target, and of which addresses.
pub(super) struct Verdict {
    addresses: Vec<IpAddr>,
    outcome: Outcome,
}

enum Outcome {
    Approved {
        rule: String,
        addresses: Vec<SocketAddr>,
    },
    Refused(Refusal),
    NotFound(String),
}

impl Verdict {
    /// Judges `target` as a relay does: host and port, then every address of its name.
    pub(super) async fn of(target: &Target, settings: &Settings) -> Self {
        let bare = |outcome| Self {
            addresses: Vec::new(),
            outcome,
        };
        let admission = match settings.policy.admit(target) {
            Ok(admission) => admission,
            Err(refusal) => return bare(Outcome::Refused(refusal)),
        };
        let addresses = match admission.known_address() {
            Some(address) => vec![address],
            None => {
                let look_up = settings.resolver.resolve(target.host());
                match timeout(settings.limits.dial_time, look_up).await {
                    Ok(Ok(found)) if found.is_empty() => {
                        return bare(Outcome::NotFound("the name has no address".to_owned()));
                    }
                    Ok(Ok(found)) => found,
                    Ok(Err(error)) => {
                        return bare(Outcome::NotFound(format!("the name is not found: {error}")));
                    }
                    Err(_) => {
                        return bare(Outcome::NotFound(
                            "nobody answers what address the name has".to_owned(),
                        ));
                    }
                }
            }
        };
        let outcome = match admission.judge(&addresses) {
            Ok(approval) => Outcome::Approved {
                rule: approval.rule.to_string(),
                addresses: approval.addresses,
            },
            Err(refusal) => Outcome::Refused(refusal),
        };
        Self { addresses, outcome }
    }

    pub(super) fn approved(&self) -> bool {
        matches!(self.outcome, Outcome::Approved { .. })
    }

    pub(super) fn section(&self, target: &Target) -> Section {
        let mut lines = Vec::new();
        match &self.outcome {
            Outcome::Approved { rule, .. } => {
                lines.push(format!("would be dialled, by the rule {rule}"));
            }
            Outcome::NotFound(why) => lines.push(format!("would not be reached: {why}")),
            Outcome::Refused(refusal) => {
                lines.push(format!(
                    "would be refused: {refusal} ({})",
                    match refusal.rules() {
                        Some(rules) => format!("the nearest rules: {rules}"),
                        None => "no rule names it".to_owned(),
                    }
                ));
                lines.push(format!(
                    "a rule that would allow it, beside the others: {}",
                    remedy(target, &self.addresses)
                ));
            }
        }
        for address in &self.addresses {
            lines.push(format!("address {address}: {}", Class::of(*address)));
        }
        Section {
            title: target.to_string(),
            lines,
        }
    }

    /// Dials each address that would be dialled, and says whether it answers.
    pub(super) async fn dial(&self, limit: Duration) -> Vec<(String, bool)> {
        let Outcome::Approved { addresses, .. } = &self.outcome else {
            return Vec::new();
        };
        let mut answers = Vec::new();
        for address in addresses {
            let begun = Instant::now();
            answers.push(match timeout(limit, TcpStream::connect(address)).await {
                Ok(Ok(_)) => {
                    let took = begun.elapsed().as_millis();
                    (format!("dialled {address}: answers after {took} ms"), true)
                }
                Ok(Err(error)) => (format!("dialled {address}: {error}"), false),
                Err(_) => (format!("dialled {address}: no answer in time"), false),
            });
        }
        answers
    }
}

/// What an operator would add to the rules, if the target is to be dialled.
fn remedy(target: &Target, addresses: &[IpAddr]) -> String {
    let all = |class| addresses.iter().all(|address| Class::of(*address) == class);
    if target.host().address().is_some() || all(Class::Public) {
        target.to_string()
    } else if all(Class::Private) {
        format!("lan-host={target}")
    } else {
        format!("{target}=ADDRESS with the one address to dial, if you trust it")
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

    struct Names(HashMap<&'static str, Vec<IpAddr>>);

    impl Resolve for Names {
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
            resolver: Arc::new(Names(names.into())),
            ..Settings::default()
        };
        let target = crate::policy::parse_target(target).unwrap();
        let verdict = Verdict::of(&target, &settings).await;
        let section = verdict.section(&target);
        (verdict.approved(), section.lines.join("\n"))
    }

    #[tokio::test]
    async fn a_verdict_says_which_rule_and_which_addresses() {
        for (target, approved, text) in [
            (
                "pop.example:995",
                true,
                "would be dialled, by the rule public-pop3\n\
                 address 1.1.1.1: public\naddress 2a00::1: public",
            ),
            (
                "pop.example:25",
                false,
                "would be refused: port 25 is not allowed (the nearest rules: public-pop3)\n\
                 a rule that would allow it, beside the others: pop.example:25",
            ),
            (
                "mail.lan:995",
                false,
                "would be refused: the target has an address that is not allowed: private (the \
                 nearest rules: public-pop3)\n\
                 a rule that would allow it, beside the others: lan-host=mail.lan:995\naddress 192.168.1.10: private",
            ),
            (
                "mixed.example:995",
                false,
                "would be refused: the target has an address that is not allowed: loopback (the \
                 nearest rules: public-pop3)\n\
                 a rule that would allow it, beside the others: mixed.example:995=ADDRESS with the one address to dial, \
                 if you trust it\n\
                 address 1.1.1.1: public\naddress 127.0.0.1: loopback",
            ),
            (
                "[::1]:995",
                false,
                "would be refused: the target has an address that is not allowed: loopback (the \
                 nearest rules: public-pop3)\n\
                 a rule that would allow it, beside the others: [::1]:995\naddress ::1: loopback",
            ),
            (
                "empty.example:995",
                false,
                "would not be reached: the name has no address",
            ),
            (
                "missing.example:995",
                false,
                "would not be reached: the name is not found: no such name",
            ),
        ] {
            let expected = (approved, text.to_owned());
            assert_eq!(lines(&["public-pop3"], target).await, expected, "{target}");
        }
    }

    #[tokio::test]
    async fn without_a_rule_the_remedy_is_one() {
        let (approved, text) = lines(&[], "pop.example:995").await;
        assert!(!approved);
        assert!(text.contains("no rule names it"), "{text}");
        assert!(text.contains("others: pop.example:995"), "{text}");
    }

    #[tokio::test]
    async fn the_remedy_helps() {
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
