//! Which ways to log in are tried, and in which order.

use std::collections::BTreeSet;

use super::{Login, Method};
use crate::sasl::{MechanismName, Strength};

/// How many refusals of one name and password are risked in a row. Hosts lock an account after five
/// or ten wrong passwords, so a broken mechanism may cost two more attempts, and no more.
pub const MAX_REFUSALS: u32 = 3;

/// What there is to log in with.
#[derive(Debug, Clone, Copy)]
pub struct LoginOffer<'a> {
    /// What the server's `CAPA` says; absent where there is no such answer.
    pub advertised: Option<AdvertisedLogin<'a>>,
    /// Whether the greeting has a timestamp for `APOP`.
    pub timestamp: bool,
    /// Whether the connection is under verified TLS.
    pub encrypted: bool,
    /// Whether there is something to bind a login to.
    pub binding: bool,
}

/// What a server announces about logging in.
#[derive(Debug, Clone, Copy)]
pub struct AdvertisedLogin<'a> {
    /// The mechanisms behind `SASL`.
    pub mechanisms: &'a [MechanismName],
    /// Whether there is `USER`.
    pub user: bool,
}

impl LoginOffer<'_> {
    /// Whether the server offers this method itself.
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

    /// Whether the server says of any method here that it may be used.
    #[must_use]
    pub fn advertises_any(&self) -> bool {
        Method::LADDER
            .into_iter()
            .any(|method| self.advertises(method))
    }
}

/// Lists the methods to try, the strongest first.
///
/// Without an answer to `CAPA`, and where it says nothing at all about logging in, `USER` is tried
/// as every server has it, or the methods with a token. `APOP` is only taken where TLS keeps others
/// from collecting digests to guess the password from. A pinned method is taken whatever the server
/// says of it, as far as it can be done at all.
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

/// A way down a ladder: from each refusal to what may do better, within [`MAX_REFUSALS`].
#[derive(Debug)]
pub struct MethodCandidates {
    untried: Vec<Method>,
    refusals: u32,
    /// The kind of the method that was refused last.
    refused: Option<Strength>,
}

impl MethodCandidates {
    /// Begins at the top. Methods that were refused before, where another one was not, are left
    /// out, unless there are no others.
    #[must_use]
    pub fn new(ladder: Vec<Method>, previously_refused: &BTreeSet<Method>) -> Self {
        let hopeful = |method: &Method| !previously_refused.contains(method);
        let untried = match ladder.iter().any(hopeful) {
            true => ladder.into_iter().filter(hopeful).collect(),
            false => ladder,
        };
        Self {
            untried,
            refusals: 0,
            refused: None,
        }
    }

    /// Takes the next method to try.
    ///
    /// After a refusal that is one of another kind, since methods of one kind mostly fail alike;
    /// and the last attempt is for a method that shows the password itself, which a server can
    /// check however it stores it.
    #[expect(
        clippy::should_implement_trait,
        reason = "what comes next depends on what is told between"
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

    /// Notes that the server refused name and password by this method; says whether the same method
    /// may be tried with another spelling of the password.
    pub fn refused(&mut self, method: Method) -> bool {
        self.refusals += 1;
        self.refused = Some(method.strength());
        self.refusals < MAX_REFUSALS
    }
}

