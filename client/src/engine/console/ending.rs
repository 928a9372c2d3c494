//! How a console ended, and what is said of it.

use std::time::Duration;

use crate::api::problem::{Problem, ProblemKind};

/// How long nobody may type: a session locks the maildrop for everybody else.
pub(super) const IDLE_LIMIT: Duration = Duration::from_secs(10 * 60);

/// How a console ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// By the reader, who did not say `QUIT`.
    Closed,
    /// Because nobody typed.
    Idle,
    /// By `QUIT`, which deleted so many messages.
    Quit(u32),
    /// By `QUIT`, which was refused.
    NotDeleted(Problem),
}

impl Ending {
    /// What the journal says of it.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Closed => "The console was closed: nothing was deleted.".to_owned(),
            Self::Idle => "The console was closed after a time without input.".to_owned(),
            Self::Quit(0) => "The console was ended by QUIT.".to_owned(),
            Self::Quit(1) => "The console was ended by QUIT, which deleted 1 message.".to_owned(),
            Self::Quit(deleted) => {
                format!("The console was ended by QUIT, which deleted {deleted} messages.")
            }
            Self::NotDeleted(_) => "The server refused QUIT.".to_owned(),
        }
    }

    /// What the reader has to be told of it.
    pub(super) fn result(self) -> Result<(), Problem> {
        match self {
            Self::Closed | Self::Quit(_) => Ok(()),
            Self::Idle => {
                let minutes = IDLE_LIMIT.as_secs() / 60;
                let detail =
                    format!("nothing was typed for {minutes} minutes; nothing was deleted");
                Err(Problem::with_detail(ProblemKind::Cancelled, detail))
            }
            Self::NotDeleted(problem) => Err(problem),
        }
    }
}
