//! Decides what follows a session of a check: the only place that does.
//!
//! [`Recovery::next`] is a pure function of the sessions so far, the end of the last one, the server's
//! profile and the time. It returns the next step, and the lessons for later checks.

use std::collections::BTreeSet;
use std::time::Duration;

use restante_shared::pop3::session::Request;

use super::fetch::retrieve::FetchLoss;
use super::find::error::{ListingError, NamingLoss};
use crate::api::problem::{Problem, ProblemKind};
use crate::engine::mailboxes::lesson::Lesson;
use crate::engine::mailboxes::server_profile::ServerProfile;
use crate::engine::server::fault::Fault;
use crate::engine::server::login::connect::LoginError;

/// The number of sessions of a check that may be lost. A message that ends sessions costs two, and
/// hosts limit logins: some allow sixty per hour.
const MAX_LOSSES: u32 = 6;

/// The pause before another session. It doubles with each lost session: the server has to notice that
/// the last one is gone, or it answers `[IN-USE]`.
const PAUSE: Duration = Duration::from_millis(100);

/// The number of times in a row that the bridge may end the relay before a message arrives. With the
/// pauses in between, the first of which is zero, a bridge may be away for twelve seconds.
const MAX_MOVES: u32 = 8;

/// The longest pause between logins that a check waits for, in seconds. Most Couriers require ten.
const SHORT_DELAY: i64 = 30;

/// The number of parts of a maildrop that one check fetches.
const MAX_PARTS: u32 = 1_000;

/// The end of a session.
#[derive(Debug)]
pub(super) enum SessionEnd {
    /// The login failed.
    NotLoggedIn(LoginError),
    /// The maildrop could not be listed.
    LostInListing {
        error: ListingError,
        /// The command whose reply was next.
        awaited: Option<Request>,
        /// True if listings were pipelined after the login.
        was_pipelined: bool,
        /// True if that reply had begun.
        is_midway: bool,
    },
    /// The session was lost while listed messages were matched with stored ones.
    LostInMatching(Fault),
    /// The session was lost while messages were fetched.
    LostInFetching {
        loss: FetchLoss,
        /// The number of messages that arrived.
        arrived: u32,
        /// The unique-ids of the messages that the server refused.
        refused: Vec<String>,
        /// The number of messages that were refused or left on the server.
        skipped: u32,
        /// True if no message is left to fetch, other than the one to blame.
        is_last: bool,
    },
    /// Every message that is due was fetched, and the session ended with `QUIT`.
    Complete {
        /// The unique-ids of the messages that the server refused.
        refused: Vec<String>,
        /// The number of messages that were refused or left on the server.
        skipped: u32,
        /// True if the server may have listed only a part of the maildrop.
        is_part: bool,
    },
}

/// The next step of a check.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The check is complete.
    Finish {
        /// The number of messages that the server did not deliver.
        skipped: u32,
    },
    /// The check ends with a problem.
    Fail(Problem),
    /// Another session follows.
    Reconnect {
        /// The pause before it.
        after: Duration,
    },
}

/// The sessions of a check so far.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    /// The number of sessions that were lost.
    lost: u32,
    /// The number of times that the bridge has ended the relay since a message arrived. Neither the
    /// server nor a message is to blame, so these do not count as lost sessions.
    moves: u32,
    /// The problem that ended the last session. Reported if no other opens, unless the bridge is down.
    lost_by: Option<Problem>,
    /// The number of parts of the maildrop that were fetched.
    parts: u32,
    /// Messages over which one session was lost. They come last, and alone.
    suspects: BTreeSet<String>,
    /// Messages that are not tried again in this check. These are all listed ones if the server
    /// refuses each.
    given_up: BTreeSet<String>,
    /// True if commands are no longer pipelined.
    one_by_one: bool,
    /// True if pipelined listings were not answered in time, or not in step.
    stalled_listing: bool,
    /// The message whose loss was taken for broken pipelining.
    blamed_pipelining: Option<String>,
}

impl Recovery {
    /// Returns true if a message is not tried again in this check.
    pub(super) fn is_given_up(&self, unique_id: &str) -> bool {
        self.given_up.contains(unique_id)
    }

    /// Returns true if commands must not be pipelined.
    pub(super) fn is_one_by_one(&self) -> bool {
        self.one_by_one
    }

    /// Returns true if pipelining is broken, provided that the server now lists without it in time.
    pub(super) fn suspects_pipelining(&self) -> bool {
        self.stalled_listing
    }

    /// Returns true until a part of the maildrop was fetched.
    pub(super) fn is_first_part(&self) -> bool {
        self.parts == 0
    }

