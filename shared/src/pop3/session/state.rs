//! The states of a session, the commands that each of them allows, and the transitions.
//!
//! ```text
//! greeting ─+OK→ AUTHORIZATION ─PASS, APOP, AUTH +OK→ TRANSACTION ─QUIT→ UPDATE ─→ closed
//!    └-ERR→ closed    │  └─QUIT→ closed
//!                     └─STLS +OK→ upgrade ─TLS→ AUTHORIZATION
//! ```

use super::event::Request;

/// The state of a session ([RFC 1939 §3]), according to the replies of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// The greeting has not arrived.
    Greeting,
    /// The client must authenticate.
    Authorization {
        /// True if the last reply accepted `USER`, so that `PASS` may follow.
        user_given: bool,
    },
    /// `STLS` was accepted. Only the TLS handshake may follow.
    Upgrade,
    /// The maildrop is open and locked.
    Transaction,
    /// `QUIT` was sent from the TRANSACTION state and waits for its reply.
    Update,
    /// The session has ended.
    Closed,
}

impl SessionState {
    /// Returns true if a request is allowed in this state.
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

    /// Returns the state after the reply to a request.
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

    /// Returns true if a request changes the state or the meaning of later commands, so that
    /// nothing may be sent before its reply.
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
