//! Fetches messages, pipelined as far as the window allows.
//!
//! The next commands leave before a batch is committed. So the server always has something to answer,
//! and does not close a session that is idle only because this side is busy.
//!
//! A message that ends before its announced size, or only because nothing followed, counts only once
//! the next reply has begun correctly. If a server does not byte-stuff, a message may end at a dot of
//! its own, and its rest looks like replies. A message that is longer than announced and contains a
//! reply is given up: its end was missed, and the replies after it belong to other messages.

use std::collections::VecDeque;

use restante_shared::pop3::command::Command;
use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::session::{Event, PeerError, Request};

use super::batch::Batch;
use super::swallowed_reply::SwallowedReply;
use super::window::PipelineWindow;
use crate::api::problem::Problem;
use crate::clock::Clock;
use crate::engine::check::error::PhaseError;
use crate::engine::check::find::queue::{Queue, Wanted};
use crate::engine::check::meter::Meter;
use crate::engine::mailboxes::lesson::Lesson;
use crate::engine::mailboxes::live_profile::LiveProfile;
use crate::engine::server::connection::Connection;
use crate::engine::server::fault::Fault;
use crate::engine::sink::Delivery;

/// The result of fetching in one session.
#[derive(Debug, Default)]
pub(in crate::engine) struct Fetched {
    /// The number of messages that arrived.
    pub(in crate::engine) arrived: u32,
    /// The unique-ids of the messages that the server refused.
    pub(in crate::engine) refused: Vec<String>,
    /// The loss of the session, if it was lost.
    pub(in crate::engine) loss: Option<FetchLoss>,
}

/// The loss of a session while messages were fetched.
#[derive(Debug)]
pub(in crate::engine) struct FetchLoss {
    /// The fault that ended the session.
    pub(in crate::engine) fault: Fault,
    /// The message to blame, if any: the oldest whose reply is not complete.
    pub(in crate::engine) culprit: Option<Wanted>,
    /// True if several messages were in flight.
    pub(in crate::engine) several: bool,
    /// True if a message other than the culprit was asked for and not answered.
    pub(in crate::engine) unanswered: bool,
}

/// Fetches the queued messages, and commits those that arrive.
///
/// # Errors
/// If storage fails.
pub(in crate::engine) async fn fetch<D: Delivery, C: Clock>(
    connection: &mut Connection<C>,
    queue: &mut Queue,
    window: &mut PipelineWindow,
    profile: &mut LiveProfile<'_>,
    batch: &mut Batch<'_, D>,
    meter: &mut Meter<'_, C>,
) -> Result<Fetched, Problem> {
    let mut fetching = Fetching {
        window,
        profile,
        batch,
        asked: VecDeque::new(),
        ahead: 0,
        of_current: 0,
        held: None,
        ended_in_silence: false,
        reply_search: SwallowedReply::default(),
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
            // Nothing follows that would show whether a suspect is complete.
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
                fetching.ended_in_silence = connection.take_ended_in_silence();
                fetching.profile.learn(connection.take_lessons()).await;
                match fetching.on_event(event, meter).await {
                    Ok(()) => {}
                    Err(PhaseError::SessionLost(fault)) => break fault,
                    Err(PhaseError::Fatal(problem)) => return Err(problem),
                }
            }
            Err(fault) => break fault,
        }
    };
    fetching.lose(fault, meter).await
}

/// Verifies that the server is in step.
async fn in_step<C: Clock>(connection: &mut Connection<C>) -> Result<(), Fault> {
    connection.send(Command::Noop)?;
    loop {
        let event = connection.step().await?;
        if matches!(event, Event::Completed { .. } | Event::Refused { .. }) {
            return Ok(());
        }
    }
}

