//! Tries the login methods one after the other, from the strongest to the weakest that is acceptable.
//!
//! A refusal that is about the maildrop or the time ends the attempts. One without a reason may mean
//! that the server's mechanism is broken, so the next method is tried. There are at most three
//! attempts, so that the server does not lock the account. A refusal with `[AUTH]` is about the
//! credentials and ends the attempts as well, except if the method needs more than them. A server that
//! stores only hashes of passwords refuses SCRAM and CRAM-MD5 in the same words, and accepts the
//! password itself. A server with another channel binding (Cyrus has `tls-unique`, which this client
//! has not) refuses a bound method, and accepts an unbound one.
//!
//! A method that worked once is never replaced by a weaker one. If the server was not asked which
//! methods it offers, or does not say, that method is tried again.
//!
//! A connection that the server closes during an attempt counts as an attempt, because the server may
//! have judged the credentials. It may also have been an accident, so the same attempt is repeated
//! once over another connection. Some servers close the connection after a refusal, which only the
//! next attempt notices. The first such attempt does not count, and each attempt after a refusal has a
//! connection of its own from then on.

use std::collections::BTreeSet;

use restante_shared::pop3::login::{Login, LoginOffer, Method, MethodCandidates, ladder};
use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::session::Request;
use restante_shared::sasl::{Charset, Strength};

use super::attempt::{Answer, attempt};
use super::connect::{Greeted, LoginError, connect, is_after_refused_capa};
use super::login_secret::LoginSecret;
use crate::api::check::Stage;
use crate::api::problem::{Detail, Problem, ProblemKind};
use crate::api::settings::{Encryption, MailboxSettings};
use crate::clock::Clock;
use crate::engine::mailboxes::ask_capa::AskCapa;
use crate::engine::mailboxes::lesson::{Lesson, SuccessfulLogin};
use crate::engine::mailboxes::live_profile::LiveProfile;
use crate::engine::mailboxes::server_profile::ServerProfile;
use crate::engine::server::context::SessionContext;
use crate::engine::server::refusal::{LoginRefusal, Verdict};

/// Logs in. Connects again for the next attempt if the server closes the connection after a refusal.
///
/// # Errors
/// If no method works, or the session is lost.
pub(in crate::engine) async fn try_methods<C: Clock>(
    context: &SessionContext<'_, C>,
    profile: &mut LiveProfile<'_>,
    on_stage: &mut dyn FnMut(Stage),
    ask: AskCapa,
    mut greeted: Greeted<C>,
) -> Result<Greeted<C>, LoginError> {
    let settings = context.settings;
    let utf8_names = greeted.utf8_names;
    let secret = LoginSecret::new(settings, context.password, utf8_names, profile.latin1)?;
    let mut attempts = Attempts::new(settings, profile, &greeted)?;
    while let Some((method, charset)) = attempts.next(&secret) {
        if std::mem::take(&mut attempts.is_cut) {
            // The number of attempts does not start again on this connection.
            greeted = connect(context, on_stage, ask)
                .await
                .map_err(LoginError::into_problem)?;
            on_stage(Stage::LoggingIn);
        }
        match attempt(context, &mut greeted, &secret, method, charset).await {
            Ok(Answer::Accepted) => {
                let is_ambiguous = Charset::is_ambiguous_for(context.password.reveal());
                profile
                    .learn(attempts.succeeded(method, charset, is_ambiguous))
                    .await;
                return Ok(greeted);
            }
            Ok(Answer::Unusable(problem)) => attempts.unusable(method, problem),
            Ok(Answer::Refused(text)) => {
                let now = profile.now();
                let capabilities = &greeted.capabilities;
                let (refusal, lessons) = LoginRefusal::read(&text, settings, capabilities, now);
                profile.learn(lessons).await;
                attempts.refused(method, refusal)?;
            }
            // The server closed the connection before it saw a name or a password.
            Err(problem)
                if is_after_refused_capa(&problem, ask, &greeted.capabilities)
                    && greeted.connection.awaited() == Some(Request::User) =>
            {
                return Err(LoginError::Capa(problem, AskCapa::Never));
            }
            Err(problem) if problem.kind == ProblemKind::ConnectionLost => {
                attempts.connection_lost(method, charset, problem);
            }
            Err(problem) => return Err(problem.into()),
        }
    }
    let nothing = || ProblemKind::NoLoginOffered.into();
    Err(attempts.problem.unwrap_or_else(nothing).into())
}

