//! The setting for the allowed targets, and its default.

use super::error::{ConfigError, conflict};
use crate::policy::{AllowEntry, Rule};

/// Returns the rules of `allow`, or the default of a bridge that only this machine can reach.
///
/// # Errors
/// [`ConfigError::Conflict`] if a bridge that others can reach has no rules.
pub(super) fn rules(
    allow: Option<Vec<AllowEntry>>,
    only_this_machine: bool,
    demo: bool,
) -> Result<Vec<Rule>, ConfigError> {
    match allow {
        None if only_this_machine => Ok(vec![Rule::public_pop3()]),
        // With the demo, an empty list means: the demo mailbox and nothing else.
        Some(entries) if !entries.is_empty() || demo => Ok(entries.into_iter().flatten().collect()),
        None | Some(_) => conflict(NOTHING),
    }
}

const NOTHING: &str = "other machines can reach this bridge, so it needs rules for the targets that \
                       it may dial: --allow public-pop3 for any public POP3 server, --allow \
                       pop.example.org for one host, --allow lan-host=mail.lan for a host on \
                       your own network; in a file, an [[allow]] with preset = \
                       \"public-pop3\" or with host = \"pop.example.org\"";

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(rules: Result<Vec<Rule>, ConfigError>) -> Option<Vec<String>> {
        Some(rules.ok()?.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn only_a_bridge_of_this_machine_has_a_default_rule() {
        let public = Some(vec!["public-pop3".to_owned()]);
        assert_eq!(texts(rules(None, true, false)), public);
        assert_eq!(texts(rules(None, false, false)), None);
        assert_eq!(texts(rules(None, false, true)), None);
        assert_eq!(texts(rules(Some(Vec::new()), true, false)), None);
        assert_eq!(
            texts(rules(Some(Vec::new()), false, true)),
            Some(Vec::new())
        );
    }
}
