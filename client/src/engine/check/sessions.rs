//! The sessions of one check: usually one. Another follows if a session is lost over a message, or if
//! the server lists only a part of the maildrop at a time.

use restante_shared::pop3::capability::Capability;

use super::error::PhaseError;
use super::fetch::batch::Batch;
use super::fetch::retrieve::{self, Fetched};
use super::fetch::window::PipelineWindow;
use super::find::listing::{self, News};
use super::find::renamed;
use super::meter::Meter;
use super::recovery::{Next, Recovery, SessionEnd};
use crate::api::check::Stage;
use crate::api::problem::Problem;
use crate::clock::Clock;
use crate::engine::mailboxes::lesson::Lesson;
use crate::engine::mailboxes::live_profile::LiveProfile;
use crate::engine::mailboxes::undeliverable;
use crate::engine::server::context::SessionContext;
use crate::engine::server::deadline::STATUS;
use crate::engine::server::login::log_in::{LoggedIn, log_in};
use crate::engine::sink::Delivery;

/// The number of messages in a part, for servers that list a part of a maildrop at a time: some
/// hundred (Gmail: some 250 conversations). If that many are listed and none was known, there may be
/// more.
const PART: std::ops::RangeInclusive<usize> = 200..=1_000;

/// Runs a check to its end. Returns the number of messages that the server did not deliver. The first
/// session may be open already.
///
/// # Errors
/// If the check cannot go on.
pub(super) async fn run<D: Delivery, C: Clock>(
    context: &SessionContext<'_, C>,
    profile: &mut LiveProfile<'_>,
    mut logged_in: Option<LoggedIn<C>>,
    batch: &mut Batch<'_, D>,
    mut meter: Meter<'_, C>,
) -> Result<u32, Problem> {
    let mut recovery = Recovery::default();
    loop {
        let session = logged_in.take();
        let end = one_session(context, profile, session, &recovery, batch, &mut meter).await?;
        let lessons = context.journal.borrow().take_lessons();
        profile.learn(lessons).await;
        let (next, lessons) = recovery.next(end, profile, profile.now());
        profile.learn(lessons).await;
        match next {
            Next::Finish { skipped } => return Ok(skipped),
            Next::Fail(problem) => return Err(problem),
            Next::Reconnect { after } if after.is_zero() => {}
            Next::Reconnect { after } => context.clock.sleep(after).await,
        }
    }
}

/// Runs one session: logs in, lists, fetches, and quits. Does what `recovery` demands of it.
///
/// # Errors
/// If the check cannot go on. A lost session is not an error.
async fn one_session<D: Delivery, C: Clock>(
    context: &SessionContext<'_, C>,
    profile: &mut LiveProfile<'_>,
    logged_in: Option<LoggedIn<C>>,
    recovery: &Recovery,
    batch: &mut Batch<'_, D>,
    meter: &mut Meter<'_, C>,
) -> Result<SessionEnd, Problem> {
    // Reads the known unique-ids first: an open session would be idle meanwhile.
    let known = batch.known().await?;
    let certain = listing::certain(profile, !known.is_empty());
    let logged_in = match logged_in {
        Some(logged_in) => Ok(logged_in),
        None => {
            let mut on_stage = |stage| meter.stage(stage);
            log_in(context, profile, &mut on_stage, &certain).await
        }
    };
    let LoggedIn {
        mut connection,
        capabilities,
    } = match logged_in {
        Ok(logged_in) => logged_in,
        Err(error) => return Ok(SessionEnd::NotLoggedIn(error)),
    };

    meter.stage(Stage::Listing);
    let began = meter.now();
    let now = profile.now();
    let lists_ahead = capabilities.pipelining() && profile.lists_ahead(now);
    if lists_ahead && connection.unanswered() == 0 && certain.len() > 1 {
        for command in certain {
            connection.send(command)?;
        }
    }
    let was_pipelined = connection.unanswered() > 0;
    let pipelining = capabilities.pipelining() && !recovery.is_one_by_one();
    let listed = listing::list(&mut connection, &capabilities, pipelining, known, profile).await;
    let mut news = match listed {
        Ok(news) => news,
        Err(error) => {
            return Ok(SessionEnd::LostInListing {
                error,
                awaited: connection.awaited(),
                was_pipelined,
                is_midway: connection.is_midway(),
            });
        }
    };
    leave_out(&mut news, recovery, profile, now);
    let took = meter.now().saturating_sub(began);
    if recovery.suspects_pipelining() && capabilities.pipelining() && took < STATUS {
        profile.learn([Lesson::PipeliningBroken]).await;
    }

    if recovery.is_first_part() && capabilities.has(&Capability::Top) && profile.asks_top(now) {
        let pipelining = pipelining && !profile.pipelining.broken;
        match renamed::match_stored(&mut connection, pipelining, &mut news, profile, batch).await {
            Ok(()) => {}
            Err(PhaseError::SessionLost(fault)) => return Ok(SessionEnd::LostInMatching(fault)),
            Err(PhaseError::Fatal(problem)) => return Err(problem),
        }
    }
    // Matching may have added messages.
    leave_out(&mut news, recovery, profile, now);
    news.queue
        .postpone(|unique_id| profile.undeliverable.contains_key(unique_id));
    let new = news.queue.len();
    meter.expect(new, news.queue.octets());

    meter.stage(Stage::Fetching);
    let mut window = PipelineWindow::new(pipelining, profile.pipelining, connection.round_trip());
    let queue = &mut news.queue;
    let fetched = retrieve::fetch(&mut connection, queue, &mut window, profile, batch, meter);
    let Fetched {
        arrived,
        refused,
        loss,
    } = fetched.await?;
    let skipped = u32::try_from(refused.len()).unwrap_or(u32::MAX);
    let skipped = skipped.saturating_add(news.left_out);
    if let Some(loss) = loss {
        return Ok(SessionEnd::LostInFetching {
            is_last: news.queue.is_empty() && !loss.unanswered,
            loss,
            arrived,
            refused,
            skipped,
        });
    }
    profile.learn(window.lesson()).await;
    meter.stage(Stage::Finishing);
    // Nothing was marked for deletion, so the reply does not matter.
    let _ = connection.quit().await;
    Ok(SessionEnd::Complete {
        is_part: PART.contains(&news.listed) && new == news.listed && arrived > 0,
        refused,
        skipped,
    })
}

/// Leaves out messages that are too large, given up in this check, or not due to be tried again.
fn leave_out(news: &mut News, recovery: &Recovery, profile: &LiveProfile<'_>, now: i64) {
    news.leave_out(|unique_id| {
        !recovery.is_given_up(unique_id)
            && undeliverable::is_due(&profile.undeliverable, unique_id, now)
    });
}
