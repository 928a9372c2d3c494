//! What is done differently after a session of a check was lost, and when.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::Duration;

use restante_shared::pop3::quirk::Quirk;

use super::Maildrop;
use super::fetch::retrieve::Loss;
use super::fetch::undeliverable;
use crate::api::problem::{Problem, ProblemKind};
use crate::clock::Clock;
use crate::engine::mailboxes::server_profile::{Remembered, seconds_of};
use crate::engine::server::fault::Fault;

/// How many sessions of a check may be lost. A message that ends sessions costs two, and hosts count
/// logins: some allow sixty an hour.
pub(in crate::engine) const MAX_LOSSES: u32 = 6;

/// The pause before another session, twice as long for each that was lost: the server has to notice
/// that the last one is gone, or it says `[IN-USE]`.
const PAUSE: Duration = Duration::from_millis(100);

/// How often in a row the bridge may send a check elsewhere before a message arrives. With the pauses
/// in between, the first of which is none, a bridge may be away for twelve seconds.
const MAX_MOVES: u32 = 8;

/// The longest pause that a server wants between logins and that a check waits for, in seconds: it is
/// ten with most Couriers.
const SHORT_DELAY: i64 = 30;

/// Waits until the server lets this client in again, and says whether that is soon.
pub(in crate::engine) async fn may_log_in<C: Clock>(maildrop: &Maildrop<'_, C>) -> bool {
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
pub(in crate::engine) struct Course {
    pub(in crate::engine) lost: u32,
    /// How often the bridge has sent it elsewhere since a message arrived: nobody's fault, so that it
    /// takes nothing from the sessions that may be lost.
    moves: u32,
    /// What ended the session that was lost last. It is told where there is no other session to be
    /// had: the line may just be down.
    pub(in crate::engine) lost_by: Option<Problem>,
    pub(in crate::engine) parts: u32,
    /// Over which messages a session was lost once: they come last, and alone.
    suspects: Vec<String>,
    /// Which messages are not tried again in this check: all that are listed, where the server
    /// refuses each.
    pub(in crate::engine) given_up: BTreeSet<String>,
    /// Whether nothing is asked for ahead any more.
    pub(in crate::engine) one_by_one: bool,
    /// Whether listings that were asked for ahead were not answered in time, or not in step.
    pub(in crate::engine) stalled_ahead: Cell<bool>,
    /// The message over which pipelining was taken for broken.
    blamed_pipelining: Option<String>,
}

impl Course {
    pub(in crate::engine) fn is_given_up(&self, unique_id: &str) -> bool {
        self.given_up.contains(unique_id)
    }

    /// Whether the maildrop is still locked by the session that was lost.
    pub(in crate::engine) fn is_shut_out(&mut self, problem: &Problem) -> bool {
        let left_one = self.lost > 0 || self.moves > 0;
        let shut_out = left_one && problem.kind == ProblemKind::MaildropInUse;
        self.lost += u32::from(shut_out);
        shut_out && self.lost <= MAX_LOSSES
    }

    /// Whether the bridge that was asked is being stopped, so that another one answers at the same
    /// address, or the same one soon does again.
    pub(in crate::engine) fn is_sent_elsewhere(&mut self, problem: &Problem) -> bool {
        match problem.kind {
            ProblemKind::BridgeShuttingDown => self.moves_on(0),
            ProblemKind::BridgeUnreachable if self.moves > 0 => self.moves_on(0),
            _ => false,
        }
    }

    /// Whether to dial again after the bridge has ended the relay, through which so many messages
    /// have `arrived`.
    pub(in crate::engine) fn moves_on(&mut self, arrived: u32) -> bool {
        if arrived > 0 {
            self.moves = 0;
        }
        self.moves += 1;
        self.moves <= MAX_MOVES
    }

    /// Makes ready for another session after one was lost before the maildrop was listed, perhaps
    /// since listings were asked for ahead.
    pub(in crate::engine) async fn lost_listing<C: Clock>(
        &mut self,
        maildrop: &Maildrop<'_, C>,
        problem: Problem,
        is_ahead: bool,
    ) -> Result<(), Problem> {
        self.lost += 1;
        self.stalled_ahead
            .set(is_ahead && problem.kind != ProblemKind::ConnectionLost);
        if self.lost > MAX_LOSSES || !may_log_in(maildrop).await {
            return Err(problem);
        }
        self.lost_by = Some(problem);
        self.pause(maildrop.clock).await;
        Ok(())
    }

    pub(in crate::engine) async fn pause(&self, clock: &impl Clock) {
        // Whom the bridge sends elsewhere goes at once.
        let times = self.lost + self.moves.saturating_sub(1);
        if times > 0 {
            clock.sleep(PAUSE * 2_u32.pow(times.min(MAX_LOSSES))).await;
        }
    }

    /// Finds what to do differently after a session was lost. Returns whether its message is given up.
    pub(in crate::engine) fn blame(
        &mut self,
        loss: &Loss,
        arrived: u32,
        now: i64,
        remembered: &mut Remembered,
    ) -> bool {
        self.lost += 1;
        let Some(culprit) = &loss.culprit else {
            return false;
        };
        let unique_id = &culprit.unique_id;
        let reason = loss.fault.to_string();
        if culprit.alone && self.suspects.contains(unique_id) || is_endless(&loss.fault) {
            self.given_up.insert(unique_id.clone());
            undeliverable::mark(remembered, unique_id, now, &reason);
            // It was the message, and not that others were asked for behind it.
            if self.blamed_pipelining.as_ref() == Some(unique_id) {
                remembered.pipelining.broken = false;
                remembered.quirks.remove(&Quirk::BrokenPipelining);
            }
            return true;
        }
        self.suspects.push(unique_id.clone());
        undeliverable::suspect(remembered, unique_id, now, &reason);
        if loss.several {
            let stalled = matches!(loss.fault, Fault::TimedOut);
            if loss.fault.is_loss_of_step() || stalled {
                remembered.cannot_pipeline();
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
    use crate::engine::check::find::queue::Wanted;
    use crate::transport::TransportError;

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
