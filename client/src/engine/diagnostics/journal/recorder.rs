//! The recording of one session.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::session::{Event, Request};
use restante_shared::pop3::transcript::Step;

use super::measurements::ReplyTimer;
use super::tls_report::tls_report;
use super::transcript_buffer::TranscriptBuffer;
use crate::api::report::{
    AdvertisedCapabilities, Measurements, SessionOutcome, SessionRecord, SessionSecurity,
};
use crate::api::settings::{Encryption, MailboxSettings};
use crate::clock::Clock;
use crate::engine::mailboxes::lesson::Lesson;
use crate::transport::security::TlsSecurity;

/// The most capabilities of one reply that are kept.
const MAX_CAPABILITIES: usize = 64;

/// The most login mechanisms of one capability that are kept.
const MAX_MECHANISMS: usize = 32;

/// The most characters of a capability's text that are kept.
const MAX_CHARACTERS: usize = 200;

/// Records the traffic of a connection. Clones share one recording.
#[derive(Debug, Clone)]
pub(in crate::engine) struct SessionRecorder(Rc<RefCell<Recording>>);

/// A step in setting up a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum SetupStep {
    /// The bridge has connected to the server.
    Connected,
    /// The TLS handshake begins.
    HandshakeBegan,
}

#[derive(Debug)]
struct Recording {
    began: Duration,
    encryption: Encryption,
    connecting: Option<Duration>,
    handshake_began: Option<Duration>,
    handshake: Option<Duration>,
    security: Option<TlsSecurity>,
    transcript: TranscriptBuffer,
    timer: ReplyTimer,
    logged_in: bool,
    advertised: AdvertisedCapabilities,
    quirks: BTreeSet<Quirk>,
    /// Lessons that were not taken yet, other than capabilities.
    lessons: Vec<Lesson>,
    /// True if the capabilities have changed since they were taken.
    has_new_capabilities: bool,
    outcome: Option<SessionOutcome>,
}

impl SessionRecorder {
    /// Begins a recording.
    pub(in crate::engine) fn new(now: Duration, settings: &MailboxSettings) -> Self {
        Self(Rc::new(RefCell::new(Recording {
            began: now,
            encryption: settings.encryption,
            connecting: None,
            handshake_began: None,
            handshake: None,
            security: None,
            transcript: TranscriptBuffer::default(),
            timer: ReplyTimer::default(),
            logged_in: false,
            advertised: AdvertisedCapabilities::default(),
            quirks: BTreeSet::new(),
            lessons: Vec::new(),
            has_new_capabilities: false,
            outcome: None,
        })))
    }

    /// Records the time of a step.
    pub(in crate::engine) fn record_setup(&self, now: Duration, step: SetupStep) {
        let mut recording = self.0.borrow_mut();
        match step {
            SetupStep::Connected => {
                recording.connecting = Some(now.saturating_sub(recording.began));
            }
            SetupStep::HandshakeBegan => recording.handshake_began = Some(now),
        }
    }

    /// Records the end of the TLS handshake, if there was one.
    pub(in crate::engine) fn record_handshake(
        &self,
        now: Duration,
        security: Option<&TlsSecurity>,
    ) {
        let Some(security) = security else {
            return;
        };
        let mut recording = self.0.borrow_mut();
        let began = recording
            .handshake_began
            .or(recording.connecting.map(|took| took + recording.began));
        recording.handshake = began.map(|began| now.saturating_sub(began));
        recording.security = Some(security.clone());
        // After STLS, the trace of the session has this step.
        if recording.transcript.count() == 0 {
            recording.transcript.push(Step::Tls, None);
        }
    }

    /// Records new steps of the session's trace, and the event that they caused.
    pub(in crate::engine) fn record_steps(
        &self,
        clock: &impl Clock,
        steps: Vec<Step>,
        event: Option<&Event>,
    ) {
        // This is the case for each line of a listing, of which there may be a million: the clock
        // is not read for them.
        if steps.is_empty() && !event.is_some_and(is_of_interest) {
            return;
        }
        self.0.borrow_mut().add(clock.now(), steps, event);
    }

    /// Records quirks.
    pub(in crate::engine) fn record_quirks(&self, quirks: impl IntoIterator<Item = Quirk>) {
        let mut recording = self.0.borrow_mut();
        for quirk in quirks {
            if recording.quirks.insert(quirk) {
                recording.lessons.push(Lesson::Quirk(quirk));
            }
        }
    }

    /// Returns the steps after the first `count` with their times, and the number of all steps.
    pub(in crate::engine) fn steps_since(&self, count: usize) -> (Vec<(Step, Option<u32>)>, usize) {
        let recording = self.0.borrow();
        let steps = recording.transcript.since(count);
        let steps = steps.map(|(step, millis)| (step.clone(), millis)).collect();
        (steps, recording.transcript.count())
    }

    /// Records the outcome, unless there is one.
    pub(in crate::engine) fn end(&self, outcome: SessionOutcome) {
        self.0.borrow_mut().outcome.get_or_insert(outcome);
    }

    /// Returns the number of bytes of the transcript that are kept.
    pub(super) fn bytes(&self) -> usize {
        self.0.borrow().transcript.bytes()
    }

