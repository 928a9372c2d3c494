//! The words for a connection that has no sessions yet.

/// The title and the text in place of the report on a server.
pub const NO_REPORT: (&str, &str) = (
    "Nothing is known yet",
    "The first check of this mailbox shows what its server can do.",
);

/// The title and the text in place of the sessions.
pub const NO_SESSIONS: (&str, &str) = (
    "No session yet",
    "When this mailbox has been checked, you see here what was said to its server, and what it answered.",
);
