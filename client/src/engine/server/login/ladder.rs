//! Down the ladder of ways to log in, from what the server refuses to what it accepts.
//!
//! A refusal that is about the maildrop or the time ends it. One that says nothing may mean that the
//! server's mechanism is broken, so the next is tried: three attempts in all, that no account is
//! locked for it. One that is about the credentials, by `[AUTH]`, ends it as well, except where the
//! method needs more than them: a server that keeps only hashes of passwords refuses SCRAM or CRAM-MD5
//! in the same words, and takes the password itself; one that knows another channel binding (Cyrus has
//! `tls-unique`, which this client has not) refuses what is bound, and takes it unbound. What worked
//! once is not exchanged for something weaker; where the server was not asked what it offers, or does
//! not say it, that is tried again.
//!
//! A hang-up in the middle of an attempt counts as one: the server may have judged what it was told.
//! It may have been an accident as well, so the same is tried once more over another connection. One
//! that is only found out by the next attempt counts once for nothing: from then on, each attempt
//! after a refusal has a connection of its own.

use std::collections::BTreeSet;

use futures::{AsyncRead, AsyncWrite};
use restante_shared::pop3::login::{Login, LoginOffer, Method, MethodCandidates, ladder};
use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::session::Request;
use restante_shared::sasl::{Charset, Strength};

use super::attempt::{Answer, attempt};
use super::log_in::{Asking, Door, Obstacle, arrive, is_behind_refused};
use super::login_secret::Access;
use crate::api::check::Stage;
use crate::api::problem::{Problem, ProblemKind};
use crate::api::settings::Encryption;
use crate::clock::Clock;
use crate::engine::check::Maildrop;
use crate::engine::check::meter::Meter;
use crate::engine::server::refusal::{Meaning, Refusal};
use crate::transport::TransportError;

/// Logs in. Where the server hangs up after a refusal, it is dialled again for the next attempt.
pub(in crate::engine) async fn descend<S, C>(
    maildrop: &Maildrop<'_, C>,
    dial: &impl AsyncFn() -> Result<S, TransportError>,
    meter: &mut Meter<'_, C>,
    asking: Asking,
    mut door: Door<C>,
) -> Result<Door<C>, Obstacle>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    C: Clock,
{
    let access = Access::new(maildrop, door.utf8_names)?;
    let mut way = Way::new(maildrop, &door)?;
    while let Some((method, charset)) = way.next(&access) {
        if std::mem::take(&mut way.is_cut) {
            // From here on, no other connection begins to count anew.
            door = arrive(maildrop, dial, meter, asking)
                .await
                .map_err(Obstacle::into_problem)?;
            meter.stage(Stage::LoggingIn);
        }
        match attempt(maildrop, &mut door, &access, method, charset).await {
            Ok(Answer::Accepted) => {
                way.remember(maildrop, method, charset);
                return Ok(door);
            }
            Ok(Answer::Useless(problem)) => way.useless(method, problem),
            Ok(Answer::Refused(text)) => {
                way.refused(method, Refusal::read(&text, maildrop, &door.capabilities))?;
            }
            // Nothing was said that could have been judged.
            Err(problem)
                if is_behind_refused(&problem, asking, &door.capabilities)
                    && door.connection.awaited() == Some(Request::User) =>
            {
                return Err(Obstacle::Capa(problem, Asking::Nowhere));
            }
            Err(problem) if problem.kind == ProblemKind::ConnectionLost => {
                way.hung_up(method, charset, problem);
            }
            Err(problem) => return Err(problem.into()),
        }
    }
    let nothing = || ProblemKind::NoLoginOffered.into();
    Err(way.problem.unwrap_or_else(nothing).into())
}

