//! Fetches messages, as many ahead as the window allows.
//!
//! Nothing is done here between two commands: what is asked for next has left before a batch is
//! committed, so a server always has something to answer, and none hangs up on a session that is
//! idle only because this side is busy.
//!
//! A message that ends before its announced size, or only because nothing followed, counts only once
//! the next reply has begun as it has to: where a server does not byte-stuff, a message may end at a
//! dot of its own, and its rest poses as replies. One that is longer than announced, and has a reply
//! inside, is given up: its end was missed, and the replies behind it are no longer about what they
//! seem to be.

use std::cell::RefCell;
use std::collections::VecDeque;

use restante_shared::pop3::command::Command;
use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::session::{Event, PeerError, Request};

use super::batch::Batch;
use super::swallowed_reply::Seam;
use super::undeliverable;
use super::window::Window;
use crate::api::problem::Problem;
use crate::clock::Clock;
use crate::engine::check::find::queue::{Queue, Wanted};
use crate::engine::check::meter::Meter;
use crate::engine::mailboxes::server_profile::{Remembered, seconds_of};
use crate::engine::server::connection::Connection;
use crate::engine::server::fault::Fault;
use crate::engine::sink::Delivery;

/// What came of a session.
#[derive(Debug, Default)]
pub(in crate::engine) struct Fetched {
    /// How many messages have arrived.
    pub(in crate::engine) arrived: u32,
    /// The unique-ids of the messages that the server refused.
    pub(in crate::engine) refused: Vec<String>,
    /// What has ended the session before its time.
    pub(in crate::engine) loss: Option<Loss>,
}

/// The end of a session before its time.
#[derive(Debug)]
pub(in crate::engine) struct Loss {
    /// What has ended it.
    pub(in crate::engine) fault: Fault,
    /// The message that is to blame, if one is: the oldest that was not answered to its end.
    pub(in crate::engine) culprit: Option<Wanted>,
    /// Whether several were in flight.
    pub(in crate::engine) several: bool,
    /// Whether another one than the culprit was asked for and not answered.
    pub(in crate::engine) unanswered: bool,
}

/// Fetches what is queued, and commits it unless the session is lost.
///
/// # Errors
/// If storage fails.
pub(in crate::engine) async fn fetch<D: Delivery, C: Clock>(
    connection: &mut Connection<C>,
    queue: &mut Queue,
    window: &mut Window,
    remembered: &RefCell<Remembered>,
    batch: &mut Batch<'_, D>,
    meter: &mut Meter<'_, C>,
) -> Result<Fetched, Problem> {
    let mut fetching = Fetching {
        window,
        remembered,
        batch,
        asked: VecDeque::new(),
        ahead: 0,
        of_current: 0,
        held: None,
        ended_glued: false,
        seam: Seam::default(),
        fetched: Fetched::default(),
    };
    let fault = loop {
        if let Err(fault) = fetching.ask(connection, queue).await {
            break fault;
        }
        if fetching.batch.is_due(meter.now()) {
            meter.catch_up();
            fetching.batch.commit().await?;
        }
        if fetching.asked.is_empty() {
            // Nothing follows that would show whether a suspect was cut short.
            if fetching.held.as_ref().is_some_and(|held| held.alone)
                && let Err(fault) = meter.watch(in_step(connection)).await
            {
                break fault;
            }
            fetching.release(meter).await?;
            meter.catch_up();
            fetching.batch.commit().await?;
            return Ok(fetching.fetched);
        }
        connection.expect(fetching.only().and_then(|only| only.announced));
        match meter.watch(connection.step()).await {
            Ok(event) => {
                fetching.ended_glued = connection.take_ended_glued();
                if let Err(fault) = fetching.take(event, meter).await? {
                    break fault;
                }
            }
            Err(fault) => break fault,
        }
    };
    fetching.lose(fault, meter).await
}

/// Shows whether the server is in step.
async fn in_step<C: Clock>(connection: &mut Connection<C>) -> Result<(), Fault> {
    connection.send(Command::Noop)?;
    loop {
        let event = connection.step().await?;
        if matches!(event, Event::Completed { .. } | Event::Refused { .. }) {
            return Ok(());
        }
    }
}

/// Messages on their way from a maildrop to a batch.
struct Fetching<'a, 'b, D: Delivery> {
    window: &'a mut Window,
    remembered: &'a RefCell<Remembered>,
    batch: &'a mut Batch<'b, D>,
    /// What was asked for, oldest first.
    asked: VecDeque<Wanted>,
    /// How many octets of that have not arrived, as far as they were announced.
    ahead: u64,
    /// How many of those are the oldest message's.
    of_current: u64,
    /// A message that has come to its end and is not finished yet.
    held: Option<Wanted>,
    /// Whether the message that ends did so only because nothing followed.
    ended_glued: bool,
    /// Whether the message under way has a reply inside of it.
    seam: Seam,
    fetched: Fetched,
}