    /// Returns the last steps of the transcript, at most `most`, without comments.
    pub(super) fn last_steps(&self, most: usize) -> Vec<Step> {
        self.0.borrow().transcript.last(most)
    }

    /// Takes the lessons that were not taken yet: quirks, and capabilities once the login worked.
    pub(in crate::engine) fn take_lessons(&self) -> Vec<Lesson> {
        self.0.borrow_mut().take_lessons()
    }

    /// Returns the measured speed of the connection.
    pub(super) fn measurements(&self) -> Measurements {
        let recording = self.0.borrow();
        Measurements {
            connect_millis: recording.connecting.map(millis),
            handshake_millis: recording.handshake.map(millis),
            round_trip_millis: recording.timer.round_trip().map(millis),
            bytes_per_second: recording.timer.bytes_per_second(),
        }
    }

    /// Returns the recording as a value of a report.
    pub(super) fn record(&self) -> SessionRecord {
        let recording = self.0.borrow();
        SessionRecord {
            began: i64::try_from(recording.began.as_secs()).unwrap_or(i64::MAX),
            outcome: recording.outcome.clone(),
            security: SessionSecurity {
                encryption: recording.encryption,
                connect_millis: recording.connecting.map(millis),
                handshake_millis: recording.handshake.map(millis),
                tls: recording.security.as_ref().map(tls_report),
            },
            lines: recording.transcript.lines().collect(),
        }
    }
}

impl Recording {
    fn add(&mut self, now: Duration, steps: Vec<Step>, event: Option<&Event>) {
        for step in &steps {
            if matches!(step, Step::Client(_)) {
                self.timer.sent(now);
            }
        }
        let millis = event
            .filter(|event| is_status(event))
            .and_then(|event| self.timer.answered(now, event));
        if let Some(event) = event {
            self.learn(now, event);
        }
        let is_server = |step: &Step| matches!(step, Step::Server(_) | Step::Raw(_));
        let status = steps.iter().rposition(is_server);
        for (at, step) in steps.into_iter().enumerate() {
            let millis = millis.filter(|_| status == Some(at));
            self.transcript.push(step, millis);
        }
    }

    /// Records the capabilities of the server, and its speed.
    fn learn(&mut self, now: Duration, event: &Event) {
        match event {
            Event::Accepted { request, .. } => match request {
                Request::Pass | Request::Apop | Request::Auth => {
                    self.logged_in = true;
                    self.has_new_capabilities = true;
                }
                Request::Capa => self.capabilities().clear(),
                _ => {}
            },
            Event::Capability(capability) => {
                let capabilities = self.capabilities();
                if capabilities.len() < MAX_CAPABILITIES {
                    capabilities.push(shortened(capability));
                }
            }
            Event::Body(bytes) => self.timer.received(now, bytes.len()),
            _ => {}
        }
    }

    fn take_lessons(&mut self) -> Vec<Lesson> {
        let mut lessons = std::mem::take(&mut self.lessons);
        if self.logged_in && std::mem::take(&mut self.has_new_capabilities) {
            if self.advertised.changed_by_login() && self.quirks.insert(Quirk::CapabilitiesChange) {
                lessons.push(Lesson::Quirk(Quirk::CapabilitiesChange));
            }
            lessons.push(Lesson::Capabilities(self.advertised.clone()));
        }
        lessons
    }

    /// Returns the capabilities for the current state of the session, which are about to change.
    fn capabilities(&mut self) -> &mut Vec<Capability> {
        self.has_new_capabilities = true;
        match (self.logged_in, &self.security) {
            (true, _) => &mut self.advertised.after_login,
            (false, Some(_)) => &mut self.advertised.after_tls,
            (false, None) => &mut self.advertised.before_tls,
        }
    }
}

/// Returns a capability of limited size.
fn shortened(capability: &Capability) -> Capability {
    let cut = |text: &str| text.chars().take(MAX_CHARACTERS).collect();
    match capability {
        Capability::Sasl(mechanisms) => {
            Capability::Sasl(mechanisms.iter().take(MAX_MECHANISMS).cloned().collect())
        }
        Capability::Implementation(name) => Capability::Implementation(cut(name)),
        Capability::Other(line) => Capability::Other(cut(line)),
        other => other.clone(),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Returns true if an event is the first line of a reply.
fn is_status(event: &Event) -> bool {
    matches!(
        event,
        Event::Accepted { .. } | Event::Refused { .. } | Event::Challenge(_)
    )
}

/// Returns true if an event says something about the connection. Lines of listings do not.
fn is_of_interest(event: &Event) -> bool {
    is_status(event) || matches!(event, Event::Body(_) | Event::Capability(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_of_any_length_take_limited_memory() {
        let line = format!("X{}", "\u{e9}".repeat(1_000));
        let other = shortened(&Capability::parse(line.as_bytes()));
        assert_eq!(other.to_string().chars().count(), MAX_CHARACTERS);
        let line = format!("SASL{}", " PLAIN".repeat(1_000));
        let Capability::Sasl(mechanisms) = shortened(&Capability::parse(line.as_bytes())) else {
            panic!("no mechanisms");
        };
        assert_eq!(mechanisms.len(), MAX_MECHANISMS);
        assert_eq!(shortened(&Capability::Uidl), Capability::Uidl);
    }
}
