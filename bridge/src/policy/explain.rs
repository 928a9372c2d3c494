//! Explanations of rules, for an operator.

use super::address;
use super::hosts::Hosts;
use super::rule::{Reach, Rule, joined};

impl Rule {
    /// Explains what the rule allows, as the end of a sentence.
    #[must_use]
    pub fn in_words(&self) -> String {
        let hosts = match &self.hosts {
            Hosts::Any => "every host".to_owned(),
            Hosts::Below(name) => format!("every host whose name ends in .{name}"),
            Hosts::One(host) => host.to_string(),
        };
        let ports = joined(&self.ports, " or ");
        let reach = match &self.reach {
            Reach::Public => "at its public addresses only".to_owned(),
            Reach::Lan => "at its addresses of private networks only".to_owned(),
            Reach::Loopback => "at loopback addresses of this machine".to_owned(),
            Reach::Only(address) if Hosts::One((*address).into()) == self.hosts => {
                "and no other address".to_owned()
            }
            Reach::Only(address) => format!("always at {address}, without resolving the name"),
            Reach::Ranges(ranges) => {
                let left_out = match ranges.iter().any(address::leaves_some_out) {
                    true => "; special addresses within a wider range are excluded",
                    false => "",
                };
                format!("at its addresses in {}{left_out}", joined(ranges, " or "))
            }
        };
        format!("{hosts}, port {ports}, {reach}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_explained_in_a_sentence() {
        for (rule, sentence) in [
            (
                "public-pop3",
                "every host, port 110 or 995, at its public addresses only",
            ),
            (
                "*.example.org:2995",
                "every host whose name ends in .example.org, port 2995, at its public addresses only",
            ),
            (
                "lan-host=mail.lan",
                "mail.lan, port 110 or 995, at its addresses of private networks only",
            ),
            (
                "mail.lan:995=10.0.0.5",
                "mail.lan, port 995, always at 10.0.0.5, without resolving the name",
            ),
            ("10.0.0.5:995", "10.0.0.5, port 995, and no other address"),
            (
                "localhost:995",
                "localhost, port 995, at loopback addresses of this machine",
            ),
            (
                "mail.lan:995=10.0.0.0/8",
                "mail.lan, port 995, at its addresses in 10.0.0.0/8",
            ),
            (
                "*:995=0.0.0.0/0",
                "every host, port 995, at its addresses in 0.0.0.0/0; special addresses within a wider \
                 range are excluded",
            ),
        ] {
            assert_eq!(rule.parse::<Rule>().unwrap().in_words(), sentence);
        }
    }
}