    /// Decides what follows a session, at a time in seconds since 1970.
    pub(super) fn next(
        &mut self,
        end: SessionEnd,
        profile: &ServerProfile,
        now: i64,
    ) -> (Next, Vec<Lesson>) {
        let delay = login_delay(profile, now);
        match end {
            SessionEnd::NotLoggedIn(LoginError::PipelinedListing(problem)) => {
                let next = self.lost_listing(problem, true, delay);
                (next, vec![Lesson::PipelinedListingLost])
            }
            SessionEnd::NotLoggedIn(error) => {
                (self.not_logged_in(error.into_problem(), delay), vec![])
            }
            SessionEnd::LostInListing {
                error,
                awaited,
                was_pipelined,
                is_midway,
            } => {
                let mut lessons = match &error {
                    ListingError::Naming(loss) => lessons_of_naming(loss, profile),
                    ListingError::Failed(_) => vec![],
                };
                let problem = error.into_problem();
                let next = if self.is_moved(&problem) {
                    self.reconnect(delay, problem)
                } else {
                    let is_listing =
                        matches!(awaited, Some(Request::Uidl(None) | Request::List(None)));
                    // Messages are read before there are unique-ids, to identify them.
                    let is_message = matches!(awaited, Some(Request::Top(_) | Request::Retr(_)));
                    let is_loss = problem.kind.is_loss();
                    let over_listing = is_loss && is_listing && was_pipelined;
                    if over_listing {
                        lessons.push(Lesson::PipelinedListingLost);
                    }
                    if over_listing || (is_loss && is_message) {
                        self.one_by_one |= is_message;
                        // A reply that has begun was asked for in the right way, so the connection
                        // is to blame for silence in the middle of it.
                        let is_line = problem.kind == ProblemKind::TimedOut && is_midway;
                        self.lost_listing(problem, over_listing && !is_line, delay)
                    } else {
                        Next::Fail(problem)
                    }
                };
                (next, lessons)
            }
            SessionEnd::LostInMatching(fault) => self.lost_matching(fault, delay),
            SessionEnd::LostInFetching {
                loss,
                arrived,
                refused,
                skipped,
                is_last,
            } => {
                self.stalled_listing = false;
                self.given_up.extend(refused);
                self.lost_fetching(loss, arrived, skipped, is_last, delay)
            }
            SessionEnd::Complete {
                refused,
                skipped,
                is_part,
            } => {
                self.stalled_listing = false;
                self.given_up.extend(refused);
                self.parts += 1;
                let next = match delay {
                    Some(after) if is_part && self.parts < MAX_PARTS => Next::Reconnect { after },
                    _ => Next::Finish { skipped },
                };
                (next, vec![])
            }
        }
    }

    fn not_logged_in(&mut self, problem: Problem, delay: Option<Duration>) -> Next {
        if self.is_still_locked(&problem) || self.is_moved(&problem) {
            return self.reconnect(delay, problem);
        }
        let is_bridge = problem.kind == ProblemKind::BridgeUnreachable;
        let lost_by = self.lost_by.take().filter(|_| !is_bridge);
        Next::Fail(lost_by.unwrap_or(problem))
    }

    /// Decides after a loss before the maildrop was listed. `stalled` is true if pipelined listings may
    /// be to blame.
    fn lost_listing(&mut self, problem: Problem, stalled: bool, delay: Option<Duration>) -> Next {
        self.lost += 1;
        self.stalled_listing = stalled && problem.kind != ProblemKind::ConnectionLost;
        self.try_again(problem, delay)
    }

    fn lost_matching(&mut self, fault: Fault, delay: Option<Duration>) -> (Next, Vec<Lesson>) {
        self.stalled_listing = false;
        let mut lessons = Vec::new();
        if !(fault.is_end_of_relay() && self.may_move(0)) {
            self.lost += 1;
            self.one_by_one |= fault.is_loss_of_step();
            // One loss may be an accident, and messages that are not matched are all fetched again.
            if self.lost > 1 {
                lessons.push(Lesson::TopBroke);
            }
        }
        (self.try_again(fault.into(), delay), lessons)
    }

    fn lost_fetching(
        &mut self,
        loss: FetchLoss,
        arrived: u32,
        skipped: u32,
        is_last: bool,
        delay: Option<Duration>,
    ) -> (Next, Vec<Lesson>) {
        if loss.fault.is_end_of_relay() {
            let may_move = self.may_move(arrived);
            let problem = loss.fault.into();
            let next = match may_move {
                true => self.reconnect(delay, problem),
                false => Next::Fail(problem),
            };
            return (next, vec![]);
        }
        self.lost += 1;
        let (is_given_up, lessons) = self.blame(&loss, arrived);
        let next = if is_given_up && is_last {
            let skipped = skipped.saturating_add(1);
            Next::Finish { skipped }
        } else if loss.culprit.is_none() {
            Next::Fail(loss.fault.into())
        } else {
            self.try_again(loss.fault.into(), delay)
        };
        (next, lessons)
    }