/// What was tried on the way down, and what is left.
struct Way {
    descent: MethodCandidates,
    /// The method under way, and how else its password may be written, the likeliest last.
    spellings: Option<(Method, Vec<Charset>)>,
    refused: BTreeSet<Method>,
    /// Whether the password itself may be shown after a refusal of something stronger.
    encrypted: bool,
    /// Whether this connection has seen a refusal.
    refused_here: bool,
    /// Whether this connection has ended, or will have.
    is_cut: bool,
    /// Whether the server hangs up after a refusal.
    hangs_up: bool,
    /// The attempt in which it hung up last.
    cut: Option<(Method, Charset)>,
    /// What the server said of the strongest method that came to name and password, or of any.
    problem: Option<Problem>,
}

impl Way {
    fn new<C>(maildrop: &Maildrop<'_, C>, door: &Door<C>) -> Result<Self, Problem>
    where
        C: Clock,
    {
        let login = maildrop.settings.login;
        let offer = LoginOffer {
            advertised: door.capabilities.advertised_login(),
            timestamp: door.timestamp.is_some(),
            encrypted: maildrop.settings.encryption != Encryption::None,
            binding: door.connection.binding().is_some(),
        };
        let rungs = ladder(&offer, login);
        if rungs.is_empty() {
            return Err(ProblemKind::NoLoginOffered.into());
        }
        let remembered = maildrop.remembered.borrow();
        let before = remembered
            .method
            .filter(|_| !matches!(login, Login::Only(_)));
        let (rungs, problem) = match (strong_enough(rungs, before), before) {
            (Ok(strong), _) => (strong, None),
            // What is offered is not known. `APOP`, which a greeting offers, is not made up for.
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
            descent: MethodCandidates::new(rungs, &remembered.refused),
            spellings: None,
            refused: BTreeSet::new(),
            encrypted: offer.encrypted,
            refused_here: false,
            is_cut: false,
            hangs_up: false,
            cut: None,
            problem,
        })
    }

    fn next(&mut self, access: &Access) -> Option<(Method, Charset)> {
        if let Some((method, left)) = &mut self.spellings
            && let Some(charset) = left.pop()
        {
            return Some((*method, charset));
        }
        let method = self.descent.next()?;
        let mut charsets = access.charsets(method).to_vec();
        charsets.reverse();
        let charset = charsets.pop()?;
        self.spellings = Some((method, charsets));
        Some((method, charset))
    }

    /// Notes that the connection ended before an attempt was answered.
    fn hung_up(&mut self, method: Method, charset: Charset, mut problem: Problem) {
        self.is_cut = true;
        let by_refusal = std::mem::take(&mut self.refused_here) && !self.hangs_up;
        self.hangs_up |= by_refusal;
        let is_first = self.cut.replace((method, charset)) != self.cut;
        let again = by_refusal || (self.descent.refused(method) && is_first);
        match &mut self.spellings {
            Some((_, left)) if again => left.push(charset),
            spellings => {
                *spellings = None;
                self.refused.insert(method);
            }
        }
        if !by_refusal {
            let why = "some servers hang up where the name or the password is wrong";
            problem.detail = Some(match problem.detail {
                Some(said) => format!("{said}; {why}"),
                None => why.to_owned(),
            });
            self.problem.get_or_insert(problem);
        }
    }

    /// Notes that this connection has seen a refusal.
    fn refused_on_this_connection(&mut self) {
        self.refused_here = true;
        self.is_cut = self.hangs_up;
    }

    /// Notes that the server cannot do this method, whatever the credentials.
    fn useless(&mut self, method: Method, problem: Problem) {
        self.refused.insert(method);
        self.refused_on_this_connection();
        self.spellings = None;
        self.problem.get_or_insert(problem);
    }

