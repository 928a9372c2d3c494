//! What the bridge may dial: nothing but what is named here.
//!
//! A target is judged twice. Its host and port are judged before any name is looked up; the
//! addresses that the name has are judged after, and the very socket addresses that passed are the
//! ones dialled. One bad address among good ones refuses them all: an answer that mixes public and
//! private addresses is how a hostile name server aims a relay at the inside of a network.

mod address;
mod rule;

use std::net::{IpAddr, SocketAddr};

use restante_shared::relay::Target;
use thiserror::Error;

pub use address::Class;
pub(crate) use rule::parse_target;
pub use rule::{Rule, RuleError};

/// The ports of POP3 and of POP3 over TLS.
pub const POP3_PORTS: [u16; 2] = [110, 995];

/// The most addresses of one name that are considered; a mail host has fewer.
pub const MAX_ADDRESSES: usize = 32;

/// The targets that may be dialled: public POP3 servers, and what the rules add.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    rules: Vec<Rule>,
}

/// Why a target is not dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The port is not one of [`POP3_PORTS`] and no rule names the target.
    #[error("port {0} is not allowed")]
    Port(u16),
    /// An address of the target is not one that may be dialled.
    #[error("the target has a {0} address")]
    Address(Class),
    /// The name has more than [`MAX_ADDRESSES`] addresses.
    #[error("the target has too many addresses")]
    TooManyAddresses,
}

/// A target whose host and port passed; its addresses are still to be judged.
#[derive(Debug)]
#[must_use = "the addresses are not judged yet"]
pub struct Admission<'a> {
    target: &'a Target,
    rule: Option<&'a Rule>,
}

impl Policy {
    /// Adds a rule that allows one more target.
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

    /// Judges host and port, before any name is looked up.
    ///
    /// # Errors
    /// [`Refusal::Port`] where neither the POP3 ports nor a rule cover the target.
    pub fn admit<'a>(&'a self, target: &'a Target) -> Result<Admission<'a>, Refusal> {
        let rule = self.rules.iter().find(|rule| rule.target() == target);
        if rule.is_none() && !POP3_PORTS.contains(&target.port()) {
            return Err(Refusal::Port(target.port()));
        }
        Ok(Admission { target, rule })
    }
}

