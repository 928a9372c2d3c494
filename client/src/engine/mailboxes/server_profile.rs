//! The profile of a mailbox's server: facts learned in earlier sessions, for use in later ones.

use std::collections::BTreeSet;
use std::time::Duration;

use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::login::Method;
use restante_shared::pop3::quirk::Quirk;
use serde::{Deserialize, Serialize};

use super::ask_capa::AskCapa;
use super::lesson::{Lesson, SuccessfulLogin};
use super::stored_capabilities;
use super::undeliverable::{self, UndeliverableMessages};
use crate::api::report::AdvertisedCapabilities;

/// The longest pause between two logins that a server may request, in seconds. Hosts ask for
/// minutes. More than a day is a mistake or malice, and would block the mail for good.
pub(in crate::engine) const MAX_LOGIN_DELAY: u32 = 24 * 60 * 60;

/// The time for which a command is not used after it broke a session, in seconds: a week.
const BROKEN_PAUSE: i64 = 7 * 24 * 60 * 60;

/// The stored profile of a server, for one mailbox. Contains no secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerProfile {
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
    pub undeliverable: UndeliverableMessages,
    /// The server quirks found so far.
    pub quirks: BTreeSet<Quirk>,
    /// The latest capabilities of the server.
    #[serde(with = "stored_capabilities")]
    pub advertised: AdvertisedCapabilities,
}

