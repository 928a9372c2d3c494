//! Runs a check, or tests the settings of a mailbox.

use std::pin::pin;

use futures::future::{Either, select};

use super::fetch::batch::Batch;
use super::meter::Meter;
use super::sessions;
use crate::api::check::{CheckOutcome, Progress};
use crate::api::ids::MailboxId;
use crate::api::problem::Problem;
use crate::clock::Clock;
use crate::engine::mailboxes::live_profile::LiveProfile;
use crate::engine::server::context::SessionContext;
use crate::engine::server::login::connect::LoginError;
use crate::engine::server::login::log_in::{LoggedIn, log_in};
use crate::engine::sink::Delivery;

/// Checks a mailbox. Connects again if the server closes the connection and another session may
/// succeed.
///
/// If `cancelled` completes, the check stops at once, commits the messages that were complete, and
/// returns [`CheckOutcome::Cancelled`]. Pass [`futures::future::pending`] if that cannot happen. Every
/// outcome counts committed messages only.
pub async fn check<D: Delivery, C: Clock>(
    context: SessionContext<'_, C>,
    profile: &mut LiveProfile<'_>,
    mailbox: MailboxId,
    delivery: &mut D,
    on_progress: impl FnMut(Progress),
    cancelled: impl Future<Output = ()>,
) -> CheckOutcome {
    resume(
        context,
        profile,
        None,
        mailbox,
        delivery,
        on_progress,
        cancelled,
    )
    .await
}

/// Checks a mailbox like [`check`]. Uses the session that has tested the settings, if there is one: a
/// server that requires a pause between logins would refuse another one.
pub async fn resume<D: Delivery, C: Clock>(
    context: SessionContext<'_, C>,
    profile: &mut LiveProfile<'_>,
    logged_in: Option<LoggedIn<C>>,
    mailbox: MailboxId,
    delivery: &mut D,
    mut on_progress: impl FnMut(Progress),
    cancelled: impl Future<Output = ()>,
) -> CheckOutcome {
    let mut batch = Batch::new(mailbox, delivery);
    let ended = {
        let meter = Meter::new(Some(mailbox), context.clock.clone(), &mut on_progress);
        let work = sessions::run(&context, profile, logged_in, &mut batch, meter);
        // `select` polls `cancelled` first, so a cancelled check takes no further step.
        match select(pin!(cancelled), pin!(work)).await {
            Either::Left(((), _)) => None,
            Either::Right((result, _)) => Some(result),
        }
    };
    let closed = batch.close().await;
    let new_messages = batch.committed();
    let mut outcome = match (ended, closed) {
        (Some(Err(problem)), _) | (Some(Ok(_)) | None, Err(problem)) => CheckOutcome::Failed {
            new_messages,
            problem,
        },
        (Some(Ok(skipped)), Ok(())) => CheckOutcome::Done {
            new_messages,
            skipped,
        },
        (None, Ok(())) => CheckOutcome::Cancelled { new_messages },
    };
    let lessons = context.journal.borrow().take_lessons();
    profile.learn(lessons).await;
    profile.save().await;
    context.journal.borrow_mut().end_check(&mut outcome);
    outcome
}

/// Logs in, to test the settings. The session is for [`resume`], or to be [left](LoggedIn::leave).
/// Dropping the future cancels the test.
///
/// # Errors
/// If the login fails.
pub async fn prove<C: Clock>(
    context: SessionContext<'_, C>,
    profile: &mut LiveProfile<'_>,
    mut on_progress: impl FnMut(Progress),
) -> Result<LoggedIn<C>, Problem> {
    let mut meter = Meter::new(None, context.clock.clone(), &mut on_progress);
    let mut on_stage = |stage| meter.stage(stage);
    let proven = log_in(&context, profile, &mut on_stage, &[]).await;
    let mut proven = proven.map_err(LoginError::into_problem);
    if let Err(problem) = &mut proven {
        context.journal.borrow_mut().end_failed(problem);
    }
    proven
}
