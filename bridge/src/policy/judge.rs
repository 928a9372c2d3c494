//! The two decisions about a target: on its host and port, then on its addresses.

use std::net::{IpAddr, SocketAddr};

use restante_shared::relay::Target;

use super::address::Class;
use super::hosts::Hosts;
use super::refusal::{PolicyRefusal, Reason};
use super::rule::Rule;

/// The most addresses of one name that are considered; a mail host has fewer.
pub const MAX_ADDRESSES: usize = 32;

/// The rules for targets; by default there are none.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    rules: Vec<Rule>,
}

/// A target whose host and port are allowed. Its addresses are not judged yet.
#[derive(Debug)]
#[must_use = "the addresses are not judged yet"]
pub struct Admission<'a> {
    target: &'a Target,
    /// At least one rule. A rule that pins an address is the only one.
    rules: Vec<&'a Rule>,
}

/// The addresses that may be dialled, and the rule that allows them.
#[derive(Debug, PartialEq, Eq)]
pub struct Approval<'a> {
    /// The rule that covers every address.
    pub rule: &'a Rule,
    /// The addresses to dial.
    pub addresses: Vec<SocketAddr>,
}

impl Policy {
    /// Adds a rule.
    #[must_use]
    pub fn allow(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// The rules, in the order in which they were added.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Judges host and port, before the name is resolved.
    ///
    /// # Errors
    /// [`Reason::Host`] or [`Reason::Port`] if no rule names them.
    pub fn admit<'a>(&'a self, target: &'a Target) -> Result<Admission<'a>, PolicyRefusal> {
        let mut rules: Vec<&Rule> = self.rules.iter().collect();
        rules.retain(|rule| rule.hosts.hold(target.host()));
        if rules.is_empty() {
            return Err(PolicyRefusal::new(Reason::Host, &[]));
        }
        let of_host = rules.clone();
        rules.retain(|rule| rule.ports.contains(&target.port()));
        if rules.is_empty() {
            return Err(PolicyRefusal::new(Reason::Port(target.port()), &of_host));
        }
        if let Some(pin) = rules.iter().copied().find(|rule| rule.pinned().is_some()) {
            rules = vec![pin];
        }
        Ok(Admission { target, rules })
    }
}

impl<'a> Admission<'a> {
    /// Returns true if a rule names this very host, and not a pattern that it matches.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        let host = self.target.host();
        let mut rules = self.rules.iter();
        rules.any(|rule| matches!(&rule.hosts, Hosts::One(one) if one == host))
    }

    /// Returns the address that needs no resolving: a literal, or the one that a rule pins.
    #[must_use]
    pub fn known_address(&self) -> Option<IpAddr> {
        self.rules
            .iter()
            .find_map(|rule| rule.pinned())
            .or_else(|| self.target.host().address())
    }

