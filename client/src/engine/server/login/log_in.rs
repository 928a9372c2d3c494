//! Logs in: from dialling to the TRANSACTION state.
//!
//! The client asks for capabilities before TLS only to find `STLS`. It asks again under TLS and after
//! the login, since each may change them. Commands that do not depend on the last answer may be
//! pipelined right after that question, if the server supports pipelining: a server that does so
//! before the login also does after it ([RFC 2449 §6.6]: announced in both states, without a
//! difference).
//!
//! Some servers close the connection on `CAPA` or after refusing it, or never answer it. The client
//! then connects again without asking. If that works, it does not ask this server for a while. If the
//! connection broke before TLS, the client tries `STLS` without `CAPA`, and asks under TLS: an
//! attacker who cuts a connection in the clear must not decide which logins the client knows of under
//! TLS. A server that does not know `CAPA` gets `USER`. `AUTH` without an argument would not do: old
//! servers answer it with a list, others with one line, and a client that waits for a list would wait
//! for ever.

use restante_shared::pop3::command::Command;
use restante_shared::pop3::quirk::Quirk;

use super::connect::{Greeted, LoginError, ask_capabilities, connect};
use super::ladder::try_methods;
use crate::api::check::Stage;
use crate::api::report::SessionOutcome;
use crate::clock::Clock;
use crate::engine::mailboxes::ask_capa::AskCapa;
use crate::engine::mailboxes::lesson::Lesson;
use crate::engine::mailboxes::live_profile::LiveProfile;
use crate::engine::mailboxes::server_profile::next_login;
use crate::engine::server::capabilities::Capabilities;
use crate::engine::server::connection::Connection;
use crate::engine::server::context::SessionContext;

/// A session in the TRANSACTION state.
pub struct LoggedIn<C> {
    pub(in crate::engine) connection: Connection<C>,
    pub(in crate::engine) capabilities: Capabilities,
}

impl<C: Clock> LoggedIn<C> {
    /// Logs out. Nothing has changed on the server.
    pub async fn leave(self) {
        let recorder = self.connection.recorder().clone();
        // Nothing was marked for deletion, so the reply does not matter.
        let _ = self.connection.quit().await;
        recorder.end(SessionOutcome::SettingsTested);
    }
}

/// Connects and logs in. Sends the `pipelined` commands after the login if the server is known to
/// support pipelining. Their replies are then the next.
pub(in crate::engine) async fn log_in<C: Clock>(
    context: &SessionContext<'_, C>,
    profile: &mut LiveProfile<'_>,
    on_stage: &mut dyn FnMut(Stage),
    pipelined: &[Command],
) -> Result<LoggedIn<C>, LoginError> {
    let usual = profile.ask_capa(profile.now());
    let mut ask = usual;
    let logged_in = loop {
        let entered = enter(context, profile, on_stage, ask, pipelined).await;
        let lessons = context.journal.borrow().take_lessons();
        profile.learn(lessons).await;
        match entered {
            Ok(logged_in) => break logged_in,
            // Another connection shows whether `CAPA` was to blame.
            Err(LoginError::Capa(_, next)) if next != ask => ask = next,
            Err(error) => return Err(error),
        }
    };
    if ask != usual {
        profile.learn([Lesson::CapaBroke(ask)]).await;
    }
    Ok(logged_in)
}

async fn enter<C: Clock>(
    context: &SessionContext<'_, C>,
    profile: &mut LiveProfile<'_>,
    on_stage: &mut dyn FnMut(Stage),
    ask: AskCapa,
    pipelined: &[Command],
) -> Result<LoggedIn<C>, LoginError> {
    let greeted = connect(context, on_stage, ask).await?;
    on_stage(Stage::LoggingIn);
    let Greeted {
        mut connection,
        capabilities: before,
        ..
    } = try_methods(context, profile, on_stage, ask, greeted).await?;
    let now = profile.now();
    let pipelines = before.pipelining() || profile.advertised.pipelines();
    let pipelined = match pipelines && profile.lists_ahead(now) {
        true => pipelined,
        false => &[],
    };
    let after = match before.are_known() {
        true => ask_capabilities(&mut connection, ask, AskCapa::Never, pipelined).await,
        false => Ok(Capabilities::default()),
    };
    // A pause announced before the login holds for everyone, one announced after it for this user.
    let delay = after.as_ref().ok().and_then(Capabilities::login_delay);
    let delay = delay.or(before.login_delay());
    let at = delay.map(|seconds| next_login(now, seconds));
    profile.learn([Lesson::NextLogin(at)]).await;
    let mut capabilities = after?;
    if ask != AskCapa::Never && !before.are_known() {
        profile.learn([Lesson::Quirk(Quirk::NoCapa)]).await;
    }
    if !capabilities.are_known() {
        capabilities = before;
    }
    Ok(LoggedIn {
        connection,
        capabilities,
    })
}