/// The attempts made so far, and those that are left.
struct Attempts {
    candidates: MethodCandidates,
    /// The current method, and the character sets of the password left to try with it, the most
    /// likely last.
    spellings: Option<(Method, Vec<Charset>)>,
    refused: BTreeSet<Method>,
    /// True if the connection is encrypted, so that the password itself may be sent after a refusal of
    /// a stronger method.
    encrypted: bool,
    /// True if the server has refused an attempt on this connection.
    refused_here: bool,
    /// True if this connection has ended, or is expected to.
    is_cut: bool,
    /// True if the server closes the connection after a refusal.
    closes_after_refusal: bool,
    /// The last attempt during which the connection was lost.
    lost_in: Option<(Method, Charset)>,
    /// The problem to report: from the strongest method whose credentials were judged, or else from
    /// the first attempt that failed.
    problem: Option<Problem>,
}

impl Attempts {
    fn new<C: Clock>(
        settings: &MailboxSettings,
        profile: &ServerProfile,
        greeted: &Greeted<C>,
    ) -> Result<Self, Problem> {
        let login = settings.login;
        let offer = LoginOffer {
            advertised: greeted.capabilities.advertised_login(),
            timestamp: greeted.timestamp.is_some(),
            encrypted: settings.encryption != Encryption::None,
            binding: greeted.connection.binding().is_some(),
        };
        let methods = ladder(&offer, login);
        if methods.is_empty() {
            return Err(ProblemKind::NoLoginOffered.into());
        }
        let before = profile.method.filter(|_| !matches!(login, Login::Only(_)));
        let (methods, problem) = match (strong_enough(methods, before), before) {
            (Ok(strong), _) => (strong, None),
            // The server does not say which methods it offers. `APOP` needs the timestamp that only a
            // greeting contains.
            (Err(weakened), Some(before))
                if offer.advertised.is_none()
                    && login == Login::Password
                    && before != Method::Apop =>
            {
                (ladder(&offer, Login::Only(before)), Some(weakened))
            }
            (Err(weakened), _) => return Err(weakened),
        };
        Ok(Self {
            candidates: MethodCandidates::new(methods, &profile.refused),
            spellings: None,
            refused: BTreeSet::new(),
            encrypted: offer.encrypted,
            refused_here: false,
            is_cut: false,
            closes_after_refusal: false,
            lost_in: None,
            problem,
        })
    }

    /// Returns the next method and the character set of the password.
    fn next(&mut self, secret: &LoginSecret) -> Option<(Method, Charset)> {
        if let Some((method, left)) = &mut self.spellings
            && let Some(charset) = left.pop()
        {
            return Some((*method, charset));
        }
        let method = self.candidates.next()?;
        let mut charsets = secret.charsets(method).to_vec();
        charsets.reverse();
        let charset = charsets.pop()?;
        self.spellings = Some((method, charsets));
        Some((method, charset))
    }

    /// Records that the connection was lost before an attempt was answered.
    fn connection_lost(&mut self, method: Method, charset: Charset, mut problem: Problem) {
        self.is_cut = true;
        let by_refusal = std::mem::take(&mut self.refused_here) && !self.closes_after_refusal;
        self.closes_after_refusal |= by_refusal;
        let is_first = self.lost_in.replace((method, charset)) != self.lost_in;
        let again = by_refusal || (self.candidates.refused(method) && is_first);
        match &mut self.spellings {
            Some((_, left)) if again => left.push(charset),
            spellings => {
                *spellings = None;
                self.refused.insert(method);
            }
        }
        if !by_refusal {
            let error = match problem.detail {
                Some(Detail::Text(error)) => Some(error),
                _ => None,
            };
            problem.detail = Some(Detail::HungUpAtLogin { error });
            self.problem.get_or_insert(problem);
        }
    }

    /// Records that the server has refused an attempt on this connection.
    fn refused_on_this_connection(&mut self) {
        self.refused_here = true;
        self.is_cut = self.closes_after_refusal;
    }

