//! The profile of a mailbox's server: facts learned in earlier sessions, for use in later ones.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::login::Method;
use restante_shared::pop3::quirk::Quirk;
use serde::{Deserialize, Serialize};

use super::stored_capabilities;
use crate::api::problem::ProblemKind;
use crate::api::report::AdvertisedCapabilities;
use crate::engine::server::login::log_in::Asking;

/// The longest pause between two logins that a server may request, in seconds. Hosts ask for
/// minutes. More than a day is a mistake or malice, and would block the mail for good.
pub(in crate::engine) const MAX_LOGIN_DELAY: u32 = 24 * 60 * 60;

/// The time for which a command is not used after it broke a session, in seconds: a week.
const BROKEN_PAUSE: i64 = 7 * 24 * 60 * 60;

/// The stored profile of a server, for one mailbox. Contains no secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The last successful login method. A weaker one is used only if the user allows it.
    pub method: Option<Method>,
    /// Login methods that were offered and refused, although another one worked.
    pub refused: BTreeSet<Method>,
    /// True if the server accepted the password only in Latin-1.
    pub latin1: bool,
    /// The time when `CAPA` last broke a session, in seconds since 1970. It is then avoided for a
    /// while.
    pub capa_broke: Option<i64>,
    /// The same, if only `CAPA` before TLS did.
    #[serde(default)]
    pub capa_broke_in_clear: Option<i64>,
    /// The time when a session was last lost over `TOP`, in seconds since 1970. It is then avoided
    /// for a while.
    #[serde(default)]
    pub top_broke: Option<i64>,
    /// The time when a session was last lost over commands pipelined after `CAPA`, in seconds
    /// since 1970. For a while, each command then waits for the previous reply.
    #[serde(default)]
    pub ahead_broke: Option<i64>,
    /// True if the mailbox has moved, and stored messages are still to be matched with it.
    #[serde(default)]
    pub moving: bool,
    /// The state of pipelining.
    pub pipelining: Pipelining,
    /// The time when the server allows the next login, in seconds since 1970 (`LOGIN-DELAY`).
    pub next_login: Option<i64>,
    /// Messages that the server failed to deliver, by unique-id.
    pub bad_messages: BTreeMap<String, UndeliverableMessage>,
    /// The server quirks found so far.
    pub quirks: BTreeSet<Quirk>,
    /// The latest capabilities of the server.
    #[serde(with = "stored_capabilities")]
    pub advertised: AdvertisedCapabilities,
}

impl Remembered {
    /// Returns the end of the server's login pause, in seconds since 1970, if it is later than
    /// `now`. A time that is further away than the longest pause was recorded before the clock was
    /// changed, and is ignored.
    #[must_use]
    pub fn pause_at(&self, now: i64) -> Option<i64> {
        let last = now.saturating_add(MAX_LOGIN_DELAY.into());
        self.next_login
            .filter(|next| (now + 1..=last).contains(next))
    }

    /// Returns when to ask for capabilities. Avoids `CAPA` for a while after it broke a session,
    /// but not for good: the dropped connection may have been an accident, and without
    /// capabilities there is no pipelining and no strong login.
    pub(in crate::engine) fn asks_capa(&self, now: i64) -> Asking {
        if is_recent(self.capa_broke, now) {
            Asking::Nowhere
        } else if is_recent(self.capa_broke_in_clear, now) {
            Asking::UnderTls
        } else {
            Asking::Everywhere
        }
    }

    /// Returns true if headers may be fetched: not for a while after a session was lost over that.
    pub(in crate::engine) fn asks_top(&self, now: i64) -> bool {
        !is_recent(self.top_broke, now)
    }

    /// Returns true if listings may be pipelined after `CAPA`, where the server supports
    /// pipelining.
    pub(in crate::engine) fn lists_ahead(&self, now: i64) -> bool {
        !self.pipelining.broken && !is_recent(self.ahead_broke, now)
    }

    /// Records that a session was lost while listings were pipelined. Returns true if that may be
    /// the cause. A connection may break at any time, so the cause remains a guess.
    pub(in crate::engine) fn lost_ahead(&mut self, by: ProblemKind, now: i64) -> bool {
        if by.is_loss() {
            self.ahead_broke = Some(now);
        }
        by.is_loss()
    }

    /// Disables pipelining from now on.
    pub(in crate::engine) fn cannot_pipeline(&mut self) {
        self.pipelining.broken = true;
        self.quirks.insert(Quirk::BrokenPipelining);
    }

