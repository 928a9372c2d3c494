//! Lessons: facts about a mail server that a session finds out, for use in later sessions.

use std::collections::BTreeSet;

use restante_shared::pop3::login::Method;
use restante_shared::pop3::quirk::Quirk;

use super::ask_capa::AskCapa;
use crate::api::report::AdvertisedCapabilities;

/// A fact about a server. [`ServerProfile::learn`](super::server_profile::ServerProfile::learn)
/// applies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lesson {
    /// The server showed a quirk.
    Quirk(Quirk),
    /// The server advertised these capabilities, and accepted a login.
    Capabilities(AdvertisedCapabilities),
    /// `CAPA` broke a session, and a login without it worked. Contains the occasions on which
    /// `CAPA` may still be sent.
    CapaBroke(AskCapa),
    /// A session was lost over `TOP`, more than once.
    TopBroke,
    /// A session was lost while listings were pipelined.
    PipelinedListingLost,
    /// Replies got out of step while several commands were in flight.
    PipeliningBroken,
    /// A message was to blame for an earlier [`PipeliningBroken`](Self::PipeliningBroken).
    PipeliningWorks,
    /// The server allows the next login at this time, in seconds since 1970; at any time if `None`.
    NextLogin(Option<i64>),
    /// A login succeeded.
    LoggedIn(SuccessfulLogin),
    /// The mailbox has moved to another server, and stored messages are being matched with the
    /// listed ones. False when all are matched.
    Moving(bool),
    /// The pipelining window at the end of a session.
    Window {
        /// The number of commands in flight.
        commands: u32,
        /// The number of message bytes in flight.
        octets: u64,
    },
    /// The server failed to deliver a message.
    MessageFailed {
        /// The unique-id of the message.
        unique_id: String,
        /// The server's refusal, or the error that ended the session.
        reason: String,
        /// True if the message is certainly to blame. False if the failure may be an accident.
        is_certain: bool,
    },
    /// The server delivered a message that it had failed to deliver before.
    MessageDelivered {
        /// The unique-id of the message.
        unique_id: String,
    },
}

/// The login that worked, and the methods that did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuccessfulLogin {
    /// The method that worked.
    pub method: Method,
    /// Methods that the server offered and refused.
    pub refused: BTreeSet<Method>,
    /// True if the server took the password in Latin-1, false if in UTF-8. `None` if the password
    /// is the same in both.
    pub latin1: Option<bool>,
}

impl Lesson {
    /// Returns true for lessons of which one session may bring thousands. They are written to
    /// storage together, not one by one.
    pub(in crate::engine) fn is_frequent(&self) -> bool {
        matches!(
            self,
            Self::MessageFailed { .. } | Self::MessageDelivered { .. }
        )
    }
}
