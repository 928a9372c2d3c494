//! One session as it is being recorded.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::session::{Event, Request};
use restante_shared::pop3::transcript::Step;

use super::measure::{Measured, Stopwatch};
use super::security;
use super::transcript_buffer::TranscriptBuffer;
use crate::api::report::SessionRecord;
use crate::api::settings::{Encryption, MailboxSettings};
use crate::clock::Clock;
use crate::engine::mailboxes::server_profile::{Remembered, Told};
use crate::transport::security::TlsSecurity;

/// How many capabilities are kept of one answer.
const MAX_CAPABILITIES: usize = 64;

/// How many characters are kept of a capability.
const MAX_CHARACTERS: usize = 200;

/// Where a session's connection tells what goes through it. Clones share one recording.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Tap(Rc<RefCell<Recording>>);

/// What happens to a connection besides what is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Moment {
    /// The bridge has connected to the server.
    Dialled,
    /// The handshake of TLS begins.
    Securing,
}

#[derive(Debug)]
struct Recording {
    began: Duration,
    encryption: Encryption,
    dialled: Option<Duration>,
    securing: Option<Duration>,
    handshake: Option<Duration>,
    security: Option<TlsSecurity>,
    lines: TranscriptBuffer,
    watch: Stopwatch,
    logged_in: bool,
    told: Told,
    quirks: BTreeSet<Quirk>,
    outcome: Option<String>,
}

impl Tap {
    pub(in crate::engine) fn new(now: Duration, settings: &MailboxSettings) -> Self {
        Self(Rc::new(RefCell::new(Recording {
            began: now,
            encryption: settings.encryption,
            dialled: None,
            securing: None,
            handshake: None,
            security: None,
            lines: TranscriptBuffer::default(),
            watch: Stopwatch::default(),
            logged_in: false,
            told: Told::default(),
            quirks: BTreeSet::new(),
            outcome: None,
        })))
    }

    /// Notes when something happened.
    pub(in crate::engine) fn at(&self, now: Duration, moment: Moment) {
        let mut recording = self.0.borrow_mut();
        match moment {
            Moment::Dialled => recording.dialled = Some(now.saturating_sub(recording.began)),
            Moment::Securing => recording.securing = Some(now),
        }
    }

    /// Notes what TLS has agreed on, where it has.
    pub(in crate::engine) fn secured(&self, now: Duration, security: Option<&TlsSecurity>) {
        let Some(security) = security else {
            return;
        };
        let mut recording = self.0.borrow_mut();
        let began = recording
            .securing
            .or(recording.dialled.map(|took| took + recording.began));
        recording.handshake = began.map(|began| now.saturating_sub(began));
        recording.security = Some(security.clone());
        // After STLS, the session itself says that TLS begins.
        if recording.lines.count() == 0 {
            recording.lines.push(Step::Tls, None);
        }
    }

    /// Notes what was said since the last time, and the event that came of it.
    pub(in crate::engine) fn said(
        &self,
        clock: &impl Clock,
        steps: Vec<Step>,
        event: Option<&Event>,
    ) {
        // Of a million listed messages, this is what comes by: not even the time is asked for.
        if steps.is_empty() && !event.is_some_and(is_of_interest) {
            return;
        }
        self.0.borrow_mut().said(clock.now(), steps, event);
    }

    /// Notes oddities.
    pub(in crate::engine) fn met(&self, quirks: impl IntoIterator<Item = Quirk>) {
        self.0.borrow_mut().quirks.extend(quirks);
    }

    /// The steps that were said after so many, with their times, and how many there are then.
    pub(in crate::engine) fn since(&self, count: usize) -> (Vec<(Step, Option<u32>)>, usize) {
        let recording = self.0.borrow();
        let steps = recording.lines.since(count);
        let steps = steps.map(|(step, millis)| (step.clone(), millis)).collect();
        (steps, recording.lines.count())
    }

