//! The sessions of one check: usually one, another where the last one was lost over a message, or
//! where the server lists only a part of the maildrop at a time.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::{AsyncRead, AsyncWrite};
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::quirk::Quirk;

use super::Maildrop;
use super::bad;
use super::batch::Batch;
use super::fault::Fault;
use super::fetching::{self, Fetched, Loss};
use super::listing;
use super::login::{self, Opened};
use super::meter::Meter;
use super::renamed;
use super::window::Window;
use crate::clock::Clock;
use crate::engine::delivery::Delivery;
use crate::engine::event::{Problem, ProblemKind, Stage};
use crate::engine::remembered::{Remembered, seconds_of};
use crate::transport::TransportError;

/// How many sessions of a check may be lost. A message that ends sessions costs two, and hosts count
/// logins: some allow sixty an hour.
const MAX_LOSSES: u32 = 6;

/// The pause before another session, twice as long for each that was lost: the server has to notice
/// that the last one is gone, or it says `[IN-USE]`.
const PAUSE: Duration = Duration::from_millis(100);

/// How often in a row the bridge may send a check elsewhere before a message arrives. With the pauses
/// in between, the first of which is none, a bridge may be away for twelve seconds.
const MAX_MOVES: u32 = 8;

/// The longest pause that a server wants between logins and that a check waits for, in seconds: it is
/// ten with most Couriers.
const SHORT_DELAY: i64 = 30;

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
        let opened = match opened.take() {
            Some(opened) => Ok(opened),
            None => login::log_in(maildrop, &dial, &mut meter).await,
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
            Err(problem) => return Err(course.lost_by.unwrap_or(problem)),
        };
        meter.stage(Stage::Listing);
        let now = seconds_of(meter.now());
        let is_due = |unique_id: &str| {
            !course.is_given_up(unique_id) && bad::is_due(&remembered.borrow(), unique_id, now)
        };
        let news = listing::list(
            &mut connection,
            &capabilities,
            known,
            remembered,
            now,
            is_due,
        )
        .await;
        let mut news = match news {
            Ok(news) => news,
            Err(problem) if course.is_sent_elsewhere(&problem) => {
                course.pause(maildrop.clock).await;
                continue;
            }
            Err(problem) => return Err(problem),
        };
        let ahead = capabilities.pipelining() && !course.one_by_one;
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
        let fetched = fetching::fetch(
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

/// Waits until the server lets this client in again, and says whether that is soon.
async fn may_log_in<C: Clock>(maildrop: &Maildrop<'_, C>) -> bool {
    let now = seconds_of(maildrop.clock.now());
    let next = maildrop.remembered.borrow().pause_at(now);
    let seconds = next.map_or(0, |next| next - now);
    if (1..=SHORT_DELAY).contains(&seconds) {
        let pause = Duration::from_secs(seconds.unsigned_abs());
        maildrop.clock.sleep(pause).await;
    }
    seconds <= SHORT_DELAY
}

/// What the sessions of a check have come to so far.
#[derive(Debug, Default)]
struct Course {
    lost: u32,
    /// How often the bridge has sent it elsewhere since a message arrived: nobody's fault, so that it
    /// takes nothing from the sessions that may be lost.
    moves: u32,
    /// What ended the session that was lost last. It is told where there is no other session to be
    /// had: the line may just be down.
    lost_by: Option<Problem>,
    parts: u32,
    /// Over which messages a session was lost once: they come last, and alone.
    suspects: Vec<String>,
    /// Which messages are not tried again in this check: all that are listed, where the server
    /// refuses each.
    given_up: BTreeSet<String>,
    /// Whether nothing is asked for ahead any more.
    one_by_one: bool,
    /// The message over which pipelining was taken for broken.
    blamed_pipelining: Option<String>,
}

impl Course {
    fn is_given_up(&self, unique_id: &str) -> bool {
        self.given_up.contains(unique_id)
    }

    /// Whether the maildrop is still locked by the session that was lost.
    fn is_shut_out(&mut self, problem: &Problem) -> bool {
        let left_one = self.lost > 0 || self.moves > 0;
        let shut_out = left_one && problem.kind == ProblemKind::MaildropInUse;
        self.lost += u32::from(shut_out);
        shut_out && self.lost <= MAX_LOSSES
    }

    /// Whether the bridge that was asked is being stopped, so that another one answers at the same
    /// address, or the same one soon does again.
    fn is_sent_elsewhere(&mut self, problem: &Problem) -> bool {
        match problem.kind {
            ProblemKind::BridgeShuttingDown => self.moves_on(0),
            ProblemKind::BridgeUnreachable if self.moves > 0 => self.moves_on(0),
            _ => false,
        }
    }

    /// Whether to dial again after the bridge has ended the relay, through which so many messages
    /// have `arrived`.
    fn moves_on(&mut self, arrived: u32) -> bool {
        if arrived > 0 {
            self.moves = 0;
        }
        self.moves += 1;
        self.moves <= MAX_MOVES
    }

    async fn pause(&self, clock: &impl Clock) {
        // Whom the bridge sends elsewhere goes at once.
        let times = self.lost + self.moves.saturating_sub(1);
        if times > 0 {
            clock.sleep(PAUSE * 2_u32.pow(times.min(MAX_LOSSES))).await;
        }
    }

    /// Finds what to do differently after a session was lost. Returns whether its message is given up.
    fn blame(&mut self, loss: &Loss, arrived: u32, now: i64, remembered: &mut Remembered) -> bool {
        self.lost += 1;
        let Some(culprit) = &loss.culprit else {
            return false;
        };
        let unique_id = &culprit.unique_id;
        let reason = loss.fault.to_string();
        if culprit.alone && self.suspects.contains(unique_id) || is_endless(&loss.fault) {
            self.given_up.insert(unique_id.clone());
            bad::mark(remembered, unique_id, now, &reason);
            // It was the message, and not that others were asked for behind it.
            if self.blamed_pipelining.as_ref() == Some(unique_id) {
                remembered.pipelining.broken = false;
                remembered.quirks.remove(&Quirk::BrokenPipelining);
            }
            return true;
        }
        self.suspects.push(unique_id.clone());
        bad::suspect(remembered, unique_id, now, &reason);
        if loss.several {
            let stalled = matches!(loss.fault, Fault::TimedOut);
            if loss.fault.is_loss_of_step() || stalled {
                remembered.pipelining.broken = true;
                remembered.quirks.insert(Quirk::BrokenPipelining);
                self.blamed_pipelining = Some(unique_id.clone());
            } else {
                // Whoever hangs up may not like commands ahead, or just has a bad line.
                self.one_by_one |= arrived == 0 || self.lost > 1;
            }
        }
        false
    }
}

fn is_endless(fault: &Fault) -> bool {
    matches!(fault, Fault::Endless)
}

#[cfg(test)]
mod tests {
    use restante_shared::pop3::argument::MessageNumber;

    use super::*;
    use crate::engine::check::queue::Wanted;

    fn loss(fault: Fault, alone: bool) -> Loss {
        Loss {
            fault,
            culprit: Some(Wanted {
                message: MessageNumber::new(1).unwrap(),
                unique_id: "one".to_owned(),
                announced: None,
                alone,
            }),
            several: !alone,
            unanswered: !alone,
        }
    }

    #[test]
    fn a_message_without_end_is_given_up_at_once_and_nothing_else_is_blamed() {
        let (mut course, mut remembered) = (Course::default(), Remembered::default());
        assert!(course.blame(&loss(Fault::Endless, false), 0, 0, &mut remembered));
        assert!(course.is_given_up("one") && !course.one_by_one);
        assert!(!remembered.pipelining.broken);
        assert_eq!(remembered.bad_messages["one"].attempts, 1);
    }

    #[test]
    fn a_connection_that_breaks_at_once_makes_the_rest_come_one_by_one() {
        let lost = || loss(TransportError::Lost.into(), false);
        let (mut course, mut remembered) = (Course::default(), Remembered::default());
        assert!(!course.blame(&lost(), 7, 0, &mut remembered));
        assert!(!course.one_by_one, "it may have been an accident");
        assert!(!course.blame(&lost(), 7, 0, &mut remembered));
        assert!(course.one_by_one && !remembered.pipelining.broken);
    }

    #[test]
    fn a_bridge_that_stops_takes_nothing_from_the_sessions_that_may_be_lost() {
        let mut course = Course::default();
        let stopping = ProblemKind::BridgeShuttingDown.into();
        for _ in 0..3 {
            assert!(course.moves_on(5), "each relay has carried something");
            for _ in 1..MAX_MOVES {
                assert!(course.is_sent_elsewhere(&stopping));
            }
        }
        assert_eq!(course.lost, 0);
        assert!(!course.is_sent_elsewhere(&stopping), "there is no other");
    }

    #[test]
    fn a_bridge_that_cannot_be_reached_is_waited_for_only_after_one_has_stopped() {
        let mut course = Course::default();
        let away = ProblemKind::BridgeUnreachable.into();
        assert!(!course.is_sent_elsewhere(&away));
        assert!(course.is_sent_elsewhere(&ProblemKind::BridgeShuttingDown.into()));
        assert!(course.is_sent_elsewhere(&away));
    }
}
