//! How long a server may take: to begin a reply, and to go on with it.
//!
//! | while | it may take | because |
//! |---|---|---|
//! | `CAPA` | 30 s | it costs nothing to answer; some servers never do |
//! | a login, `STAT`, `LIST`, `UIDL` | 3 minutes | some servers read the whole maildrop first |
//! | any other reply begins, or what was sent ahead | 1 minute | the server has only to open a file |
//! | a message comes | 1 minute at less than 256 octets a second | a quarter of the slowest real line |
//! | a listing comes | 3 minutes at less than 16 octets a second | a line may cost it a whole message |
//!
//! Only time that is waited counts: what this side does meanwhile is not the server's fault. A reply
//! that has begun uses up its time while nothing comes, and every octet gives some of it back. So a
//! line of 1 KB/s that is dead for three quarters of a minute goes on, and an octet a minute does not.

use std::time::Duration;

use restante_shared::pop3::session::Request;

/// How long a status line may take.
pub(in crate::engine) const STATUS: Duration = Duration::from_secs(60);

/// How long the answer to `CAPA` may take to begin.
const CAPA: Duration = Duration::from_secs(30);

/// How long a reply may take to begin, for which the server may have to read the whole maildrop.
const WHOLE_MAILDROP: Duration = Duration::from_secs(180);

/// The least octets a second of a message.
const MESSAGE_RATE: u32 = 256;

/// The least octets a second of a listing.
const LISTING_RATE: u32 = 16;

/// The time that a server has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Patience {
    most: Duration,
    left: Duration,
    /// The least octets a second; without it, no octet gives time back.
    rate: Option<u32>,
}

impl Patience {
    /// While a reply has not begun.
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

    /// While the rest of a reply comes.
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

    /// Whether the reply has begun.
    pub(in crate::engine) fn is_midway(&self) -> bool {
        self.rate.is_some()
    }

    /// How long may be waited for the next octets.
    pub(in crate::engine) fn left(&self) -> Duration {
        self.left
    }

    /// So much was waited, and so many octets came.
    pub(in crate::engine) fn spend(&mut self, waited: Duration, octets: usize) {
        let back = match (self.rate, u32::try_from(octets)) {
            (None, _) => Duration::ZERO,
            (Some(rate), Ok(octets)) => Duration::from_secs(1) * octets / rate,
            (Some(_), Err(_)) => self.most,
        };
        self.left = (self.left.saturating_sub(waited) + back).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use restante_shared::pop3::argument::MessageNumber;

    use super::*;

    fn message() -> Patience {
        Patience::until_complete(Request::Retr(MessageNumber::new(1).unwrap()))
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_status_line_has_its_time_however_it_drips() {
        let mut patience = Patience::until_begun(Some(Request::Noop));
        for _ in 0..59 {
            patience.spend(seconds(1), 1);
        }
        assert_eq!(patience.left(), seconds(1));
        patience.spend(seconds(1), 1000);
        assert_eq!(patience.left(), Duration::ZERO);
    }

    #[test]
    fn a_slow_line_goes_on_even_after_a_pause() {
        let mut patience = message();
        for _ in 0..3 {
            patience.spend(seconds(45), 1);
            assert!(patience.left() >= seconds(14));
            for _ in 0..60 {
                patience.spend(seconds(1), 1000);
            }
            assert_eq!(patience.left(), seconds(60));
        }
    }

    #[test]
    fn a_drip_runs_out_of_time() {
        for (pause, octets) in [(59, 1), (10, 100), (1, 200)] {
            let mut patience = message();
            let mut waited = 0;
            while patience.left() >= seconds(pause) {
                patience.spend(seconds(pause), octets);
                waited += pause;
                assert!(waited < 400, "{octets} octets every {pause} s");
            }
        }
    }

    #[test]
    fn a_listing_may_come_line_by_line() {
        let mut patience = Patience::until_complete(Request::Uidl(None));
        for _ in 0..1000 {
            patience.spend(seconds(2), 40);
        }
        assert_eq!(patience.left(), seconds(180));
    }
}
