//! One check of a mailbox: connect, log in, list, fetch what is new, say good-bye.
//!
//! | file | holds |
//! |---|---|
//! | `sessions` | the sessions of a check |
//! | `recovery` | the consequences of a lost session |
//! | `find` | what is on the server, and what of it is new |
//! | `fetch` | RETR, and what arrives |
//! | `meter` | progress, at most ten reports a second |
//!
//! Nothing is changed on the server. Dropping a check loses what was not yet committed and no more;
//! the next check begins where the ledger of unique-ids ends.

pub(in crate::engine) mod fetch;
pub(in crate::engine) mod find;
pub(in crate::engine) mod meter;
mod recovery;
mod sessions;

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;

use futures::future::{Either, select};
use futures::{AsyncRead, AsyncWrite};

use super::diagnostics::journal::Journal;
use super::mailboxes::server_profile::Remembered;
use super::server::connection::Connection;
use super::server::login::log_in::{self, Opened};
use super::sink::Delivery;
use crate::api::check::{CheckOutcome, Progress};
use crate::api::ids::MailboxId;
use crate::api::problem::Problem;
use crate::api::settings::{MailboxSettings, Secret};
use crate::clock::Clock;
use crate::transport::TransportError;
use fetch::batch::Batch;
use meter::Meter;

/// How to get into a maildrop.
#[derive(Debug)]
pub struct Maildrop<'a, C> {
    /// Where it is, and under which name.
    pub settings: &'a MailboxSettings,
    /// The password.
    pub password: &'a Secret,
    /// The clock for time limits, rates and batches.
    pub clock: &'a C,
    /// What earlier sessions have taught about the server, and this one adds.
    pub remembered: &'a RefCell<Remembered>,
    /// Where its sessions are recorded.
    pub journal: &'a RefCell<Journal>,
}

/// Checks a mailbox over a stream that `dial` gives ([`relay::open`](crate::transport::relay::open)).
/// It is dialled again where the server hangs up and another way is left.
///
/// When `cancelled` completes, the check stops at once, commits the messages that were complete, and
/// returns [`CheckOutcome::Cancelled`]; pass [`futures::future::pending`] if that cannot happen. The
/// counts of every outcome are of committed messages only.
pub async fn check<S, D, C>(
    maildrop: Maildrop<'_, C>,
    dial: impl AsyncFn() -> Result<S, TransportError>,
    mailbox: MailboxId,
    delivery: &mut D,
    on_progress: impl FnMut(Progress),
    cancelled: impl Future<Output = ()>,
) -> CheckOutcome
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    D: Delivery,
    C: Clock,
{
    resume(
        maildrop,
        None,
        dial,
        mailbox,
        delivery,
        on_progress,
        cancelled,
    )
    .await
}

/// Checks a mailbox like [`check`], in the session that has proven its settings, if there is one:
/// a server that wants a pause between logins would not let another one in.
pub async fn resume<S, D, C>(
    maildrop: Maildrop<'_, C>,
    opened: Option<Opened<C>>,
    dial: impl AsyncFn() -> Result<S, TransportError>,
    mailbox: MailboxId,
    delivery: &mut D,
    mut on_progress: impl FnMut(Progress),
    cancelled: impl Future<Output = ()>,
) -> CheckOutcome
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    D: Delivery,
    C: Clock,
{
    let mut batch = Batch::new(mailbox, delivery);
    let ended = {
        let meter = Meter::new(Some(mailbox), maildrop.clock.clone(), &mut on_progress);
        let work = pin!(sessions::run(&maildrop, opened, dial, &mut batch, meter));
        // Asked first: a check that was cancelled goes not one step further.
        match select(pin!(cancelled), work).await {
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
    let mut journal = maildrop.journal.borrow_mut();
    journal.teach(&mut maildrop.remembered.borrow_mut());
    journal.end_check(&mut outcome);
    outcome
}

/// Logs in, to prove that the settings work. What it gives is for [`resume`], or to be
/// [left](Opened::leave). Dropping it is a way to cancel it.
///
/// # Errors
/// What keeps a reader out.
pub async fn prove<S, C>(
    maildrop: Maildrop<'_, C>,
    dial: impl AsyncFn() -> Result<S, TransportError>,
    mut on_progress: impl FnMut(Progress),
) -> Result<Opened<C>, Problem>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    C: Clock,
{
    let mut meter = Meter::new(None, maildrop.clock.clone(), &mut on_progress);
    let mut proven = log_in::log_in(&maildrop, &dial, &mut meter, &[]).await;
    let mut journal = maildrop.journal.borrow_mut();
    journal.teach(&mut maildrop.remembered.borrow_mut());
    if let Err(problem) = &mut proven {
        journal.end_failed(problem);
    }
    proven
}

/// Opens a maildrop as a check does, for whoever wants to speak to its server.
pub(super) async fn open<S, C>(
    maildrop: &Maildrop<'_, C>,
    dial: impl AsyncFn() -> Result<S, TransportError>,
) -> Result<Connection<C>, Problem>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    C: Clock,
{
    let mut silent = |_| {};
    let mut meter = Meter::new(None, maildrop.clock.clone(), &mut silent);
    let opened = log_in::log_in(maildrop, &dial, &mut meter, &[]).await?;
    Ok(opened.connection)
}
