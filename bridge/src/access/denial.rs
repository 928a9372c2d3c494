//! Why a client is not authenticated.

use std::time::Duration;

use thiserror::Error;

/// Why a client is not authenticated. The text is sent to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Denial {
    /// The client sent no credentials of a configured kind.
    #[error("sign in to use this server")]
    Missing,
    /// The credentials are wrong.
    #[error("wrong token, or wrong user name or password")]
    Wrong,
    /// The client has failed too often. The credentials were not verified.
    #[error("too many failures: try again in {} s", retry_seconds(*.0))]
    TooEarly(Duration),
    /// Too many attempts wait for verification. The credentials were not verified.
    #[error("too many sign-ins at once: try again in a moment")]
    Busy,
}

impl Denial {
    /// Returns the seconds after which the client may retry.
    pub(crate) fn retry_after(self) -> Option<u64> {
        match self {
            Self::Missing | Self::Wrong => None,
            Self::TooEarly(pause) => Some(retry_seconds(pause)),
            Self::Busy => Some(1),
        }
    }
}

/// Returns the pause in whole seconds, rounded up.
fn retry_seconds(pause: Duration) -> u64 {
    pause.as_secs() + 1
}
