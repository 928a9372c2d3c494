//! The sessions of one check: usually one, another where the last one was lost over a message, or
//! where the server lists only a part of the maildrop at a time.

use futures::{AsyncRead, AsyncWrite};
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::session::Request;

use super::Maildrop;
use super::fetch::batch::Batch;
use super::fetch::retrieve::{self, Fetched};
use super::fetch::undeliverable;
use super::fetch::window::Window;
use super::find::listing;
use super::find::renamed;
use super::meter::Meter;
use super::recovery::{Course, MAX_LOSSES, may_log_in};
use crate::api::check::Stage;
use crate::api::problem::{Problem, ProblemKind};
use crate::clock::Clock;
use crate::engine::mailboxes::server_profile::seconds_of;
use crate::engine::server::deadline::STATUS;
use crate::engine::server::login::log_in::{self, Opened};
use crate::engine::sink::Delivery;
use crate::transport::TransportError;

/// A server that lists a part of a maildrop at a time lists some hundred messages (Gmail: some 250
/// conversations). Where so many are listed and none was known, there may be more.
const PART: std::ops::RangeInclusive<usize> = 200..=1_000;

/// How many such parts are fetched in one check.
const MAX_PARTS: u32 = 1_000;

/// Does a check to its end, and returns how many messages the server would not give. The first
/// session may be open already.
pub(super) async fn run<S, D, C>(
    maildrop: &Maildrop<'_, C>,
    mut opened: Option<Opened<C>>,
    dial: impl AsyncFn() -> Result<S, TransportError>,
    batch: &mut Batch<'_, D>,
    mut meter: Meter<'_, C>,
) -> Result<u32, Problem>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    D: Delivery,
    C: Clock,
{
    let remembered = maildrop.remembered;
    let mut course = Course::default();
    loop {
        // Asked before the session begins, which would be idle meanwhile.
        let known = batch.known().await?;
        let certain = listing::certain(&remembered.borrow(), !known.is_empty());
        let ahead_broke = remembered.borrow().ahead_broke;
        let opened = match opened.take() {
            Some(opened) => Ok(opened),
            None => log_in::log_in(maildrop, &dial, &mut meter, &certain).await,
        };
        let Opened {
            mut connection,
            capabilities,
        } = match opened {
            Ok(opened) => opened,
            Err(problem) if course.is_shut_out(&problem) || course.is_sent_elsewhere(&problem) => {
                course.pause(maildrop.clock).await;
                continue;
            }
            Err(problem) if remembered.borrow().ahead_broke != ahead_broke => {
                course.lost_listing(maildrop, problem, true).await?;
                continue;
            }
            Err(problem) => return Err(course.lost_by.unwrap_or(problem)),
        };
        meter.stage(Stage::Listing);
        let began = meter.now();
        let now = seconds_of(began);
        let lists_ahead = capabilities.pipelining() && remembered.borrow().lists_ahead(now);
        if lists_ahead && connection.unanswered() == 0 && certain.len() > 1 {
            for command in certain {
                connection.send(command)?;
            }
        }
        let is_ahead = connection.unanswered() > 0;
        let is_due = |unique_id: &str| {
            !course.is_given_up(unique_id)
                && undeliverable::is_due(&remembered.borrow(), unique_id, now)
        };
        let ahead = capabilities.pipelining() && !course.one_by_one;
        let news = listing::list(
            &mut connection,
            &capabilities,
            ahead,
            known,
            remembered,
            now,
            is_due,
        )
        .await;
        let awaited = connection.awaited();
        let mut news = match news {
            Ok(news) => news,
            Err(problem) if course.is_sent_elsewhere(&problem) => {
                course.pause(maildrop.clock).await;
                continue;
            }
            Err(problem) => {
                let over_listing = is_ahead
                    && matches!(awaited, Some(Request::Uidl(None) | Request::List(None)))
                    && remembered.borrow_mut().lost_ahead(problem.kind, now);
                // Before there are names, messages are read for them.
                let over_message = problem.kind.is_loss()
                    && matches!(awaited, Some(Request::Top(_) | Request::Retr(_)));
                if !over_listing && !over_message {
                    return Err(problem);
                }
                // What has begun was asked for as it should be, so that silence is the line's.
                let is_line = problem.kind == ProblemKind::TimedOut && connection.is_midway();
                let is_ahead = over_listing && !is_line;
                drop(connection);
                course.one_by_one |= over_message;
                course.lost_listing(maildrop, problem, is_ahead).await?;
                continue;
            }
        };
        let took = meter.now().saturating_sub(began);
        let is_blamed = course.stalled_ahead.take() && capabilities.pipelining();
        if is_blamed && took < STATUS {
            remembered.borrow_mut().cannot_pipeline();
        }
        if course.parts == 0
            && capabilities.has(&Capability::Top)
            && remembered.borrow().asks_top(now)
        {
            let ahead = ahead && !remembered.borrow().pipelining.broken;
            let looked =
                renamed::look(&mut connection, ahead, &mut news, remembered, batch).await?;
            if let Err(fault) = looked {
                drop(connection);
                let moved = fault.is_end_of_relay() && course.moves_on(0);
                if !moved {
                    course.lost += 1;
                    course.one_by_one |= fault.is_loss_of_step();
                    // Once may be an accident, and what is not recognised is all fetched again.
                    if course.lost > 1 {
                        remembered.borrow_mut().top_broke = Some(now);
                    }
                }
                if course.lost > MAX_LOSSES || !may_log_in(maildrop).await {
                    return Err(fault.into());
                }
                course.lost_by = Some(fault.into());
                course.pause(maildrop.clock).await;
                continue;
            }
        }
        // What was found out by its header comes late.
        news.leave_out(is_due);
        news.queue
            .postpone(|unique_id| remembered.borrow().bad_messages.contains_key(unique_id));
        let new = news.queue.len();
        meter.expect(new, news.queue.octets());
        meter.stage(Stage::Fetching);
        let learned = remembered.borrow().pipelining;
        let mut window = Window::new(ahead, learned, connection.round_trip());
        let queue = &mut news.queue;
        let fetched = retrieve::fetch(
            &mut connection,
            queue,
            &mut window,
            remembered,
            batch,
            &mut meter,
        )
        .await?;
        let Fetched {
            arrived,
            refused,
            loss,
        } = fetched;
        let skipped = u32::try_from(refused.len()).unwrap_or(u32::MAX);
        let skipped = skipped.saturating_add(news.left_out);
        course.given_up.extend(refused);
        let Some(loss) = loss else {
            window.remember(&mut remembered.borrow_mut().pipelining);
            meter.stage(Stage::Finishing);
            connection.quit().await;
            let is_part = PART.contains(&news.listed) && new == news.listed && arrived > 0;
            course.parts += 1;
            if is_part && course.parts < MAX_PARTS && may_log_in(maildrop).await {
                continue;
            }
            return Ok(skipped);
        };
        drop(connection);
        maildrop
            .journal
            .borrow()
            .teach(&mut remembered.borrow_mut());
        if loss.fault.is_end_of_relay() {
            if !course.moves_on(arrived) || !may_log_in(maildrop).await {
                return Err(loss.fault.into());
            }
            course.pause(maildrop.clock).await;
            continue;
        }
        let nothing_else = queue.is_empty() && !loss.unanswered;
        let given_up = course.blame(
            &loss,
            arrived,
            seconds_of(meter.now()),
            &mut remembered.borrow_mut(),
        );
        if given_up && nothing_else {
            return Ok(skipped.saturating_add(1));
        }
        if loss.culprit.is_none() || course.lost > MAX_LOSSES || !may_log_in(maildrop).await {
            return Err(loss.fault.into());
        }
        course.lost_by = Some(loss.fault.into());
        course.pause(maildrop.clock).await;
    }
}