impl<D: Delivery> Fetching<'_, '_, D> {
    /// Asks for what there is room for.
    async fn ask<C: Clock>(
        &mut self,
        connection: &mut Connection<C>,
        queue: &mut Queue,
    ) -> Result<(), Fault> {
        if !self.window.is_low(self.asked.len(), self.ahead) {
            return Ok(());
        }
        while self.window.has_room(self.asked.len(), self.ahead)
            && !self.asked.front().is_some_and(|first| first.alone)
            && (self.asked.is_empty() || !queue.next_is_alone())
            && let Some(next) = queue.take()
        {
            connection.send(Command::Retr(next.message))?;
            if self.asked.is_empty() {
                self.of_current = next.octets();
            }
            self.ahead += next.octets();
            self.asked.push_back(next);
        }
        connection.flush().await
    }

    /// The only message that is on its way.
    fn only(&self) -> Option<&Wanted> {
        self.asked.front().filter(|_| self.asked.len() == 1)
    }

    /// Takes an event, which is about the oldest message that was asked for: replies come in order.
    async fn take<C: Clock>(
        &mut self,
        event: Event,
        meter: &mut Meter<'_, C>,
    ) -> Result<Result<(), Fault>, Problem> {
        match event {
            Event::Accepted { .. } => {
                self.release(meter).await?;
                self.seam = Seam::default();
                if let Some(current) = self.asked.front() {
                    self.batch.begin(&current.unique_id).await?;
                }
            }
            Event::Body(octets) => {
                if !self.batch.push(&octets).await? {
                    return Ok(Err(Fault::Endless));
                }
                // With nothing behind it, no other reply can be inside.
                if self.asked.len() > 1 {
                    self.seam.push(&octets);
                }
                let counted = self.of_current.min(octets.len() as u64);
                self.of_current -= counted;
                self.ahead -= counted;
                self.window.arrived(meter.now(), octets.len());
                meter.octets(octets.len());
            }
            Event::Completed { .. } => {
                if let Some(mut done) = self.answered(meter) {
                    let octets = self.batch.message_bytes();
                    let is_short = done.announced.is_some_and(|announced| octets < announced);
                    // A line end that was missing at the end is added on the way.
                    let is_right = |announced| octets == announced || octets == announced + 2;
                    if !done.announced.is_none_or(is_right) {
                        self.met(Quirk::WrongSize);
                    }
                    let is_long = done
                        .announced
                        .is_none_or(|announced| octets > announced + 2);
                    let message = done.message;
                    done.alone |= self.ended_glued;
                    self.held = Some(done);
                    if is_long && self.has_swallowed_a_reply() {
                        let fault = PeerError::NoStatus(Request::Retr(message));
                        return Ok(Err(fault.into()));
                    }
                    if !is_short && !self.ended_glued {
                        self.release(meter).await?;
                    }
                }
            }
            Event::Refused { text, .. } => {
                self.release(meter).await?;
                if let Some(refused) = self.answered(meter) {
                    let now = seconds_of(meter.now());
                    let mut remembered = self.remembered.borrow_mut();
                    undeliverable::mark(&mut remembered, &refused.unique_id, now, &text.text);
                    self.fetched.refused.push(refused.unique_id);
                }
            }
            Event::Challenge(_)
            | Event::Capability(_)
            | Event::DropListing(_)
            | Event::ScanListing(_)
            | Event::UniqueId(_)
            | Event::Mechanism(_)
            | Event::Language(_)
            | Event::Board(_)
            | Event::Line(_)
            | Event::Unreadable(_) => {}
        }
        Ok(Ok(()))
    }

    /// Whether the message that has ended has the reply inside of it that another command waits for.
    fn has_swallowed_a_reply(&self) -> bool {
        !self.asked.is_empty() && self.seam.is_found()
    }

    /// The oldest message has got its answer.
    fn answered<C: Clock>(&mut self, meter: &Meter<'_, C>) -> Option<Wanted> {
        let answered = self.asked.pop_front();
        self.ahead -= self.of_current;
        self.of_current = self.asked.front().map_or(0, Wanted::octets);
        self.window.answered(meter.now());
        answered
    }

    /// Finishes the message that is held, if one is.
    async fn release<C: Clock>(&mut self, meter: &mut Meter<'_, C>) -> Result<(), Problem> {
        let Some(done) = self.held.take() else {
            return Ok(());
        };
        self.batch.finish().await?;
        self.fetched.arrived += 1;
        self.remembered
            .borrow_mut()
            .bad_messages
            .remove(&done.unique_id);
        meter.message();
        Ok(())
    }

    /// Gives up what has not arrived, and commits what has.
    async fn lose<C: Clock>(
        mut self,
        fault: Fault,
        meter: &mut Meter<'_, C>,
    ) -> Result<Fetched, Problem> {
        let swallowed = self.held.is_some() && self.has_swallowed_a_reply();
        let (culprit, others) = match self.held.take() {
            Some(cut_short) if fault.is_loss_of_step() => (Some(cut_short), self.asked.len()),
            held => {
                self.held = held;
                self.release(meter).await?;
                let others = self.asked.len().saturating_sub(1);
                (self.asked.front().cloned(), others)
            }
        };
        self.batch.close().await?;
        self.fetched.loss = Some(Loss {
            fault,
            culprit,
            several: swallowed || self.asked.len() > 1,
            unanswered: others > 0,
        });
        Ok(self.fetched)
    }

    fn met(&self, quirk: Quirk) {
        self.remembered.borrow_mut().quirks.insert(quirk);
    }
}