impl Admission<'_> {
    /// The addresses that need no look-up: those of a literal, or the one that a rule pins.
    #[must_use]
    pub fn known_address(&self) -> Option<IpAddr> {
        self.rule
            .and_then(Rule::pinned)
            .or_else(|| self.target.host().address())
    }

    /// Judges every address of the target and returns what may be dialled.
    ///
    /// # Errors
    /// [`Refusal::Address`] as soon as one address is not allowed.
    pub fn judge(&self, addresses: &[IpAddr]) -> Result<Vec<SocketAddr>, Refusal> {
        if addresses.len() > MAX_ADDRESSES {
            return Err(Refusal::TooManyAddresses);
        }
        for &address in addresses {
            let class = Class::of(address);
            let allowed =
                class == Class::Public || self.rule.is_some_and(|rule| rule.covers(address, class));
            if !allowed {
                return Err(Refusal::Address(class));
            }
        }
        Ok(addresses
            .iter()
            .map(|&address| SocketAddr::new(address, self.target.port()))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(policy: &Policy, host: &str, port: u16, addresses: &[&str]) -> Result<usize, Refusal> {
        let target = Target::new(host, port).unwrap();
        let addresses: Vec<IpAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
        policy.admit(&target)?.judge(&addresses).map(|a| a.len())
    }

    #[test]
    fn public_pop3_servers_are_allowed() {
        let policy = Policy::default();
        for port in POP3_PORTS {
            assert_eq!(
                judge(&policy, "pop.example.org", port, &["1.1.1.1", "2a00::1"]),
                Ok(2)
            );
        }
    }

    #[test]
    fn other_ports_are_refused_before_any_look_up() {
        let policy = Policy::default();
        for port in [
            1, 22, 25, 80, 109, 111, 143, 443, 993, 994, 996, 8110, 65535,
        ] {
            let target = Target::new("pop.example.org", port).unwrap();
            assert_eq!(policy.admit(&target).err(), Some(Refusal::Port(port)));
        }
    }

    #[test]
    fn one_bad_address_refuses_the_whole_answer() {
        let policy = Policy::default();
        for addresses in [
            ["1.1.1.1", "127.0.0.1"],
            ["10.0.0.1", "1.1.1.1"],
            ["2a00::1", "::ffff:1.1.1.1"],
        ] {
            assert!(matches!(
                judge(&policy, "pop.example.org", 995, &addresses),
                Err(Refusal::Address(_))
            ));
        }
    }

    #[test]
    fn a_literal_is_judged_like_a_resolved_address() {
        let policy = Policy::default();
        let target = Target::new("::ffff:127.0.0.1", 995).unwrap();
        let admission = policy.admit(&target).unwrap();
        let known = admission.known_address().unwrap();
        assert!(admission.judge(&[known]).is_err());
    }

    #[test]
    fn a_rule_opens_its_own_host_and_port_and_nothing_else() {
        let policy = Policy::default().allow("192.168.1.10:1110".parse().unwrap());
        assert_eq!(
            judge(&policy, "192.168.1.10", 1110, &["192.168.1.10"]),
            Ok(1)
        );
        assert!(judge(&policy, "192.168.1.10", 1111, &["192.168.1.10"]).is_err());
        assert!(judge(&policy, "192.168.1.11", 1110, &["192.168.1.11"]).is_err());
        assert!(judge(&policy, "192.168.1.10", 110, &["192.168.1.10"]).is_err());
        assert!(judge(&policy, "192.168.1.10", 1110, &["192.168.1.11"]).is_err());
    }

    #[test]
    fn a_rule_for_a_name_covers_ones_own_network_but_not_the_machine_itself() {
        let policy = Policy::default().allow("mail.lan:995".parse().unwrap());
        for address in ["192.168.1.10", "fd12::1", "100.64.0.1", "1.1.1.1"] {
            assert_eq!(judge(&policy, "mail.lan", 995, &[address]), Ok(1));
        }
        for address in [
            "127.0.0.1",
            "::1",
            "169.254.169.254",
            "fd00:ec2::254",
            "0.0.0.0",
            "224.0.0.1",
            "::ffff:192.168.1.10",
        ] {
            assert!(judge(&policy, "mail.lan", 995, &[address]).is_err());
        }
    }

    #[test]
    fn a_rule_for_localhost_covers_loopback_only() {
        let policy = Policy::default().allow("localhost:1110".parse().unwrap());
        assert_eq!(
            judge(&policy, "localhost", 1110, &["127.0.0.1", "::1"]),
            Ok(2)
        );
        assert!(judge(&policy, "localhost", 1110, &["192.168.1.1"]).is_err());
    }

    #[test]
    fn a_pinned_rule_needs_no_look_up_and_covers_its_address_only() {
        let policy = Policy::default().allow("mail.test:1995=127.0.0.1".parse().unwrap());
        let target = Target::new("mail.test", 1995).unwrap();
        let admission = policy.admit(&target).unwrap();
        assert_eq!(
            admission.known_address(),
            Some("127.0.0.1".parse().unwrap())
        );
        assert!(admission.judge(&["127.0.0.1".parse().unwrap()]).is_ok());
        assert!(admission.judge(&["127.0.0.2".parse().unwrap()]).is_err());
    }

    #[test]
    fn an_endless_answer_is_refused() {
        let addresses = vec!["1.1.1.1"; MAX_ADDRESSES + 1];
        assert_eq!(
            judge(&Policy::default(), "pop.example.org", 995, &addresses),
            Err(Refusal::TooManyAddresses)
        );
    }
}
