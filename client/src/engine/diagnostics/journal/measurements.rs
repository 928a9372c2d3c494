//! Round trip and throughput of a session, from the times at which its commands were answered.

use std::collections::VecDeque;
use std::time::Duration;

use restante_shared::pop3::session::{Event, Request};

use crate::api::report::Measurements;

/// The least amount of data for a throughput, in bytes. With less, the round trip dominates.
const MIN_BYTES: u64 = 256 * 1024;

/// Fills the gaps of newer measurements with older ones.
pub(super) fn or_older(newer: Measurements, older: Measurements) -> Measurements {
    Measurements {
        connect_millis: newer.connect_millis.or(older.connect_millis),
        handshake_millis: newer.handshake_millis.or(older.handshake_millis),
        round_trip_millis: newer.round_trip_millis.or(older.round_trip_millis),
        bytes_per_second: newer.bytes_per_second.or(older.bytes_per_second),
    }
}

/// Matches replies with the times of their commands.
#[derive(Debug, Default)]
pub(super) struct ReplyTimer {
    unanswered: VecDeque<SentCommand>,
    round_trip: Option<Duration>,
    download: Option<Download>,
}

#[derive(Debug)]
struct SentCommand {
    at: Duration,
    /// True if no other command was in flight, so that nothing delayed its reply.
    alone: bool,
}

/// The messages that were downloaded so far.
#[derive(Debug)]
struct Download {
    /// The time of the first request.
    began: Duration,
    /// The time at which the latest bytes arrived.
    latest: Duration,
    bytes: u64,
}

impl ReplyTimer {
    /// Records that a line was sent.
    pub(super) fn sent(&mut self, now: Duration) {
        self.unanswered.push_back(SentCommand {
            at: now,
            alone: self.unanswered.is_empty(),
        });
    }

    /// Records that a status line arrived. Returns the milliseconds since its command.
    pub(super) fn answered(&mut self, now: Duration, event: &Event) -> Option<u32> {
        let sent = self.unanswered.pop_front()?;
        let took = now.saturating_sub(sent.at);
        match event {
            Event::Accepted { request, .. } | Event::Refused { request, .. } => {
                if sent.alone && is_small(*request) {
                    self.round_trip = Some(self.round_trip.map_or(took, |known| known.min(took)));
                }
                if matches!(request, Request::Retr(_)) && self.download.is_none() {
                    self.download = Some(Download {
                        began: sent.at,
                        latest: now,
                        bytes: 0,
                    });
                }
            }
            _ => {}
        }
        Some(u32::try_from(took.as_millis()).unwrap_or(u32::MAX))
    }

    /// Records that bytes of a message arrived.
    pub(super) fn received(&mut self, now: Duration, bytes: usize) {
        if let Some(download) = &mut self.download {
            download.latest = now;
            download.bytes = download.bytes.saturating_add(bytes as u64);
        }
    }

    /// Returns the time for the fastest reply to a small command.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// Returns the throughput of messages, if enough bytes arrived.
    pub(super) fn bytes_per_second(&self) -> Option<u64> {
        let download = self.download.as_ref()?;
        let time = download.latest.saturating_sub(download.began);
        let rate = u128::from(download.bytes) * 1000 / time.as_millis().max(1);
        (download.bytes >= MIN_BYTES).then(|| u64::try_from(rate).unwrap_or(u64::MAX))
    }
}

/// Returns true if a server answers a request at once. Logins are slow on purpose, `QUIT` waits for
/// the disk, and listings and messages have to be looked up.
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
        let mut timer = ReplyTimer::default();
        timer.sent(at(0));
        timer.sent(at(10));
        let noop = accepted(Request::Noop);
        assert_eq!(timer.answered(at(42), &noop), Some(42));
        assert_eq!(timer.answered(at(43), &noop), Some(33));
        assert_eq!(
            timer.answered(at(44), &noop),
            None,
            "a greeting answers nothing"
        );
        assert_eq!(timer.round_trip(), Some(at(42)), "the second had to wait");
    }

    #[test]
    fn the_throughput_is_of_all_messages_together() {
        let mut timer = ReplyTimer::default();
        let retr = accepted(Request::Retr(MessageNumber::new(1).unwrap()));
        timer.sent(at(0));
        timer.answered(at(100), &retr);
        timer.received(at(100), 1000);
        assert_eq!(timer.bytes_per_second(), None, "too few to tell");
        timer.received(at(1000), 999_000);
        assert_eq!(timer.bytes_per_second(), Some(1_000_000));
        assert_eq!(timer.round_trip(), None);
    }
}
