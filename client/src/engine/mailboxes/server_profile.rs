//! What sessions have taught about a mailbox's server, kept for the next ones.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use restante_shared::pop3::login::Method;
use restante_shared::pop3::quirk::Quirk;
use serde::{Deserialize, Serialize};

use crate::api::event::ProblemKind;
use crate::engine::server::login::log_in::Asking;

/// The longest pause between two logins that a server is granted, in seconds. Hosts ask for
/// minutes; more than a day is a slip or malice, and would keep the mail away for good.
pub(in crate::engine) const MAX_LOGIN_DELAY: u32 = 24 * 60 * 60;

/// How long a command is left out after it broke a session, in seconds: a week.
const BROKEN_PAUSE: i64 = 7 * 24 * 60 * 60;

/// What is remembered of a server, for one mailbox. No secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The way to log in that worked last: a weaker one is not taken without being told to.
    pub method: Option<Method>,
    /// Ways to log in that were offered and refused, where another one worked.
    pub refused: BTreeSet<Method>,
    /// Whether the password was understood in Latin-1 only.
    pub latin1: bool,
    /// When `CAPA` broke a session last, in seconds since 1970: it is left out for a while.
    pub capa_broke: Option<i64>,
    /// The same, where only `CAPA` before TLS did.
    #[serde(default)]
    pub capa_broke_in_clear: Option<i64>,
    /// When a session was lost over `TOP` last, in seconds since 1970: it is left out for a while.
    #[serde(default)]
    pub top_broke: Option<i64>,
    /// When a session was lost over commands that were sent behind `CAPA` last, in seconds since 1970:
    /// each waits for the one before it for a while.
    #[serde(default)]
    pub ahead_broke: Option<i64>,
    /// Whether the maildrop has moved, and kept messages are still to be recognised in it.
    #[serde(default)]
    pub moving: bool,
    /// What pipelining has come to.
    pub pipelining: Pipelining,
    /// When the server allows the next login, in seconds since 1970 (`LOGIN-DELAY`).
    pub next_login: Option<i64>,
    /// Messages that the server would not give, by unique-id.
    pub bad_messages: BTreeMap<String, UndeliverableMessage>,
    /// The oddities met so far.
    pub quirks: BTreeSet<Quirk>,
    /// What the server said last that it can do.
    pub told: Told,
}

impl Remembered {
    /// Until when the server wants no login, if that is later than `now`; in seconds since 1970. A
    /// time that is further away than any pause was noted by a clock that has been set since.
    #[must_use]
    pub fn pause_at(&self, now: i64) -> Option<i64> {
        let last = now.saturating_add(MAX_LOGIN_DELAY.into());
        self.next_login
            .filter(|next| (now + 1..=last).contains(next))
    }

    /// Where to ask for capabilities: not for a while where that broke a session. A hang-up may have
    /// been an accident, and without an answer there is no pipelining and no strong login.
    pub(in crate::engine) fn asks_capa(&self, now: i64) -> Asking {
        if is_recent(self.capa_broke, now) {
            Asking::Nowhere
        } else if is_recent(self.capa_broke_in_clear, now) {
            Asking::UnderTls
        } else {
            Asking::Everywhere
        }
    }

    /// Whether to ask for headers: not for a while after a session was lost over that.
    pub(in crate::engine) fn asks_top(&self, now: i64) -> bool {
        !is_recent(self.top_broke, now)
    }

    /// Whether listings may be asked for behind `CAPA`, where the server pipelines.
    pub(in crate::engine) fn lists_ahead(&self, now: i64) -> bool {
        !self.pipelining.broken && !is_recent(self.ahead_broke, now)
    }

    /// Notes that a session was lost while listings were asked for ahead, and returns whether that can
    /// be the reason. A line may break at any time, so that it is no more than one to do without.
    pub(in crate::engine) fn lost_ahead(&mut self, by: ProblemKind, now: i64) -> bool {
        if by.is_loss() {
            self.ahead_broke = Some(now);
        }
        by.is_loss()
    }

    /// Notes that commands have to go one by one from now on.
    pub(in crate::engine) fn cannot_pipeline(&mut self) {
        self.pipelining.broken = true;
        self.quirks.insert(Quirk::BrokenPipelining);
    }

    /// Whether messages are told by their text, or else by their headers, where the server has no
    /// unique-ids.
    pub(in crate::engine) fn told_by_text(&self) -> Option<bool> {
        let by = |quirk| self.quirks.contains(&quirk);
        (by(Quirk::IdentifiedByText) || by(Quirk::IdentifiedByHeader))
            .then(|| by(Quirk::IdentifiedByText))
    }

    /// Notes that the server wants no login for so many seconds from `now`, in seconds since 1970,
    /// and returns the time of the next.
    pub(in crate::engine) fn pause(&mut self, now: i64, seconds: u32) -> i64 {
        let next = now.saturating_add(seconds.min(MAX_LOGIN_DELAY).into());
        self.next_login = Some(next);
        next
    }
}

/// Whether the pause after a command broke a session lasts. It does not if the clock was set back.
fn is_recent(broke: Option<i64>, now: i64) -> bool {
    broke.is_some_and(|broke| (broke..broke.saturating_add(BROKEN_PAUSE)).contains(&now))
}

/// A time since 1970 in whole seconds.
pub(in crate::engine) fn seconds_of(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// What a server says that it can do, as lines of its answers to `CAPA`: at each of the three times
/// at which it may say something else. Empty where it was not asked, or did not know `CAPA`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// In the clear.
    pub before_tls: Vec<String>,
    /// Under TLS.
    pub after_tls: Vec<String>,
    /// Once logged in.
    pub after_login: Vec<String>,
}

impl Told {
    /// What it said last before the login.
    #[must_use]
    pub fn before_login(&self) -> &[String] {
        if self.after_tls.is_empty() {
            &self.before_tls
        } else {
            &self.after_tls
        }
    }

    /// Whether it said anywhere that commands may be sent ahead.
    #[must_use]
    pub fn pipelines(&self) -> bool {
        let mut lines = self.after_login.iter().chain(self.before_login());
        lines.any(|line| line.eq_ignore_ascii_case("PIPELINING"))
    }

    /// Whether the login changed more than the ways to log in.
    #[must_use]
    pub fn changed_by_login(&self) -> bool {
        let of_use = |lines: &[String]| -> BTreeSet<String> {
            let is_login = |line: &str| {
                let tag = line.split([' ', '=']).next().unwrap_or_default();
                ["USER", "SASL", "STLS", "APOP", "IMPLEMENTATION"].contains(&tag)
            };
            let lines = lines.iter().map(|line| line.to_ascii_uppercase());
            lines.filter(|line| !is_login(line)).collect()
        };
        let known = !self.before_login().is_empty() && !self.after_login.is_empty();
        known && of_use(self.before_login()) != of_use(&self.after_login)
    }
}

/// What pipelining has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pipelining {
    /// Whether replies got out of step once: commands go one by one since.
    pub broken: bool,
    /// How many commands the last session had in flight in the end; 0 if there was none yet.
    pub commands: u32,
    /// How many octets of messages it had in flight in the end.
    pub octets: u64,
}

/// A message that the server would not give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndeliverableMessage {
    /// How many sessions have tried.
    pub attempts: u32,
    /// When the last of them did, in seconds since 1970.
    pub last: i64,
    /// What the server said, or did.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_lasts_as_long_as_the_server_wants_but_not_for_ever() {
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
    fn capabilities_are_asked_for_again_a_week_after_that_broke_a_session() {
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
