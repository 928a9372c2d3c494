//! The words for an engine that cannot be used.

use super::advice;
use crate::ui::state::EngineStatus;

/// The words of a page without mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoppedWords {
    /// The title.
    pub title: &'static str,
    /// The reason.
    pub what: &'static str,
    /// The next step.
    pub next: &'static str,
}

/// Returns the reason why no mail can be shown, and the next step.
#[must_use]
pub fn stopped(engine: &EngineStatus) -> StoppedWords {
    let (title, what, next) = match engine {
        EngineStatus::Occupied => (
            "Restante is open in another tab",
            "Your mail is kept in one place, and one tab at a time may work on it.",
            "Close the other tab, and this one goes on by itself.",
        ),
        EngineStatus::Unusable(problem) => {
            let advice = advice(problem.kind);
            ("Your mail cannot be opened", advice.what, advice.next)
        }
        EngineStatus::Stopped => (
            "The mail engine stopped",
            "The part of Restante that keeps your mail broke down. What was saved is safe.",
            "Reload the page to start it again.",
        ),
        EngineStatus::Absent | EngineStatus::Loading | EngineStatus::Ready(_) => (
            "The mail engine did not load",
            "The part of Restante that fetches and keeps your mail could not be loaded.",
            "Check this device\u{2019}s connection, then reload the page.",
        ),
    };
    StoppedWords { title, what, next }
}
