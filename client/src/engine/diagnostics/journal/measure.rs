//! Round trip and throughput of a session, from the times at which its commands were answered.

use std::collections::VecDeque;
use std::time::Duration;

use restante_shared::pop3::session::{Event, Request};

/// The least that is measured in octets: below that, the figure says more about the round trip.
const LEAST_OCTETS: u64 = 256 * 1024;

/// What is known of a connection in figures.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Measured {
    /// How long it took until the bridge had connected.
    pub(in crate::engine) dialled: Option<Duration>,
    /// How long it took to agree on TLS.
    pub(in crate::engine) handshake: Option<Duration>,
    /// The quickest answer to a command that asks for next to nothing.
    pub(in crate::engine) round_trip: Option<Duration>,
    /// Octets of messages a second, with all that was done with them here.
    pub(in crate::engine) octets_per_second: Option<u64>,
}

impl Measured {
    /// Fills in what is missing.
    pub(in crate::engine) fn or(self, older: Self) -> Self {
        Self {
            dialled: self.dialled.or(older.dialled),
            handshake: self.handshake.or(older.handshake),
            round_trip: self.round_trip.or(older.round_trip),
            octets_per_second: self.octets_per_second.or(older.octets_per_second),
        }
    }
}

/// Matches answers with the times of their commands.
#[derive(Debug, Default)]
pub(in crate::engine) struct Stopwatch {
    unanswered: VecDeque<Sent>,
    round_trip: Option<Duration>,
    /// When the first message was asked for, when the last one ended, and how much has come.
    fetching: Option<(Duration, Duration, u64)>,
}

#[derive(Debug)]
struct Sent {
    at: Duration,
    /// Whether nothing else was under way, so that its answer was not held up.
    alone: bool,
}

impl Stopwatch {
    /// A line was sent.
    pub(in crate::engine) fn sent(&mut self, now: Duration) {
        self.unanswered.push_back(Sent {
            at: now,
            alone: self.unanswered.is_empty(),
        });
    }

    /// A line of status has come: returns the milliseconds since its command.
    pub(in crate::engine) fn answered(&mut self, now: Duration, event: &Event) -> Option<u32> {
        let sent = self.unanswered.pop_front()?;
        let took = now.saturating_sub(sent.at);
        match event {
            Event::Accepted { request, .. } | Event::Refused { request, .. } => {
                if sent.alone && is_small(*request) {
                    self.round_trip = Some(self.round_trip.map_or(took, |known| known.min(took)));
                }
                if matches!(request, Request::Retr(_)) && self.fetching.is_none() {
                    self.fetching = Some((sent.at, now, 0));
                }
            }
            _ => {}
        }
        Some(u32::try_from(took.as_millis()).unwrap_or(u32::MAX))
    }

    /// Octets of a message have come.
    pub(in crate::engine) fn octets(&mut self, now: Duration, octets: usize) {
        if let Some((_, last, sum)) = &mut self.fetching {
            *last = now;
            *sum = sum.saturating_add(octets as u64);
        }
    }

    /// The quickest answer to a small command.
    pub(in crate::engine) fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// How fast messages came, if enough did to tell.
    pub(in crate::engine) fn octets_per_second(&self) -> Option<u64> {
        let (first, last, octets) = self.fetching?;
        let millis = last.saturating_sub(first).as_millis().max(1);
        let rate = u128::from(octets) * 1000 / millis;
        (octets >= LEAST_OCTETS).then(|| u64::try_from(rate).unwrap_or(u64::MAX))
    }
}

/// Whether a server needs no more than a moment for it. Logins are slow on purpose, `QUIT` waits for
/// the disk, and listings and messages have to be looked for.
fn is_small(request: Request) -> bool {
    matches!(
        request,
        Request::Capa | Request::Noop | Request::Stat | Request::User | Request::Rset
    )
}

#[cfg(test)]
mod tests {
    use restante_shared::pop3::argument::MessageNumber;
    use restante_shared::pop3::reply::StatusText;

    use super::*;

    fn accepted(request: Request) -> Event {
        let text = StatusText::default();
        Event::Accepted { request, text }
    }

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn each_answer_is_measured_from_its_own_command() {
        let mut watch = Stopwatch::default();
        watch.sent(at(0));
        watch.sent(at(10));
        let noop = accepted(Request::Noop);
        assert_eq!(watch.answered(at(42), &noop), Some(42));
        assert_eq!(watch.answered(at(43), &noop), Some(33));
        assert_eq!(
            watch.answered(at(44), &noop),
            None,
            "a greeting answers nothing"
        );
        assert_eq!(watch.round_trip(), Some(at(42)), "the second had to wait");
    }

    #[test]
    fn the_throughput_is_of_all_messages_together() {
        let mut watch = Stopwatch::default();
        let retr = accepted(Request::Retr(MessageNumber::new(1).unwrap()));
        watch.sent(at(0));
        watch.answered(at(100), &retr);
        watch.octets(at(100), 1000);
        assert_eq!(watch.octets_per_second(), None, "too few to tell");
        watch.octets(at(1000), 999_000);
        assert_eq!(watch.octets_per_second(), Some(1_000_000));
        assert_eq!(watch.round_trip(), None);
    }
}
