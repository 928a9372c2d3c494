//! From dialling to the point where name and password are due: greeting, `CAPA`, `STLS`, `CAPA`,
//! `UTF8`.

use restante_shared::pop3::argument::ApopTimestamp;
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::login::{Login, LoginOffer, Method};

use crate::api::check::Stage;
use crate::api::problem::{Problem, ProblemKind};
use crate::api::settings::Encryption;
use crate::clock::Clock;
use crate::engine::mailboxes::ask_capa::AskCapa;
use crate::engine::server::capabilities::Capabilities;
use crate::engine::server::connection::{Connection, Reply};
use crate::engine::server::context::SessionContext;
use crate::engine::server::refusal::greeting_refused;

/// A server that waits for a login.
pub(in crate::engine) struct Greeted<C> {
    pub(in crate::engine) connection: Connection<C>,
    pub(in crate::engine) capabilities: Capabilities,
    /// The timestamp of the greeting, for `APOP`.
    pub(in crate::engine) timestamp: Option<ApopTimestamp>,
    /// True if user names and passwords may be UTF-8 ([RFC 6856 §2.2]).
    pub(in crate::engine) utf8_names: bool,
}

/// A failure to log in, and the way to try again.
#[derive(Debug)]
pub(in crate::engine) enum LoginError {
    /// `CAPA` broke the session. Contains the occasions on which to ask in the next attempt.
    Capa(Problem, AskCapa),
    /// The session was lost while listings were pipelined after the login.
    PipelinedListing(Problem),
    /// Anything else.
    Other(Problem),
}

impl LoginError {
    pub(in crate::engine) fn into_problem(self) -> Problem {
        match self {
            Self::Capa(problem, _) | Self::PipelinedListing(problem) | Self::Other(problem) => {
                problem
            }
        }
    }
}

impl<E: Into<Problem>> From<E> for LoginError {
    fn from(problem: E) -> Self {
        Self::Other(problem.into())
    }
}

/// Dials, starts TLS as the settings ask, and asks for capabilities.
pub(in crate::engine) async fn connect<C: Clock>(
    context: &SessionContext<'_, C>,
    on_stage: &mut dyn FnMut(Stage),
    ask: AskCapa,
) -> Result<Greeted<C>, LoginError> {
    let settings = context.settings;
    on_stage(Stage::Connecting);
    let mut connection = Connection::open(context).await?;
    if let Reply::Refused(text) = connection.reply().await? {
        return Err(greeting_refused(&text).into());
    }
    let mut timestamp = connection.session().timestamp().cloned();
    let (first, otherwise) = match (settings.encryption, ask) {
        (Encryption::Stls, AskCapa::UnderTls) => (AskCapa::Never, AskCapa::UnderTls),
        (Encryption::Stls, _) => (ask, AskCapa::UnderTls),
        (Encryption::Tls | Encryption::None, _) => (ask, AskCapa::Never),
    };
    let mut capabilities = ask_capabilities(&mut connection, first, otherwise, &[]).await?;
    match settings.encryption {
        Encryption::Tls => {}
        Encryption::Stls => {
            if capabilities.are_known() && !capabilities.has(&Capability::Stls) {
                return Err(ProblemKind::StlsNotOffered.into());
            }
            match connection.ask(Command::Stls).await {
                Ok(Reply::Accepted(_)) => {}
                Ok(Reply::Refused(text)) => {
                    return Err(Problem::with_detail(ProblemKind::StlsNotOffered, text.text).into());
                }
                Err(problem) if is_after_refused_capa(&problem, first, &capabilities) => {
                    return Err(LoginError::Capa(problem, otherwise));
                }
                Err(problem) => return Err(problem.into()),
            }
            connection = connection.upgrade(settings).await?;
            // An attacker may have sent the greeting, and a chosen timestamp helps to find the
            // password.
            if settings.login != Login::Only(Method::Apop) {
                timestamp = None;
            }
            capabilities = ask_capabilities(&mut connection, ask, AskCapa::Never, &[]).await?;
        }
        Encryption::None
            if capabilities.has(&Capability::Stls) && !advertises_any(&capabilities) =>
        {
            return Err(ProblemKind::EncryptionRequired.into());
        }
        Encryption::None => {}
    }
    // In UTF-8 mode, messages arrive unchanged, and none is refused for its UTF-8.
    let utf8_names = match capabilities.utf8() {
        None => false,
        Some(names) => matches!(connection.ask(Command::Utf8).await?, Reply::Accepted(_)) && names,
    };
    Ok(Greeted {
        connection,
        capabilities,
        timestamp,
        utf8_names,
    })
}

/// Returns true if `CAPA` ended the session: some servers refuse an unknown command, and then close
/// the connection.
pub(in crate::engine) fn is_after_refused_capa(
    problem: &Problem,
    ask: AskCapa,
    capabilities: &Capabilities,
) -> bool {
    ask != AskCapa::Never
        && !capabilities.are_known()
        && problem.kind == ProblemKind::ConnectionLost
}

/// Returns true if the server advertises a login that this client supports, other than `APOP`.
fn advertises_any(capabilities: &Capabilities) -> bool {
    let offer = LoginOffer {
        advertised: capabilities.advertised_login(),
        timestamp: false,
        encrypted: false,
        binding: false,
    };
    offer.advertises_any()
}

/// Asks for the capabilities, and pipelines commands after that. Returns no capabilities if `ask` is
/// [`AskCapa::Never`].
///
/// # Errors
/// If the session is lost. `otherwise` then says when to ask in the next attempt.
pub(in crate::engine) async fn ask_capabilities<C: Clock>(
    connection: &mut Connection<C>,
    ask: AskCapa,
    otherwise: AskCapa,
    pipelined: &[Command],
) -> Result<Capabilities, LoginError> {
    if ask == AskCapa::Never {
        return Ok(Capabilities::default());
    }
    connection.send(Command::Capa)?;
    for command in pipelined {
        connection.send(command.clone())?;
    }
    match connection.reply().await {
        Ok(reply) => Ok(Capabilities::read(reply)),
        Err(problem) => Err(match problem.kind {
            ProblemKind::ConnectionLost | ProblemKind::TimedOut if pipelined.is_empty() => {
                LoginError::Capa(problem, otherwise)
            }
            // The server may only reject pipelining, so the next attempt asks without it.
            _ if !pipelined.is_empty() && problem.kind.is_loss() => {
                LoginError::PipelinedListing(problem)
            }
            _ => LoginError::Other(problem),
        }),
    }
}
