//! The states of a session, which commands belong into which, and what replies change: all of it
//! in two functions.
//!
//! ```text
//! greeting ─+OK→ AUTHORIZATION ─PASS, APOP, AUTH +OK→ TRANSACTION ─QUIT→ UPDATE ─→ closed
//!    └-ERR→ closed    │  └─QUIT→ closed
//!                     └─STLS +OK→ upgrade ─TLS→ AUTHORIZATION
//! ```

use super::event::Request;

/// Where a session stands ([RFC 1939 §3]), as far as the server has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// The greeting has not come.
    Greeting,
    /// The server wants to know who this is.
    Authorization {
        /// Whether the last reply accepted a name, so that `PASS` may follow.
        user_given: bool,
    },
    /// `STLS` was accepted: TLS is next, and nothing else.
    Upgrade,
    /// The maildrop is open and locked.
    Transaction,
    /// `QUIT` was sent from the TRANSACTION state and waits for its reply.
    Update,
    /// Nothing more will be said.
    Closed,
}

impl SessionState {
    /// Whether a request may be sent in this state.
    pub(crate) fn allows(self, request: Request) -> bool {
        match request {
            Request::Greeting => false,
            Request::User
            | Request::Apop
            | Request::Auth
            | Request::Mechanisms
            | Request::Stls
            | Request::Utf8 => {
                matches!(self, Self::Authorization { .. })
            }
            Request::Pass => self == Self::Authorization { user_given: true },
            Request::Stat
            | Request::List(_)
            | Request::Uidl(_)
            | Request::Retr(_)
            | Request::Top(_)
            | Request::Dele(_)
            | Request::Noop
            | Request::Rset
            | Request::Xtnd { .. }
            | Request::Raw(_) => self == Self::Transaction,
            Request::Capa | Request::Lang { .. } | Request::Quit => {
                matches!(self, Self::Authorization { .. } | Self::Transaction)
            }
        }
    }

    /// The state once a request is answered.
    pub(crate) fn after(self, request: Request, accepted: bool) -> Self {
        match (request, accepted) {
            (Request::Greeting, false) | (Request::Quit, _) => Self::Closed,
            (Request::Pass | Request::Apop | Request::Auth, true) => Self::Transaction,
            (Request::Stls, true) => Self::Upgrade,
            (Request::User, accepted) => Self::Authorization {
                user_given: accepted,
            },
            (Request::Greeting, true)
            | (Request::Pass | Request::Apop | Request::Auth | Request::Stls, false) => {
                Self::Authorization { user_given: false }
            }
            (Request::Capa | Request::Mechanisms | Request::Utf8 | Request::Lang { .. }, _) => {
                match self {
                    Self::Authorization { .. } => Self::Authorization { user_given: false },
                    Self::Greeting
                    | Self::Upgrade
                    | Self::Transaction
                    | Self::Update
                    | Self::Closed => self,
                }
            }
            (
                Request::Stat
                | Request::List(_)
                | Request::Uidl(_)
                | Request::Retr(_)
                | Request::Top(_)
                | Request::Dele(_)
                | Request::Noop
                | Request::Rset
                | Request::Xtnd { .. }
                | Request::Raw(_),
                _,
            ) => self,
        }
    }

    /// Whether a request changes the state, or what everything after it means, so that nothing may be
    /// sent before its reply.
    pub(crate) fn changes_with(request: Request) -> bool {
        match request {
            Request::Greeting
            | Request::User
            | Request::Pass
            | Request::Apop
            | Request::Auth
            | Request::Stls
            | Request::Utf8
            | Request::Xtnd { .. }
            | Request::Quit => true,
            Request::Capa
            | Request::Mechanisms
            | Request::Lang { .. }
            | Request::Stat
            | Request::List(_)
            | Request::Uidl(_)
            | Request::Retr(_)
            | Request::Top(_)
            | Request::Dele(_)
            | Request::Noop
            | Request::Rset
            | Request::Raw(_) => false,
        }
    }
}