    /// Notes a refusal of name and password; an error ends it all.
    fn refused(&mut self, method: Method, refusal: Refusal) -> Result<(), Problem> {
        let Refusal { problem, meaning } = refusal;
        self.refused.insert(method);
        self.refused_on_this_connection();
        let may_go_on = self.descent.refused(method);
        let meaning = match meaning {
            Meaning::Credentials if self.encrypted && self.descent.credentials_refused(method) => {
                self.spellings = None;
                Meaning::Unsaid
            }
            meaning => meaning,
        };
        let other_spelling = may_go_on
            && self
                .spellings
                .as_ref()
                .is_some_and(|(_, left)| !left.is_empty());
        if !may_go_on {
            self.spellings = None;
        }
        match meaning {
            Meaning::Final => Err(problem),
            Meaning::Credentials if !other_spelling => Err(problem),
            Meaning::Credentials | Meaning::Unsaid => {
                // That they were judged says more than that a method did not work.
                let is_wrong = |known: &Problem| known.kind == ProblemKind::WrongCredentials;
                if !self.problem.as_ref().is_some_and(is_wrong) {
                    self.problem = Some(problem);
                }
                Ok(())
            }
        }
    }

    fn remember<C>(mut self, maildrop: &Maildrop<'_, C>, method: Method, charset: Charset) {
        // It was the binding, which the others of its kind have in common.
        let is_bound = |method: &Method| method.strength() == Strength::Bound;
        if self.refused.iter().any(is_bound) && !is_bound(&method) {
            self.refused
                .extend(Method::LADDER.into_iter().filter(is_bound));
        }
        self.refused.remove(&method);
        let mut remembered = maildrop.remembered.borrow_mut();
        remembered.method = Some(method);
        remembered.refused.remove(&method);
        let quirks = [
            (Quirk::AdvertisedLoginRefused, !self.refused.is_empty()),
            (Quirk::ClosesAfterAuth, self.hangs_up),
            (Quirk::Latin1Password, charset == Charset::Latin1),
        ];
        remembered.refused.append(&mut self.refused);
        if Charset::is_ambiguous_for(maildrop.password.reveal()) {
            remembered.latin1 = charset == Charset::Latin1;
        }
        let met = quirks.into_iter().filter(|(_, met)| *met);
        remembered.quirks.extend(met.map(|(quirk, _)| quirk));
    }
}

/// Leaves out what gives away more than what worked before.
fn strong_enough(ladder: Vec<Method>, before: Option<Method>) -> Result<Vec<Method>, Problem> {
    let least = before.map_or(Strength::Clear, Method::strength);
    let strong = ladder.iter().copied().filter(|m| m.strength() >= least);
    let strong: Vec<Method> = strong.collect();
    match before {
        Some(before) if strong.is_empty() => {
            let now: Vec<_> = ladder.iter().map(|method| method.name()).collect();
            let detail = format!(
                "{} worked before, but only {} can be used on this connection",
                before.name(),
                now.join(", ")
            );
            Err(Problem::with_detail(ProblemKind::LoginWeakened, detail))
        }
        Some(_) | None => Ok(strong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_worked_is_not_exchanged_for_a_lesser_kind() {
        let ladder = vec![Method::ScramSha256, Method::CramMd5, Method::Plain];
        let rest = |before| strong_enough(ladder.clone(), before);
        assert_eq!(rest(None).unwrap(), ladder);
        assert_eq!(rest(Some(Method::UserPass)).unwrap(), ladder);
        let digest = [Method::ScramSha256, Method::CramMd5];
        assert_eq!(rest(Some(Method::Apop)).unwrap(), digest);
        // SHA-1 or SHA-256: neither gives anything away.
        let mutual = [Method::ScramSha256];
        assert_eq!(rest(Some(Method::ScramSha1)).unwrap(), mutual);
        let weakened = rest(Some(Method::ScramSha1Plus)).unwrap_err();
        assert_eq!(weakened.kind, ProblemKind::LoginWeakened);
        assert_eq!(
            weakened.detail.as_deref(),
            Some(
                "SCRAM-SHA-1-PLUS worked before, but only SCRAM-SHA-256, CRAM-MD5, PLAIN can be \
                 used on this connection"
            )
        );
    }
}