/// Messages on their way from the server to a batch.
struct Fetching<'a, 'b, 'p, D: Delivery> {
    window: &'a mut PipelineWindow,
    profile: &'a mut LiveProfile<'p>,
    batch: &'a mut Batch<'b, D>,
    /// The messages that were asked for, oldest first.
    asked: VecDeque<Wanted>,
    /// The number of their bytes that have not arrived, from the announced sizes.
    ahead: u64,
    /// The number of these bytes that belong to the oldest message.
    of_current: u64,
    /// A message that has ended and does not count yet.
    held: Option<Wanted>,
    /// True if the current message ended only because nothing followed.
    ended_in_silence: bool,
    /// Searches the current message for another reply.
    reply_search: SwallowedReply,
    fetched: Fetched,
}

impl<D: Delivery> Fetching<'_, '_, '_, D> {
    /// Asks for as many messages as the window allows.
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

    /// Returns the only message in flight.
    fn only(&self) -> Option<&Wanted> {
        self.asked.front().filter(|_| self.asked.len() == 1)
    }

    /// Handles an event about the oldest message that was asked for: replies arrive in order.
    async fn on_event<C: Clock>(
        &mut self,
        event: Event,
        meter: &mut Meter<'_, C>,
    ) -> Result<(), PhaseError> {
        match event {
            Event::Accepted { .. } => {
                self.release(meter).await?;
                self.reply_search = SwallowedReply::default();
                if let Some(current) = self.asked.front() {
                    self.batch.begin(&current.unique_id).await?;
                }
            }
            Event::Body(octets) => {
                if !self.batch.push(&octets).await? {
                    return Err(Fault::Endless.into());
                }
                // If nothing else is in flight, the message cannot contain another reply.
                if self.asked.len() > 1 {
                    self.reply_search.push(&octets);
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
                    // The codec adds a line break that is missing at the end.
                    let is_right = |announced| octets == announced || octets == announced + 2;
                    if !done.announced.is_none_or(is_right) {
                        let quirk = Lesson::Quirk(Quirk::WrongSize);
                        self.profile.learn([quirk]).await;
                    }
                    let is_long = done
                        .announced
                        .is_none_or(|announced| octets > announced + 2);
                    let message = done.message;
                    done.alone |= self.ended_in_silence;
                    self.held = Some(done);
                    if is_long && self.has_swallowed_a_reply() {
                        let fault = PeerError::NoStatus(Request::Retr(message));
                        return Err(Fault::from(fault).into());
                    }
                    if !is_short && !self.ended_in_silence {
                        self.release(meter).await?;
                    }
                }
            }
            Event::Refused { text, .. } => {
                self.release(meter).await?;
                if let Some(refused) = self.answered(meter) {
                    let lesson = Lesson::MessageFailed {
                        unique_id: refused.unique_id.clone(),
                        reason: text.text,
                        is_certain: true,
                    };
                    self.profile.learn([lesson]).await;
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
        Ok(())
    }

    /// Returns true if the message that has ended contains the reply to another command.
    fn has_swallowed_a_reply(&self) -> bool {
        !self.asked.is_empty() && self.reply_search.is_found()
    }

    /// Removes the oldest message, whose reply is complete.
    fn answered<C: Clock>(&mut self, meter: &Meter<'_, C>) -> Option<Wanted> {
        let answered = self.asked.pop_front();
        self.ahead -= self.of_current;
        self.of_current = self.asked.front().map_or(0, Wanted::octets);
        self.window.answered(meter.now());
        answered
    }

    /// Counts the message that is held, if any.
    async fn release<C: Clock>(&mut self, meter: &mut Meter<'_, C>) -> Result<(), Problem> {
        let Some(done) = self.held.take() else {
            return Ok(());
        };
        self.batch.finish().await?;
        self.fetched.arrived += 1;
        let unique_id = done.unique_id;
        if self.profile.undeliverable.contains_key(&unique_id) {
            let lesson = Lesson::MessageDelivered { unique_id };
            self.profile.learn([lesson]).await;
        }
        meter.message();
        Ok(())
    }

    /// Abandons messages that have not arrived, and commits those that have.
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
        self.fetched.loss = Some(FetchLoss {
            fault,
            culprit,
            several: swallowed || self.asked.len() > 1,
            unanswered: others > 0,
        });
        Ok(self.fetched)
    }
}