impl ServerProfile {
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
    pub(in crate::engine) fn ask_capa(&self, now: i64) -> AskCapa {
        if is_recent(self.capa_broke, now) {
            AskCapa::Never
        } else if is_recent(self.capa_broke_in_clear, now) {
            AskCapa::UnderTls
        } else {
            AskCapa::Always
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

    /// Returns true if messages without unique-ids are identified by their text, and false if by
    /// their headers. `None` if neither was needed.
    pub(in crate::engine) fn identified_by_text(&self) -> Option<bool> {
        let by = |quirk| self.quirks.contains(&quirk);
        (by(Quirk::IdentifiedByText) || by(Quirk::IdentifiedByHeader))
            .then(|| by(Quirk::IdentifiedByText))
    }

    /// Applies a lesson at a time in seconds since 1970. Returns true if the profile has changed.
    /// This is the only function that changes a profile.
    pub(in crate::engine) fn learn(&mut self, lesson: Lesson, now: i64) -> bool {
        match lesson {
            Lesson::Quirk(quirk) => self.quirks.insert(quirk),
            Lesson::Capabilities(advertised) => replace(&mut self.advertised, advertised),
            Lesson::CapaBroke(ask) => {
                match ask {
                    AskCapa::UnderTls => self.capa_broke_in_clear = Some(now),
                    AskCapa::Always | AskCapa::Never => self.capa_broke = Some(now),
                }
                self.quirks.insert(Quirk::CapaBreaksSession);
                true
            }
            Lesson::TopBroke => replace(&mut self.top_broke, Some(now)),
            Lesson::PipelinedListingLost => replace(&mut self.ahead_broke, Some(now)),
            Lesson::PipeliningBroken => {
                let is_new = self.quirks.insert(Quirk::BrokenPipelining);
                replace(&mut self.pipelining.broken, true) || is_new
            }
            Lesson::PipeliningWorks => {
                let was_known = self.quirks.remove(&Quirk::BrokenPipelining);
                replace(&mut self.pipelining.broken, false) || was_known
            }
            Lesson::NextLogin(at) => replace(&mut self.next_login, at),
            Lesson::LoggedIn(login) => self.learn_login(login),
            Lesson::Moving(moving) => replace(&mut self.moving, moving),
            Lesson::Window { commands, octets } => {
                let commands = replace(&mut self.pipelining.commands, commands);
                replace(&mut self.pipelining.octets, octets) || commands
            }
            Lesson::MessageFailed {
                unique_id,
                reason,
                is_certain,
            } => {
                if is_certain {
                    self.quirks.insert(Quirk::UndeliverableMessage);
                }
                undeliverable::record_failure(&mut self.undeliverable, unique_id, &reason, now);
                true
            }
            Lesson::MessageDelivered { unique_id } => {
                self.undeliverable.remove(&unique_id).is_some()
            }
        }
    }

    fn learn_login(&mut self, login: SuccessfulLogin) -> bool {
        let before = (self.method, self.refused.len(), self.latin1);
        let SuccessfulLogin {
            method,
            mut refused,
            latin1,
        } = login;
        self.method = Some(method);
        self.refused.append(&mut refused);
        self.refused.remove(&method);
        if let Some(latin1) = latin1 {
            self.latin1 = latin1;
        }
        before != (self.method, self.refused.len(), self.latin1)
    }
}

/// Replaces a value. Returns true if the new one is different.
fn replace<T: PartialEq>(place: &mut T, value: T) -> bool {
    let is_new = *place != value;
    *place = value;
    is_new
}

/// Returns the time of the next login, in seconds since 1970, for a server that requests a
/// pause in seconds from `now`. Limits the pause.
pub(in crate::engine) fn next_login(now: i64, pause: u32) -> i64 {
    now.saturating_add(pause.min(MAX_LOGIN_DELAY).into())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_lasts_as_long_as_announced_up_to_a_limit() {
        let mut profile = ServerProfile::default();
        assert_eq!(profile.pause_at(1_000), None);
        assert_eq!(next_login(1_000, 300), 1_300);
        profile.learn(Lesson::NextLogin(Some(1_300)), 1_000);
        assert_eq!(profile.pause_at(1_299), Some(1_300));
        assert_eq!(profile.pause_at(1_300), None);
        assert_eq!(next_login(1_000, u32::MAX), 87_400);
        profile.learn(Lesson::NextLogin(Some(87_400)), 1_000);
        assert_eq!(profile.pause_at(1_000), Some(87_400));
        assert_eq!(profile.pause_at(999), None, "the clock was set back");
    }

    #[test]
    fn a_lesson_changes_a_profile_once() {
        let login = SuccessfulLogin {
            method: Method::Plain,
            refused: [Method::CramMd5].into(),
            latin1: Some(true),
        };
        let mut profile = ServerProfile::default();
        for lesson in [
            Lesson::Quirk(Quirk::BareLf),
            Lesson::LoggedIn(login),
            Lesson::NextLogin(Some(7)),
            Lesson::PipeliningBroken,
            Lesson::PipeliningWorks,
            Lesson::Moving(true),
            Lesson::Window {
                commands: 200,
                octets: 9_000,
            },
            Lesson::TopBroke,
            Lesson::PipelinedListingLost,
        ] {
            assert!(profile.learn(lesson.clone(), 1_000), "{lesson:?}");
            assert!(!profile.learn(lesson.clone(), 1_000), "{lesson:?}");
        }
        assert_eq!(profile.method, Some(Method::Plain));
        assert_eq!(profile.refused, [Method::CramMd5].into());
        assert_eq!(profile.quirks, [Quirk::BareLf].into());
        assert!(!profile.pipelining.broken && profile.moving && profile.latin1);
    }

    #[test]
    fn a_message_that_arrives_later_is_no_longer_undeliverable() {
        let mut profile = ServerProfile::default();
        let unique_id = || "one".to_owned();
        let failed = |is_certain| Lesson::MessageFailed {
            unique_id: unique_id(),
            reason: "no".to_owned(),
            is_certain,
        };
        assert!(profile.learn(failed(false), 1));
        assert!(profile.quirks.is_empty(), "it may have been an accident");
        assert!(profile.learn(failed(true), 2));
        assert!(profile.quirks.contains(&Quirk::UndeliverableMessage));
        assert_eq!(profile.undeliverable["one"].attempts, 2);
        let unique_id = unique_id();
        assert!(profile.learn(Lesson::MessageDelivered { unique_id }, 3));
        assert!(profile.undeliverable.is_empty());
    }

    #[test]
    fn capabilities_are_requested_again_a_week_after_capa_broke_a_session() {
        let asks = |capa_broke, capa_broke_in_clear, now| {
            let profile = ServerProfile {
                capa_broke,
                capa_broke_in_clear,
                ..ServerProfile::default()
            };
            profile.ask_capa(now)
        };
        assert_eq!(asks(None, None, 1_000), AskCapa::Always);
        for now in [1_000, 605_799] {
            assert_eq!(asks(Some(1_000), None, now), AskCapa::Never);
            assert_eq!(asks(None, Some(1_000), now), AskCapa::UnderTls);
        }
        // The week is over, or the clock was set back.
        for now in [605_800, 999] {
            assert_eq!(asks(Some(1_000), Some(1_000), now), AskCapa::Always);
        }
    }
}
