//! The profile of a server while sessions use it.
//!
//! Every phase of a session reads the profile. Only [`LiveProfile::learn`] changes it, and saves the
//! change at once: a connection that breaks, or a tab that closes, does not lose what was learned.

use std::ops::Deref;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;

use super::lesson::Lesson;
use super::server_profile::{ServerProfile, seconds_of};
use crate::clock::Clock;

/// The least time between two saves of [frequent](Lesson::is_frequent) lessons: a server may refuse
/// each of ten thousand messages, and a save costs a flush.
const SAVE_INTERVAL: Duration = Duration::from_secs(1);

type Save<'a> = Box<dyn Fn(ServerProfile) -> LocalBoxFuture<'a, ()> + 'a>;

/// A server's profile, and the way to save it.
pub struct LiveProfile<'a> {
    profile: ServerProfile,
    now: Box<dyn Fn() -> Duration + 'a>,
    save: Save<'a>,
    unsaved: Unsaved,
    saved_at: Duration,
}

/// The lessons that are not saved yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unsaved {
    Nothing,
    Frequent,
    Urgent,
}

impl<'a> LiveProfile<'a> {
    /// Begins with a stored profile. `save` stores it again; it handles its own errors, because a
    /// session can go on without.
    pub fn new<F>(
        profile: ServerProfile,
        clock: &impl Clock,
        save: impl Fn(ServerProfile) -> F + 'a,
    ) -> Self
    where
        F: Future<Output = ()> + 'a,
    {
        let clock = clock.clone();
        Self {
            profile,
            now: Box::new(move || clock.now()),
            save: Box::new(move |profile| save(profile).boxed_local()),
            unsaved: Unsaved::Nothing,
            saved_at: Duration::ZERO,
        }
    }

    /// Begins with a profile that is not stored, such as that of a mailbox which is not added yet.
    pub fn in_memory(profile: ServerProfile, clock: &impl Clock) -> Self {
        Self::new(profile, clock, |_| std::future::ready(()))
    }

    /// Ends the sessions, and returns the profile.
    #[must_use]
    pub fn into_profile(self) -> ServerProfile {
        self.profile
    }

    /// Returns the time in seconds since 1970.
    pub(in crate::engine) fn now(&self) -> i64 {
        seconds_of((self.now)())
    }

    /// Applies lessons and saves them.
    pub(in crate::engine) async fn learn(&mut self, lessons: impl IntoIterator<Item = Lesson>) {
        for lesson in lessons {
            self.note(lesson);
        }
        self.save_due().await;
    }

    /// Applies a lesson where nothing can be awaited. The caller calls [`save_due`](Self::save_due)
    /// before it waits for the server again.
    pub(in crate::engine) fn note(&mut self, lesson: Lesson) {
        let unsaved = match lesson.is_frequent() {
            true => Unsaved::Frequent,
            false => Unsaved::Urgent,
        };
        let now = self.now();
        if self.profile.learn(lesson, now) {
            self.unsaved = self.unsaved.max(unsaved);
        }
    }

    /// Saves the profile if a lesson is urgent, or frequent ones have waited long enough.
    pub(in crate::engine) async fn save_due(&mut self) {
        let is_due = match self.unsaved {
            Unsaved::Nothing => false,
            Unsaved::Frequent => (self.now)().saturating_sub(self.saved_at) >= SAVE_INTERVAL,
            Unsaved::Urgent => true,
        };
        if is_due {
            self.save().await;
        }
    }

    /// Saves the profile if it has changed. If the future is dropped, the next save includes its
    /// lessons.
    pub(in crate::engine) async fn save(&mut self) {
        if self.unsaved != Unsaved::Nothing {
            self.saved_at = (self.now)();
            (self.save)(self.profile.clone()).await;
            self.unsaved = Unsaved::Nothing;
        }
    }
}

impl Deref for LiveProfile<'_> {
    type Target = ServerProfile;

    fn deref(&self) -> &ServerProfile {
        &self.profile
    }
}

impl std::fmt::Debug for LiveProfile<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.profile.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use futures::executor::block_on;
    use restante_shared::pop3::quirk::Quirk;

    use super::*;
    use crate::clock::ManualClock;

    fn failed(n: u32) -> Lesson {
        Lesson::MessageFailed {
            unique_id: n.to_string(),
            reason: String::new(),
            is_certain: false,
        }
    }

    #[test]
    fn a_lesson_is_saved_at_once_and_a_known_one_is_not_saved_again() {
        let saved = RefCell::new(Vec::new());
        let clock = ManualClock::default();
        let mut profile = LiveProfile::new(ServerProfile::default(), &clock, |profile| {
            saved.borrow_mut().push(profile.quirks.len());
            std::future::ready(())
        });
        let quirk = |quirk| [Lesson::Quirk(quirk)];
        block_on(profile.learn(quirk(Quirk::BareLf)));
        assert_eq!(*saved.borrow(), [1]);
        block_on(profile.learn(quirk(Quirk::BareLf)));
        assert_eq!(*saved.borrow(), [1]);
        block_on(profile.learn(quirk(Quirk::LongLine)));
        assert_eq!(*saved.borrow(), [1, 2]);
    }

    #[test]
    fn thousands_of_refused_messages_are_saved_once_a_second() {
        let saves = Cell::new(0);
        let clock = ManualClock::default();
        clock.0.set(Duration::from_secs(1_000));
        let mut profile = LiveProfile::new(ServerProfile::default(), &clock, |_| {
            saves.set(saves.get() + 1);
            std::future::ready(())
        });
        block_on(async {
            for n in 0..3_000 {
                profile.learn([failed(n)]).await;
                clock.0.set(clock.0.get() + Duration::from_millis(1));
            }
            assert_eq!(saves.get(), 3);
            profile.save().await;
            assert_eq!(saves.get(), 4);
            profile.save().await;
            assert_eq!(saves.get(), 4, "nothing has changed");
        });
    }

    #[test]
    fn a_save_that_a_cancelled_check_drops_is_made_up_for() {
        let (saved, is_locked) = (Cell::new(0), Cell::new(true));
        let clock = ManualClock::default();
        let mut profile = LiveProfile::new(ServerProfile::default(), &clock, |profile| {
            let (saved, is_locked) = (&saved, &is_locked);
            async move {
                if is_locked.get() {
                    std::future::pending::<()>().await;
                }
                saved.set(profile.quirks.len());
            }
        });
        let lesson = [Lesson::Quirk(Quirk::BareLf)];
        assert_eq!(profile.learn(lesson).now_or_never(), None);
        is_locked.set(false);
        block_on(profile.save());
        assert_eq!(saved.get(), 1);
    }

    #[test]
    fn an_urgent_lesson_takes_the_frequent_ones_with_it() {
        let saved = RefCell::new(Vec::new());
        let clock = ManualClock::default();
        let mut profile = LiveProfile::new(ServerProfile::default(), &clock, |profile| {
            saved.borrow_mut().push(profile.undeliverable.len());
            std::future::ready(())
        });
        block_on(profile.learn([failed(1)]));
        assert!(saved.borrow().is_empty());
        block_on(profile.learn([Lesson::Moving(true)]));
        assert_eq!(*saved.borrow(), [1]);
    }
}