    /// Finds the cause of a session that was lost while messages were fetched. Returns true if its
    /// message is given up.
    fn blame(&mut self, loss: &FetchLoss, arrived: u32) -> (bool, Vec<Lesson>) {
        let Some(culprit) = &loss.culprit else {
            return (false, vec![]);
        };
        let unique_id = &culprit.unique_id;
        let failed = |is_certain| Lesson::MessageFailed {
            unique_id: unique_id.clone(),
            reason: loss.fault.to_string(),
            is_certain,
        };
        let is_endless = matches!(loss.fault, Fault::Endless);
        if is_endless || culprit.alone && self.suspects.contains(unique_id) {
            let mut lessons = vec![failed(true)];
            self.given_up.insert(unique_id.clone());
            // The message was to blame, and not pipelining.
            if self.blamed_pipelining.as_ref() == Some(unique_id) {
                lessons.push(Lesson::PipeliningWorks);
            }
            return (true, lessons);
        }
        let mut lessons = vec![failed(false)];
        self.suspects.insert(unique_id.clone());
        if loss.several {
            let stalled = matches!(loss.fault, Fault::TimedOut);
            if loss.fault.is_loss_of_step() || stalled {
                lessons.push(Lesson::PipeliningBroken);
                self.blamed_pipelining = Some(unique_id.clone());
            } else {
                // A dropped connection may mean that the server rejects pipelining, or just a bad
                // network.
                self.one_by_one |= arrived == 0 || self.lost > 1;
            }
        }
        (false, lessons)
    }

    /// Returns true if the session that was lost still locks the maildrop.
    fn is_still_locked(&mut self, problem: &Problem) -> bool {
        let has_left_one = self.lost > 0 || self.moves > 0;
        let is_locked = has_left_one && problem.kind == ProblemKind::MaildropInUse;
        self.lost += u32::from(is_locked);
        is_locked && self.lost <= MAX_LOSSES
    }

    /// Returns true if the bridge is being stopped, so that another one answers at the same address,
    /// or the same one soon answers again.
    fn is_moved(&mut self, problem: &Problem) -> bool {
        match problem.kind {
            ProblemKind::BridgeShuttingDown => self.may_move(0),
            ProblemKind::BridgeUnreachable if self.moves > 0 => self.may_move(0),
            _ => false,
        }
    }

    /// Returns true if the client may dial again after the bridge has ended a relay through which
    /// `arrived` messages came.
    fn may_move(&mut self, arrived: u32) -> bool {
        if arrived > 0 {
            self.moves = 0;
        }
        self.moves += 1;
        self.moves <= MAX_MOVES
    }

    /// Reconnects after a loss, unless too many sessions were lost.
    fn try_again(&mut self, problem: Problem, delay: Option<Duration>) -> Next {
        if self.lost > MAX_LOSSES {
            return Next::Fail(problem);
        }
        self.lost_by = Some(problem.clone());
        self.reconnect(delay, problem)
    }

    /// Reconnects after the server's own delay and a pause that grows with each lost session. Fails if
    /// that delay is too long.
    fn reconnect(&self, delay: Option<Duration>, problem: Problem) -> Next {
        let Some(delay) = delay else {
            return Next::Fail(problem);
        };
        // The first move needs no pause.
        let times = self.lost + self.moves.saturating_sub(1);
        let pause = match times {
            0 => Duration::ZERO,
            times => PAUSE * 2_u32.pow(times.min(MAX_LOSSES)),
        };
        Next::Reconnect {
            after: delay + pause,
        }
    }
}

/// Returns the time until the server allows another login; `None` if a check does not wait so long.
fn login_delay(profile: &ServerProfile, now: i64) -> Option<Duration> {
    let seconds = profile.pause_at(now).map_or(0, |next| next - now);
    (seconds <= SHORT_DELAY).then(|| Duration::from_secs(seconds.unsigned_abs()))
}

/// Finds the cause of a session that was lost while messages were read to identify them.
fn lessons_of_naming(loss: &NamingLoss, profile: &ServerProfile) -> Vec<Lesson> {
    if loss.fault.is_end_of_relay() {
        vec![]
    } else if loss.pipelined && loss.fault.is_loss_of_step() {
        vec![Lesson::PipeliningBroken]
    } else if loss.is_first_header {
        vec![Lesson::TopBroke]
    } else if let Some(place) = &loss.place {
        vec![Lesson::MessageFailed {
            unique_id: place.clone(),
            reason: loss.fault.to_string(),
            is_certain: profile.undeliverable.contains_key(place),
        }]
    } else {
        vec![]
    }
}

#[cfg(test)]
mod tests;