    /// Records that a method cannot be used, whatever the credentials.
    fn unusable(&mut self, method: Method, problem: Problem) {
        self.refused.insert(method);
        self.refused_on_this_connection();
        self.spellings = None;
        self.problem.get_or_insert(problem);
    }

    /// Records that the server refused name and password.
    ///
    /// # Errors
    /// If no further attempt makes sense.
    fn refused(&mut self, method: Method, refusal: LoginRefusal) -> Result<(), Problem> {
        let LoginRefusal { problem, verdict } = refusal;
        self.refused.insert(method);
        self.refused_on_this_connection();
        let may_continue = self.candidates.refused(method);
        let verdict = match verdict {
            Verdict::Credentials
                if self.encrypted && self.candidates.credentials_refused(method) =>
            {
                self.spellings = None;
                Verdict::Unknown
            }
            verdict => verdict,
        };
        let other_spelling = may_continue
            && self
                .spellings
                .as_ref()
                .is_some_and(|(_, left)| !left.is_empty());
        if !may_continue {
            self.spellings = None;
        }
        match verdict {
            Verdict::Final => Err(problem),
            Verdict::Credentials if !other_spelling => Err(problem),
            Verdict::Credentials | Verdict::Unknown => {
                // Judged credentials say more than a method that did not work.
                let is_wrong = |known: &Problem| known.kind == ProblemKind::WrongCredentials;
                if !self.problem.as_ref().is_some_and(is_wrong) {
                    self.problem = Some(problem);
                }
                Ok(())
            }
        }
    }

    /// Returns the lessons of a successful login.
    fn succeeded(mut self, method: Method, charset: Charset, is_ambiguous: bool) -> Vec<Lesson> {
        self.refused.remove(&method);
        let quirks = [
            (Quirk::AdvertisedLoginRefused, !self.refused.is_empty()),
            (Quirk::ClosesAfterAuth, self.closes_after_refusal),
            (Quirk::Latin1Password, charset == Charset::Latin1),
        ];
        let login = SuccessfulLogin {
            method,
            refused: self.refused,
            latin1: is_ambiguous.then_some(charset == Charset::Latin1),
        };
        let seen = quirks.into_iter().filter(|(_, seen)| *seen);
        let mut lessons: Vec<_> = seen.map(|(quirk, _)| Lesson::Quirk(quirk)).collect();
        lessons.push(Lesson::LoggedIn(login));
        lessons
    }
}

/// Removes the methods that are weaker than the one that worked before.
///
/// # Errors
/// If no method is left.
fn strong_enough(ladder: Vec<Method>, before: Option<Method>) -> Result<Vec<Method>, Problem> {
    let least = before.map_or(Strength::Clear, Method::strength);
    let strong = ladder.iter().copied().filter(|m| m.strength() >= least);
    let strong: Vec<Method> = strong.collect();
    match before {
        Some(before) if strong.is_empty() => {
            let detail = Detail::WeakerLogin {
                before,
                now: ladder,
            };
            Err(Problem::with_detail(ProblemKind::LoginWeakened, detail))
        }
        Some(_) | None => Ok(strong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_worked_is_not_replaced_by_a_weaker_one() {
        let ladder = vec![Method::ScramSha256, Method::CramMd5, Method::Plain];
        let rest = |before| strong_enough(ladder.clone(), before);
        assert_eq!(rest(None).unwrap(), ladder);
        assert_eq!(rest(Some(Method::UserPass)).unwrap(), ladder);
        let digest = [Method::ScramSha256, Method::CramMd5];
        assert_eq!(rest(Some(Method::Apop)).unwrap(), digest);
        // SHA-1 and SHA-256 are equally strong here: neither reveals the password.
        let mutual = [Method::ScramSha256];
        assert_eq!(rest(Some(Method::ScramSha1)).unwrap(), mutual);
        let weakened = rest(Some(Method::ScramSha1Plus)).unwrap_err();
        assert_eq!(weakened.kind, ProblemKind::LoginWeakened);
        assert_eq!(
            weakened.detail,
            Some(Detail::WeakerLogin {
                before: Method::ScramSha1Plus,
                now: ladder,
            })
        );
    }
}