    /// Judges all addresses of the target, and returns those to dial.
    ///
    /// # Errors
    /// [`PolicyRefusal`] unless one rule covers all the addresses.
    pub fn judge(&self, addresses: &[IpAddr]) -> Result<Approval<'a>, PolicyRefusal> {
        let refuse = |reason| PolicyRefusal::new(reason, &self.rules);
        if addresses.len() > MAX_ADDRESSES {
            return Err(refuse(Reason::TooManyAddresses));
        }
        let covers_all = |rule: &&Rule| addresses.iter().all(|address| rule.covers(*address));
        if let Some(rule) = self.rules.iter().copied().find(covers_all) {
            let dialled = |address: &IpAddr| SocketAddr::new(*address, self.target.port());
            return Ok(Approval {
                rule,
                addresses: addresses.iter().map(dialled).collect(),
            });
        }
        let uncovered = addresses
            .iter()
            .find(|address| !self.rules.iter().any(|rule| rule.covers(**address)));
        Err(refuse(uncovered.map_or(Reason::Mixed, |address| {
            Reason::Address(Class::of(*address))
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::POP3_PORTS;

    fn policy(rules: &[&str]) -> Policy {
        rules
            .iter()
            .map(|rule| rule.parse().unwrap())
            .fold(Policy::default(), Policy::allow)
    }

    fn judge(policy: &Policy, host: &str, port: u16, addresses: &[&str]) -> Result<String, Reason> {
        let target = Target::new(host, port).unwrap();
        let addresses: Vec<IpAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
        let dialled: Vec<_> = addresses
            .iter()
            .map(|address| SocketAddr::new(*address, port))
            .collect();
        let admission = policy.admit(&target).map_err(|refusal| refusal.reason())?;
        match admission.judge(&addresses) {
            Ok(approval) => {
                assert_eq!(approval.addresses, dialled);
                Ok(approval.rule.to_string())
            }
            Err(refusal) => Err(refusal.reason()),
        }
    }

    #[test]
    fn without_a_rule_nothing_is_allowed() {
        for host in ["pop.example.org", "1.1.1.1", "localhost"] {
            assert_eq!(judge(&policy(&[]), host, 995, &[]), Err(Reason::Host));
        }
    }

    #[test]
    fn public_pop3_servers_are_one_rule() {
        for port in POP3_PORTS {
            assert_eq!(
                judge(
                    &policy(&["public-pop3"]),
                    "pop.example.org",
                    port,
                    &["1.1.1.1", "2a00::1"]
                ),
                Ok("public-pop3".to_owned())
            );
        }
    }

    #[test]
    fn other_ports_are_refused_before_the_name_is_resolved() {
        let policy = policy(&["public-pop3"]);
        for port in [
            1, 22, 25, 80, 109, 111, 143, 443, 993, 994, 996, 8110, 65535,
        ] {
            let target = Target::new("pop.example.org", port).unwrap();
            let refusal = policy.admit(&target).unwrap_err();
            assert_eq!(refusal.reason(), Reason::Port(port));
            assert_eq!(refusal.rules(), Some("public-pop3"));
        }
    }

    #[test]
    fn an_unknown_host_is_refused_before_its_name_is_resolved() {
        let policy = policy(&["pop.example.org", "*.example.net"]);
        for host in ["pop.example.com", "example.net", "1.1.1.1"] {
            let target = Target::new(host, 995).unwrap();
            let refusal = policy.admit(&target).unwrap_err();
            assert_eq!(refusal.reason(), Reason::Host);
            assert_eq!(refusal.rules(), None);
        }
        assert!(judge(&policy, "a.example.net", 995, &["1.1.1.1"]).is_ok());
    }

    #[test]
    fn one_bad_address_refuses_the_whole_answer() {
        for (addresses, class) in [
            (["1.1.1.1", "127.0.0.1"], Class::Loopback),
            (["10.0.0.1", "1.1.1.1"], Class::Private),
            (["2a00::1", "::ffff:1.1.1.1"], Class::Embedded),
        ] {
            assert_eq!(
                judge(
                    &policy(&["public-pop3"]),
                    "pop.example.org",
                    995,
                    &addresses
                ),
                Err(Reason::Address(class))
            );
        }
    }

    #[test]
    fn one_rule_has_to_cover_the_whole_answer() {
        let policy = policy(&["public-pop3", "lan-host=mail.lan"]);
        for addresses in [["1.1.1.1", "2a00::1"], ["10.0.0.1", "fd12::1"]] {
            assert!(judge(&policy, "mail.lan", 995, &addresses).is_ok());
        }
        assert_eq!(
            judge(&policy, "mail.lan", 995, &["10.0.0.1", "1.1.1.1"]),
            Err(Reason::Mixed)
        );
        assert_eq!(
            judge(&policy, "mail.lan", 995, &["10.0.0.1", "127.0.0.1"]),
            Err(Reason::Address(Class::Loopback))
        );
    }

    #[test]
    fn a_literal_is_judged_like_a_resolved_address() {
        let policy = policy(&["public-pop3"]);
        let target = Target::new("::ffff:127.0.0.1", 995).unwrap();
        let admission = policy.admit(&target).unwrap();
        let known = admission.known_address().unwrap();
        assert!(admission.judge(&[known]).is_err());
    }

    #[test]
    fn a_rule_allows_its_own_host_and_port_and_nothing_else() {
        let policy = policy(&["192.168.1.10:1110"]);
        let literal = |host: &str, port| judge(&policy, host, port, &[host]);
        assert!(literal("192.168.1.10", 1110).is_ok());
        assert!(literal("192.168.1.10", 1111).is_err());
        assert!(literal("192.168.1.11", 1110).is_err());
        assert!(literal("192.168.1.10", 110).is_err());
        assert!(judge(&policy, "192.168.1.10", 1110, &["192.168.1.11"]).is_err());
    }

    /// Returns an address of every class except `but`.
    fn addresses_of_other_classes(but: Class) -> Vec<&'static str> {
        let all = [
            "1.1.1.1",
            "127.0.0.1",
            "::1",
            "192.168.1.10",
            "fd12::1",
            "100.64.0.1",
            "169.254.1.1",
            "169.254.169.254",
            "fd00:ec2::254",
            "0.0.0.0",
            "224.0.0.1",
            "::ffff:192.168.1.10",
            "64:ff9b::101:101",
            "2002:101:101::",
            "192.0.2.1",
            "240.0.0.1",
        ];
        all.into_iter()
            .filter(|address| Class::of(address.parse().unwrap()) != but)
            .collect()
    }

    #[test]
    fn a_name_stands_for_one_class_of_addresses() {
        for (rule, host, covered) in [
            ("public-pop3", "pop.example.org", "1.1.1.1"),
            ("*.example.org", "pop.example.org", "1.1.1.1"),
            ("pop.example.org:995", "pop.example.org", "1.1.1.1"),
            ("lan-host=mail.lan", "mail.lan", "192.168.1.10"),
            ("lan-host=mail.lan", "mail.lan", "fd12::1"),
            ("localhost:995", "localhost", "127.0.0.1"),
            ("localhost:995", "localhost", "::1"),
        ] {
            let policy = policy(&[rule]);
            assert!(judge(&policy, host, 995, &[covered]).is_ok(), "{rule}");
            for address in addresses_of_other_classes(Class::of(covered.parse().unwrap())) {
                let judged = judge(&policy, host, 995, &[address]);
                assert!(judged.is_err(), "{rule} {address}");
            }
        }
    }

    #[test]
    fn a_range_allows_the_addresses_that_it_names() {
        let policy = policy(&["*=192.168.1.0/24", "mail.lan=64:ff9b::/96"]);
        for (host, address, allowed) in [
            ("a.lan", "192.168.1.7", true),
            ("192.168.1.7", "192.168.1.7", true),
            ("a.lan", "192.168.2.7", false),
            ("a.lan", "1.1.1.1", false),
            ("a.lan", "::ffff:192.168.1.7", false),
            ("a.lan", "64:ff9b::101:101", false),
            ("mail.lan", "64:ff9b::101:101", true),
            ("mail.lan", "64:ff9b::7f00:1", false),
        ] {
            let judged = judge(&policy, host, 995, &[address]);
            assert_eq!(judged.is_ok(), allowed, "{host} {address}");
        }
    }

    #[test]
    fn a_pinned_rule_covers_its_address_only_and_resolves_nothing() {
        let policy = policy(&["public-pop3", "mail.test:995=127.0.0.1"]);
        let target = Target::new("mail.test", 995).unwrap();
        let admission = policy.admit(&target).unwrap();
        let loopback = "127.0.0.1".parse().unwrap();
        assert_eq!(admission.known_address(), Some(loopback));
        assert!(admission.judge(&[loopback]).is_ok());
        for other in ["127.0.0.2", "1.1.1.1"] {
            assert!(admission.judge(&[other.parse().unwrap()]).is_err());
        }
    }

    #[test]
    fn too_many_addresses_are_refused() {
        let addresses = vec!["1.1.1.1"; MAX_ADDRESSES + 1];
        assert_eq!(
            judge(
                &policy(&["public-pop3"]),
                "pop.example.org",
                995,
                &addresses
            ),
            Err(Reason::TooManyAddresses)
        );
    }
}
