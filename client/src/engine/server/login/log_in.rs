//! From dialling to the open maildrop.
//!
//! What the server can do is asked before TLS only to find `STLS`, and again under TLS and after
//! the login, since each may change it. What the last answer does not decide may be asked for right
//! behind that question, where the server pipelines: it does so after the login if it does before
//! ([RFC 2449 §6.6]: announced in both states, without a difference).
//!
//! A server that hangs up on `CAPA` or behind its refusal, or never answers it, is dialled again and
//! not asked; if that works, it is not asked any more. Where that happens before TLS, `STLS` is tried
//! without it and only then it is asked: nobody who cuts a line in the clear decides which logins are
//! known under TLS. One that does not know `CAPA` gets `USER`: `AUTH` alone, which old servers answer
//! with a list, others answer with one line, and a client that waits for a list waits for ever.

use futures::{AsyncRead, AsyncWrite};
use restante_shared::pop3::argument::ApopTimestamp;
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::login::{Login, LoginOffer, Method};
use restante_shared::pop3::quirk::Quirk;

use super::ladder;
use crate::api::check::Stage;
use crate::api::problem::{Problem, ProblemKind};
use crate::api::report::SessionOutcome;
use crate::api::settings::Encryption;
use crate::clock::Clock;
use crate::engine::check::Maildrop;
use crate::engine::check::meter::Meter;
use crate::engine::mailboxes::server_profile::seconds_of;
use crate::engine::server::capabilities::Capabilities;
use crate::engine::server::connection::{Connection, Reply};
use crate::engine::server::refusal::turned_away;
use crate::transport::TransportError;

/// An open maildrop.
pub struct Opened<C> {
    pub(in crate::engine) connection: Connection<C>,
    pub(in crate::engine) capabilities: Capabilities,
}

impl<C: Clock> Opened<C> {
    /// Says good-bye; nothing has changed on the server.
    pub async fn leave(self) {
        let tap = self.connection.tap().clone();
        self.connection.quit().await;
        tap.end(SessionOutcome::SettingsTested);
    }
}

/// A server that waits for a login.
pub(in crate::engine) struct Door<C> {
    pub(in crate::engine) connection: Connection<C>,
    pub(in crate::engine) capabilities: Capabilities,
    /// The timestamp of the greeting, for `APOP`.
    pub(in crate::engine) timestamp: Option<ApopTimestamp>,
    /// Whether names and passwords may be UTF-8 ([RFC 6856 §2.2]).
    pub(in crate::engine) utf8_names: bool,
}

/// Where a server is asked what it can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Asking {
    /// Whenever that may have changed.
    Everywhere,
    /// Not before TLS.
    UnderTls,
    /// Not at all.
    Nowhere,
}

/// What has kept this client out.
pub(in crate::engine) enum Obstacle {
    /// `CAPA` was not answered; where it may be asked then.
    Capa(Problem, Asking),
    /// Anything else.
    Problem(Problem),
}

impl Obstacle {
    pub(in crate::engine) fn into_problem(self) -> Problem {
        match self {
            Self::Capa(problem, _) | Self::Problem(problem) => problem,
        }
    }
}

impl<E: Into<Problem>> From<E> for Obstacle {
    fn from(problem: E) -> Self {
        Self::Problem(problem.into())
    }
}

/// Dials, goes on under TLS where that is due, and logs in. What is to come `behind` the login is sent
/// where the server is known to pipeline; its replies are then the next.
pub(in crate::engine) async fn log_in<S, C>(
    maildrop: &Maildrop<'_, C>,
    dial: &impl AsyncFn() -> Result<S, TransportError>,
    meter: &mut Meter<'_, C>,
    behind: &[Command],
) -> Result<Opened<C>, Problem>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    C: Clock,
{
    let now = seconds_of(maildrop.clock.now());
    let before = maildrop.remembered.borrow().asks_capa(now);
    let mut asking = before;
    let opened = loop {
        match enter(maildrop, dial, meter, asking, behind).await {
            Ok(opened) => break opened,
            // Another connection may tell whether that was the fault of `CAPA`.
            Err(Obstacle::Capa(_, next)) if next != asking => asking = next,
            Err(obstacle) => return Err(obstacle.into_problem()),
        }
    };
    if asking != before {
        let mut remembered = maildrop.remembered.borrow_mut();
        match asking {
            Asking::UnderTls => remembered.capa_broke_in_clear = Some(now),
            Asking::Everywhere | Asking::Nowhere => remembered.capa_broke = Some(now),
        }
        remembered.quirks.insert(Quirk::CapaBreaksSession);
    }
    Ok(opened)
}