    /// Returns true if messages without unique-ids are identified by their text, and false if by
    /// their headers. `None` if neither was needed.
    pub(in crate::engine) fn told_by_text(&self) -> Option<bool> {
        let by = |quirk| self.quirks.contains(&quirk);
        (by(Quirk::IdentifiedByText) || by(Quirk::IdentifiedByHeader))
            .then(|| by(Quirk::IdentifiedByText))
    }

    /// Records that the server wants no login for a number of seconds from `now`, in seconds since
    /// 1970. Returns the time of the next login.
    pub(in crate::engine) fn pause(&mut self, now: i64, seconds: u32) -> i64 {
        let next = now.saturating_add(seconds.min(MAX_LOGIN_DELAY).into());
        self.next_login = Some(next);
        next
    }
}

/// Returns true while the pause lasts that follows a broken session. A clock that was set back
/// ends it.
fn is_recent(broke: Option<i64>, now: i64) -> bool {
    broke.is_some_and(|broke| (broke..broke.saturating_add(BROKEN_PAUSE)).contains(&now))
}

/// Converts a time since 1970 to whole seconds.
pub(in crate::engine) fn seconds_of(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

impl AdvertisedCapabilities {
    /// Returns true if the server announced pipelining at any time.
    #[must_use]
    pub(in crate::engine) fn pipelines(&self) -> bool {
        let mut all = self.after_login.iter().chain(self.before_login());
        all.any(|capability| *capability == Capability::Pipelining)
    }

    /// Returns true if the login changed more than the login methods.
    #[must_use]
    pub(in crate::engine) fn changed_by_login(&self) -> bool {
        let of_use = |capabilities: &[Capability]| -> BTreeSet<String> {
            let capabilities = capabilities.iter();
            let capabilities = capabilities.filter(|capability| !is_about_login(capability));
            capabilities
                .map(|capability| capability.to_string().to_ascii_uppercase())
                .collect()
        };
        let known = !self.before_login().is_empty() && !self.after_login.is_empty();
        known && of_use(self.before_login()) != of_use(&self.after_login)
    }
}

/// Returns true if a capability may change at the login because it is about the login, or only
/// names the server.
fn is_about_login(capability: &Capability) -> bool {
    match capability {
        Capability::User
        | Capability::Sasl(_)
        | Capability::Stls
        | Capability::Implementation(_) => true,
        Capability::Other(line) => {
            let tag = line.split([' ', '=']).next().unwrap_or_default();
            tag.eq_ignore_ascii_case("APOP")
        }
        _ => false,
    }
}

/// The state of pipelining.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pipelining {
    /// True if replies were once out of step: pipelining is disabled since.
    pub broken: bool,
    /// The final number of commands in flight in the last session; 0 if there was none yet.
    pub commands: u32,
    /// The final number of message bytes in flight in that session.
    pub octets: u64,
}

/// A message that the server failed to deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndeliverableMessage {
    /// The number of sessions that have tried.
    pub attempts: u32,
    /// The time of the last attempt, in seconds since 1970.
    pub last: i64,
    /// The server's reply or failure.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_lasts_as_long_as_announced_up_to_a_limit() {
        let mut remembered = Remembered::default();
        assert_eq!(remembered.pause_at(1_000), None);
        assert_eq!(remembered.pause(1_000, 300), 1_300);
        assert_eq!(remembered.pause_at(1_299), Some(1_300));
        assert_eq!(remembered.pause_at(1_300), None);
        assert_eq!(remembered.pause(1_000, u32::MAX), 87_400);
        assert_eq!(remembered.pause_at(1_000), Some(87_400));
        assert_eq!(remembered.pause_at(999), None, "the clock was set back");
    }

    #[test]
    fn capabilities_are_requested_again_a_week_after_capa_broke_a_session() {
        let asks = |capa_broke, capa_broke_in_clear, now| {
            let remembered = Remembered {
                capa_broke,
                capa_broke_in_clear,
                ..Remembered::default()
            };
            remembered.asks_capa(now)
        };
        assert_eq!(asks(None, None, 1_000), Asking::Everywhere);
        for now in [1_000, 605_799] {
            assert_eq!(asks(Some(1_000), None, now), Asking::Nowhere);
            assert_eq!(asks(None, Some(1_000), now), Asking::UnderTls);
        }
        // The week is over, or the clock was set back.
        for now in [605_800, 999] {
            assert_eq!(asks(Some(1_000), Some(1_000), now), Asking::Everywhere);
        }
    }
}