    /// Says how the session ended, unless that was said.
    pub(in crate::engine) fn end(&self, outcome: &str) {
        let mut recording = self.0.borrow_mut();
        recording.outcome.get_or_insert_with(|| outcome.to_owned());
    }

    pub(in crate::engine) fn octets(&self) -> usize {
        self.0.borrow().lines.bytes()
    }

    pub(in crate::engine) fn last_steps(&self, most: usize) -> Vec<Step> {
        self.0.borrow().lines.last(most)
    }

    pub(in crate::engine) fn teach(&self, remembered: &mut Remembered) {
        let recording = self.0.borrow();
        remembered.quirks.extend(&recording.quirks);
        if recording.logged_in {
            remembered.told = recording.told.clone();
            if recording.told.changed_by_login() {
                remembered.quirks.insert(Quirk::CapabilitiesChange);
            }
        }
    }

    pub(in crate::engine) fn measured(&self) -> Measured {
        let recording = self.0.borrow();
        Measured {
            dialled: recording.dialled,
            handshake: recording.handshake,
            round_trip: recording.watch.round_trip(),
            octets_per_second: recording.watch.octets_per_second(),
        }
    }

    pub(in crate::engine) fn record(&self) -> SessionRecord {
        let recording = self.0.borrow();
        SessionRecord {
            began: i64::try_from(recording.began.as_secs()).unwrap_or(i64::MAX),
            outcome: recording
                .outcome
                .clone()
                .unwrap_or_else(|| "Under way.".to_owned()),
            security: security::facts(
                recording.encryption,
                recording.security.as_ref(),
                recording.dialled,
                recording.handshake,
            ),
            lines: recording.lines.lines().collect(),
        }
    }
}

impl Recording {
    fn said(&mut self, now: Duration, steps: Vec<Step>, event: Option<&Event>) {
        for step in &steps {
            if matches!(step, Step::Client(_)) {
                self.watch.sent(now);
            }
        }
        let millis = event
            .filter(|event| is_status(event))
            .and_then(|event| self.watch.answered(now, event));
        if let Some(event) = event {
            self.learn(now, event);
        }
        let is_server = |step: &Step| matches!(step, Step::Server(_) | Step::Raw(_));
        let status = steps.iter().rposition(is_server);
        for (at, step) in steps.into_iter().enumerate() {
            let millis = millis.filter(|_| status == Some(at));
            self.lines.push(step, millis);
        }
    }

    /// Learns what the server says that it can do, and how fast it is.
    fn learn(&mut self, now: Duration, event: &Event) {
        match event {
            Event::Accepted { request, .. } => match request {
                Request::Pass | Request::Apop | Request::Auth => self.logged_in = true,
                Request::Capa => self.capabilities().clear(),
                _ => {}
            },
            Event::Capability(capability) => {
                let line: String = capability
                    .to_string()
                    .chars()
                    .take(MAX_CHARACTERS)
                    .collect();
                let capabilities = self.capabilities();
                if capabilities.len() < MAX_CAPABILITIES {
                    capabilities.push(line);
                }
            }
            Event::Body(octets) => self.watch.octets(now, octets.len()),
            _ => {}
        }
    }

    /// The capabilities as of this state of the session.
    fn capabilities(&mut self) -> &mut Vec<String> {
        match (self.logged_in, &self.security) {
            (true, _) => &mut self.told.after_login,
            (false, Some(_)) => &mut self.told.after_tls,
            (false, None) => &mut self.told.before_tls,
        }
    }
}

/// Whether an event is the first line of a reply.
fn is_status(event: &Event) -> bool {
    matches!(
        event,
        Event::Accepted { .. } | Event::Refused { .. } | Event::Challenge(_)
    )
}

/// Whether an event is more than a line of a listing, which says nothing of the connection.
fn is_of_interest(event: &Event) -> bool {
    is_status(event) || matches!(event, Event::Body(_) | Event::Capability(_))
}
