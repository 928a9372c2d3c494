//! The end of a console.

use std::time::Duration;

use crate::api::console::ConsoleEnding;
use crate::api::problem::{Detail, Problem, ProblemKind};

/// The longest time without input. A session locks the maildrop for all other programs.
pub(super) const IDLE_LIMIT: Duration = Duration::from_secs(10 * 60);

/// The end of a console.
#[derive(Debug)]
pub(super) enum Ending {
    /// The user closed it without `QUIT`.
    Closed,
    /// Nothing was typed for a while.
    Idle,
    /// `QUIT` ended it, and deleted this number of messages.
    Quit(u32),
    /// The server refused `QUIT`.
    QuitRefused(Problem),
}

impl Ending {
    /// Returns the outcome for the journal.
    pub(super) fn outcome(&self) -> ConsoleEnding {
        match self {
            Self::Closed => ConsoleEnding::Closed,
            Self::Idle => ConsoleEnding::Idle,
            Self::Quit(deleted) => ConsoleEnding::Quit { deleted: *deleted },
            Self::QuitRefused(_) => ConsoleEnding::QuitRefused,
        }
    }

    /// Returns the problem that the user has to know of, if there is one.
    pub(super) fn result(self) -> Result<(), Problem> {
        match self {
            Self::Closed | Self::Quit(_) => Ok(()),
            Self::Idle => {
                let minutes = IDLE_LIMIT.as_secs() / 60;
                let minutes = u32::try_from(minutes).unwrap_or(u32::MAX);
                let detail = Detail::NoInput { minutes };
                Err(Problem::with_detail(ProblemKind::Cancelled, detail))
            }
            Self::QuitRefused(problem) => Err(problem),
        }
    }
}