impl MethodCandidates {
    /// Leaves what may do better after a refusal that blames the credentials; says whether there is
    /// anything.
    ///
    /// That is one attempt with the strongest method that shows the password itself, which a server
    /// can check however it stores it. Before it the same proof comes unbound, where the refused one
    /// was bound: to a server that knows other channel bindings only, a right password is a wrong one.
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
    fn the_strongest_that_is_offered_comes_first() {
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
    fn nothing_is_bound_to_a_channel_that_has_no_binding() {
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
    fn apop_is_for_encrypted_connections_unless_it_is_pinned() {
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
    fn a_server_that_says_nothing_about_logins_is_asked_with_user() {
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

    fn way(ladder: &str, previously_refused: &[Method]) -> Vec<&'static str> {
        let all = mechanisms(ladder);
        let ladder = super::ladder(&offer(&all, true), Login::Password);
        let mut descent =
            MethodCandidates::new(ladder, &previously_refused.iter().copied().collect());
        let mut way = Vec::new();
        while let Some(method) = descent.next() {
            way.push(method.name());
            descent.refused(method);
        }
        way
    }

    #[test]
    fn a_refusal_leads_to_another_kind_and_at_last_to_the_password_itself() {
        assert_eq!(
            way(EVERYTHING, &[]),
            ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"]
        );
        assert_eq!(
            way("SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN", &[]),
            ["SCRAM-SHA-256", "CRAM-MD5", "PLAIN"]
        );
        assert_eq!(way("PLAIN LOGIN", &[]), ["PLAIN", "LOGIN", "USER/PASS"]);
        assert_eq!(way("", &[]), ["APOP", "USER/PASS"]);
    }

    #[test]
    fn a_refusal_of_the_credentials_leaves_one_attempt_with_the_password_itself() {
        let all = mechanisms("SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN");
        let ladder = ladder(&offer(&all, true), Login::Password);
        let mut descent = MethodCandidates::new(ladder, &BTreeSet::new());
        let first = descent.next().unwrap();
        descent.refused(first);
        assert!(descent.credentials_refused(first));
        assert_eq!(descent.next(), Some(Method::Plain));
        descent.refused(Method::Plain);
        assert!(!descent.credentials_refused(Method::Plain));
        assert_eq!(descent.next(), None);
        let mut descent =
            MethodCandidates::new(vec![Method::ScramSha256, Method::CramMd5], &BTreeSet::new());
        let first = descent.next().unwrap();
        descent.refused(first);
        assert!(
            !descent.credentials_refused(first),
            "nothing shows the password"
        );
    }

    #[test]
    fn a_binding_that_the_server_does_not_know_is_left_out_before_the_password_is_shown() {
        let all = mechanisms(EVERYTHING);
        let mut descent = MethodCandidates::new(
            ladder(&offer(&all, true), Login::Password),
            &BTreeSet::new(),
        );
        for expected in [Method::ScramSha256Plus, Method::ScramSha256, Method::Plain] {
            let method = descent.next().unwrap();
            assert_eq!(method, expected);
            descent.refused(method);
            assert_eq!(descent.credentials_refused(method), method != Method::Plain);
        }
        assert_eq!(descent.next(), None);
        let without = mechanisms("SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS PLAIN LOGIN");
        let ladder = ladder(&offer(&without, false), Login::Password);
        let mut descent = MethodCandidates::new(ladder, &BTreeSet::new());
        let bound = descent.next().unwrap();
        descent.refused(bound);
        assert!(descent.credentials_refused(bound));
        assert_eq!(descent.next(), Some(Method::Plain));
        descent.refused(Method::Plain);
        assert_eq!(descent.next(), None);
    }

    #[test]
    fn what_was_refused_before_is_not_tried_again_while_there_is_another() {
        let previously_refused = [Method::ScramSha256, Method::CramMd5];
        let first = way("SCRAM-SHA-256 CRAM-MD5 PLAIN", &previously_refused)[0];
        assert_eq!(first, "PLAIN");
        assert_eq!(way("", &[Method::Apop, Method::UserPass]).len(), 2);
    }

    #[test]
    fn a_method_that_the_server_does_not_know_costs_no_attempt() {
        let all = mechanisms(EVERYTHING);
        let ladder = ladder(&offer(&all, true), Login::Password);
        let mut descent = MethodCandidates::new(ladder.clone(), &BTreeSet::new());
        let way: Vec<_> = std::iter::from_fn(|| descent.next()).collect();
        assert_eq!(way, ladder);
    }
}
