//! One check of a mailbox: connect, log in, list, fetch what is new, say good-bye.
//!
//! | file | holds |
//! |---|---|
//! | `connection` | a POP3 session over a stream, with its time limits |
//! | `login` | from the greeting to the open maildrop: CAPA, STLS, AUTH or USER and PASS |
//! | `listing` | what is there, and what of it is new |
//! | `fetching` | RETR, as many ahead as the server allows |
//! | `batch` | what was delivered and is not yet committed |
//! | `meter` | progress, at most ten reports a second |
//! | `problem` | what every kind of failure means to a reader |
//!
//! Nothing is changed on the server. Dropping a check loses what was not yet committed and no more;
//! the next check begins where the ledger of unique-ids ends.

mod batch;
mod connection;
mod fetching;
mod listing;
mod login;
mod meter;
mod problem;

use std::future::Future;
use std::pin::pin;

use futures::future::{Either, select};
use futures::{AsyncRead, AsyncWrite};

use super::command::{MailboxSettings, Secret};
use super::delivery::Delivery;
use super::event::{CheckOutcome, MailboxId, Problem, Progress, Stage};
use crate::clock::Clock;
use crate::transport::TransportError;
use batch::Batch;
use connection::Connection;
use listing::News;
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
}

/// Checks a mailbox over the stream that `opening` gives
/// ([`relay::open`](crate::transport::relay::open)).
///
/// When `cancelled` completes, the check stops at once, commits the messages that were complete, and
/// returns [`CheckOutcome::Cancelled`]; pass [`futures::future::pending`] if that cannot happen. The
/// counts of every outcome are of committed messages only.
pub async fn check<S, D, C>(
    maildrop: Maildrop<'_, C>,
    opening: impl Future<Output = Result<S, TransportError>>,
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
        let work = pin!(run(&maildrop, opening, &mut batch, meter));
        // Asked first: a check that was cancelled goes not one step further.
        match select(pin!(cancelled), work).await {
            Either::Left(((), _)) => None,
            Either::Right((result, _)) => Some(result),
        }
    };
    let closed = batch.close().await;
    let new_messages = batch.committed();
    match (ended, closed) {
        (Some(Err(problem)), _) | (Some(Ok(_)) | None, Err(problem)) => CheckOutcome::Failed {
            new_messages,
            problem,
        },
        (Some(Ok(skipped)), Ok(())) => CheckOutcome::Done {
            new_messages,
            skipped,
        },
        (None, Ok(())) => CheckOutcome::Cancelled { new_messages },
    }
}

/// Logs in and leaves, to prove that the settings work. Dropping it is a way to cancel it.
///
/// # Errors
/// What keeps a reader out.
pub async fn prove<S, C>(
    maildrop: Maildrop<'_, C>,
    opening: impl Future<Output = Result<S, TransportError>>,
    mut on_progress: impl FnMut(Progress),
) -> Result<(), Problem>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    C: Clock,
{
    let mut meter = Meter::new(None, maildrop.clock.clone(), &mut on_progress);
    meter.stage(Stage::Connecting);
    let connection = Connection::open(&maildrop, opening).await?;
    let (connection, _) = login::log_in(connection, &maildrop, &mut meter).await?;
    meter.stage(Stage::Finishing);
    connection.quit().await;
    Ok(())
}

/// Does a check to its end, and returns how many messages the server would not give.
async fn run<S, D, C>(
    maildrop: &Maildrop<'_, C>,
    opening: impl Future<Output = Result<S, TransportError>>,
    batch: &mut Batch<'_, D>,
    mut meter: Meter<'_, C>,
) -> Result<u32, Problem>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    D: Delivery,
    C: Clock,
{
    meter.stage(Stage::Connecting);
    let connection = Connection::open(maildrop, opening).await?;
    let (mut connection, capabilities) = login::log_in(connection, maildrop, &mut meter).await?;
    meter.stage(Stage::Listing);
    let listing = listing::list(&mut connection, &capabilities).await?;
    let News { wanted, left_out } = listing.new_messages(batch.known().await?);
    meter.expect(&wanted);
    meter.stage(Stage::Fetching);
    let pipelining = capabilities.pipelining();
    let skipped = fetching::fetch(&mut connection, wanted, pipelining, batch, &mut meter).await?;
    meter.stage(Stage::Finishing);
    connection.quit().await;
    Ok(skipped.saturating_add(left_out))
}
