//! One attempt to log in by one method.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use restante_shared::pop3::command::Command;
use restante_shared::pop3::login::{AdvertisedLogin, Method, apop, auth};
use restante_shared::pop3::reply::StatusText;
use restante_shared::pop3::session::Event;
use restante_shared::sasl::{Charset, Exchange, ExchangeContext, ExchangeError, Mechanism};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::connect::Greeted;
use super::login_secret::LoginSecret;
use crate::api::problem::{CredentialPart, Detail, Problem, ProblemKind};
use crate::clock::Clock;
use crate::engine::server::connection::{Connection, Reply};
use crate::engine::server::context::SessionContext;
use crate::engine::server::refusal::is_about_the_method;

/// The server's answer to an attempt.
pub(in crate::engine) enum Answer {
    /// The server accepted the login.
    Accepted,
    /// The server refused name and password.
    Refused(StatusText),
    /// The method cannot be used, so the server has not judged name and password.
    Unusable(Problem),
}

/// Tries to log in with one method.
///
/// # Errors
/// If the session is lost, or the server fails to prove its identity.
pub(in crate::engine) async fn attempt<C: Clock>(
    context: &SessionContext<'_, C>,
    greeted: &mut Greeted<C>,
    secret: &LoginSecret,
    method: Method,
    charset: Charset,
) -> Result<Answer, Problem> {
    match (method, &greeted.timestamp) {
        (Method::UserPass, _) => user_pass(&mut greeted.connection, secret, charset).await,
        (Method::Apop, Some(timestamp)) => {
            let apop = apop(&secret.user, &secret.credentials(charset), timestamp);
            match apop {
                Ok(apop) => {
                    let answer = ask(&mut greeted.connection, Command::Apop(apop)).await?;
                    Ok(unless_unknown(answer))
                }
                // A name with a space, which other methods can transmit.
                Err(error) => Ok(Answer::Unusable(Problem::with_detail(
                    ProblemKind::CredentialsNotSendable,
                    Detail::Credential {
                        part: CredentialPart::UserName,
                        error: error.to_string(),
                    },
                ))),
            }
        }
        (_, _) => match method.mechanism() {
            Some(mechanism) => exchange(context, greeted, secret, mechanism, charset).await,
            None => Ok(Answer::Unusable(ProblemKind::NoLoginOffered.into())),
        },
    }
}

async fn ask<C: Clock>(
    connection: &mut Connection<C>,
    command: Command,
) -> Result<Answer, Problem> {
    Ok(match connection.ask(command).await? {
        Reply::Accepted(_) => Answer::Accepted,
        Reply::Refused(text) => Answer::Refused(text),
    })
}

async fn user_pass<C: Clock>(
    connection: &mut Connection<C>,
    secret: &LoginSecret,
    charset: Charset,
) -> Result<Answer, Problem> {
    let password = secret.password(charset)?;
    match ask(connection, Command::User(secret.user.clone())).await? {
        Answer::Accepted => ask(connection, Command::Pass(password)).await,
        refused @ (Answer::Refused(_) | Answer::Unusable(_)) => Ok(unless_unknown(refused)),
    }
}

/// Turns a refusal into [`Answer::Unusable`] if the server does not know the command.
fn unless_unknown(answer: Answer) -> Answer {
    match answer {
        Answer::Refused(text) if is_about_the_method(&text) => unusable(text),
        other => other,
    }
}

fn unusable(text: StatusText) -> Answer {
    Answer::Unusable(Problem::with_detail(ProblemKind::NoLoginOffered, text.text))
}

/// Performs an `AUTH` exchange.
async fn exchange<C: Clock>(
    context: &SessionContext<'_, C>,
    greeted: &mut Greeted<C>,
    secret: &LoginSecret,
    mechanism: Mechanism,
    charset: Charset,
) -> Result<Answer, Problem> {
    let Greeted {
        connection,
        capabilities,
        ..
    } = greeted;
    let settings = context.settings;
    let announced = capabilities.advertised_login();
    let nonce = nonce()?;
    let begun = Exchange::begin(
        mechanism,
        &secret.credentials(charset),
        &ExchangeContext {
            host: settings.host.as_str(),
            port: settings.port,
            binding: connection.binding(),
            // A server that was not asked may support it.
            plus_advertised: announced.is_none_or(offers_plus),
            nonce: &nonce,
        },
    );
    let mut exchange = match begun {
        Ok(exchange) => exchange,
        Err(ExchangeError::NoChannelBinding) => {
            return Ok(Answer::Unusable(ProblemKind::NoLoginOffered.into()));
        }
        Err(error) => return Err(fault(error)),
    };
    let advertised = announced.is_some_and(|announced| !announced.mechanisms.is_empty());
    let auth = auth(&exchange, advertised);
    let mut has_responded = auth.initial_response().is_some();
    let mut failed: Option<ExchangeError> = None;
    connection.send(Command::Auth(auth))?;
    loop {
        match connection.event().await? {
            Event::Challenge(challenge) => match (&failed, exchange.answer(&challenge)) {
                (None, Ok(response)) => {
                    has_responded = true;
                    connection.session().respond(&response)?;
                }
                (None, Err(error)) => {
                    failed = Some(error);
                    connection.session().cancel_auth()?;
                }
                // The server continues although the exchange was cancelled.
                (Some(error), _) => return Err(fault(error.clone())),
            },
            Event::Completed { .. } => {
                let proven = exchange.accepted();
                return match failed.map_or(proven, Err) {
                    Ok(()) => Ok(Answer::Accepted),
                    Err(error) => Err(fault(error)),
                };
            }
            Event::Refused { mut text, .. } => {
                return match failed {
                    // A server that cannot prove its identity gets no other attempt.
                    Some(error @ ExchangeError::ServerNotProven) => Err(fault(error)),
                    Some(error) => Ok(Answer::Unusable(fault(error))),
                    None if !has_responded || is_about_the_method(&text) => Ok(unusable(text)),
                    None => {
                        if let Some(complaint) = exchange.failure_detail() {
                            let complaint = connection.session().secrets().redacted(complaint);
                            text.text = format!("{} ({complaint})", text.text);
                        }
                        Ok(Answer::Refused(text))
                    }
                };
            }
            _ => {}
        }
    }
}

/// Returns true if the server advertises a method with channel binding.
fn offers_plus(announced: AdvertisedLogin<'_>) -> bool {
    let mut mechanisms = announced.mechanisms.iter();
    mechanisms.any(|mechanism| mechanism.as_str().ends_with("-PLUS"))
}

fn fault(error: ExchangeError) -> Problem {
    Problem::with_detail(ProblemKind::ProtocolBroken, error.to_string())
}

/// Returns 18 random bytes as 24 characters of base64.
fn nonce() -> Result<String, Problem> {
    let mut bytes = [0; 18];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        Problem::with_detail(ProblemKind::CredentialsNotSendable, Detail::NoRandomness)
    })?;
    Ok(BASE64_STANDARD.encode(bytes))
}
