//! The selection of login methods to try, and their order.

use std::collections::BTreeSet;

use super::{Login, Method};
use crate::sasl::{MechanismName, Strength};

/// The maximum number of refusals in a row for one name and password. Mail hosts lock an account
/// after five or ten wrong passwords, so a broken mechanism may cost at most two more attempts.
pub const MAX_REFUSALS: u32 = 3;

/// The facts about a connection that decide which login methods are possible.
#[derive(Debug, Clone, Copy)]
pub struct LoginOffer<'a> {
    /// The login capabilities that the server advertises; `None` if it did not answer `CAPA`.
    pub advertised: Option<AdvertisedLogin<'a>>,
    /// True if the greeting has a timestamp for `APOP`.
    pub timestamp: bool,
    /// True if the connection is protected by verified TLS.
    pub encrypted: bool,
    /// True if the connection has a channel binding.
    pub binding: bool,
}

/// The login capabilities that a server advertises.
#[derive(Debug, Clone, Copy)]
pub struct AdvertisedLogin<'a> {
    /// The mechanisms of `SASL`.
    pub mechanisms: &'a [MechanismName],
    /// True if the server advertises `USER`.
    pub user: bool,
}

impl LoginOffer<'_> {
    /// Returns true if the server advertises a method.
    #[must_use]
    pub fn advertises(&self, method: Method) -> bool {
        match (method, self.advertised) {
            (Method::Apop, _) => self.timestamp,
            (_, None) => false,
            (Method::UserPass, Some(advertised)) => advertised.user,
            (_, Some(advertised)) => {
                let mut mechanisms = advertised.mechanisms.iter();
                mechanisms.any(|mechanism| mechanism.as_str() == method.name())
            }
        }
    }

    /// Returns true if the server advertises at least one method that this client implements.
    #[must_use]
    pub fn advertises_any(&self) -> bool {
        Method::LADDER
            .into_iter()
            .any(|method| self.advertises(method))
    }
}

/// Returns the methods to try, the strongest first.
///
/// If the server did not answer `CAPA` or advertises no login capability, the result has `USER`,
/// which every server supports, or the methods with an access token. It has `APOP` only under TLS,
/// which keeps attackers from collecting digests to guess the password from. A method that the user
/// selected is tried even if the server does not advertise it, provided that the connection allows
/// it.
#[must_use]
pub fn ladder(offer: &LoginOffer<'_>, login: Login) -> Vec<Method> {
    let possible = |method: Method| match method {
        Method::ScramSha256Plus | Method::ScramSha1Plus => offer.binding,
        Method::Apop => offer.timestamp,
        _ => true,
    };
    let silent = match offer.advertised {
        None => true,
        Some(advertised) => advertised.mechanisms.is_empty() && !advertised.user,
    };
    let taken = |method: Method| match login {
        Login::Only(only) => method == only,
        Login::AccessToken => method.takes_token() && (silent || offer.advertises(method)),
        Login::Password => match method {
            Method::Apop => offer.encrypted,
            Method::UserPass => silent || offer.advertises(method),
            _ => !method.takes_token() && offer.advertises(method),
        },
    };
    let methods = Method::LADDER.into_iter();
    methods.filter(|m| possible(*m) && taken(*m)).collect()
}

/// The methods of a ladder that are still to be tried. After each refusal they yield the method
/// that is most likely to succeed, within [`MAX_REFUSALS`].
#[derive(Debug)]
pub struct MethodCandidates {
    untried: Vec<Method>,
    refusals: u32,
    /// The strength of the method that was refused last.
    refused: Option<Strength>,
}

impl MethodCandidates {
    /// Begins with the strongest method. Methods that the server refused in earlier sessions, in
    /// which another method succeeded, are omitted unless there are no others. If it refused a
    /// channel binding, all methods with one are.
    #[must_use]
    pub fn new(ladder: Vec<Method>, previously_refused: &BTreeSet<Method>) -> Self {
        let is_bound = |method: &Method| method.strength() == Strength::Bound;
        let refuses_binding = previously_refused.iter().any(is_bound);
        let promising = |method: &Method| {
            !(previously_refused.contains(method) || refuses_binding && is_bound(method))
        };
        let untried = match ladder.iter().any(promising) {
            true => ladder.into_iter().filter(promising).collect(),
            false => ladder,
        };
        Self {
            untried,
            refusals: 0,
            refused: None,
        }
    }

