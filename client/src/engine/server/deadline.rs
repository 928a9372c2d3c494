//! Time limits for a server's replies: to begin one, and to continue it.
//!
//! | phase | limit | reason |
//! |---|---|---|
//! | `CAPA` is not answered | 30 s | an answer costs the server nothing; some never send one |
//! | a login, `STAT`, `LIST` or `UIDL` is not answered | 3 minutes | some servers read the whole maildrop first |
//! | any other command, or a pipelined one, is not answered | 1 minute | the server has only to open a file |
//! | a message arrives | 1 minute at less than 256 bytes per second | a quarter of the slowest real connection |
//! | a listing arrives | 3 minutes at less than 16 bytes per second | the server may read a whole message for one line |
//!
//! Only time spent waiting counts, because the server is not to blame for work on this side. A reply
//! that has begun uses up its time while nothing arrives, and every byte gives some of it back. So a
//! connection at 1 KB/s that pauses for three quarters of a minute continues, and one byte per minute
//! does not.

use std::time::Duration;

use restante_shared::pop3::session::Request;

/// The limit for a status line.
pub(in crate::engine) const STATUS: Duration = Duration::from_secs(60);

/// The limit until the reply to `CAPA` begins.
const CAPA: Duration = Duration::from_secs(30);

/// The limit until a reply begins for which the server may have to read the whole maildrop.
const WHOLE_MAILDROP: Duration = Duration::from_secs(180);

/// The lowest rate of a message, in bytes per second.
const MESSAGE_RATE: u32 = 256;

/// The lowest rate of a listing, in bytes per second.
const LISTING_RATE: u32 = 16;

/// The time that a server has left for its next reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct ReplyDeadline {
    most: Duration,
    left: Duration,
    /// The lowest rate in bytes per second. If `None`, no byte gives time back.
    rate: Option<u32>,
}

impl ReplyDeadline {
    /// Returns the deadline for the beginning of a reply.
    pub(in crate::engine) fn until_begun(request: Option<Request>) -> Self {
        let most = match request {
            Some(Request::Capa) => CAPA,
            Some(
                Request::Pass
                | Request::Apop
                | Request::Auth
                | Request::Stat
                | Request::List(_)
                | Request::Uidl(_),
            ) => WHOLE_MAILDROP,
            _ => STATUS,
        };
        Self {
            most,
            left: most,
            rate: None,
        }
    }

    /// Returns the deadline for the rest of a reply.
    pub(in crate::engine) fn until_complete(request: Request) -> Self {
        let (most, rate) = match request {
            Request::Retr(_) | Request::Top(_) => (STATUS, MESSAGE_RATE),
            _ => (WHOLE_MAILDROP, LISTING_RATE),
        };
        Self {
            most,
            left: most,
            rate: Some(rate),
        }
    }

    /// Returns true if the reply has begun.
    pub(in crate::engine) fn is_midway(&self) -> bool {
        self.rate.is_some()
    }

    /// Returns the limit for the next wait.
    pub(in crate::engine) fn left(&self) -> Duration {
        self.left
    }

    /// Subtracts the time spent waiting, and adds the time that the bytes give back.
    pub(in crate::engine) fn spend(&mut self, waited: Duration, bytes: usize) {
        let back = match (self.rate, u32::try_from(bytes)) {
            (None, _) => Duration::ZERO,
            (Some(rate), Ok(bytes)) => Duration::from_secs(1) * bytes / rate,
            (Some(_), Err(_)) => self.most,
        };
        self.left = (self.left.saturating_sub(waited) + back).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use restante_shared::pop3::argument::MessageNumber;

    use super::*;

    fn message() -> ReplyDeadline {
        ReplyDeadline::until_complete(Request::Retr(MessageNumber::new(1).unwrap()))
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_status_line_that_arrives_byte_by_byte_has_the_whole_limit() {
        let mut deadline = ReplyDeadline::until_begun(Some(Request::Noop));
        for _ in 0..59 {
            deadline.spend(seconds(1), 1);
        }
        assert_eq!(deadline.left(), seconds(1));
        deadline.spend(seconds(1), 1000);
        assert_eq!(deadline.left(), Duration::ZERO);
    }

    #[test]
    fn a_slow_connection_continues_after_a_pause() {
        let mut deadline = message();
        for _ in 0..3 {
            deadline.spend(seconds(45), 1);
            assert!(deadline.left() >= seconds(14));
            for _ in 0..60 {
                deadline.spend(seconds(1), 1000);
            }
            assert_eq!(deadline.left(), seconds(60));
        }
    }

    #[test]
    fn a_message_below_the_lowest_rate_times_out() {
        for (pause, bytes) in [(59, 1), (10, 100), (1, 200)] {
            let mut deadline = message();
            let mut waited = 0;
            while deadline.left() >= seconds(pause) {
                deadline.spend(seconds(pause), bytes);
                waited += pause;
                assert!(waited < 400, "{bytes} bytes every {pause} s");
            }
        }
    }

    #[test]
    fn a_listing_may_arrive_line_by_line() {
        let mut deadline = ReplyDeadline::until_complete(Request::Uidl(None));
        for _ in 0..1000 {
            deadline.spend(seconds(2), 40);
        }
        assert_eq!(deadline.left(), seconds(180));
    }
}