async fn enter<S, C>(
    maildrop: &Maildrop<'_, C>,
    dial: &impl AsyncFn() -> Result<S, TransportError>,
    meter: &mut Meter<'_, C>,
    asking: Asking,
    behind: &[Command],
) -> Result<Opened<C>, Obstacle>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    C: Clock,
{
    let door = arrive(maildrop, dial, meter, asking).await?;
    meter.stage(Stage::LoggingIn);
    let Door {
        mut connection,
        capabilities: before,
        ..
    } = ladder::descend(maildrop, dial, meter, asking, door).await?;
    let now = seconds_of(maildrop.clock.now());
    let pipelines = before.pipelining() || maildrop.remembered.borrow().advertised.pipelines();
    let behind = match pipelines && maildrop.remembered.borrow().lists_ahead(now) {
        true => behind,
        false => &[],
    };
    let after = match before.are_known() {
        true => capabilities(&mut connection, asking, Asking::Nowhere, behind).await,
        false => Ok(Capabilities::default()),
    };
    let mut remembered = maildrop.remembered.borrow_mut();
    // What is said before the login holds for everybody, what is said after it for this user.
    let delay = after.as_ref().ok().and_then(Capabilities::login_delay);
    remembered.next_login = None;
    if let Some(seconds) = delay.or(before.login_delay()) {
        remembered.pause(now, seconds);
    }
    if let Err(Obstacle::Problem(problem)) = &after
        && !behind.is_empty()
    {
        remembered.lost_ahead(problem.kind, now);
    }
    let mut after = after?;
    if asking != Asking::Nowhere && !before.are_known() {
        remembered.quirks.insert(Quirk::NoCapa);
    }
    if !after.are_known() {
        after = before;
    }
    Ok(Opened {
        connection,
        capabilities: after,
    })
}

/// Comes to the point where a name and a password are due.
pub(in crate::engine) async fn arrive<S, C>(
    maildrop: &Maildrop<'_, C>,
    dial: &impl AsyncFn() -> Result<S, TransportError>,
    meter: &mut Meter<'_, C>,
    asking: Asking,
) -> Result<Door<C>, Obstacle>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    C: Clock,
{
    let settings = maildrop.settings;
    meter.stage(Stage::Connecting);
    let mut connection = Connection::open(maildrop, dial()).await?;
    greeting(&mut connection).await?;
    let mut timestamp = connection.session().timestamp().cloned();
    let (first, otherwise) = match (settings.encryption, asking) {
        (Encryption::Stls, Asking::UnderTls) => (Asking::Nowhere, Asking::UnderTls),
        (Encryption::Stls, _) => (asking, Asking::UnderTls),
        (Encryption::Tls | Encryption::None, _) => (asking, Asking::Nowhere),
    };
    let mut known = capabilities(&mut connection, first, otherwise, &[]).await?;
    match settings.encryption {
        Encryption::Tls => {}
        Encryption::Stls => {
            if known.are_known() && !known.has(&Capability::Stls) {
                return Err(ProblemKind::StlsNotOffered.into());
            }
            match connection.ask(Command::Stls).await {
                Ok(Reply::Accepted(_)) => {}
                Ok(Reply::Refused(text)) => {
                    return Err(Problem::with_detail(ProblemKind::StlsNotOffered, text.text).into());
                }
                Err(problem) if is_behind_refused(&problem, first, &known) => {
                    return Err(Obstacle::Capa(problem, otherwise));
                }
                Err(problem) => return Err(problem.into()),
            }
            connection = connection.upgrade(settings).await?;
            // What was heard before TLS may be somebody else's, and a chosen timestamp helps to
            // find the password.
            if settings.login != Login::Only(Method::Apop) {
                timestamp = None;
            }
            known = capabilities(&mut connection, asking, Asking::Nowhere, &[]).await?;
        }
        Encryption::None if known.has(&Capability::Stls) && !advertises_any(&known) => {
            return Err(ProblemKind::EncryptionRequired.into());
        }
        Encryption::None => {}
    }
    // Messages come as they were sent then, and none is refused for its UTF-8.
    let utf8_names = match known.utf8() {
        None => false,
        Some(names) => matches!(connection.ask(Command::Utf8).await?, Reply::Accepted(_)) && names,
    };
    Ok(Door {
        connection,
        capabilities: known,
        timestamp,
        utf8_names,
    })
}

/// Whether it was `CAPA` that ended the session: some refuse a command that they do not know, and
/// hang up.
pub(in crate::engine) fn is_behind_refused(
    problem: &Problem,
    asking: Asking,
    known: &Capabilities,
) -> bool {
    asking != Asking::Nowhere && !known.are_known() && problem.kind == ProblemKind::ConnectionLost
}

/// Whether the server offers any login that this client knows, `APOP` aside.
fn advertises_any(capabilities: &Capabilities) -> bool {
    let offer = LoginOffer {
        advertised: capabilities.advertised_login(),
        timestamp: false,
        encrypted: false,
        binding: false,
    };
    offer.advertises_any()
}

async fn greeting<C: Clock>(connection: &mut Connection<C>) -> Result<(), Problem> {
    match connection.reply().await? {
        Reply::Accepted(_) => Ok(()),
        Reply::Refused(text) => Err(turned_away(&text)),
    }
}

/// Asks what the server can do, or says where it may be asked where it does not take that.
async fn capabilities<C: Clock>(
    connection: &mut Connection<C>,
    asking: Asking,
    otherwise: Asking,
    behind: &[Command],
) -> Result<Capabilities, Obstacle> {
    if asking == Asking::Nowhere {
        return Ok(Capabilities::default());
    }
    connection.send(Command::Capa)?;
    for command in behind {
        connection.send(command.clone())?;
    }
    match connection.reply().await {
        Ok(reply) => Ok(Capabilities::read(reply)),
        Err(problem) => Err(match problem.kind {
            // Who may only not take commands ahead is first asked without them.
            ProblemKind::ConnectionLost | ProblemKind::TimedOut if behind.is_empty() => {
                Obstacle::Capa(problem, otherwise)
            }
            _ => Obstacle::Problem(problem),
        }),
    }
}
