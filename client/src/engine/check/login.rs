//! From the greeting to the open maildrop.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use restante_shared::pop3::argument::{Mechanism, Password, SaslResponse, UserName};
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::command::{Auth, Command};
use restante_shared::pop3::session::Event;

use super::Maildrop;
use super::connection::{Connection, Reply};
use super::meter::Meter;
use super::problem::{login_refused, refused};
use crate::clock::Clock;
use crate::engine::command::Encryption;
use crate::engine::event::{Problem, ProblemKind, Stage};

/// What the server says it can do; `None` where it does not know `CAPA`.
#[derive(Debug, Default)]
pub(super) struct Capabilities(Option<Vec<Capability>>);

impl Capabilities {
    fn read(reply: Reply) -> Self {
        Self(match reply {
            Reply::Refused(_) => None,
            Reply::Accepted(items) => Some(
                items
                    .into_iter()
                    .filter_map(|item| match item {
                        Event::Capability(capability) => Some(capability),
                        _ => None,
                    })
                    .collect(),
            ),
        })
    }

    fn are_known(&self) -> bool {
        self.0.is_some()
    }

    fn has(&self, wanted: &Capability) -> bool {
        self.0
            .iter()
            .flatten()
            .any(|capability| capability == wanted)
    }

    /// Whether commands may be sent ahead.
    pub(super) fn pipelining(&self) -> bool {
        self.has(&Capability::Pipelining)
    }

    fn plain(&self) -> bool {
        self.0.iter().flatten().any(|capability| match capability {
            Capability::Sasl(mechanisms) => mechanisms.contains(&Mechanism::plain()),
            _ => false,
        })
    }

    /// Whether the server offers TLS, and no login that this client knows without it.
    fn want_tls(&self) -> bool {
        self.has(&Capability::Stls) && !self.has(&Capability::User) && !self.plain()
    }
}

/// Waits for the greeting, goes on under TLS where that is due, and logs in. What the server can do
/// is asked again after each of these, since each may change it.
pub(super) async fn log_in<C: Clock>(
    mut connection: Connection<C>,
    maildrop: &Maildrop<'_, C>,
    meter: &mut Meter<'_, C>,
) -> Result<(Connection<C>, Capabilities), Problem> {
    let settings = maildrop.settings;
    let credentials = Credentials::new(maildrop)?;
    if let Reply::Refused(text) = connection.reply().await? {
        return Err(refused(&text));
    }
    let mut capabilities = Capabilities::read(connection.ask(Command::Capa).await?);
    match settings.encryption {
        Encryption::Tls => {}
        Encryption::Stls => {
            if capabilities.are_known() && !capabilities.has(&Capability::Stls) {
                return Err(ProblemKind::StlsNotOffered.into());
            }
            if let Reply::Refused(text) = connection.ask(Command::Stls).await? {
                return Err(Problem::with_detail(ProblemKind::StlsNotOffered, text.text));
            }
            connection = connection.upgrade(settings).await?;
            capabilities = Capabilities::read(connection.ask(Command::Capa).await?);
        }
        Encryption::None if capabilities.want_tls() => {
            return Err(ProblemKind::EncryptionRequired.into());
        }
        Encryption::None => {}
    }
    meter.stage(Stage::LoggingIn);
    let reply = if capabilities.plain() {
        credentials.auth_plain(&mut connection).await?
    } else {
        credentials.user_pass(&mut connection).await?
    };
    if let Reply::Refused(text) = reply {
        let problem = without_secret(login_refused(&text), maildrop);
        let unencrypted = settings.encryption == Encryption::None;
        if unencrypted && asks_for_tls(problem.detail.as_deref().unwrap_or_default()) {
            return Err(Problem {
                kind: ProblemKind::EncryptionRequired,
                ..problem
            });
        }
        return Err(problem);
    }
    if capabilities.are_known() {
        capabilities = Capabilities::read(connection.ask(Command::Capa).await?);
    }
    Ok((connection, capabilities))
}

/// Leaves out what the server says where it repeats the password, as some do with a command that
/// they do not know: problems are shown and may be passed on.
fn without_secret<C>(mut problem: Problem, maildrop: &Maildrop<'_, C>) -> Problem {
    let password = maildrop.password.reveal();
    let user = &maildrop.settings.user;
    let response = BASE64_STANDARD.encode(format!("\0{user}\0{password}"));
    problem.detail = problem
        .detail
        .filter(|detail| !detail.contains(password) && !detail.contains(&response));
    problem
}

/// Whether a refusal in words is about the missing encryption and not about the password.
fn asks_for_tls(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["tls", "ssl", "encrypt", "non-secure", "plaintext auth"]
        .iter()
        .any(|word| text.contains(word))
}

struct Credentials {
    user: UserName,
    password: Password,
}

impl Credentials {
    fn new<C>(maildrop: &Maildrop<'_, C>) -> Result<Self, Problem> {
        let not_sendable = |what: &str, error: &dyn std::error::Error| {
            Problem::with_detail(
                ProblemKind::CredentialsNotSendable,
                format!("the {what}: {error}"),
            )
        };
        Ok(Self {
            user: UserName::new(maildrop.settings.user.as_str())
                .map_err(|error| not_sendable("user name", &error))?,
            password: Password::new(maildrop.password.reveal())
                .map_err(|error| not_sendable("password", &error))?,
        })
    }

    async fn user_pass<C: Clock>(self, connection: &mut Connection<C>) -> Result<Reply, Problem> {
        match connection.ask(Command::User(self.user)).await? {
            Reply::Accepted(_) => connection.ask(Command::Pass(self.password)).await,
            refused @ Reply::Refused(_) => Ok(refused),
        }
    }

    async fn auth_plain<C: Clock>(self, connection: &mut Connection<C>) -> Result<Reply, Problem> {
        let response = SaslResponse::plain(&self.user, &self.password);
        let plain = Mechanism::plain();
        let auth = Auth::with_initial_response(plain.clone(), response.clone());
        let mut unsent = auth.is_err().then_some(response);
        connection.send(Command::Auth(auth.unwrap_or_else(|_| Auth::new(plain))))?;
        loop {
            match connection.event().await? {
                Event::Challenge(_) => match unsent.take() {
                    Some(response) => connection.session().respond(&response)?,
                    None => connection.session().cancel_auth()?,
                },
                Event::Completed { .. } => return Ok(Reply::Accepted(Vec::new())),
                Event::Refused { text, .. } => return Ok(Reply::Refused(text)),
                _ => {}
            }
        }
    }
}
