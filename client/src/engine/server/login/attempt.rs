//! One attempt to log in by one method.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use restante_shared::pop3::command::Command;
use restante_shared::pop3::login::{AdvertisedLogin, Method, apop, auth};
use restante_shared::pop3::reply::StatusText;
use restante_shared::pop3::session::Event;
use restante_shared::sasl::{Charset, Exchange, ExchangeContext, ExchangeError, Mechanism};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::log_in::Door;
use super::login_secret::Access;
use crate::api::problem::{Problem, ProblemKind};
use crate::clock::Clock;
use crate::engine::check::Maildrop;
use crate::engine::server::connection::{Connection, Reply};
use crate::engine::server::refusal::is_about_the_method;

/// How the server took an attempt.
pub(in crate::engine) enum Answer {
    /// The maildrop is open.
    Accepted,
    /// It refused name and password.
    Refused(StatusText),
    /// It cannot do this method, so it has not come to name and password.
    Useless(Problem),
}

pub(in crate::engine) async fn attempt<C: Clock>(
    maildrop: &Maildrop<'_, C>,
    door: &mut Door<C>,
    access: &Access,
    method: Method,
    charset: Charset,
) -> Result<Answer, Problem> {
    match (method, &door.timestamp) {
        (Method::UserPass, _) => user_pass(&mut door.connection, access, charset).await,
        (Method::Apop, Some(timestamp)) => {
            let apop = apop(&access.user, &access.credentials(charset), timestamp);
            match apop {
                Ok(apop) => {
                    let answer = ask(&mut door.connection, Command::Apop(apop)).await?;
                    Ok(unless_unknown(answer))
                }
                // A name with a blank, which others can carry.
                Err(error) => Ok(Answer::Useless(Problem::with_detail(
                    ProblemKind::CredentialsNotSendable,
                    format!("the user name: {error}"),
                ))),
            }
        }
        (_, _) => match method.mechanism() {
            Some(mechanism) => exchange(maildrop, door, access, mechanism, charset).await,
            None => Ok(Answer::Useless(ProblemKind::NoLoginOffered.into())),
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
    access: &Access,
    charset: Charset,
) -> Result<Answer, Problem> {
    let password = access.password(charset)?;
    match ask(connection, Command::User(access.user.clone())).await? {
        Answer::Accepted => ask(connection, Command::Pass(password)).await,
        refused @ (Answer::Refused(_) | Answer::Useless(_)) => Ok(unless_unknown(refused)),
    }
}

/// Tells a command that the server does not have from credentials that it does not take.
fn unless_unknown(answer: Answer) -> Answer {
    match answer {
        Answer::Refused(text) if is_about_the_method(&text) => useless(text),
        other => other,
    }
}

fn useless(text: StatusText) -> Answer {
    Answer::Useless(Problem::with_detail(ProblemKind::NoLoginOffered, text.text))
}

/// Does an `AUTH` exchange.
async fn exchange<C: Clock>(
    maildrop: &Maildrop<'_, C>,
    door: &mut Door<C>,
    access: &Access,
    mechanism: Mechanism,
    charset: Charset,
) -> Result<Answer, Problem> {
    let Door {
        connection,
        capabilities,
        ..
    } = door;
    let settings = maildrop.settings;
    let announced = capabilities.advertised_login();
    let nonce = nonce()?;
    let begun = Exchange::begin(
        mechanism,
        &access.credentials(charset),
        &ExchangeContext {
            host: settings.host.as_str(),
            port: settings.port,
            binding: connection.binding(),
            // Who was not asked may offer it.
            plus_advertised: announced.is_none_or(offers_plus),
            nonce: &nonce,
        },
    );
    let mut exchange = match begun {
        Ok(exchange) => exchange,
        Err(ExchangeError::NoChannelBinding) => {
            return Ok(Answer::Useless(ProblemKind::NoLoginOffered.into()));
        }
        Err(error) => return Err(fault(error)),
    };
    let advertised = announced.is_some_and(|announced| !announced.mechanisms.is_empty());
    let auth = auth(&exchange, advertised);
    let mut said = auth.initial_response().is_some();
    let mut failed: Option<ExchangeError> = None;
    connection.send(Command::Auth(auth))?;
    loop {
        match connection.event().await? {
            Event::Challenge(challenge) => match (&failed, exchange.answer(&challenge)) {
                (None, Ok(response)) => {
                    said = true;
                    connection.session().respond(&response)?;
                }
                (None, Err(error)) => {
                    failed = Some(error);
                    connection.session().cancel_auth()?;
                }
                // It goes on after it was told that this is over.
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
                    // Who cannot prove itself is given no other chance.
                    Some(error @ ExchangeError::ServerNotProven) => Err(fault(error)),
                    Some(error) => Ok(Answer::Useless(fault(error))),
                    None if !said || is_about_the_method(&text) => Ok(useless(text)),
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

/// Whether a login could be bound to the connection, as far as the server is concerned.
fn offers_plus(announced: AdvertisedLogin<'_>) -> bool {
    let mut mechanisms = announced.mechanisms.iter();
    mechanisms.any(|mechanism| mechanism.as_str().ends_with("-PLUS"))
}

fn fault(error: ExchangeError) -> Problem {
    Problem::with_detail(ProblemKind::ProtocolBroken, error.to_string())
}

/// 18 octets of randomness, which are 24 characters of base64.
fn nonce() -> Result<String, Problem> {
    let mut octets = [0; 18];
    SystemRandom::new().fill(&mut octets).map_err(|_| {
        let detail = "this device gives no random numbers to log in with";
        Problem::with_detail(ProblemKind::CredentialsNotSendable, detail)
    })?;
    Ok(BASE64_STANDARD.encode(octets))
}
