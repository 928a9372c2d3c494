//! Why somebody is not let in.

use std::time::Duration;

use thiserror::Error;

/// Why somebody is not let in; as text, what they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Denial {
    /// Nothing was shown that this bridge could judge.
    #[error("this bridge serves only who signs in")]
    Missing,
    /// What was shown is wrong.
    #[error("the token, or the user name and password, are wrong")]
    Wrong,
    /// There were too many failures; what was shown was not looked at.
    #[error("too many failures: try again in {} s", retry_seconds(*.0))]
    TooEarly(Duration),
    /// Too many wait for an answer; what was shown was not looked at.
    #[error("too many sign in at once: try again in a moment")]
    Busy,
}

impl Denial {
    /// In how many seconds it makes sense to try again.
    pub(crate) fn retry_after(self) -> Option<u64> {
        match self {
            Self::Missing | Self::Wrong => None,
            Self::TooEarly(pause) => Some(retry_seconds(pause)),
            Self::Busy => Some(1),
        }
    }
}

/// Whole seconds, after which the pause is over.
fn retry_seconds(pause: Duration) -> u64 {
    pause.as_secs() + 1
}