    /// Returns the next method to try.
    ///
    /// After a refusal that is a method of lesser strength, because methods of the same strength
    /// mostly fail for the same reason. The last attempt uses a method that sends the password
    /// itself, which a server can verify in whatever form it stores passwords.
    #[expect(
        clippy::should_implement_trait,
        reason = "the next method depends on the refusals in between"
    )]
    pub fn next(&mut self) -> Option<Method> {
        if self.refusals >= MAX_REFUSALS {
            return None;
        }
        let position = |wanted: &dyn Fn(Method) -> bool| {
            self.untried.iter().position(|method| wanted(*method))
        };
        let clear = || position(&|method| method.strength() == Strength::Clear);
        let weaker =
            || position(&|method| self.refused.is_none_or(|kind| method.strength() < kind));
        let last = self.refusals + 1 == MAX_REFUSALS;
        let at = if last { clear() } else { weaker() };
        let at = at.or((!self.untried.is_empty()).then_some(0))?;
        Some(self.untried.remove(at))
    }

    /// Records that the server refused name and password with a method. Returns true if the same
    /// method may be tried with the password in another character set.
    pub fn refused(&mut self, method: Method) -> bool {
        self.refusals += 1;
        self.refused = Some(method.strength());
        self.refusals < MAX_REFUSALS
    }

    /// Keeps only the methods that may succeed after a refusal that blames the credentials. Returns
    /// true if any remain.
    ///
    /// One attempt remains, with the strongest method that sends the password itself, which a
    /// server can verify in whatever form it stores passwords. If the refused method had a channel
    /// binding, an attempt with the same mechanism without binding comes first: a server that
    /// supports only other channel bindings refuses the right password.
    pub fn credentials_refused(&mut self, refused: Method) -> bool {
        if refused.strength() == Strength::Clear || self.refusals >= MAX_REFUSALS {
            return false;
        }
        let bound = refused.strength() == Strength::Bound;
        let unbound = |method: &Method| bound && method.strength() == Strength::Mutual;
        self.untried
            .retain(|method| method.strength() == Strength::Clear || unbound(method));
        let attempts = if self.untried.iter().any(unbound) {
            2
        } else {
            1
        };
        self.refusals = self.refusals.max(MAX_REFUSALS - attempts);
        !self.untried.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mechanisms(names: &str) -> Vec<MechanismName> {
        let names = names.split_ascii_whitespace();
        names
            .map(|name| MechanismName::new(name).unwrap())
            .collect()
    }

    fn names(methods: &[Method]) -> Vec<&'static str> {
        methods.iter().map(|method| method.name()).collect()
    }

    const EVERYTHING: &str = "PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER SCRAM-SHA-1 SCRAM-SHA-256 \
                              SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS GSSAPI";

    fn offer<'a>(mechanisms: &'a [MechanismName], user: bool) -> LoginOffer<'a> {
        LoginOffer {
            advertised: Some(AdvertisedLogin { mechanisms, user }),
            timestamp: true,
            encrypted: true,
            binding: true,
        }
    }

    #[test]
    fn the_strongest_advertised_method_comes_first() {
        let all = mechanisms(EVERYTHING);
        let offer = offer(&all, true);
        let password = [
            "SCRAM-SHA-256-PLUS",
            "SCRAM-SHA-1-PLUS",
            "SCRAM-SHA-256",
            "SCRAM-SHA-1",
            "CRAM-MD5",
            "PLAIN",
            "LOGIN",
            "APOP",
            "USER/PASS",
        ];
        assert_eq!(names(&ladder(&offer, Login::Password)), password);
        let token = ["OAUTHBEARER", "XOAUTH2"];
        assert_eq!(names(&ladder(&offer, Login::AccessToken)), token);
        let only = ladder(&offer, Login::Only(Method::CramMd5));
        assert_eq!(only, [Method::CramMd5]);
    }

    #[test]
    fn bound_methods_need_a_channel_binding() {
        let all = mechanisms(EVERYTHING);
        let offer = LoginOffer {
            binding: false,
            ..offer(&all, true)
        };
        let first = ladder(&offer, Login::Password).first().copied();
        assert_eq!(first, Some(Method::ScramSha256));
        let pinned = ladder(&offer, Login::Only(Method::ScramSha1Plus));
        assert_eq!(pinned, []);
    }

    #[test]
    fn apop_needs_encryption_unless_the_user_selected_it() {
        let offer = LoginOffer {
            encrypted: false,
            ..offer(&[], true)
        };
        assert_eq!(ladder(&offer, Login::Password), [Method::UserPass]);
        let only = Login::Only(Method::Apop);
        assert_eq!(ladder(&offer, only), [Method::Apop]);
        let without = LoginOffer {
            timestamp: false,
            ..offer
        };
        assert_eq!(ladder(&without, only), []);
    }

    #[test]
    fn user_is_tried_if_the_server_advertises_no_login_capability() {
        let silent = LoginOffer {
            advertised: None,
            ..offer(&[], false)
        };
        for offer in [silent, offer(&[], false)] {
            let methods = [Method::Apop, Method::UserPass];
            assert_eq!(ladder(&offer, Login::Password), methods);
            let methods = [Method::OauthBearer, Method::XOauth2];
            assert_eq!(ladder(&offer, Login::AccessToken), methods);
        }
        let foreign = mechanisms("GSSAPI NTLM");
        let offer = LoginOffer {
            timestamp: false,
            ..offer(&foreign, false)
        };
        assert_eq!(ladder(&offer, Login::Password), []);
        assert_eq!(ladder(&offer, Login::AccessToken), []);
        assert!(!offer.advertises_any());
    }

    fn attempts(ladder: &str, previously_refused: &[Method]) -> Vec<&'static str> {
        let all = mechanisms(ladder);
        let ladder = super::ladder(&offer(&all, true), Login::Password);
        let mut candidates =
            MethodCandidates::new(ladder, &previously_refused.iter().copied().collect());
        let mut tried = Vec::new();
        while let Some(method) = candidates.next() {
            tried.push(method.name());
            candidates.refused(method);
        }
        tried
    }

    #[test]
    fn a_refusal_leads_to_lesser_strength_and_finally_to_the_password_itself() {
        assert_eq!(
            attempts(EVERYTHING, &[]),
            ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"]
        );
        assert_eq!(
            attempts("SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN", &[]),
            ["SCRAM-SHA-256", "CRAM-MD5", "PLAIN"]
        );
        assert_eq!(
            attempts("PLAIN LOGIN", &[]),
            ["PLAIN", "LOGIN", "USER/PASS"]
        );
        assert_eq!(attempts("", &[]), ["APOP", "USER/PASS"]);
    }

    #[test]
    fn a_refusal_of_the_credentials_leaves_one_attempt_with_the_password_itself() {
        let all = mechanisms("SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN");
        let ladder = ladder(&offer(&all, true), Login::Password);
        let mut candidates = MethodCandidates::new(ladder, &BTreeSet::new());
        let first = candidates.next().unwrap();
        candidates.refused(first);
        assert!(candidates.credentials_refused(first));
        assert_eq!(candidates.next(), Some(Method::Plain));
        candidates.refused(Method::Plain);
        assert!(!candidates.credentials_refused(Method::Plain));
        assert_eq!(candidates.next(), None);
        let mut candidates =
            MethodCandidates::new(vec![Method::ScramSha256, Method::CramMd5], &BTreeSet::new());
        let first = candidates.next().unwrap();
        candidates.refused(first);
        assert!(
            !candidates.credentials_refused(first),
            "no method sends the password"
        );
    }

    #[test]
    fn the_unbound_mechanism_is_tried_before_the_password_is_sent() {
        let all = mechanisms(EVERYTHING);
        let mut candidates = MethodCandidates::new(
            ladder(&offer(&all, true), Login::Password),
            &BTreeSet::new(),
        );
        for expected in [Method::ScramSha256Plus, Method::ScramSha256, Method::Plain] {
            let method = candidates.next().unwrap();
            assert_eq!(method, expected);
            candidates.refused(method);
            assert_eq!(
                candidates.credentials_refused(method),
                method != Method::Plain
            );
        }
        assert_eq!(candidates.next(), None);
        let without = mechanisms("SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS PLAIN LOGIN");
        let ladder = ladder(&offer(&without, false), Login::Password);
        let mut candidates = MethodCandidates::new(ladder, &BTreeSet::new());
        let bound = candidates.next().unwrap();
        candidates.refused(bound);
        assert!(candidates.credentials_refused(bound));
        assert_eq!(candidates.next(), Some(Method::Plain));
        candidates.refused(Method::Plain);
        assert_eq!(candidates.next(), None);
    }

    #[test]
    fn previously_refused_methods_are_tried_only_if_there_are_no_others() {
        let previously_refused = [Method::ScramSha256, Method::CramMd5];
        let first = attempts("SCRAM-SHA-256 CRAM-MD5 PLAIN", &previously_refused)[0];
        assert_eq!(first, "PLAIN");
        assert_eq!(attempts("", &[Method::Apop, Method::UserPass]).len(), 2);
    }

    #[test]
    fn a_method_that_the_server_does_not_support_costs_no_attempt() {
        let all = mechanisms(EVERYTHING);
        let ladder = ladder(&offer(&all, true), Login::Password);
        let mut candidates = MethodCandidates::new(ladder.clone(), &BTreeSet::new());
        let tried: Vec<_> = std::iter::from_fn(|| candidates.next()).collect();
        assert_eq!(tried, ladder);
    }
}
